/* What the abi_*.c files share: the first lines of every exported function. */
#ifndef MILLWRIGHT_ABI_EXPORTS_H
#define MILLWRIGHT_ABI_EXPORTS_H

#include "world.h"

/*
 * What a function writes to is named after it, OUT(pointer) for each: "poison on" fills that with rubbish when the call is
 * refused at its beginning. A call that fails may leave anything there, and a program must not look at it.
 */
#define OUT(pointer) {(pointer), sizeof *(pointer)}
#define OUT_VERSIONED(pointer) /* the caller's version word stays */ \
    {(pointer) ? (char *)(pointer) + sizeof(unsigned) : NULL, sizeof *(pointer) - sizeof(unsigned)}
#define REFUSED(result, ...) refused(result, (const struct out[]){__VA_ARGS__ __VA_OPT__(,) {NULL, 0}})

#define ENTER(function, ...)                                                     \
    nvmlReturn_t entered = enter(FUNCTION_##function);                           \
    if (entered != NVML_SUCCESS)                                                 \
        return REFUSED(entered __VA_OPT__(,) __VA_ARGS__)

#define ENTER_DEVICE(function, ...)                                              \
    struct device *device;                                                       \
    nvmlReturn_t entered = enter_device(FUNCTION_##function, handle, &device);   \
    if (entered != NVML_SUCCESS)                                                 \
        return REFUSED(entered __VA_OPT__(,) __VA_ARGS__)

/* For functions that a MIG device answers as well: `instance` is the serial of its compute instance, 0 for a whole one. */
#define ENTER_ANY_DEVICE(function, ...)                                                         \
    struct device *device;                                                                      \
    unsigned instance;                                                                          \
    nvmlReturn_t entered = enter_any_device(FUNCTION_##function, handle, &device, &instance);   \
    if (entered != NVML_SUCCESS)                                                                \
        return REFUSED(entered __VA_OPT__(,) __VA_ARGS__)

#define NEED(argument)   \
    if (!(argument))     \
    return NVML_ERROR_INVALID_ARGUMENT

#define EXPORT_DEVICE_U32(function, key)                              \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value) { \
        ENTER_DEVICE(function, OUT(value));                           \
        NEED(value);                                                  \
        *value = (unsigned)read_key(device, key);                     \
        return NVML_SUCCESS;                                          \
    }

#define EXPORT_DEVICE_CONSTANT(function, constant)                    \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *value) { \
        ENTER_DEVICE(function, OUT(value));                           \
        NEED(value);                                                  \
        *value = (constant);                                          \
        return NVML_SUCCESS;                                          \
    }

/* The copy_text protocol of NVML strings: 2 for null, 7 for a buffer that is too small. */
nvmlReturn_t copy_text(char *to, unsigned length, const char *text);

#define EXPORT_DEVICE_TEXT(function, text)                                          \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length) { \
        ENTER_DEVICE(function, {to, length});                                       \
        return copy_text(to, length, (text));                                       \
    }

#endif
