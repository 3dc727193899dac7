/*
 * The division of a device. Instances live until they are destroyed, the mode is switched off, the device is reset or the
 * driver is unloaded: from Hopper on nothing of it outlives the driver (nvml.md 2.21).
 *
 * A GPU instance has the number of its place in the tree of the memory slices: 0 for the whole, 1 and 2 for the halves, 3
 * to 6 for the quarters, 7 to 13 for the eighths. Where no place is asked for, the last one that is free is taken.
 */
#include <math.h>
#include <string.h>

#include "world.h"

#define RESERVED_SHARE 128 /* the driver keeps a hundred-and-twenty-eighth of an instance's memory; plausible */

bool mig_enabled(struct device *device) { return supports_mig() && observe(device, KEY_mig_mode) == 1; }

void forget_mig(struct device *device) {
    for (int i = 0; i < MOST_INSTANCES; i++) {
        device->mig.gpu_instances[i] = (struct gpu_instance){0};
        device->mig.compute_instances[i] = (struct compute_instance){0};
    }
}

bool has_instances(struct device *device) {
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.gpu_instances[i].profile)
            return true;
    return false;
}

nvmlReturn_t set_mig_mode(struct device *device, unsigned mode) {
    set_key(device, KEY_mig_mode_pending, mode);
    bool changes = observe(device, KEY_mig_mode) != mode;
    if (changes && (device->process_count > 0 || has_instances(device)))
        return NVML_ERROR_IN_USE;
    set_key(device, KEY_mig_mode, mode);
    return NVML_SUCCESS;
}

struct gpu_instance *gpu_instance_by_id(struct device *device, unsigned id) {
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.gpu_instances[i].profile && device->mig.gpu_instances[i].id == id)
            return &device->mig.gpu_instances[i];
    return NULL;
}

struct gpu_instance *gpu_instance_by_serial(struct device *device, unsigned serial) {
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.gpu_instances[i].profile && device->mig.gpu_instances[i].serial == serial)
            return &device->mig.gpu_instances[i];
    return NULL;
}

struct compute_instance *compute_instance_by_serial(struct device *device, unsigned serial) {
    for (int i = 0; serial != 0 && i < MOST_INSTANCES; i++)
        if (device->mig.compute_instances[i].serial == serial)
            return &device->mig.compute_instances[i];
    return NULL;
}

struct compute_instance *compute_instance_at(struct device *device, unsigned index) {
    return index < MOST_INSTANCES && device->mig.compute_instances[index].serial ? &device->mig.compute_instances[index]
                                                                                 : NULL;
}

unsigned mig_index(struct device *device, const struct compute_instance *instance) {
    return (unsigned)(instance - device->mig.compute_instances);
}

static unsigned taken(unsigned start, unsigned size) { return ((1U << size) - 1) << start; }

static unsigned memory_taken(struct device *device) {
    unsigned slices = 0;
    for (int i = 0; i < MOST_INSTANCES; i++) {
        const struct gpu_instance *instance = &device->mig.gpu_instances[i];
        if (instance->profile)
            slices |= taken(instance->placement.start, instance->placement.size);
    }
    return slices;
}

static unsigned compute_taken(struct device *device, unsigned gpu_instance) {
    unsigned slices = 0;
    for (int i = 0; i < MOST_INSTANCES; i++) {
        const struct compute_instance *instance = &device->mig.compute_instances[i];
        if (instance->serial && instance->gpu_instance == gpu_instance)
            slices |= taken(instance->placement.start, instance->slices);
    }
    return slices;
}

/* A bit for each place at which one more can be. Of the optical flow accelerator there is but one. */
static unsigned free_starts(struct device *device, const struct mig_profile *profile) {
    unsigned used = memory_taken(device), starts = 0;
    for (int i = 0; i < MOST_INSTANCES; i++) {
        const struct mig_profile *other = device->mig.gpu_instances[i].profile;
        if (other && other->ofas > 0 && profile->ofas > 0)
            return 0;
    }
    for (unsigned start = 0; start < MEMORY_SLICES; start++)
        if (profile->starts & 1U << start && !(used & taken(start, profile->size)))
            starts |= 1U << start;
    return starts;
}

static unsigned free_compute_starts(struct device *device, const struct gpu_instance *within, unsigned slices) {
    unsigned used = compute_taken(device, within->id), possible = compute_starts(within->profile, slices), starts = 0;
    for (unsigned start = 0; start < MEMORY_SLICES; start++)
        if (possible & 1U << start && !(used & taken(start, slices)))
            starts |= 1U << start;
    return starts;
}

unsigned room_for(struct device *device, const struct mig_profile *profile) {
    unsigned places = (unsigned)__builtin_popcount(free_starts(device, profile));
    return profile->ofas > 0 && places > 0 ? 1 : places;
}

unsigned compute_room_for(struct device *device, const struct gpu_instance *within, unsigned slices) {
    return (unsigned)__builtin_popcount(free_compute_starts(device, within, slices));
}

