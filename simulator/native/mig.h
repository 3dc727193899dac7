/*
 * A device that is divided: GPU instances with memory of their own, compute instances within them, and for each of these
 * a MIG device with a handle, an index and a UUID. The control protocol names a quantity of a GPU instance `gi1.load`.
 */
#ifndef MILLWRIGHT_MIG_H
#define MILLWRIGHT_MIG_H

#include <stdbool.h>
#include <stdint.h>

#include "abi_mig.h"
#include "keys.h"

#define MOST_INSTANCES 7 /* of either sort: one for each compute slice */
#define MEMORY_SLICES 8
#define NO_INSTANCE 0xFFFFFFFF

struct device;

/* What a GPU instance can be. */
struct mig_profile {
    unsigned profile; /* NVML_GPU_INSTANCE_PROFILE_* */
    unsigned id;      /* the number by which it is asked for: 19, 20, 15, 14, 9, 5, 0 */
    unsigned slices;  /* of compute, seven in all */
    unsigned size;    /* memory slices, eight in all */
    unsigned starts;  /* a bit for each memory slice at which one may begin */
    unsigned multiprocessors, copy_engines, decoders, jpegs, ofas, memory_mib;
    char name[24];    /* 1g.23gb+me */
};

struct placement {
    unsigned start, size;
};

struct gpu_instance {
    const struct mig_profile *profile; /* NULL: not in use */
    unsigned id, serial;
    struct placement placement;
    bool load_set, memory_set;
    double load;
    uint64_t memory_used, sram_errors; /* uncorrectable ones since it was made */
    double activity_seconds[ACTIVITY_KEYS], load_seconds; /* what GPM measures, integrated */
};

struct compute_instance {
    unsigned serial; /* 0: not in use; tells it from one that was at this place before */
    unsigned gpu_instance, id, slices;
    struct placement placement;
};

struct mig {
    unsigned serial;
    bool reuses_handles; /* one that is gone leaves its handle to the next in its place */
    struct gpu_instance gpu_instances[MOST_INSTANCES];
    struct compute_instance compute_instances[MOST_INSTANCES]; /* its place is the index of the MIG device */
};

/* What a compute instance can be, by its slices. */
struct compute_profile {
    unsigned profile, id, slices; /* NVML_COMPUTE_INSTANCE_PROFILE_*, and the number by which it is asked for */
};

/* mig_profiles.c; NULL where this product has none */
void choose_mig_profiles(void); /* for the world's product, while it is built */
const struct mig_profile *mig_profile(unsigned profile);
const struct mig_profile *mig_profile_by_id(unsigned id);
const struct mig_profile *mig_profile_by_name(const char *name);
bool supports_mig(void);
const struct compute_profile *compute_profile(unsigned profile);
const struct compute_profile *compute_profile_by_id(unsigned id);
const struct compute_profile *compute_profile_of(unsigned slices);
unsigned compute_starts(const struct mig_profile *of, unsigned slices); /* a bit for each place, 0: none */

/* mig.c: all of these want device->lock held */
bool mig_enabled(struct device *device);
bool has_instances(struct device *device);
void forget_mig(struct device *device); /* no instance is left */
nvmlReturn_t set_mig_mode(struct device *device, unsigned mode); /* IN_USE: pending */
#define ANYWHERE 0xFFFFFFFF
nvmlReturn_t create_gpu_instance(struct device *device, const struct mig_profile *profile, unsigned start,
                                 struct gpu_instance **created);
nvmlReturn_t create_compute_instance(struct device *device, struct gpu_instance *within, unsigned slices, unsigned start,
                                     struct compute_instance **created);
nvmlReturn_t destroy_gpu_instance(struct device *device, struct gpu_instance *instance);
nvmlReturn_t destroy_compute_instance(struct device *device, struct compute_instance *instance);
unsigned room_for(struct device *device, const struct mig_profile *profile);
unsigned compute_room_for(struct device *device, const struct gpu_instance *within, unsigned slices);
struct gpu_instance *gpu_instance_by_id(struct device *device, unsigned id); /* NULL: none */
struct gpu_instance *gpu_instance_by_serial(struct device *device, unsigned serial);
struct compute_instance *compute_instance_by_serial(struct device *device, unsigned serial);
struct compute_instance *compute_instance_at(struct device *device, unsigned index); /* NULL: a hole */
unsigned mig_index(struct device *device, const struct compute_instance *instance);
unsigned multiprocessors(const struct gpu_instance *within, unsigned slices);
#define MIG_UUID_LENGTH 48
void mig_uuid(struct device *device, const struct compute_instance *instance, char uuid[MIG_UUID_LENGTH]);
/* MIG 1g.23gb, or MIG 1c.3g.90gb where it has only a part of it. */
void compute_name(const struct mig_profile *of, unsigned slices, char *to, unsigned length);

double mig_load(struct device *device, double own_load); /* of the whole device, by what its instances do */
double instance_load(const struct gpu_instance *instance, double own_load);
uint64_t instance_memory_used(struct device *device, const struct gpu_instance *instance, double own_load);
uint64_t instance_memory_total(const struct gpu_instance *instance);
uint64_t instance_memory_reserved(const struct gpu_instance *instance);
uint64_t mig_memory_used(struct device *device, double own_load);
void advance_mig(struct device *device, double own_load, double seconds);

/* Handles of instances; 0 and NULL for those that are dead. These take device->lock themselves. */
nvmlDevice_t mig_handle(const struct device *device, const struct compute_instance *instance);
nvmlGpuInstance_t gpu_instance_handle(const struct device *device, const struct gpu_instance *instance);
nvmlComputeInstance_t compute_instance_handle(const struct device *device, const struct compute_instance *instance);
struct device *device_of_mig(nvmlDevice_t handle, unsigned *serial);
struct device *device_of_gpu_instance(nvmlGpuInstance_t handle, unsigned *serial);
struct device *device_of_compute_instance(nvmlComputeInstance_t handle, unsigned *serial);

#endif
