/* MIG: nvml.md section 2.14. Whoever divides a device needs root; anybody may look. */
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"

#define EXPORT(function, ...)                    \
    EXPORTED nvmlReturn_t function(__VA_ARGS__); \
    EXPORTED nvmlReturn_t function(__VA_ARGS__)

/* ---- the mode, and what a handle is of ---- */

EXPORT(nvmlDeviceGetMigMode, nvmlDevice_t handle, unsigned *current, unsigned *pending) {
    ENTER_DEVICE(nvmlDeviceGetMigMode, OUT(current), OUT(pending));
    NEED(current && pending);
    if (!supports_mig())
        return NVML_ERROR_NOT_SUPPORTED;
    *current = (unsigned)read_key(device, KEY_mig_mode);
    *pending = (unsigned)read_key(device, KEY_mig_mode_pending);
    return NVML_SUCCESS;
}

static void tell_of_change(struct device *device) { publish_event(device, EVENT_MIG_CONFIG_CHANGE, 0); }

/* From Hopper on it takes effect at once, where nobody uses the device; otherwise it is pending (the header's text). */
EXPORT(nvmlDeviceSetMigMode, nvmlDevice_t handle, unsigned mode, nvmlReturn_t *activation) {
    ENTER_DEVICE(nvmlDeviceSetMigMode, OUT(activation));
    NEED(activation && mode <= 1);
    if (!supports_mig())
        return NVML_ERROR_NOT_SUPPORTED;
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    pthread_mutex_lock(&device->lock);
    advance(device);
    bool changes = observe(device, KEY_mig_mode) != mode;
    *activation = set_mig_mode(device, mode);
    pthread_mutex_unlock(&device->lock);
    if (changes && *activation == NVML_SUCCESS)
        tell_of_change(device);
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceGetMaxMigDeviceCount, nvmlDevice_t handle, unsigned *number) {
    ENTER_DEVICE(nvmlDeviceGetMaxMigDeviceCount, OUT(number));
    NEED(number);
    *number = supports_mig() && read_key(device, KEY_mig_mode) == 1 ? MOST_INSTANCES : 0;
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceIsMigDeviceHandle, nvmlDevice_t handle, unsigned *is_mig) {
    ENTER_ANY_DEVICE(nvmlDeviceIsMigDeviceHandle, OUT(is_mig));
    NEED(is_mig);
    *is_mig = instance != 0;
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceGetMigDeviceHandleByIndex, nvmlDevice_t handle, unsigned index, nvmlDevice_t *found) {
    ENTER_DEVICE(nvmlDeviceGetMigDeviceHandleByIndex, OUT(found));
    NEED(found);
    if (!supports_mig() || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    NEED(index < MOST_INSTANCES);
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *of = compute_instance_at(device, index);
    if (of)
        *found = mig_handle(device, of);
    pthread_mutex_unlock(&device->lock);
    return of ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}

EXPORT(nvmlDeviceGetDeviceHandleFromMigDeviceHandle, nvmlDevice_t handle, nvmlDevice_t *parent) {
    ENTER_ANY_DEVICE(nvmlDeviceGetDeviceHandleFromMigDeviceHandle, OUT(parent));
    NEED(parent && instance != 0);
    *parent = device_handle(device);
    return NVML_SUCCESS;
}

static nvmlReturn_t id_of(struct device *device, unsigned serial, bool compute, unsigned *id) {
    NEED(id);
    if (serial == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *of = compute_instance_by_serial(device, serial);
    if (of)
        *id = compute ? of->id : of->gpu_instance;
    pthread_mutex_unlock(&device->lock);
    return of ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORT(nvmlDeviceGetGpuInstanceId, nvmlDevice_t handle, unsigned *id) {
    ENTER_ANY_DEVICE(nvmlDeviceGetGpuInstanceId, OUT(id));
    return id_of(device, instance, false, id);
}

EXPORT(nvmlDeviceGetComputeInstanceId, nvmlDevice_t handle, unsigned *id) {
    ENTER_ANY_DEVICE(nvmlDeviceGetComputeInstanceId, OUT(id));
    return id_of(device, instance, true, id);
}

static nvmlReturn_t attributes(struct device *device, unsigned serial, nvmlDeviceAttributes_t *to) {
    NEED(to);
    if (serial == 0)
        return NVML_ERROR_NOT_SUPPORTED; /* the header: of MIG devices only */
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *of = compute_instance_by_serial(device, serial);
    const struct gpu_instance *within = of ? gpu_instance_by_id(device, of->gpu_instance) : NULL;
    if (within)
        *to = (nvmlDeviceAttributes_t){multiprocessors(within, of->slices), within->profile->copy_engines,
                                       within->profile->decoders, 0, within->profile->jpegs, within->profile->ofas,
                                       within->profile->slices, of->slices, within->profile->memory_mib};
    pthread_mutex_unlock(&device->lock);
    return within ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORT(nvmlDeviceGetAttributes, nvmlDevice_t handle, nvmlDeviceAttributes_t *to) {
    ENTER_ANY_DEVICE(nvmlDeviceGetAttributes, OUT(to));
    return attributes(device, instance, to);
}

EXPORT(nvmlDeviceGetAttributes_v2, nvmlDevice_t handle, nvmlDeviceAttributes_t *to) {
    ENTER_ANY_DEVICE(nvmlDeviceGetAttributes_v2, OUT(to));
    return attributes(device, instance, to);
}

/* ---- what a device can be divided into ---- */

static unsigned most_of(const struct mig_profile *profile) {
    return profile->ofas > 0 ? 1 : (unsigned)__builtin_popcount(profile->starts);
}

static nvmlGpuInstanceProfileInfo_t first_info(const struct mig_profile *profile) {
    return (nvmlGpuInstanceProfileInfo_t){
        .id = profile->id, .sliceCount = profile->slices, .instanceCount = most_of(profile),
        .multiprocessorCount = profile->multiprocessors, .copyEngineCount = profile->copy_engines,
        .decoderCount = profile->decoders, .jpegCount = profile->jpegs, .ofaCount = profile->ofas,
        .memorySizeMB = profile->memory_mib};
}

static nvmlReturn_t versioned_info(const struct mig_profile *profile, nvmlGpuInstanceProfileInfo_v2_t *info) {
    NEED(info);
    if (info->version != STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v2_t, 2) &&
        info->version != STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v3_t, 3))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (!profile)
        return NVML_ERROR_NOT_SUPPORTED;
    nvmlGpuInstanceProfileInfo_t first = first_info(profile);
    if (info->version == STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v2_t, 2)) {
        memset(&info->id, 0, sizeof *info - sizeof info->version);
        info->id = first.id;
        memcpy(&info->sliceCount, &first.sliceCount, 8 * sizeof(unsigned)); /* from here on as the first version */
        info->memorySizeMB = first.memorySizeMB;
        snprintf(info->name, sizeof info->name, "MIG %s", profile->name);
        return NVML_SUCCESS;
    }
    nvmlGpuInstanceProfileInfo_v3_t *third = (nvmlGpuInstanceProfileInfo_v3_t *)(void *)info;
    memset(&third->id, 0, sizeof *third - sizeof third->version);
    third->id = first.id;
    memcpy(&third->sliceCount, &first.sliceCount, 8 * sizeof(unsigned));
    third->memorySizeMB = first.memorySizeMB;
    snprintf(third->name, sizeof third->name, "MIG %s", profile->name);
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceGetGpuInstanceProfileInfo, nvmlDevice_t handle, unsigned profile, nvmlGpuInstanceProfileInfo_t *info) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstanceProfileInfo, OUT(info));
    NEED(info && profile < GPU_INSTANCE_PROFILES);
    const struct mig_profile *found = mig_profile(profile);
    if (!found)
        return NVML_ERROR_NOT_SUPPORTED;
    *info = first_info(found);
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceGetGpuInstanceProfileInfoV, nvmlDevice_t handle, unsigned profile, nvmlGpuInstanceProfileInfo_v2_t *info) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstanceProfileInfoV, OUT_VERSIONED(info));
    NEED(profile < GPU_INSTANCE_PROFILES);
    return versioned_info(mig_profile(profile), info);
}