static unsigned last_of(unsigned starts) { return 31U - (unsigned)__builtin_clz(starts); }

static unsigned place_in_tree(struct placement placement) {
    switch (placement.size) {
    case 1: return 7 + placement.start;
    case 2: return 3 + placement.start / 2;
    case 4: return 1 + placement.start / 4;
    default: return 0;
    }
}

static unsigned next_serial(struct device *device, unsigned place) {
    return device->mig.reuses_handles ? place + 1 : ++device->mig.serial;
}

nvmlReturn_t create_gpu_instance(struct device *device, const struct mig_profile *profile, unsigned start,
                                 struct gpu_instance **created) {
    if (!mig_enabled(device))
        return NVML_ERROR_NOT_SUPPORTED;
    if (start != ANYWHERE && (start >= MEMORY_SLICES || !(profile->starts & 1U << start)))
        return NVML_ERROR_INVALID_ARGUMENT;
    unsigned starts = free_starts(device, profile);
    if (starts == 0 || (start != ANYWHERE && !(starts & 1U << start)))
        return NVML_ERROR_INSUFFICIENT_RESOURCES;
    struct placement placement = {start == ANYWHERE ? last_of(starts) : start, profile->size};
    for (int i = 0; i < MOST_INSTANCES; i++) {
        struct gpu_instance *instance = &device->mig.gpu_instances[i];
        if (instance->profile)
            continue;
        *instance = (struct gpu_instance){.profile = profile, .id = place_in_tree(placement),
                                          .serial = next_serial(device, (unsigned)i), .placement = placement};
        *created = instance;
        return NVML_SUCCESS;
    }
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
}

static unsigned free_compute_id(struct device *device, unsigned gpu_instance) {
    unsigned used = 0;
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.compute_instances[i].serial && device->mig.compute_instances[i].gpu_instance == gpu_instance)
            used |= 1U << device->mig.compute_instances[i].id;
    return (unsigned)__builtin_ctz(~used);
}

nvmlReturn_t create_compute_instance(struct device *device, struct gpu_instance *within, unsigned slices, unsigned start,
                                     struct compute_instance **created) {
    unsigned possible = compute_starts(within->profile, slices), starts = free_compute_starts(device, within, slices);
    if (possible == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    if (start != ANYWHERE && (start >= MEMORY_SLICES || !(possible & 1U << start)))
        return NVML_ERROR_INVALID_ARGUMENT;
    if (starts == 0 || (start != ANYWHERE && !(starts & 1U << start)))
        return NVML_ERROR_INSUFFICIENT_RESOURCES;
    struct placement placement = {start == ANYWHERE ? (unsigned)__builtin_ctz(starts) : start, slices};
    for (int i = 0; i < MOST_INSTANCES; i++) {
        struct compute_instance *instance = &device->mig.compute_instances[i];
        if (instance->serial)
            continue;
        unsigned id = free_compute_id(device, within->id);
        *instance = (struct compute_instance){.serial = next_serial(device, (unsigned)i), .gpu_instance = within->id, .id = id,
                                              .slices = slices, .placement = placement};
        *created = instance;
        return NVML_SUCCESS;
    }
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
}

nvmlReturn_t destroy_gpu_instance(struct device *device, struct gpu_instance *instance) {
    if (compute_taken(device, instance->id) != 0)
        return NVML_ERROR_IN_USE;
    *instance = (struct gpu_instance){0};
    return NVML_SUCCESS;
}

static bool runs_in(const struct process *process, const struct compute_instance *instance) {
    return process->partitioned && process->gpu_instance == instance->gpu_instance &&
           process->compute_instance == instance->id;
}

nvmlReturn_t destroy_compute_instance(struct device *device, struct compute_instance *instance) {
    for (unsigned i = 0; i < device->process_count; i++)
        if (runs_in(&device->processes[i], instance))
            return NVML_ERROR_IN_USE;
    *instance = (struct compute_instance){0};
    return NVML_SUCCESS;
}

unsigned multiprocessors(const struct gpu_instance *within, unsigned slices) {
    const struct mig_profile *profile = within->profile;
    return slices == profile->slices ? profile->multiprocessors : profile->multiprocessors / profile->slices * slices;
}

static uint64_t hash(uint64_t state, const char *text) {
    while (*text)
        state = mix(state ^ (unsigned char)*text++);
    return state;
}

/* The same division gives the same names, whoever made it and when. */
void mig_uuid(struct device *device, const struct compute_instance *instance, char uuid[MIG_UUID_LENGTH]) {
    const struct gpu_instance *within = gpu_instance_by_id(device, instance->gpu_instance);
    uint64_t place = (uint64_t)instance->gpu_instance << 16 | instance->id << 8 | instance->slices;
    uint64_t high = hash(mix(place), device->uuid);
    high = hash(high, within ? within->profile->name : "");
    uint64_t low = mix(high ^ 0x4D49472D55554944);
    snprintf(uuid, MIG_UUID_LENGTH, "MIG-%08x-%04x-5%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16) & 0xFFFF, (unsigned)high & 0xFFF, ((unsigned)(low >> 48) & 0x3FFF) | 0x8000,
             (unsigned long long)(low & 0xFFFFFFFFFFFF));
}

void compute_name(const struct mig_profile *of, unsigned slices, char *to, unsigned length) {
    if (slices == of->slices)
        snprintf(to, length, "MIG %s", of->name);
    else
        snprintf(to, length, "MIG %uc.%s", slices, of->name);
}

/* ---- what instances do ---- */

double instance_load(const struct gpu_instance *instance, double own_load) {
    return instance->load_set ? instance->load : own_load;
}

double mig_load(struct device *device, double own_load) {
    double sum = 0;
    for (int i = 0; i < MOST_INSTANCES; i++) {
        const struct gpu_instance *instance = &device->mig.gpu_instances[i];
        if (instance->profile)
            sum += instance_load(instance, own_load) * instance->profile->slices / MOST_INSTANCES;
    }
    return fmin(1, sum);
}

uint64_t instance_memory_total(const struct gpu_instance *instance) { return (uint64_t)instance->profile->memory_mib << 20; }

uint64_t instance_memory_reserved(const struct gpu_instance *instance) {
    return instance_memory_total(instance) / RESERVED_SHARE >> 20 << 20;
}

uint64_t instance_memory_used(struct device *device, const struct gpu_instance *instance, double own_load) {
    if (instance->memory_set)
        return instance->memory_used;
    uint64_t room = instance_memory_total(instance) - instance_memory_reserved(instance), used = 0;
    bool any = false;
    for (unsigned i = 0; i < device->process_count; i++)
        if (device->processes[i].partitioned && device->processes[i].gpu_instance == instance->id) {
            used += device->processes[i].bytes;
            any = true;
        }
    if (!any)
        used = (uint64_t)(instance_load(instance, own_load) * 0.75 * (double)room) >> 20 << 20;
    return used < room ? used : room;
}

uint64_t mig_memory_used(struct device *device, double own_load) {
    uint64_t used = 0;
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.gpu_instances[i].profile)
            used += instance_memory_used(device, &device->mig.gpu_instances[i], own_load);
    return used;
}

