/*
 * How every exported function begins: it is counted, may hang, may be slow, may be told to fail; only then does it look
 * at its arguments. No lock is held here.
 *
 * A hang is a loop around a flag: the thread sits inside the C function, as it sits in the kernel below the real
 * library, and no interrupt or cancellation from above frees it.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "world.h"

const char *const function_names[FUNCTION_COUNT] = {
#define F(name) #name,
#define D(name) #name,
    FUNCTIONS(F)
#include "unsupported.inc"
#undef F
#undef D
};

int function_by_name(const char *name) {
    for (int i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(function_names[i], name) == 0)
            return i;
    return -1;
}

static void hang_while(atomic_bool *flag) {
    const struct timespec pause = {.tv_nsec = 5000000};
    while (atomic_load(flag))
        nanosleep(&pause, NULL);
}

/* nanosleep overshoots by some 50 us, so short delays burn the processor. */
static void delay(unsigned microseconds) {
    if (microseconds == 0)
        return;
    if (microseconds >= 100) {
        struct timespec length = {.tv_sec = microseconds / 1000000, .tv_nsec = (long)(microseconds % 1000000) * 1000};
        nanosleep(&length, NULL);
        return;
    }
    for (int64_t end = monotonic_ns() + (int64_t)microseconds * 1000; monotonic_ns() < end;) {
    }
}

/* Between 0 and 1, neither of them: the seed, the function and the number of the call say which. */
static double uniform(enum function function, unsigned long long call, unsigned which) {
    uint64_t bits = mix(world.seed ^ mix((uint64_t)function << 40 ^ call << 1 ^ which)) >> 11;
    return ((double)bits + 0.5) / 9007199254740992.0;
}

#define NORMAL_P99 2.3263479
#define LONGEST_LATENCY_US 60e6

/* Log-normal, by its median and its 99th percentile: most calls are quick, and a few are very slow. */
static unsigned drawn_latency(enum function function, unsigned long long call) {
    unsigned median = atomic_load(&world.latency_median_us[function]);
    unsigned p99 = atomic_load(&world.latency_p99_us[function]);
    if (median == 0 || p99 < median) /* the two are set one after the other */
        return median;
    double normal = sqrt(-2 * log(uniform(function, call, 0))) * cos(2 * M_PI * uniform(function, call, 1));
    double drawn = median * exp(normal * log((double)p99 / median) / NORMAL_P99);
    return (unsigned)(drawn < LONGEST_LATENCY_US ? drawn : LONGEST_LATENCY_US);
}

static nvmlReturn_t arrive(enum function function) {
    unsigned long long call = atomic_fetch_add_explicit(&world.calls[function], 1, memory_order_relaxed);
    hang_while(&world.hangs);
    hang_while(&world.hang_function[function]);
    delay(drawn_latency(function, call));
    if (atomic_load(&world.missing[function]))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    return atomic_load(&world.forced_code[function]);
}

static nvmlReturn_t initialized(void) {
    return atomic_load(&world.init_count) > 0 ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
}

nvmlReturn_t enter_uninitialized(enum function function) {
    nvmlReturn_t result = arrive(function);
    delay(atomic_load(&world.slow_us));
    return result;
}

nvmlReturn_t enter(enum function function) {
    nvmlReturn_t result = enter_uninitialized(function);
    return result != NVML_SUCCESS ? result : initialized();
}

/* For functions that find a device by something else than a handle: a node finds a silent device all the same. */
nvmlReturn_t enter_lookup(enum function function, struct device *device) {
    hang_while(&device->hang_function[function]);
    nvmlReturn_t forced = atomic_load(&device->forced_code[function]);
    if (forced != NVML_SUCCESS)
        return forced;
    return atomic_load(&device->lost) ? NVML_ERROR_GPU_IS_LOST : NVML_SUCCESS;
}

/* NULL for a handle that is dead or was never given out; the serial of its compute instance, 0 for a whole device. */
static struct device *device_of(nvmlDevice_t handle, unsigned *instance) {
    struct device *found = device_of_handle(handle);
    *instance = 0;
    return found ? found : device_of_mig(handle, instance);
}

nvmlReturn_t enter_any_device(enum function function, nvmlDevice_t handle, struct device **device, unsigned *instance) {
    nvmlReturn_t result = arrive(function);
    if (result == NVML_SUCCESS)
        result = initialized();
    if (result != NVML_SUCCESS)
        return result;
    struct device *found = device_of(handle, instance);
    if (!found)
        return NVML_ERROR_INVALID_ARGUMENT;
    hang_while(&found->hangs);
    hang_while(&found->hang_function[function]);
    delay(atomic_load(&found->slow_us));
    delay(atomic_load(&found->slow_function_us[function]));
    result = atomic_load(&found->forced_code[function]);
    if (result == NVML_SUCCESS)
        result = initialized(); /* the driver or the device may have gone while the call hung */
    if (result == NVML_SUCCESS && device_of(handle, instance) != found)
        result = NVML_ERROR_INVALID_ARGUMENT;
    if (result == NVML_SUCCESS && atomic_load(&found->lost))
        result = NVML_ERROR_GPU_IS_LOST;
    *device = found;
    return result;
}

/* What the header's notes on these functions exclude: of a device that is divided, and of one with instances. */
static bool refused_while_divided(enum function function, struct device *device) {
    bool always = function == FUNCTION_nvmlDeviceGetUtilizationRates ||
                  function == FUNCTION_nvmlDeviceGetEncoderUtilization ||
                  function == FUNCTION_nvmlDeviceGetDecoderUtilization ||
                  function == FUNCTION_nvmlDeviceGetJpgUtilization ||
                  function == FUNCTION_nvmlDeviceGetOfaUtilization ||
                  function == FUNCTION_nvmlDeviceGetProcessUtilization;
    if (!always && function != FUNCTION_nvmlDeviceGetRemappedRows)
        return false;
    pthread_mutex_lock(&device->lock);
    bool refused = mig_enabled(device) && (always || has_instances(device));
    pthread_mutex_unlock(&device->lock);
    return refused;
}

nvmlReturn_t enter_device(enum function function, nvmlDevice_t handle, struct device **device) {
    unsigned instance;
    nvmlReturn_t result = enter_any_device(function, handle, device, &instance);
    if (result == NVML_SUCCESS && (instance != 0 || refused_while_divided(function, *device)))
        return NVML_ERROR_NOT_SUPPORTED;
    return result;
}

nvmlReturn_t refused(nvmlReturn_t result, const struct out *outs) {
    for (; atomic_load(&world.poison) && outs->size > 0; outs++)
        if (outs->at)
            memset(outs->at, POISON, outs->size);
    return result;
}
