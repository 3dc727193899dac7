/*
 * Accounting (nvml.md 2.13): what a process has had of a device since it began. A real driver keeps the ended ones in a
 * buffer; here a process that has ended is forgotten at once. Until `process <dev> account` says otherwise, a process has
 * never had more memory than now and has been as busy as its device is.
 */
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"
#include "abi_particulars.h"
#include "commands.h"

#define BUFFER_SIZE 4000 /* what drivers for Linux say; of the ended ones nothing is kept here */

EXPORT_DEVICE_U32(nvmlDeviceGetAccountingMode, KEY_accounting_mode)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetAccountingBufferSize, BUFFER_SIZE)

EXPORTED nvmlReturn_t nvmlDeviceSetAccountingMode(nvmlDevice_t handle, unsigned mode);
EXPORTED nvmlReturn_t nvmlDeviceSetAccountingMode(nvmlDevice_t handle, unsigned mode) {
    ENTER_DEVICE(nvmlDeviceSetAccountingMode);
    NEED(mode <= 1);
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    pthread_mutex_lock(&device->lock);
    set_key(device, KEY_accounting_mode, mode);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceClearAccountingPids(nvmlDevice_t handle);
EXPORTED nvmlReturn_t nvmlDeviceClearAccountingPids(nvmlDevice_t handle) {
    ENTER_DEVICE(nvmlDeviceClearAccountingPids);
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    return read_key(device, KEY_accounting_mode) == 1 ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

EXPORTED nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t handle, unsigned *count, unsigned *pids);
EXPORTED nvmlReturn_t nvmlDeviceGetAccountingPids(nvmlDevice_t handle, unsigned *count, unsigned *pids) {
    ENTER_DEVICE(nvmlDeviceGetAccountingPids, OUT(count));
    NEED(count);
    if (read_key(device, KEY_accounting_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&device->lock);
    unsigned running = device->process_count;
    bool fits = running == 0 || (pids && *count >= running);
    for (unsigned i = 0; fits && i < running; i++)
        pids[i] = device->processes[i].pid;
    *count = running;
    pthread_mutex_unlock(&device->lock);
    return fits ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_SIZE;
}

static nvmlReturn_t account_of(struct device *device, unsigned pid, nvmlAccountingStats_t *to) {
    nvmlReturn_t result = NVML_ERROR_NOT_FOUND;
    pthread_mutex_lock(&device->lock);
    advance(device);
    if (observe(device, KEY_accounting_mode) != 1)
        result = NVML_ERROR_NOT_SUPPORTED;
    for (unsigned i = 0; result == NVML_ERROR_NOT_FOUND && i < device->process_count; i++) {
        const struct process *process = &device->processes[i];
        if (process->pid != pid)
            continue;
        unsigned percent = process->accounted ? process->percent : (unsigned)observe(device, KEY_utilization_gpu);
        *to = (nvmlAccountingStats_t){.gpuUtilization = percent,
                                      .memoryUtilization = (unsigned)observe(device, KEY_utilization_memory),
                                      .maxMemoryUsage = process->accounted ? process->peak_bytes : process->bytes,
                                      .startTime = process->started_us,
                                      .isRunning = 1}; /* the time is 0 until it has ended */
        result = NVML_SUCCESS;
    }
    pthread_mutex_unlock(&device->lock);
    return result;
}

EXPORTED nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t handle, unsigned pid, nvmlAccountingStats_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetAccountingStats(nvmlDevice_t handle, unsigned pid, nvmlAccountingStats_t *to) {
    ENTER_DEVICE(nvmlDeviceGetAccountingStats, OUT(to));
    NEED(to);
    return account_of(device, pid, to);
}

EXPORTED nvmlReturn_t nvmlDeviceGetAccountingStats_v2(nvmlDevice_t handle, nvmlAccountingStats_v2_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetAccountingStats_v2(nvmlDevice_t handle, nvmlAccountingStats_v2_t *to) {
    ENTER_DEVICE(nvmlDeviceGetAccountingStats_v2); /* the process is within: it stays as it is */
    NEED(to);
    if (!driver_at_least(610, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    nvmlAccountingStats_t first;
    nvmlReturn_t result = account_of(device, to->pid, &first);
    if (result == NVML_SUCCESS)
        *to = (nvmlAccountingStats_v2_t){.pid = to->pid, .isRunning = 1, .gpuUtilization = first.gpuUtilization,
                                         .memoryUtilization = first.memoryUtilization, .maxMemoryUsage = first.maxMemoryUsage,
                                         .sampleCount = 1, .sumGpuUtil = first.gpuUtilization,
                                         .sumFbUtil = first.memoryUtilization, .startTime = first.startTime};
    return result;
}

/* process <dev|all> account PID PEAK_BYTES PERCENT [START_MICROSECONDS] */
bool account_words(struct command *command, struct selection devices, int first) {
    uint64_t pid, bytes, percent, start = 0;
    bool started = command->count == first + 5;
    if (!started && command->count != first + 4)
        return wrong(command, "process: %d words given, allowed: account PID PEAK_BYTES PERCENT [START_MICROSECONDS]",
                     command->count);
    if (!parse_whole(command, "PID", command->words[first + 1], UINT32_MAX, &pid) ||
        !parse_whole(command, "PEAK_BYTES", command->words[first + 2], UINT64_MAX, &bytes) ||
        !parse_whole(command, "PERCENT", command->words[first + 3], UINT32_MAX, &percent) ||
        (started && !parse_whole(command, "START_MICROSECONDS", command->words[first + 4], UINT64_MAX, &start)))
        return false;
    if (command->mode == CHECK_ONLY)
        return true;
    bool found = false;
    EACH(devices, device) {
        pthread_mutex_lock(&device->lock);
        for (unsigned i = 0; i < device->process_count; i++) {
            struct process *process = &device->processes[i];
            if (process->pid != pid)
                continue;
            found = process->accounted = true;
            process->peak_bytes = bytes;
            process->percent = (unsigned)percent;
            if (started)
                process->started_us = start;
        }
        pthread_mutex_unlock(&device->lock);
    }
    return found || wrong(command, "PID: %s given, allowed: a process that was added to the device", command->words[first + 1]);
}