EXPORT(nvmlDeviceGetGpuInstanceProfileInfoByIdV, nvmlDevice_t handle, unsigned id, nvmlGpuInstanceProfileInfo_v2_t *info) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstanceProfileInfoByIdV, OUT_VERSIONED(info));
    return versioned_info(mig_profile_by_id(id), info);
}

static nvmlReturn_t put_placements(unsigned starts, unsigned size, nvmlGpuInstancePlacement_t *to, unsigned *count) {
    NEED(count);
    unsigned wanted = (unsigned)__builtin_popcount(starts), given = *count, at = 0;
    *count = wanted;
    if (!to)
        return NVML_SUCCESS;
    if (given < wanted)
        return NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned start = 0; start < MEMORY_SLICES; start++)
        if (starts & 1U << start)
            to[at++] = (nvmlGpuInstancePlacement_t){start, size};
    return NVML_SUCCESS;
}

static nvmlReturn_t possible_placements(struct device *device, unsigned id, nvmlGpuInstancePlacement_t *to, unsigned *count) {
    const struct mig_profile *profile = mig_profile_by_id(id);
    if (!profile || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    return put_placements(profile->starts, profile->size, to, count);
}

EXPORT(nvmlDeviceGetGpuInstancePossiblePlacements, nvmlDevice_t handle, unsigned id, nvmlGpuInstancePlacement_t *to,
       unsigned *count) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstancePossiblePlacements, OUT(count));
    return possible_placements(device, id, to, count);
}

