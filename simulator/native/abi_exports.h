/* What the abi_*.c files share: the first lines of every exported function. */
#ifndef MILLWRIGHT_ABI_EXPORTS_H
#define MILLWRIGHT_ABI_EXPORTS_H

#include "world.h"

#define ENTER(function)                                    \
    nvmlReturn_t entered = enter(FUNCTION_##function);     \
    if (entered != NVML_SUCCESS)                           \
        return entered

#define ENTER_DEVICE(function)                                                   \
    struct device *device;                                                       \
    nvmlReturn_t entered = enter_device(FUNCTION_##function, handle, &device);   \
    if (entered != NVML_SUCCESS)                                                 \
        return entered

#define NEED(argument)   \
    if (!(argument))     \
    return NVML_ERROR_INVALID_ARGUMENT

#define EXPORT_DEVICE_U32(function, key)                              \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value) { \
        ENTER_DEVICE(function);                                       \
        NEED(value);                                                  \
        *value = (unsigned)read_key(device, key);                     \
        return NVML_SUCCESS;                                          \
    }

#define EXPORT_DEVICE_CONSTANT(function, constant)                    \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value) { \
        ENTER_DEVICE(function);                                       \
        NEED(value);                                                  \
        *value = (constant);                                          \
        return NVML_SUCCESS;                                          \
    }

/* The copy_text protocol of NVML strings: 2 for null, 7 for a buffer that is too small. */
nvmlReturn_t copy_text(char *to, unsigned length, const char *text);

#define EXPORT_DEVICE_TEXT(function, text)                                          \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length) { \
        ENTER_DEVICE(function);                                                     \
        return copy_text(to, length, (text));                                       \
    }

#endif
