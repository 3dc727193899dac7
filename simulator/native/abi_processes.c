/* Process lists: nvml.md sections 1.1 and 2.13. All simulated processes are compute processes. */
#include <string.h>

#include "abi_exports.h"

#define WIDE_STRIDE 32

/*
 * Two-call protocol: too small a buffer (also of size 0) gets the wanted count and 7. The stride is the size of the
 * entry of each version: 16 bytes, 24 bytes, and for `_v3` of drivers 535.43 to 535.86 32 bytes (nvml.md section 1.1).
 */
static nvmlReturn_t list(struct device *device, unsigned serial, unsigned *count, void *entries, size_t stride) {
    struct process copy[MAX_PROCESSES];
    unsigned running = 0;
    NEED(count);
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *instance = compute_instance_by_serial(device, serial);
    bool lives = serial == 0 || instance;
    for (unsigned i = 0; lives && i < device->process_count; i++) {
        const struct process *process = &device->processes[i];
        if (!instance || (process->partitioned && process->gpu_instance == instance->gpu_instance &&
                          process->compute_instance == instance->id))
            copy[running++] = *process;
    }
    pthread_mutex_unlock(&device->lock);
    NEED(lives);
    if (*count < running) {
        *count = running;
        return NVML_ERROR_INSUFFICIENT_SIZE;
    }
    *count = running;
    NEED(entries || running == 0);
    for (unsigned i = 0; i < running; i++) {
        nvmlProcessInfo_t entry = {copy[i].pid, copy[i].bytes, copy[i].partitioned ? copy[i].gpu_instance : NO_INSTANCE,
                                   copy[i].partitioned ? copy[i].compute_instance : NO_INSTANCE};
        char *to = (char *)entries + i * stride;
        memset(to, 0, stride);
        memcpy(to, &entry, stride < sizeof entry ? stride : sizeof entry);
    }
    return NVML_SUCCESS;
}

static nvmlReturn_t none(unsigned *count) {
    NEED(count);
    *count = 0;
    return NVML_SUCCESS;
}

static size_t third_stride(void) {
    struct driver_version version = world.driver_version;
    return version.major == 535 && version.minor >= 43 && version.minor <= 86 ? WIDE_STRIDE : sizeof(nvmlProcessInfo_t);
}

#define EXPORT_LIST(function, answer)                                                      \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *count, void *entries);   \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *count, void *entries) {  \
        ENTER_ANY_DEVICE(function, OUT(count));                                            \
        (void)entries;                                                                     \
        return answer;                                                                     \
    }

EXPORT_LIST(nvmlDeviceGetComputeRunningProcesses, list(device, instance, count, entries, sizeof(nvmlProcessInfo_v1_t)))
EXPORT_LIST(nvmlDeviceGetComputeRunningProcesses_v2, list(device, instance, count, entries, sizeof(nvmlProcessInfo_t)))
EXPORT_LIST(nvmlDeviceGetComputeRunningProcesses_v3, list(device, instance, count, entries, third_stride()))
EXPORT_LIST(nvmlDeviceGetGraphicsRunningProcesses, none(count))
EXPORT_LIST(nvmlDeviceGetGraphicsRunningProcesses_v2, none(count))
EXPORT_LIST(nvmlDeviceGetGraphicsRunningProcesses_v3, none(count))
EXPORT_LIST(nvmlDeviceGetMPSComputeRunningProcesses, none(count))
EXPORT_LIST(nvmlDeviceGetMPSComputeRunningProcesses_v2, none(count))
EXPORT_LIST(nvmlDeviceGetMPSComputeRunningProcesses_v3, none(count))

EXPORTED nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t handle, nvmlProcessUtilizationSample_t *samples,
                                                      unsigned *count, unsigned long long after) {
    ENTER_DEVICE(nvmlDeviceGetProcessUtilization, OUT(count));
    NEED(count);
    (void)after;
    pthread_mutex_lock(&device->lock);
    advance(device);
    unsigned running = device->process_count, given = *count;
    *count = running;
    bool fits = samples && given >= running;
    for (unsigned i = 0; fits && i < running; i++)
        samples[i] = (nvmlProcessUtilizationSample_t){
            .pid = device->processes[i].pid, .timeStamp = epoch_us(),
            .smUtil = (unsigned)observe(device, KEY_utilization_gpu) / running,
            .memUtil = (unsigned)observe(device, KEY_utilization_memory) / running};
    pthread_mutex_unlock(&device->lock);
    if (running == 0)
        return NVML_ERROR_NOT_FOUND;
    return fits ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_SIZE;
}