EXPORT(nvmlDeviceGetGpuInstancePossiblePlacements_v2, nvmlDevice_t handle, unsigned id, nvmlGpuInstancePlacement_t *to,
       unsigned *count) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstancePossiblePlacements_v2, OUT(count));
    return possible_placements(device, id, to, count);
}

EXPORT(nvmlDeviceGetGpuInstanceRemainingCapacity, nvmlDevice_t handle, unsigned id, unsigned *count) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstanceRemainingCapacity, OUT(count));
    const struct mig_profile *profile = mig_profile_by_id(id);
    NEED(count);
    if (!profile || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&device->lock);
    *count = room_for(device, profile);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}

/* ---- GPU instances ---- */

static nvmlReturn_t create(struct device *device, unsigned id, unsigned start, nvmlGpuInstance_t *handle) {
    NEED(handle);
    const struct mig_profile *profile = mig_profile_by_id(id);
    if (!supports_mig())
        return NVML_ERROR_NOT_SUPPORTED;
    NEED(profile);
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    struct gpu_instance *created;
    pthread_mutex_lock(&device->lock);
    advance(device);
    nvmlReturn_t result = create_gpu_instance(device, profile, start, &created);
    if (result == NVML_SUCCESS)
        *handle = gpu_instance_handle(device, created);
    pthread_mutex_unlock(&device->lock);
    if (result == NVML_SUCCESS)
        tell_of_change(device);
    return result;
}

EXPORT(nvmlDeviceCreateGpuInstance, nvmlDevice_t handle, unsigned id, nvmlGpuInstance_t *created) {
    ENTER_DEVICE(nvmlDeviceCreateGpuInstance, OUT(created));
    return create(device, id, ANYWHERE, created);
}

EXPORT(nvmlDeviceCreateGpuInstanceWithPlacement, nvmlDevice_t handle, unsigned id,
       const nvmlGpuInstancePlacement_t *placement, nvmlGpuInstance_t *created) {
    ENTER_DEVICE(nvmlDeviceCreateGpuInstanceWithPlacement, OUT(created));
    NEED(placement);
    const struct mig_profile *profile = mig_profile_by_id(id);
    NEED(!profile || placement->size == profile->size);
    NEED(placement->start != ANYWHERE);
    return create(device, id, placement->start, created);
}

