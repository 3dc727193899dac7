/* Memory, utilization, clocks, power and temperature: nvml.md sections 2.4 to 2.9. */
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"

struct memory {
    unsigned long long total, reserved, used;
};

/* Of a MIG device: that of its GPU instance, which all its compute instances share. */
static bool read_instance_memory(struct device *device, unsigned serial, struct memory *memory) {
    pthread_mutex_lock(&device->lock);
    advance(device);
    const struct compute_instance *instance = compute_instance_by_serial(device, serial);
    const struct gpu_instance *within = instance ? gpu_instance_by_id(device, instance->gpu_instance) : NULL;
    if (within)
        *memory = (struct memory){instance_memory_total(within), instance_memory_reserved(within),
                                  instance_memory_used(device, within, own_load(device))};
    pthread_mutex_unlock(&device->lock);
    return within;
}

static struct memory read_memory(struct device *device) {
    pthread_mutex_lock(&device->lock);
    advance(device);
    struct memory memory = {(unsigned long long)observe(device, KEY_memory_total),
                            (unsigned long long)observe(device, KEY_memory_reserved),
                            (unsigned long long)observe(device, KEY_memory_used)};
    pthread_mutex_unlock(&device->lock);
    return memory;
}

static unsigned long long rest(unsigned long long total, unsigned long long taken) {
    return taken < total ? total - taken : 0;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t handle, nvmlMemory_t *info) {
    ENTER_ANY_DEVICE(nvmlDeviceGetMemoryInfo, OUT(info));
    NEED(info);
    struct memory memory = instance == 0 ? read_memory(device) : (struct memory){0};
    NEED(instance == 0 || read_instance_memory(device, instance, &memory));
    info->total = memory.total;
    info->used = memory.used + memory.reserved; /* the first version counts what the driver keeps as used */
    info->free = rest(info->total, info->used);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t handle, nvmlMemory_v2_t *info) {
    ENTER_ANY_DEVICE(nvmlDeviceGetMemoryInfo_v2, OUT_VERSIONED(info));
    NEED(info);
    if (info->version != STRUCT_VERSION(nvmlMemory_v2_t, 2))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    struct memory memory = instance == 0 ? read_memory(device) : (struct memory){0};
    NEED(instance == 0 || read_instance_memory(device, instance, &memory));
    info->total = memory.total;
    info->reserved = memory.reserved;
    info->used = memory.used;
    info->free = rest(memory.total, memory.used + memory.reserved);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t handle, nvmlBAR1Memory_t *info) {
    ENTER_ANY_DEVICE(nvmlDeviceGetBAR1MemoryInfo, OUT(info));
    NEED(info);
    unsigned slices = MEMORY_SLICES; /* of an instance: its share of the memory; plausible */
    if (instance != 0) {
        pthread_mutex_lock(&device->lock);
        const struct compute_instance *of = compute_instance_by_serial(device, instance);
        const struct gpu_instance *within = of ? gpu_instance_by_id(device, of->gpu_instance) : NULL;
        slices = within ? within->profile->size : 0;
        pthread_mutex_unlock(&device->lock);
    }
    NEED(slices > 0);
    info->bar1Total = (unsigned long long)read_key(device, KEY_bar1_total) * slices / MEMORY_SLICES;
    info->bar1Used = (unsigned long long)read_key(device, KEY_bar1_used) * slices / MEMORY_SLICES;
    info->bar1Free = rest(info->bar1Total, info->bar1Used);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t handle, nvmlUtilization_t *utilization) {
    ENTER_DEVICE(nvmlDeviceGetUtilizationRates, OUT(utilization));
    NEED(utilization);
    pthread_mutex_lock(&device->lock);
    advance(device);
    utilization->gpu = (unsigned)observe(device, KEY_utilization_gpu);
    utilization->memory = (unsigned)observe(device, KEY_utilization_memory);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}

