/*
 * Functions that Debian's nvidia-smi 535 or nvtop 3.0.1 look up and that the simulator has nothing to say about: they
 * answer 3, NOT_SUPPORTED. The list is unsupported.inc. It is kept to what those tools need, because a program may tell
 * an old library by the absence of a symbol. Arguments are never touched, so one signature serves all.
 */
#include "abi_exports.h"

#define F(function)                                           \
    EXPORTED nvmlReturn_t function(void);                     \
    EXPORTED nvmlReturn_t function(void) {                    \
        ENTER(function);                                      \
        return NVML_ERROR_NOT_SUPPORTED;                      \
    }
#define D(function)                                           \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle);      \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle) {     \
        ENTER_DEVICE(function);                               \
        return NVML_ERROR_NOT_SUPPORTED;                      \
    }
#include "unsupported.inc"