EXPORT(nvmlDeviceGetGpuInstances, nvmlDevice_t handle, unsigned id, nvmlGpuInstance_t *to, unsigned *count) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstances, OUT(count));
    NEED(to && count);
    const struct mig_profile *profile = mig_profile_by_id(id);
    if (!profile || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    unsigned found = 0;
    pthread_mutex_lock(&device->lock);
    for (int i = 0; i < MOST_INSTANCES; i++)
        if (device->mig.gpu_instances[i].profile == profile)
            to[found++] = gpu_instance_handle(device, &device->mig.gpu_instances[i]);
    pthread_mutex_unlock(&device->lock);
    *count = found;
    return NVML_SUCCESS;
}

EXPORT(nvmlDeviceGetGpuInstanceById, nvmlDevice_t handle, unsigned id, nvmlGpuInstance_t *to) {
    ENTER_DEVICE(nvmlDeviceGetGpuInstanceById, OUT(to));
    NEED(to);
    if (!supports_mig() || read_key(device, KEY_mig_mode) != 1)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&device->lock);
    const struct gpu_instance *found = gpu_instance_by_id(device, id);
    if (found)
        *to = gpu_instance_handle(device, found);
    pthread_mutex_unlock(&device->lock);
    return found ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}

/* The beginning of a function of a GPU instance: its device, locked, and the instance. */
#define ENTER_GPU_INSTANCE(function, ...)                                                \
    ENTER(function, ##__VA_ARGS__);                                                      \
    unsigned serial;                                                                     \
    struct device *device = device_of_gpu_instance(handle, &serial);                     \
    NEED(device);                                                                        \
    nvmlReturn_t looked_up = enter_lookup(FUNCTION_##function, device);                  \
    if (looked_up != NVML_SUCCESS)                                                       \
        return looked_up;                                                                \
    pthread_mutex_lock(&device->lock);                                                   \
    advance(device);                                                                     \
    struct gpu_instance *within = gpu_instance_by_serial(device, serial)

#define LEAVE(result)                       \
    do {                                    \
        nvmlReturn_t outcome = (result);    \
        pthread_mutex_unlock(&device->lock); \
        return outcome;                     \
    } while (0)

EXPORT(nvmlGpuInstanceGetInfo, nvmlGpuInstance_t handle, nvmlGpuInstanceInfo_t *info) {
    NEED(info);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetInfo);
    if (!within)
        LEAVE(NVML_ERROR_INVALID_ARGUMENT);
    *info = (nvmlGpuInstanceInfo_t){device_handle(device), within->id, within->profile->id,
                                    {within->placement.start, within->placement.size}};
    LEAVE(NVML_SUCCESS);
}

EXPORT(nvmlGpuInstanceDestroy, nvmlGpuInstance_t handle) {
    ENTER_GPU_INSTANCE(nvmlGpuInstanceDestroy);
    nvmlReturn_t result = !within            ? NVML_ERROR_INVALID_ARGUMENT
                          : geteuid() != 0 ? NVML_ERROR_NO_PERMISSION
                                             : destroy_gpu_instance(device, within);
    pthread_mutex_unlock(&device->lock);
    if (result == NVML_SUCCESS)
        tell_of_change(device);
    return result;
}

/* ---- compute instances ---- */

static nvmlComputeInstanceProfileInfo_t first_compute_info(const struct gpu_instance *within,
                                                           const struct compute_profile *profile) {
    return (nvmlComputeInstanceProfileInfo_t){
        .id = profile->id, .sliceCount = profile->slices,
        .instanceCount = (unsigned)__builtin_popcount(compute_starts(within->profile, profile->slices)),
        .multiprocessorCount = multiprocessors(within, profile->slices),
        .sharedCopyEngineCount = within->profile->copy_engines, .sharedDecoderCount = within->profile->decoders,
        .sharedJpegCount = within->profile->jpegs, .sharedOfaCount = within->profile->ofas};
}

/* NULL where the GPU instance is too small for it. */
static const struct compute_profile *fitting(const struct gpu_instance *within, const struct compute_profile *profile) {
    return profile && compute_starts(within->profile, profile->slices) ? profile : NULL;
}

EXPORT(nvmlGpuInstanceGetComputeInstanceProfileInfo, nvmlGpuInstance_t handle, unsigned profile, unsigned engines,
       nvmlComputeInstanceProfileInfo_t *info) {
    NEED(info && profile < COMPUTE_INSTANCE_PROFILES && engines == 0);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstanceProfileInfo);
    const struct compute_profile *found = within ? fitting(within, compute_profile(profile)) : NULL;
    if (found)
        *info = first_compute_info(within, found);
    LEAVE(!within ? NVML_ERROR_INVALID_ARGUMENT : found ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED);
}