#define EXPORT_CODEC(function, key)                                                                      \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *utilization, unsigned *period_us);     \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, unsigned *utilization, unsigned *period_us) {    \
        ENTER_DEVICE(function, OUT(utilization), OUT(period_us));                                        \
        NEED(utilization && period_us);                                                                  \
        *utilization = (unsigned)read_key(device, key);                                                  \
        *period_us = 167000;                                                                             \
        return NVML_SUCCESS;                                                                             \
    }

EXPORT_CODEC(nvmlDeviceGetEncoderUtilization, KEY_utilization_encoder)
EXPORT_CODEC(nvmlDeviceGetDecoderUtilization, KEY_utilization_decoder)
EXPORT_CODEC(nvmlDeviceGetJpgUtilization, KEY_utilization_jpeg)
EXPORT_CODEC(nvmlDeviceGetOfaUtilization, KEY_utilization_ofa)

/* KB/s over a window of 20 ms; the real call waits for the window to end (nvml.md section 8), this one does not. */
EXPORTED nvmlReturn_t nvmlDeviceGetPcieThroughput(nvmlDevice_t handle, unsigned counter, unsigned *value) {
    ENTER_DEVICE(nvmlDeviceGetPcieThroughput, OUT(value));
    NEED(value && counter <= 1);
    *value = (unsigned)(read_key(device, KEY_load) * (counter == 0 ? 1 : 3)); /* the rates of model.c */
    return NVML_SUCCESS;
}

static const enum key clock_keys[] = {KEY_clock_graphics_mhz, KEY_clock_sm_mhz, KEY_clock_memory_mhz,
                                      KEY_clock_video_mhz};
static const enum key clock_max_keys[] = {KEY_clock_max_graphics_mhz, KEY_clock_max_sm_mhz, KEY_clock_max_memory_mhz,
                                          KEY_clock_max_video_mhz};

EXPORTED nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t handle, unsigned type, unsigned *clock) {
    ENTER_DEVICE(nvmlDeviceGetClockInfo, OUT(clock));
    NEED(clock && type < 4);
    *clock = (unsigned)read_key(device, clock_keys[type]);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t handle, unsigned type, unsigned *clock) {
    ENTER_DEVICE(nvmlDeviceGetMaxClockInfo, OUT(clock));
    NEED(clock && type < 4);
    *clock = (unsigned)read_key(device, clock_max_keys[type]);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetClock(nvmlDevice_t handle, unsigned type, unsigned id, unsigned *clock) {
    ENTER_DEVICE(nvmlDeviceGetClock, OUT(clock));
    NEED(clock && type < 4 && id < 4);
    if (id == 1 || id == 2)
        return NVML_ERROR_NOT_SUPPORTED; /* application clocks: deprecated, and absent on these products */
    *clock = (unsigned)read_key(device, id == 0 ? clock_keys[type] : clock_max_keys[type]);
    return NVML_SUCCESS;
}

EXPORT_DEVICE_U32(nvmlDeviceGetPerformanceState, KEY_performance_state)
EXPORT_DEVICE_U32(nvmlDeviceGetPowerState, KEY_performance_state)

static nvmlReturn_t current_reasons(struct device *device, unsigned long long *reasons) {
    NEED(reasons);
    *reasons = (unsigned long long)read_key(device, KEY_clocks_event_reasons);
    return NVML_SUCCESS;
}

static nvmlReturn_t supported_reasons(unsigned long long *reasons) {
    NEED(reasons);
    *reasons = REASONS_ALL;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t handle, unsigned long long *reasons) {
    ENTER_DEVICE(nvmlDeviceGetCurrentClocksEventReasons, OUT(reasons));
    return current_reasons(device, reasons);
}

EXPORTED nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t handle, unsigned long long *reasons) {
    ENTER_DEVICE(nvmlDeviceGetCurrentClocksThrottleReasons, OUT(reasons));
    return current_reasons(device, reasons);
}

EXPORTED nvmlReturn_t nvmlDeviceGetSupportedClocksEventReasons(nvmlDevice_t handle, unsigned long long *reasons) {
    ENTER_DEVICE(nvmlDeviceGetSupportedClocksEventReasons, OUT(reasons));
    return supported_reasons(reasons);
}

