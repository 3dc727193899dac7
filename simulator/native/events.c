/*
 * Event sets: one queue a set, filled by faults, drained by nvmlEventSetWait. One lock for all of them; waiters sleep on
 * one condition, because sets are few and events rare.
 */
#include <string.h>
#include <time.h>

#include "abi_exports.h"

#define MAX_SETS 256
#define QUEUE_LENGTH 256
#define SET_TAG 0x4D57534554000000ULL
#define SUPPORTED_EVENTS 0xFF9FULL /* nvmlEventTypeAll of nvml-constants.tsv */

struct queued_event {
    struct device *device;
    unsigned generation;
    struct event_origin origin;
    uint64_t type, data;
};

struct event_set {
    bool used;
    unsigned generation, waiters;
    uint64_t masks[MAX_DEVICES];
    struct queued_event queue[QUEUE_LENGTH];
    unsigned first, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static struct event_set sets[MAX_SETS];

static void prepare(void) { /* the default condition clock is the wall clock, which may be set */
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&news, &attributes);
    pthread_condattr_destroy(&attributes);
}

static nvmlEventSet_t handle_of(const struct event_set *set) {
    return (nvmlEventSet_t)(uintptr_t)(SET_TAG | (uint64_t)(set->generation & 0xFFFF) << 8 | (uint64_t)(set - sets));
}

static struct event_set *set_of(nvmlEventSet_t handle) {
    struct event_set *set = &sets[(uintptr_t)handle & 0xFF];
    return set->used && handle == handle_of(set) ? set : NULL;
}

void publish_event(struct device *device, uint64_t type, uint64_t data) {
    publish_event_of(device, WHOLE_DEVICE, type, data);
}