EXPORT(nvmlGpuInstanceGetComputeInstanceProfileInfoV, nvmlGpuInstance_t handle, unsigned profile, unsigned engines,
       nvmlComputeInstanceProfileInfo_v3_t *info) {
    NEED(info && profile < COMPUTE_INSTANCE_PROFILES && engines == 0);
    if (info->version != COMPUTE_INSTANCE_PROFILE_V2 &&
        info->version != STRUCT_VERSION(nvmlComputeInstanceProfileInfo_v3_t, 3))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstanceProfileInfoV);
    const struct compute_profile *found = within ? fitting(within, compute_profile(profile)) : NULL;
    if (found) {
        info->first = first_compute_info(within, found);
        compute_name(within->profile, found->slices, info->name, sizeof info->name);
        if (info->version != COMPUTE_INSTANCE_PROFILE_V2)
            info->capabilities = 0;
    }
    LEAVE(!within ? NVML_ERROR_INVALID_ARGUMENT : found ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED);
}

EXPORT(nvmlGpuInstanceGetComputeInstancePossiblePlacements, nvmlGpuInstance_t handle, unsigned id,
       nvmlGpuInstancePlacement_t *to, unsigned *count) {
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstancePossiblePlacements);
    const struct compute_profile *found = within ? fitting(within, compute_profile_by_id(id)) : NULL;
    if (!found)
        LEAVE(within ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_INVALID_ARGUMENT);
    LEAVE(put_placements(compute_starts(within->profile, found->slices), found->slices, to, count));
}

EXPORT(nvmlGpuInstanceGetComputeInstanceRemainingCapacity, nvmlGpuInstance_t handle, unsigned id, unsigned *count) {
    NEED(count);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstanceRemainingCapacity);
    const struct compute_profile *found = within ? fitting(within, compute_profile_by_id(id)) : NULL;
    if (found)
        *count = compute_room_for(device, within, found->slices);
    LEAVE(!within ? NVML_ERROR_INVALID_ARGUMENT : found ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED);
}

static nvmlReturn_t create_compute(struct device *device, struct gpu_instance *within, unsigned id, unsigned start,
                                   nvmlComputeInstance_t *handle) {
    const struct compute_profile *profile = compute_profile_by_id(id);
    NEED(within && handle && profile);
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    struct compute_instance *created;
    nvmlReturn_t result = create_compute_instance(device, within, profile->slices, start, &created);
    if (result == NVML_SUCCESS)
        *handle = compute_instance_handle(device, created);
    return result;
}

EXPORT(nvmlGpuInstanceCreateComputeInstance, nvmlGpuInstance_t handle, unsigned id, nvmlComputeInstance_t *created) {
    ENTER_GPU_INSTANCE(nvmlGpuInstanceCreateComputeInstance, OUT(created));
    nvmlReturn_t result = create_compute(device, within, id, ANYWHERE, created);
    pthread_mutex_unlock(&device->lock);
    if (result == NVML_SUCCESS)
        tell_of_change(device);
    return result;
}

EXPORT(nvmlGpuInstanceCreateComputeInstanceWithPlacement, nvmlGpuInstance_t handle, unsigned id,
       const nvmlGpuInstancePlacement_t *placement, nvmlComputeInstance_t *created) {
    NEED(placement && placement->start != ANYWHERE);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceCreateComputeInstanceWithPlacement, OUT(created));
    const struct compute_profile *profile = compute_profile_by_id(id);
    nvmlReturn_t result = profile && profile->slices != placement->size
                              ? NVML_ERROR_INVALID_ARGUMENT
                              : create_compute(device, within, id, placement->start, created);
    pthread_mutex_unlock(&device->lock);
    if (result == NVML_SUCCESS)
        tell_of_change(device);
    return result;
}