EXPORTED nvmlReturn_t nvmlDeviceGetSupportedClocksThrottleReasons(nvmlDevice_t handle, unsigned long long *reasons) {
    ENTER_DEVICE(nvmlDeviceGetSupportedClocksThrottleReasons, OUT(reasons));
    return supported_reasons(reasons);
}

EXPORTED nvmlReturn_t nvmlDeviceGetViolationStatus(nvmlDevice_t handle, unsigned policy, nvmlViolationTime_t *time) {
    ENTER_DEVICE(nvmlDeviceGetViolationStatus, OUT(time));
    NEED(time);
    if (policy != 0 && policy != 1 && policy != 2)
        return NVML_ERROR_NOT_SUPPORTED;
    static const enum key keys[] = {KEY_reason_ns_sw_power_cap, KEY_reason_ns_sw_thermal, KEY_reason_ns_sync_boost};
    time->referenceTime = epoch_us();
    time->violationTime = (unsigned long long)read_key(device, keys[policy]);
    return NVML_SUCCESS;
}

EXPORT_DEVICE_U32(nvmlDeviceGetPowerUsage, KEY_power_mw)
EXPORT_DEVICE_U32(nvmlDeviceGetEnforcedPowerLimit, KEY_enforced_power_limit_mw)
EXPORT_DEVICE_U32(nvmlDeviceGetPowerManagementLimit, KEY_power_limit_mw)
EXPORT_DEVICE_U32(nvmlDeviceGetPowerManagementDefaultLimit, KEY_power_limit_default_mw)

EXPORTED nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t handle, unsigned long long *energy) {
    ENTER_DEVICE(nvmlDeviceGetTotalEnergyConsumption, OUT(energy));
    NEED(energy);
    *energy = (unsigned long long)read_key(device, KEY_energy_mj);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t handle, unsigned *min, unsigned *max) {
    ENTER_DEVICE(nvmlDeviceGetPowerManagementLimitConstraints, OUT(min), OUT(max));
    NEED(min && max);
    *min = (unsigned)read_key(device, KEY_power_limit_min_mw);
    *max = (unsigned)read_key(device, KEY_power_limit_max_mw);
    return NVML_SUCCESS;
}

