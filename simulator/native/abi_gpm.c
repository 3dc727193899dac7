/*
 * GPM: nvml.md sections 2.6 and 4. A metric is the mean between two samples, computed from integrals that the model
 * keeps; where no simulated time passed between them it is what held at the second.
 */
#include <string.h>

#include "abi_exports.h"
#include "abi_activity.h"

#define MOST_SAMPLES 1024
#define MEBIBYTE 1048576.0
#define HOPPER 9

struct gpm_sample {
    bool allocated, taken;
    unsigned generation, slot, instance; /* serial of a GPU instance; 0: the whole device */
    int64_t at_ns;
    double activity_seconds[ACTIVITY_KEYS], load_seconds;
    double activity[ACTIVITY_KEYS], load; /* at that moment */
    int64_t links;
};

static pthread_mutex_t samples_lock = PTHREAD_MUTEX_INITIALIZER; /* nests in nothing, and nothing nests in it */
static struct gpm_sample samples[MOST_SAMPLES];

#define SAMPLE_TAG 0x4D53000000000000ULL

static nvmlGpmSample_t sample_handle(unsigned index) {
    return (nvmlGpmSample_t)(uintptr_t)(SAMPLE_TAG | (uint64_t)(samples[index].generation & 0xFFFFFF) << 16 | index);
}

/* Wants samples_lock held; NULL for one that was freed or never given out. */
static struct gpm_sample *sample_of(nvmlGpmSample_t handle) {
    unsigned index = (uintptr_t)handle & 0xFFFF;
    return index < MOST_SAMPLES && samples[index].allocated && handle == sample_handle(index) ? &samples[index] : NULL;
}

static bool measures(void) { return world.profile->architecture >= HOPPER; }

