/* ECC and row remapping: nvml.md section 2.10. */
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"

enum { LOCATION_DRAM = 2, LOCATION_SRAM = 7, LOCATION_COUNT = 8 };

EXPORTED nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t handle, unsigned *current, unsigned *pending) {
    ENTER_DEVICE(nvmlDeviceGetEccMode, OUT(current), OUT(pending));
    NEED(current && pending);
    *current = (unsigned)read_key(device, KEY_ecc_mode);
    *pending = (unsigned)read_key(device, KEY_ecc_mode_pending);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t handle, unsigned error, unsigned counter,
                                                  unsigned long long *count) {
    ENTER_DEVICE(nvmlDeviceGetTotalEccErrors, OUT(count));
    NEED(count && error <= 1 && counter <= 1);
    if (read_key(device, KEY_ecc_mode) == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    *count = (unsigned long long)read_key(device, KEY_ecc_volatile_corrected + (counter == 1) * 2 + (error == 1));
    return NVML_SUCCESS;
}

/*
 * Of a divided device, by the header's text: what was counted since the load is told by instances alone, and of that only the
 * uncorrectable errors outside of the DRAM.
 */
static nvmlReturn_t errors_of_instance(struct device *device, unsigned serial, unsigned long long *count) {
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *of = compute_instance_by_serial(device, serial);
    const struct gpu_instance *within = of ? gpu_instance_by_id(device, of->gpu_instance) : NULL;
    if (within)
        *count = within->sram_errors;
    pthread_mutex_unlock(&device->lock);
    return within ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

static bool is_divided(struct device *device) {
    pthread_mutex_lock(&device->lock);
    bool divided = mig_enabled(device);
    pthread_mutex_unlock(&device->lock);
    return divided;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t handle, unsigned error, unsigned counter,
                                                      unsigned location, unsigned long long *count) {
    ENTER_ANY_DEVICE(nvmlDeviceGetMemoryErrorCounter, OUT(count));
    NEED(count && error <= 1 && counter <= 1 && location < LOCATION_COUNT);
    if (read_key(device, KEY_ecc_mode) == 0 || (location != LOCATION_DRAM && location != LOCATION_SRAM))
        return NVML_ERROR_NOT_SUPPORTED; /* Ampere and later know only these two places */
    if (instance != 0)
        return error == 1 && counter == 0 && location == LOCATION_SRAM ? errors_of_instance(device, instance, count)
                                                                       : NVML_ERROR_NOT_SUPPORTED;
    if (counter == 0 && is_divided(device))
        return NVML_ERROR_NOT_SUPPORTED;
    *count = (unsigned long long)read_key(device, ecc_key(counter == 1, error == 1, location == LOCATION_SRAM));
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetSramEccErrorStatus(nvmlDevice_t handle, nvmlEccSramErrorStatus_t *status) {
    ENTER_DEVICE(nvmlDeviceGetSramEccErrorStatus, OUT_VERSIONED(status));
    NEED(status);
    if (status->version != STRUCT_VERSION(nvmlEccSramErrorStatus_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    unsigned version = status->version;
    memset(status, 0, sizeof *status);
    status->version = version;
    status->aggregateUncSecDed = (unsigned long long)read_key(device, KEY_ecc_aggregate_uncorrected_sram);
    unsigned long long *buckets = &status->aggregateUncBucketL2;
    for (int unit = 0; unit < 5; unit++)
        buckets[unit] = (unsigned long long)read_key(device, KEY_sram_errors_l2 + unit);
    status->aggregateCor = (unsigned long long)read_key(device, KEY_ecc_aggregate_corrected_sram);
    status->volatileUncSecDed = (unsigned long long)read_key(device, KEY_ecc_volatile_uncorrected_sram);
    status->volatileCor = (unsigned long long)read_key(device, KEY_ecc_volatile_corrected_sram);
    status->bThresholdExceeded = read_key(device, KEY_sram_threshold) != 0;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceClearEccErrorCounts(nvmlDevice_t handle, unsigned counter) {
    ENTER_DEVICE(nvmlDeviceClearEccErrorCounts);
    NEED(counter <= 1);
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    pthread_mutex_lock(&device->lock);
    for (int part = 0; part < 4; part++)
        set_key(device, ecc_key(counter == 1, part & 1, part >> 1), 0);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t handle, unsigned *correctable, unsigned *uncorrectable,
                                                unsigned *pending, unsigned *failed) {
    ENTER_DEVICE(nvmlDeviceGetRemappedRows, OUT(correctable), OUT(uncorrectable), OUT(pending), OUT(failed));
    NEED(correctable && uncorrectable && pending && failed);
    *correctable = (unsigned)read_key(device, KEY_remapped_correctable);
    *uncorrectable = (unsigned)read_key(device, KEY_remapped_uncorrectable);
    *pending = (unsigned)read_key(device, KEY_remap_pending);
    *failed = (unsigned)read_key(device, KEY_remap_failed);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetRowRemapperHistogram(nvmlDevice_t handle, nvmlRowRemapperHistogramValues_t *values) {
    ENTER_DEVICE(nvmlDeviceGetRowRemapperHistogram, OUT(values));
    NEED(values);
    values->max = (unsigned)read_key(device, KEY_banks_max);
    values->high = (unsigned)read_key(device, KEY_banks_high);
    values->partial = (unsigned)read_key(device, KEY_banks_partial);
    values->low = (unsigned)read_key(device, KEY_banks_low);
    values->none = (unsigned)read_key(device, KEY_banks_none);
    return NVML_SUCCESS;
}

/* Driver 580; Ampere and later (nvml.md 2.10). */
EXPORTED nvmlReturn_t nvmlDeviceGetRepairStatus(nvmlDevice_t handle, nvmlRepairStatus_t *status) {
    ENTER_DEVICE(nvmlDeviceGetRepairStatus, OUT_VERSIONED(status));
    NEED(status);
    if (!driver_at_least(580, 65))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (status->version != STRUCT_VERSION(nvmlRepairStatus_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    status->bChannelRepairPending = (unsigned)read_key(device, KEY_repair_channel_pending);
    status->bTpcRepairPending = (unsigned)read_key(device, KEY_repair_tpc_pending);
    return NVML_SUCCESS;
}

/* Driver 590; Hopper and later. */
EXPORTED nvmlReturn_t nvmlDeviceGetUnrepairableMemoryFlag_v1(nvmlDevice_t handle, nvmlUnrepairableMemoryStatus_v1_t *status) {
    ENTER_DEVICE(nvmlDeviceGetUnrepairableMemoryFlag_v1, OUT(status));
    NEED(status);
    if (!driver_at_least(590, 44))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (world.profile->architecture < 9)
        return NVML_ERROR_NOT_SUPPORTED;
    status->bUnrepairableMemory = (unsigned)read_key(device, KEY_memory_unrepairable);
    return NVML_SUCCESS;
}
