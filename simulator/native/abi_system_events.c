/*
 * Sets of events of the node, R575: the driver was bound to a device or let go of it. As events.c: one queue a set, one
 * lock and one condition for all of them.
 *
 * The header calls gpuId a "gpuId in PCI format" and says no more; here it is domain, bus and device from the high bits to
 * the low ones (plausible). dataSize counts entries, as NVIDIA's own callers have it, and a time-out of 0 does not wait.
 */
#include <string.h>
#include <time.h>

#include "abi_exports.h"
#include "abi_system_events.h"

#define EXPORT(function, ...)                    \
    EXPORTED nvmlReturn_t function(__VA_ARGS__); \
    EXPORTED nvmlReturn_t function(__VA_ARGS__)

#define MAX_SETS 16
#define QUEUE_LENGTH 64
#define SET_TAG 0x4D57535300000000ULL
#define KNOWN_TYPES (SYSTEM_EVENT_UNBIND | SYSTEM_EVENT_BIND)

struct system_event_set {
    bool used;
    unsigned generation, waiters;
    uint64_t types;
    nvmlSystemEventData_v1_t queue[QUEUE_LENGTH];
    unsigned first, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static struct system_event_set sets[MAX_SETS];

static void prepare(void) { /* the default condition clock is the wall clock, which may be set */
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&news, &attributes);
    pthread_condattr_destroy(&attributes);
}

static nvmlSystemEventSet_t handle_of(const struct system_event_set *set) {
    return (nvmlSystemEventSet_t)(uintptr_t)(SET_TAG | (uint64_t)(set->generation & 0xFFFF) << 8 | (uint64_t)(set - sets));
}

static struct system_event_set *set_of(nvmlSystemEventSet_t handle) {
    unsigned place = (uintptr_t)handle & 0xFF;
    struct system_event_set *set = &sets[place < MAX_SETS ? place : 0];
    return set->used && handle == handle_of(set) ? set : NULL;
}

void publish_system_event(const struct device *device, uint64_t type) {
    nvmlSystemEventData_v1_t event = {.eventType = type, .gpuId = device->pci_domain << 16 | device->pci_bus << 8};
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    for (struct system_event_set *set = sets; set < sets + MAX_SETS; set++)
        if (set->used && set->types & type && set->length < QUEUE_LENGTH) /* a full queue drops the newest */
            set->queue[(set->first + set->length++) % QUEUE_LENGTH] = event;
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

void wake_system_event_waiters(void) {
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&news);
    pthread_mutex_unlock(&lock);
}

/* The functions came with R575, and each takes one struct whose version it looks at first. */
static nvmlReturn_t begun(enum function function, const void *request, unsigned version) {
    nvmlReturn_t result = enter(function);
    if (result != NVML_SUCCESS)
        return result;
    if (!driver_at_least(575, 51))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (!request)
        return NVML_ERROR_INVALID_ARGUMENT;
    unsigned given;
    memcpy(&given, request, sizeof given);
    return given == version ? NVML_SUCCESS : NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
}

#define BEGIN(function, type, ...)                                                                   \
    nvmlReturn_t result = begun(FUNCTION_##function, request, STRUCT_VERSION(type, 1));              \
    if (result != NVML_SUCCESS)                                                                      \
        return REFUSED(result __VA_OPT__(,) __VA_ARGS__)

static nvmlReturn_t create(nvmlSystemEventSet_t *handle) {
    for (struct system_event_set *set = sets; set < sets + MAX_SETS; set++) {
        if (set->used || set->waiters > 0)
            continue;
        set->used = true;
        set->generation++;
        set->types = 0;
        set->length = 0;
        *handle = handle_of(set);
        return NVML_SUCCESS;
    }
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
}

EXPORT(nvmlSystemEventSetCreate, nvmlSystemEventSetCreateRequest_v1_t *request) {
    BEGIN(nvmlSystemEventSetCreate, nvmlSystemEventSetCreateRequest_v1_t,
          {request ? &request->set : NULL, sizeof(nvmlSystemEventSet_t)});
    pthread_mutex_lock(&lock);
    result = create(&request->set);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT(nvmlSystemRegisterEvents, nvmlSystemRegisterEventRequest_v1_t *request) {
    BEGIN(nvmlSystemRegisterEvents, nvmlSystemRegisterEventRequest_v1_t);
    if (request->eventTypes & ~(unsigned long long)KNOWN_TYPES)
        return NVML_ERROR_NOT_SUPPORTED;
    pthread_mutex_lock(&lock);
    struct system_event_set *set = set_of(request->set);
    if (set)
        set->types |= request->eventTypes;
    pthread_mutex_unlock(&lock);
    return set ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORT(nvmlSystemEventSetFree, nvmlSystemEventSetCreateRequest_v1_t *request) {
    BEGIN(nvmlSystemEventSetFree, nvmlSystemEventSetCreateRequest_v1_t);
    pthread_mutex_lock(&lock);
    struct system_event_set *set = set_of(request->set);
    if (set)
        set->used = false;
    pthread_mutex_unlock(&lock);
    if (!set)
        return NVML_ERROR_INVALID_ARGUMENT;
    wake_system_event_waiters();
    return NVML_SUCCESS;
}

static bool take_events(struct system_event_set *set, nvmlSystemEventSetWaitRequest_v1_t *request) {
    request->numEvent = 0;
    while (set->length > 0 && request->numEvent < request->dataSize) {
        request->data[request->numEvent++] = set->queue[set->first];
        set->first = (set->first + 1) % QUEUE_LENGTH;
        set->length--;
    }
    return request->numEvent > 0;
}

static nvmlReturn_t wait_locked(struct system_event_set *set, nvmlSystemEventSetWaitRequest_v1_t *request) {
    int64_t deadline = monotonic_ns() + (int64_t)request->timeoutms * 1000000;
    struct timespec until = {.tv_sec = deadline / NANOS, .tv_nsec = deadline % NANOS};
    while (true) {
        if (set_of(request->set) != set)
            return NVML_ERROR_INVALID_ARGUMENT;
        if (atomic_load(&world.init_count) <= 0)
            return NVML_ERROR_UNINITIALIZED;
        if (take_events(set, request))
            return NVML_SUCCESS;
        if (monotonic_ns() >= deadline)
            return NVML_ERROR_TIMEOUT;
        pthread_cond_timedwait(&news, &lock, &until);
    }
}

EXPORT(nvmlSystemEventSetWait, nvmlSystemEventSetWaitRequest_v1_t *request) {
    BEGIN(nvmlSystemEventSetWait, nvmlSystemEventSetWaitRequest_v1_t,
          {request ? &request->numEvent : NULL, sizeof(unsigned)});
    NEED(request->data && request->dataSize > 0);
    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&lock);
    struct system_event_set *set = set_of(request->set);
    result = NVML_ERROR_INVALID_ARGUMENT;
    if (set) {
        set->waiters++;
        result = wait_locked(set, request);
        set->waiters--;
    }
    pthread_mutex_unlock(&lock);
    return result;
}