EXPORTED nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t handle, nvmlGpmSupport_t *support) {
    ENTER_DEVICE(nvmlGpmQueryDeviceSupport, OUT_VERSIONED(support));
    NEED(support);
    if (support->version != GPM_VERSION)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    support->isSupportedDevice = measures();
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlGpmSampleAlloc(nvmlGpmSample_t *handle) {
    ENTER(nvmlGpmSampleAlloc);
    NEED(handle);
    nvmlReturn_t result = NVML_ERROR_INSUFFICIENT_RESOURCES;
    pthread_mutex_lock(&samples_lock);
    for (unsigned i = 0; i < MOST_SAMPLES && result != NVML_SUCCESS; i++)
        if (!samples[i].allocated) {
            samples[i] = (struct gpm_sample){.allocated = true, .generation = samples[i].generation + 1};
            *handle = sample_handle(i);
            result = NVML_SUCCESS;
        }
    pthread_mutex_unlock(&samples_lock);
    return result;
}

EXPORTED nvmlReturn_t nvmlGpmSampleFree(nvmlGpmSample_t handle) {
    ENTER(nvmlGpmSampleFree);
    pthread_mutex_lock(&samples_lock);
    struct gpm_sample *sample = sample_of(handle);
    if (sample)
        sample->allocated = false;
    pthread_mutex_unlock(&samples_lock);
    return sample ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

/* Of one GPU instance: no link is its own. */
static bool measure_instance(struct device *device, unsigned id, struct gpm_sample *now) {
    pthread_mutex_lock(&device->lock);
    advance(device);
    const struct gpu_instance *instance = gpu_instance_by_id(device, id);
    if (instance) {
        double load = instance_load(instance, own_load(device));
        *now = (struct gpm_sample){.taken = true, .slot = device->slot, .instance = instance->serial,
                                   .at_ns = device->advanced_ns, .load_seconds = instance->load_seconds, .load = load};
        for (int i = 0; i < ACTIVITY_KEYS; i++) {
            now->activity_seconds[i] = instance->activity_seconds[i];
            now->activity[i] = load * activity_shares[i];
        }
    }
    pthread_mutex_unlock(&device->lock);
    return instance;
}

static struct gpm_sample measure(struct device *device) {
    struct gpm_sample now = {.taken = true, .slot = device->slot};
    pthread_mutex_lock(&device->lock);
    advance(device);
    now.at_ns = device->advanced_ns;
    now.load_seconds = device->load_seconds;
    now.load = (double)observe(device, KEY_load) / 1e6;
    now.links = observe(device, KEY_nvlink_count);
    for (int i = 0; i < ACTIVITY_KEYS; i++) {
        now.activity_seconds[i] = device->activity_seconds[i];
        now.activity[i] = (double)observe(device, FIRST_ACTIVITY_KEY + i) / 1e6;
    }
    pthread_mutex_unlock(&device->lock);
    return now;
}

static nvmlReturn_t keep(struct gpm_sample now, nvmlGpmSample_t into) {
    pthread_mutex_lock(&samples_lock);
    struct gpm_sample *sample = sample_of(into);
    if (sample) {
        now.allocated = true;
        now.generation = sample->generation;
        *sample = now;
    }
    pthread_mutex_unlock(&samples_lock);
    return sample ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORTED nvmlReturn_t nvmlGpmSampleGet(nvmlDevice_t handle, nvmlGpmSample_t into) {
    ENTER_DEVICE(nvmlGpmSampleGet);
    if (!measures())
        return NVML_ERROR_NOT_SUPPORTED;
    return keep(measure(device), into);
}

EXPORTED nvmlReturn_t nvmlGpmMigSampleGet(nvmlDevice_t handle, unsigned id, nvmlGpmSample_t into);
EXPORTED nvmlReturn_t nvmlGpmMigSampleGet(nvmlDevice_t handle, unsigned id, nvmlGpmSample_t into) {
    ENTER_DEVICE(nvmlGpmMigSampleGet);
    if (!measures() || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    struct gpm_sample now;
    return measure_instance(device, id, &now) ? keep(now, into) : NVML_ERROR_NOT_FOUND;
}

/* One greater than the largest id that the driver knows (nvml.md section 4). */
static unsigned first_unknown_metric(void) { return driver_at_least(595, 0) ? 333 : driver_at_least(575, 0) ? 210 : 98; }

static const struct {
    unsigned id;
    enum key key;
} activities[] = {
    {1, KEY_gpm_graphics_ppm}, {2, KEY_gpm_sm_ppm},    {3, KEY_gpm_occupancy_ppm}, {4, KEY_gpm_integer_ppm},
    {5, KEY_gpm_tensor_ppm},   {10, KEY_gpm_dram_ppm}, {11, KEY_gpm_fp64_ppm},     {12, KEY_gpm_fp32_ppm},
    {13, KEY_gpm_fp16_ppm},
};

static double mean(double from, double to, double at_second, int64_t passed_ns) {
    return passed_ns > 0 ? (to - from) / ((double)passed_ns / NANOS) : at_second;
}

static double mean_load(const struct gpm_sample *one, const struct gpm_sample *two) {
    return mean(one->load_seconds, two->load_seconds, two->load, two->at_ns - one->at_ns);
}

static nvmlReturn_t compute(const struct gpm_sample *one, const struct gpm_sample *two, nvmlGpmMetric_t *metric) {
    if (metric->metricId == 0 || metric->metricId >= first_unknown_metric())
        return NVML_ERROR_INVALID_ARGUMENT;
    metric->metricInfo.shortName = metric->metricInfo.longName = metric->metricInfo.unit = "";
    for (size_t i = 0; i < sizeof activities / sizeof *activities; i++) {
        int at = activities[i].key - FIRST_ACTIVITY_KEY;
        if (activities[i].id == metric->metricId) {
            metric->value = 100 * mean(one->activity_seconds[at], two->activity_seconds[at], two->activity[at],
                                       two->at_ns - one->at_ns);
            return NVML_SUCCESS;
        }
    }
    switch (metric->metricId) { /* the traffic of the fields 197, 198 and 201 to 204, in MiB/s */
    case 20: metric->value = mean_load(one, two) * PCIE_TRANSMIT_BYTES_PER_SECOND / MEBIBYTE; return NVML_SUCCESS;
    case 21: metric->value = mean_load(one, two) * PCIE_RECEIVE_BYTES_PER_SECOND / MEBIBYTE; return NVML_SUCCESS;
    case 60: case 61: metric->value = mean_load(one, two) * 10e9 * (double)two->links / MEBIBYTE; return NVML_SUCCESS;
    default: return NVML_ERROR_NOT_SUPPORTED;
    }
}

EXPORTED nvmlReturn_t nvmlGpmMetricsGet(nvmlGpmMetricsGet_t *get) {
    ENTER(nvmlGpmMetricsGet);
    NEED(get);
    if (get->version != GPM_VERSION)
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    NEED(get->numMetrics > 0 && get->numMetrics <= GPM_METRICS);
    pthread_mutex_lock(&samples_lock);
    struct gpm_sample *first = sample_of(get->sample1), *second = sample_of(get->sample2);
    struct gpm_sample one = first ? *first : (struct gpm_sample){0}, two = second ? *second : (struct gpm_sample){0};
    pthread_mutex_unlock(&samples_lock);
    NEED(one.taken && two.taken && one.slot == two.slot && one.instance == two.instance &&
         one.at_ns <= two.at_ns);
    for (unsigned i = 0; i < get->numMetrics; i++)
        get->metrics[i].nvmlReturn = compute(&one, &two, &get->metrics[i]);
    return NVML_SUCCESS;
}