EXPORT(nvmlGpuInstanceGetComputeInstances, nvmlGpuInstance_t handle, unsigned id, nvmlComputeInstance_t *to,
       unsigned *count) {
    NEED(to && count);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstances);
    const struct compute_profile *profile = within ? fitting(within, compute_profile_by_id(id)) : NULL;
    if (!profile)
        LEAVE(within ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_INVALID_ARGUMENT);
    unsigned found = 0;
    for (unsigned i = 0; i < MOST_INSTANCES; i++) {
        const struct compute_instance *one = compute_instance_at(device, i);
        if (one && one->gpu_instance == within->id && one->slices == profile->slices)
            to[found++] = compute_instance_handle(device, one);
    }
    *count = found;
    LEAVE(NVML_SUCCESS);
}

EXPORT(nvmlGpuInstanceGetComputeInstanceById, nvmlGpuInstance_t handle, unsigned id, nvmlComputeInstance_t *to) {
    NEED(to);
    ENTER_GPU_INSTANCE(nvmlGpuInstanceGetComputeInstanceById);
    bool found = false;
    for (unsigned i = 0; within && i < MOST_INSTANCES && !found; i++) {
        const struct compute_instance *one = compute_instance_at(device, i);
        found = one && one->gpu_instance == within->id && one->id == id;
        if (found)
            *to = compute_instance_handle(device, one);
    }
    LEAVE(!within ? NVML_ERROR_INVALID_ARGUMENT : found ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND);
}

#define ENTER_COMPUTE_INSTANCE(function)                                                 \
    ENTER(function);                                                                     \
    unsigned serial;                                                                     \
    struct device *device = device_of_compute_instance(handle, &serial);                 \
    NEED(device);                                                                        \
    nvmlReturn_t looked_up = enter_lookup(FUNCTION_##function, device);                  \
    if (looked_up != NVML_SUCCESS)                                                       \
        return looked_up;                                                                \
    pthread_mutex_lock(&device->lock);                                                   \
    struct compute_instance *instance = compute_instance_by_serial(device, serial)

static nvmlReturn_t put_compute_info(struct device *device, const struct compute_instance *instance,
                                     nvmlComputeInstanceInfo_t *info) {
    const struct gpu_instance *within = instance ? gpu_instance_by_id(device, instance->gpu_instance) : NULL;
    NEED(within);
    *info = (nvmlComputeInstanceInfo_t){device_handle(device), gpu_instance_handle(device, within), instance->id,
                                        compute_profile_of(instance->slices)->id,
                                        {instance->placement.start, instance->placement.size}};
    return NVML_SUCCESS;
}

EXPORT(nvmlComputeInstanceGetInfo_v2, nvmlComputeInstance_t handle, nvmlComputeInstanceInfo_t *info) {
    NEED(info);
    ENTER_COMPUTE_INSTANCE(nvmlComputeInstanceGetInfo_v2);
    LEAVE(put_compute_info(device, instance, info));
}

EXPORT(nvmlComputeInstanceGetInfo, nvmlComputeInstance_t handle, nvmlComputeInstanceInfo_t *info) {
    NEED(info);
    ENTER_COMPUTE_INSTANCE(nvmlComputeInstanceGetInfo);
    nvmlComputeInstanceInfo_t whole;
    nvmlReturn_t result = put_compute_info(device, instance, &whole);
    if (result == NVML_SUCCESS)
        memcpy(info, &whole, offsetof(nvmlComputeInstanceInfo_t, placement));
    LEAVE(result);
}

EXPORT(nvmlComputeInstanceDestroy, nvmlComputeInstance_t handle) {
    ENTER_COMPUTE_INSTANCE(nvmlComputeInstanceDestroy);
    nvmlReturn_t result = !instance          ? NVML_ERROR_INVALID_ARGUMENT
                          : geteuid() != 0 ? NVML_ERROR_NO_PERMISSION
                                             : destroy_compute_instance(device, instance);
    pthread_mutex_unlock(&device->lock);
    if (result == NVML_SUCCESS)
        tell_of_change(device);
    return result;
}