void advance_mig(struct device *device, double own_load, double seconds) {
    for (int i = 0; i < MOST_INSTANCES; i++) {
        struct gpu_instance *instance = &device->mig.gpu_instances[i];
        if (!instance->profile)
            continue;
        double load = instance_load(instance, own_load);
        instance->load_seconds += load * seconds;
        for (int share = 0; share < ACTIVITY_KEYS; share++)
            instance->activity_seconds[share] += load * activity_shares[share] * seconds;
    }
}

/* ---- handles: tag, serial of the instance, slot of its device ---- */

#define MIG_TAG 0x4D49000000000000ULL
#define GPU_INSTANCE_TAG 0x4D47000000000000ULL
#define COMPUTE_INSTANCE_TAG 0x4D43000000000000ULL
#define TAG_MASK 0xFFFF000000000000ULL

static void *handle_of(uint64_t tag, unsigned serial, const struct device *device) {
    return (void *)(uintptr_t)(tag | (uint64_t)serial << 16 | (uint64_t)device->slot << 8);
}

nvmlDevice_t mig_handle(const struct device *device, const struct compute_instance *instance) {
    return handle_of(MIG_TAG, instance->serial, device);
}

nvmlGpuInstance_t gpu_instance_handle(const struct device *device, const struct gpu_instance *instance) {
    return handle_of(GPU_INSTANCE_TAG, instance->serial, device);
}

nvmlComputeInstance_t compute_instance_handle(const struct device *device, const struct compute_instance *instance) {
    return handle_of(COMPUTE_INSTANCE_TAG, instance->serial, device);
}

static struct device *device_of(uint64_t tag, const void *handle, unsigned *serial) {
    uint64_t number = (uintptr_t)handle;
    unsigned slot = number >> 8 & 0xFF;
    if ((number & TAG_MASK) != tag || number & 0xFF || slot >= world.device_count)
        return NULL;
    struct device *device = &world.devices[slot];
    *serial = (unsigned)(number >> 16);
    if (!atomic_load(&device->present))
        return NULL;
    pthread_mutex_lock(&device->lock);
    bool lives = tag == GPU_INSTANCE_TAG ? gpu_instance_by_serial(device, *serial) != NULL
                                         : compute_instance_by_serial(device, *serial) != NULL;
    pthread_mutex_unlock(&device->lock);
    return lives ? device : NULL;
}

struct device *device_of_mig(nvmlDevice_t handle, unsigned *serial) { return device_of(MIG_TAG, handle, serial); }

struct device *device_of_gpu_instance(nvmlGpuInstance_t handle, unsigned *serial) {
    return device_of(GPU_INSTANCE_TAG, handle, serial);
}

struct device *device_of_compute_instance(nvmlComputeInstance_t handle, unsigned *serial) {
    return device_of(COMPUTE_INSTANCE_TAG, handle, serial);
}
