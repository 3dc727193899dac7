/*
 * Confidential computing (nvml.md 2.18): one state for the node, sizes a device, and the encryption of a device's memory.
 * Nothing is encrypted and nothing attested; the numbers are those that the command `confidential` and the keys set. What a
 * real library says of the sizes while it is off is not established: NOT_SUPPORTED here.
 */
#include <string.h>

#include "abi_exports.h"
#include "abi_particulars.h"
#include "commands.h"

enum { ENVIRONMENT, FEATURE, DEVTOOLS, MULTI_GPU, READY, STATES };

static const char *const state_names[STATES] = {"environment", "feature", "devtools", "multi_gpu", "ready"};
static atomic_uint states[STATES];

static unsigned state(int which) { return atomic_load(&states[which]); }

/* confidential | confidential <environment|feature|devtools|multi_gpu|ready> <number> */
bool do_confidential(struct command *command) {
    uint64_t value;
    if (command->count == 1) {
        for (int i = 0; command->mode == RUN && i < STATES; i++)
            fprintf(command->reply, "%s=%u\n", state_names[i], state(i));
        return true;
    }
    if (!usage(command, 3, "confidential <environment|feature|devtools|multi_gpu|ready> <number>, or confidential alone"))
        return false;
    for (int i = 0; i < STATES; i++)
        if (is(command, 1, state_names[i])) {
            if (!parse_whole(command, state_names[i], command->words[2], UINT32_MAX, &value))
                return false;
            if (command->mode == RUN)
                atomic_store(&states[i], (unsigned)value);
            return true;
        }
    return wrong(command, "confidential: '%.64s' given, allowed: environment, feature, devtools, multi_gpu or ready",
                 command->words[1]);
}

EXPORTED nvmlReturn_t nvmlSystemGetConfComputeState(nvmlConfComputeSystemState_t *to);
EXPORTED nvmlReturn_t nvmlSystemGetConfComputeState(nvmlConfComputeSystemState_t *to) {
    ENTER(nvmlSystemGetConfComputeState, OUT(to));
    NEED(to);
    *to = (nvmlConfComputeSystemState_t){state(ENVIRONMENT), state(FEATURE), state(DEVTOOLS)};
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetConfComputeSettings(nvmlSystemConfComputeSettings_t *to);
EXPORTED nvmlReturn_t nvmlSystemGetConfComputeSettings(nvmlSystemConfComputeSettings_t *to) {
    ENTER(nvmlSystemGetConfComputeSettings, OUT_VERSIONED(to));
    NEED(to);
    if (!driver_at_least(550, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (to->version != STRUCT_VERSION(nvmlSystemConfComputeSettings_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    *to = (nvmlSystemConfComputeSettings_t){to->version, state(ENVIRONMENT), state(FEATURE), state(DEVTOOLS), state(MULTI_GPU)};
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlSystemGetConfComputeGpusReadyState(unsigned *accepting);
EXPORTED nvmlReturn_t nvmlSystemGetConfComputeGpusReadyState(unsigned *accepting) {
    ENTER(nvmlSystemGetConfComputeGpusReadyState, OUT(accepting));
    NEED(accepting);
    *accepting = state(READY);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetConfComputeMemSizeInfo(nvmlDevice_t handle, nvmlConfComputeMemSizeInfo_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetConfComputeMemSizeInfo(nvmlDevice_t handle, nvmlConfComputeMemSizeInfo_t *to) {
    ENTER_DEVICE(nvmlDeviceGetConfComputeMemSizeInfo, OUT(to));
    NEED(to);
    if (state(FEATURE) == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    to->protectedMemSizeKib = (unsigned long long)read_key(device, KEY_cc_protected_bytes) >> 10;
    to->unprotectedMemSizeKib = (unsigned long long)read_key(device, KEY_cc_unprotected_bytes) >> 10;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetConfComputeProtectedMemoryUsage(nvmlDevice_t handle, nvmlMemory_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetConfComputeProtectedMemoryUsage(nvmlDevice_t handle, nvmlMemory_t *to) {
    ENTER_DEVICE(nvmlDeviceGetConfComputeProtectedMemoryUsage, OUT(to));
    NEED(to);
    if (state(FEATURE) == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    to->total = (unsigned long long)read_key(device, KEY_cc_protected_bytes);
    to->used = (unsigned long long)read_key(device, KEY_cc_protected_used_bytes);
    to->free = to->total > to->used ? to->total - to->used : 0;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetDramEncryptionMode(nvmlDevice_t handle, nvmlDramEncryptionInfo_t *current,
                                                      nvmlDramEncryptionInfo_t *pending);
EXPORTED nvmlReturn_t nvmlDeviceGetDramEncryptionMode(nvmlDevice_t handle, nvmlDramEncryptionInfo_t *current,
                                                      nvmlDramEncryptionInfo_t *pending) {
    ENTER_DEVICE(nvmlDeviceGetDramEncryptionMode, OUT_VERSIONED(current), OUT_VERSIONED(pending));
    NEED(current && pending);
    if (!driver_at_least(570, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (world.profile->architecture < 10)
        return NVML_ERROR_NOT_SUPPORTED;
    if (current->version != STRUCT_VERSION(nvmlDramEncryptionInfo_t, 1) ||
        pending->version != STRUCT_VERSION(nvmlDramEncryptionInfo_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    current->encryptionState = (unsigned)read_key(device, KEY_dram_encryption);
    pending->encryptionState = (unsigned)read_key(device, KEY_dram_encryption_pending);
    return NVML_SUCCESS;
}