void publish_event_of(struct device *device, struct event_origin origin, uint64_t type, uint64_t data) {
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    for (struct event_set *set = sets; set < sets + MAX_SETS; set++) {
        if (!set->used || !(set->masks[device->slot] & type) || set->length == QUEUE_LENGTH)
            continue; /* a full queue drops the newest */
        set->queue[(set->first + set->length++) % QUEUE_LENGTH] =
            (struct queued_event){device, atomic_load(&device->generation), origin, type, data};
    }
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

void forget_device_events(struct device *device) {
    pthread_mutex_lock(&lock);
    for (struct event_set *set = sets; set < sets + MAX_SETS; set++)
        set->masks[device->slot] = 0;
    pthread_mutex_unlock(&lock);
}

void wake_event_waiters(void) {
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

EXPORTED nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *handle) {
    nvmlReturn_t result = enter(FUNCTION_nvmlEventSetCreate);
    if (result != NVML_SUCCESS)
        return result;
    if (!handle)
        return NVML_ERROR_INVALID_ARGUMENT;
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    result = NVML_ERROR_INSUFFICIENT_RESOURCES;
    for (struct event_set *set = sets; set < sets + MAX_SETS; set++) {
        if (set->used || set->waiters > 0)
            continue;
        set->used = true;
        set->generation++;
        set->length = 0;
        memset(set->masks, 0, sizeof set->masks);
        *handle = handle_of(set);
        result = NVML_SUCCESS;
        break;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORTED nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t handle) {
    nvmlReturn_t result = enter(FUNCTION_nvmlEventSetFree);
    if (result != NVML_SUCCESS)
        return result;
    pthread_mutex_lock(&lock);
    struct event_set *set = set_of(handle);
    if (set)
        set->used = false;
    pthread_mutex_unlock(&lock);
    if (!set)
        return NVML_ERROR_INVALID_ARGUMENT;
    wake_event_waiters();
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t handle, unsigned long long *types) {
    struct device *device;
    nvmlReturn_t result = enter_device(FUNCTION_nvmlDeviceGetSupportedEventTypes, handle, &device);
    if (result != NVML_SUCCESS)
        return REFUSED(result, OUT(types));
    if (!types)
        return NVML_ERROR_INVALID_ARGUMENT;
    *types = driver_at_least(565, 0) ? SUPPORTED_EVENTS : 0x19F; /* recovery action and friends came with R565 */
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t handle, unsigned long long types, nvmlEventSet_t set_handle) {
    struct device *device;
    nvmlReturn_t result = enter_device(FUNCTION_nvmlDeviceRegisterEvents, handle, &device);
    if (result != NVML_SUCCESS)
        return result;
    unsigned long long supported = driver_at_least(565, 0) ? SUPPORTED_EVENTS : 0x19F;
    if (types & ~supported)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&lock);
    struct event_set *set = set_of(set_handle);
    if (set)
        set->masks[device->slot] |= types;
    pthread_mutex_unlock(&lock);
    return set ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

static bool take_event(struct event_set *set, nvmlEventData_t *data) {
    if (set->length == 0)
        return false;
    struct queued_event event = set->queue[set->first];
    set->first = (set->first + 1) % QUEUE_LENGTH;
    set->length--;
    data->device = device_handle(event.device);
    data->eventType = event.type;
    data->eventData = event.data;
    data->gpuInstanceId = event.origin.gpu_instance; /* nvml.md section 7: 0xFFFFFFFF unless MIG */
    data->computeInstanceId = event.origin.compute_instance;
    return true;
}

static bool watches_lost_device(const struct event_set *set) {
    for (unsigned slot = 0; slot < world.device_count; slot++)
        if (set->masks[slot] && atomic_load(&world.devices[slot].lost) && atomic_load(&world.devices[slot].present))
            return true;
    return false;
}

/* Queued events come first: the Xid that explains a loss is worth more than the news of the loss. */
static nvmlReturn_t wait_locked(nvmlEventSet_t handle, struct event_set *set, nvmlEventData_t *data, int64_t deadline) {
    struct timespec until = {.tv_sec = deadline / NANOS, .tv_nsec = deadline % NANOS};
    while (true) {
        if (set_of(handle) != set)
            return NVML_ERROR_INVALID_ARGUMENT;
        if (atomic_load(&world.init_count) <= 0)
            return NVML_ERROR_UNINITIALIZED;
        if (take_event(set, data))
            return NVML_SUCCESS;
        if (watches_lost_device(set))
            return NVML_ERROR_GPU_IS_LOST;
        if (monotonic_ns() >= deadline)
            return NVML_ERROR_TIMEOUT;
        pthread_cond_timedwait(&news, &lock, &until);
    }
}

static nvmlReturn_t wait_for_event(nvmlEventSet_t handle, nvmlEventData_t *data, unsigned timeout_ms) {
    int64_t deadline = monotonic_ns() + (int64_t)timeout_ms * 1000000;
    pthread_mutex_lock(&lock);
    struct event_set *set = set_of(handle);
    nvmlReturn_t result = NVML_ERROR_INVALID_ARGUMENT;
    if (set) {
        set->waiters++;
        result = wait_locked(handle, set, data, deadline);
        set->waiters--;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORTED nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t handle, nvmlEventData_t *data, unsigned timeout_ms) {
    nvmlReturn_t result = enter(FUNCTION_nvmlEventSetWait_v2);
    if (result != NVML_SUCCESS)
        return result;
    return data ? wait_for_event(handle, data, timeout_ms) : NVML_ERROR_INVALID_ARGUMENT;
}

/* The first version's struct ends before the instance ids. */
EXPORTED nvmlReturn_t nvmlEventSetWait(nvmlEventSet_t handle, nvmlEventData_t *data, unsigned timeout_ms) {
    nvmlReturn_t result = enter(FUNCTION_nvmlEventSetWait);
    if (result != NVML_SUCCESS)
        return result;
    if (!data)
        return NVML_ERROR_INVALID_ARGUMENT;
    nvmlEventData_t whole;
    result = wait_for_event(handle, &whole, timeout_ms);
    if (result == NVML_SUCCESS)
        memcpy(data, &whole, offsetof(nvmlEventData_t, gpuInstanceId));
    return result;
}
