/* The world's life: its directory, its clock, its handles, the driver coming and going. */
#define _GNU_SOURCE
#include "world.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct world world = {.lock = PTHREAD_MUTEX_INITIALIZER, .frozen_ns = -1};

EXPORTED const char *millwrightSimulatorVersion(void);
EXPORTED const char *millwrightSimulatorVersion(void) { return SIMULATOR_VERSION; }

/*
 * At load time, because a path relative to the working directory may mean nothing later. The directory and not the file
 * is resolved: a node may link its library to a shared one.
 */
__attribute__((constructor)) static void find_directory(void) {
    Dl_info info;
    char path[PATH_MAX] = "", resolved[PATH_MAX];
    if (dladdr((void *)find_directory, &info) && info.dli_fname)
        snprintf(path, sizeof path, "%s", info.dli_fname);
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    const char *directory = !slash ? "." : *path ? path : "/";
    snprintf(world.directory, sizeof world.directory, "%s", realpath(directory, resolved) ? resolved : directory);
}

void say(const char *format, ...) {
    char line[2 * ERROR_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "libnvidia-ml simulator: %s\n", line);
}

int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NANOS + now.tv_nsec;
}

uint64_t epoch_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A reader that crosses unfreeze_world() may be late by some nanoseconds; advance() ignores time that runs backwards. */
int64_t simulated_ns(void) {
    int64_t frozen = atomic_load(&world.frozen_ns);
    return frozen >= 0 ? frozen : monotonic_ns() - atomic_load(&world.clock_offset_ns);
}

void freeze_world(void) {
    if (atomic_load(&world.frozen_ns) < 0)
        atomic_store(&world.frozen_ns, simulated_ns());
}

void unfreeze_world(void) {
    int64_t frozen = atomic_load(&world.frozen_ns);
    if (frozen < 0)
        return;
    atomic_store(&world.clock_offset_ns, monotonic_ns() - frozen);
    atomic_store(&world.frozen_ns, -1);
}

uint64_t mix(uint64_t value) { /* the finaliser of splitmix64 (Steele, Lea, Flood 2014) */
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

bool driver_at_least(unsigned major, unsigned minor) {
    struct driver_version version = world.driver_version;
    return version.major != major ? version.major > major : version.minor >= minor;
}

static void forget_world(void) {
    memset(world.devices, 0, sizeof world.devices);
    for (int i = 0; i < FUNCTION_COUNT; i++) {
        world.missing[i] = false;
        world.hang_function[i] = false;
        world.forced_code[i] = 0;
        world.latency_median_us[i] = world.latency_p99_us[i] = 0;
    }
    world.poison = false;
    memset(world.missing_field, 0, sizeof world.missing_field);
    world.hangs = false;
    world.slow_us = 0;
    world.noise = 0;
    world.frozen_ns = -1;
    world.driver_loaded = true;
    world.clock_offset_ns = monotonic_ns();
}

nvmlReturn_t open_world(void) {
    pthread_mutex_lock(&world.lock);
    if (!world.built) {
        forget_world();
        claim_control(); /* first, so that the scenario's own Xids are told to the kernel log */
        world.built = load_scenario();
        if (world.built)
            start_control();
        else
            forfeit_control();
        if (world.built && !world.controlled)
            take_limits_over();
    }
    bool built = world.built;
    pthread_mutex_unlock(&world.lock);
    return built ? NVML_SUCCESS : NVML_ERROR_UNKNOWN;
}

void unload_driver(void) {
    atomic_store(&world.driver_loaded, false);
    atomic_store(&world.init_count, 0);
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        world.devices[slot].generation++;
        forget_device_events(&world.devices[slot]);
    }
    wake_event_waiters();
    wake_system_event_waiters();
}

/* nvml.md 2.21: the power limit, the volatile counters and the energy counter do not outlive the driver. */
void load_driver(void) {
    if (atomic_load(&world.driver_loaded))
        return;
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        struct device *device = &world.devices[slot];
        pthread_mutex_lock(&device->lock);
        advance(device);
        reset_volatile(device);
        pthread_mutex_unlock(&device->lock);
    }
    atomic_store(&world.driver_loaded, true);
}

/* A handle looks like an address of a page that nobody maps: tag, generation, slot. */
#define HANDLE_TAG 0x4D57000000000000ULL

nvmlDevice_t device_handle(const struct device *device) {
    unsigned generation = atomic_load(&device->generation);
    return (nvmlDevice_t)(uintptr_t)(HANDLE_TAG | (uint64_t)generation << 16 | (uint64_t)device->slot << 8);
}

struct device *device_of_handle(nvmlDevice_t handle) {
    unsigned slot = ((uintptr_t)handle >> 8) & 0xFF;
    if (slot >= world.device_count)
        return NULL;
    struct device *device = &world.devices[slot];
    return atomic_load(&device->present) && handle == device_handle(device) ? device : NULL;
}

struct device *device_at_index(unsigned index) {
    for (unsigned slot = 0; slot < world.device_count; slot++)
        if (atomic_load(&world.devices[slot].present) && index-- == 0)
            return &world.devices[slot];
    return NULL;
}

unsigned index_of_device(const struct device *device) {
    unsigned index = 0;
    for (unsigned slot = 0; slot < device->slot; slot++)
        index += atomic_load(&world.devices[slot].present);
    return index;
}

unsigned present_devices(void) {
    unsigned count = 0;
    for (unsigned slot = 0; slot < world.device_count; slot++)
        count += atomic_load(&world.devices[slot].present);
    return count;
}