static nvmlReturn_t set_limit(struct device *device, unsigned limit) {
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    pthread_mutex_lock(&device->lock);
    advance(device);
    bool within = limit >= observe(device, KEY_power_limit_min_mw) && limit <= observe(device, KEY_power_limit_max_mw);
    if (within)
        set_key(device, KEY_power_limit_mw, limit);
    pthread_mutex_unlock(&device->lock);
    if (within && !world.controlled)
        pass_limit_on(device, limit);
    return within ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORTED nvmlReturn_t nvmlDeviceSetPowerManagementLimit(nvmlDevice_t handle, unsigned limit) {
    ENTER_DEVICE(nvmlDeviceSetPowerManagementLimit);
    return set_limit(device, limit);
}

EXPORTED nvmlReturn_t nvmlDeviceSetPowerManagementLimit_v2(nvmlDevice_t handle, nvmlPowerValue_v2_t *value) {
    ENTER_DEVICE(nvmlDeviceSetPowerManagementLimit_v2);
    NEED(value);
    if (value->version != STRUCT_VERSION(nvmlPowerValue_v2_t, 2))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (value->powerScope != 0)
        return NVML_ERROR_NOT_SUPPORTED; /* only the GPU's own limit is modelled */
    return set_limit(device, value->powerValueMw);
}

EXPORTED nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t handle, unsigned sensor, unsigned *temperature) {
    ENTER_DEVICE(nvmlDeviceGetTemperature, OUT(temperature));
    NEED(temperature && sensor == 0);
    *temperature = (unsigned)read_key(device, KEY_temperature_c);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetTemperatureV(nvmlDevice_t handle, nvmlTemperature_t *temperature) {
    ENTER_DEVICE(nvmlDeviceGetTemperatureV, OUT_VERSIONED(temperature));
    NEED(temperature);
    if (temperature->version != STRUCT_VERSION(nvmlTemperature_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    NEED(temperature->sensorType == 0);
    temperature->temperature = (int)read_key(device, KEY_temperature_c);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetMarginTemperature(nvmlDevice_t handle, nvmlMarginTemperature_t *margin) {
    ENTER_DEVICE(nvmlDeviceGetMarginTemperature, OUT_VERSIONED(margin));
    NEED(margin);
    if (margin->version != STRUCT_VERSION(nvmlMarginTemperature_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    margin->marginTemperature = (int)read_key(device, KEY_margin_c);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t handle, unsigned type, unsigned *temperature) {
    ENTER_DEVICE(nvmlDeviceGetTemperatureThreshold, OUT(temperature));
    NEED(temperature && type < 8);
    if (type > 3)
        return NVML_ERROR_NOT_SUPPORTED;
    static const int above_limit[] = {5, 2, 8, 0}; /* shutdown, slowdown, memory max, GPU max */
    *temperature = (unsigned)(read_key(device, KEY_temperature_limit_c) + above_limit[type]);
    return NVML_SUCCESS;
}

static nvmlReturn_t read_fan(struct device *device, unsigned fan, unsigned *speed) {
    NEED(speed);
    if (world.profile->fans == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    NEED(fan < world.profile->fans);
    *speed = (unsigned)read_key(device, KEY_fan_speed_percent);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetFanSpeed(nvmlDevice_t handle, unsigned *speed) {
    ENTER_DEVICE(nvmlDeviceGetFanSpeed, OUT(speed));
    return read_fan(device, 0, speed);
}

EXPORTED nvmlReturn_t nvmlDeviceGetFanSpeed_v2(nvmlDevice_t handle, unsigned fan, unsigned *speed) {
    ENTER_DEVICE(nvmlDeviceGetFanSpeed_v2, OUT(speed));
    return read_fan(device, fan, speed);
}

static unsigned sample_value(const struct sample *sample, unsigned type) {
    switch (type) {
    case 0: return sample->power_mw;
    case 1: return sample->utilization_gpu;
    case 2: return sample->utilization_memory;
    case 5: return sample->clock_sm_mhz;
    default: return sample->clock_memory_mhz;
    }
}

/* One sample each 100 ms of simulated time, the last 120 kept. Null samples ask for the size of the buffer. */
EXPORTED nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t handle, unsigned type, unsigned long long after,
                                           unsigned *value_type, unsigned *count, nvmlSample_t *samples) {
    ENTER_DEVICE(nvmlDeviceGetSamples, OUT(value_type), OUT(count));
    NEED(value_type && count);
    if (type > 2 && type != 5 && type != 6)
        return NVML_ERROR_NOT_SUPPORTED;
    if ((type == 1 || type == 2) && read_key(device, KEY_mig_mode) == 1)
        return NVML_ERROR_NOT_SUPPORTED; /* utilization of a device that is divided */
    *value_type = VALUE_UNSIGNED_INT;
    if (!samples) {
        *count = SAMPLE_COUNT;
        return NVML_SUCCESS;
    }
    unsigned filled = 0;
    pthread_mutex_lock(&device->lock);
    advance(device);
    uint64_t total = device->sample_total, first = total > SAMPLE_COUNT ? total - SAMPLE_COUNT : 0;
    for (uint64_t i = first; i < total && filled < *count; i++) {
        const struct sample *sample = &device->samples[i % SAMPLE_COUNT];
        if (sample->epoch_us <= after)
            continue;
        samples[filled].timeStamp = sample->epoch_us;
        samples[filled].sampleValue.ullVal = 0;
        samples[filled++].sampleValue.uiVal = sample_value(sample, type);
    }
    pthread_mutex_unlock(&device->lock);
    *count = filled;
    return filled > 0 ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}
