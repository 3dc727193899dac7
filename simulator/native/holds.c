/*
 * Loads and processes that last as long as their connection: a program that stands in for one of CUDA may be killed at
 * any time, and its device must be free then, as a real one would be.
 */
#include <math.h>

#include "world.h"

double held_load(const struct device *device) {
    double sum = 0;
    for (int i = 0; i < MOST_CONNECTIONS; i++)
        if (device->holds[i].holder != NO_HOLDER)
            sum += device->holds[i].load;
    return fmin(1, sum);
}

/* A second load of the same holder takes the place of the first. */
bool hold_load(struct device *device, unsigned holder, double load) {
    struct hold *place = NULL;
    for (int i = MOST_CONNECTIONS - 1; i >= 0; i--)
        if (device->holds[i].holder == NO_HOLDER && !(place && place->holder == holder))
            place = &device->holds[i];
        else if (device->holds[i].holder == holder)
            place = &device->holds[i];
    if (place)
        *place = (struct hold){holder, load};
    return place;
}

bool add_process(struct device *device, struct process process) {
    if (device->process_count == MAX_PROCESSES)
        return false;
    process.started_us = epoch_us();
    device->processes[device->process_count++] = process;
    return true;
}

static void release_device(struct device *device, unsigned holder) {
    for (int i = 0; i < MOST_CONNECTIONS; i++)
        if (device->holds[i].holder == holder)
            device->holds[i] = (struct hold){0};
    unsigned kept = 0;
    for (unsigned i = 0; i < device->process_count; i++)
        if (device->processes[i].holder != holder)
            device->processes[kept++] = device->processes[i];
    device->process_count = kept;
}

void release_holds(unsigned holder) {
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        struct device *device = &world.devices[slot];
        pthread_mutex_lock(&device->lock);
        advance(device);
        release_device(device, holder);
        pthread_mutex_unlock(&device->lock);
    }
}
