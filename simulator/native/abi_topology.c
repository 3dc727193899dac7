/*
 * Which processors and which memory of the host a device is near, and how near devices are to each other: nvml.md 2.16. Two
 * sockets of 56 cores with two threads each, whose second threads are numbered behind all first ones; on Grace a processor
 * of 72 cores a module. Plausible, not measured.
 */
#include <string.h>

#include "abi_exports.h"

#define CORES 56
#define GRACE_CORES 72
#define P2P_NVLINK 2       /* NVML_P2P_CAPS_INDEX_NVLINK */
#define P2P_CAPABILITIES 5 /* NVML_P2P_CAPS_INDEX_UNKNOWN */
#define BITS (8 * sizeof(unsigned long))

enum { /* nvmlGpuTopologyLevel_t */
    TOPOLOGY_INTERNAL = 0,
    TOPOLOGY_NODE = 40,
    TOPOLOGY_SYSTEM = 50
};

static unsigned socket_of(const struct device *device) {
    return world.profile->coherent_memory ? device->slot / 2 : device->slot * 2 / (world.device_count > 1 ? world.device_count : 2);
}

static void set_bits(unsigned long *set, unsigned words, unsigned from, unsigned count) {
    for (unsigned bit = from; bit < from + count && bit / BITS < words; bit++)
        set[bit / BITS] |= 1UL << bit % BITS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t handle, unsigned words, unsigned long *set);
EXPORTED nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t handle, unsigned words, unsigned long *set) {
    ENTER_DEVICE(nvmlDeviceGetCpuAffinity, {set, words * sizeof *set});
    NEED(set && words > 0);
    memset(set, 0, words * sizeof *set);
    unsigned socket = socket_of(device);
    if (world.profile->coherent_memory) {
        set_bits(set, words, socket * GRACE_CORES, GRACE_CORES);
    } else {
        set_bits(set, words, socket * CORES, CORES);
        set_bits(set, words, (2 + socket) * CORES, CORES);
    }
    return NVML_SUCCESS;
}

/* Scope 0 is the NUMA node, 1 the socket; here they are the same. */
EXPORTED nvmlReturn_t nvmlDeviceGetMemoryAffinity(nvmlDevice_t handle, unsigned words, unsigned long *set, unsigned scope);
EXPORTED nvmlReturn_t nvmlDeviceGetMemoryAffinity(nvmlDevice_t handle, unsigned words, unsigned long *set, unsigned scope) {
    ENTER_DEVICE(nvmlDeviceGetMemoryAffinity, {set, words * sizeof *set});
    NEED(set && words > 0 && scope <= 1);
    memset(set, 0, words * sizeof *set);
    set_bits(set, words, socket_of(device), 1);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t handle, nvmlDevice_t second, unsigned *level);
EXPORTED nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t handle, nvmlDevice_t second, unsigned *level) {
    ENTER_DEVICE(nvmlDeviceGetTopologyCommonAncestor, OUT(level));
    struct device *other = device_of_handle(second);
    NEED(level && other);
    if (atomic_load(&other->lost))
        return NVML_ERROR_GPU_IS_LOST;
    unsigned set = (unsigned)read_key(device, KEY_topology_level);
    *level = set > 0 ? set
             : other == device ? TOPOLOGY_INTERNAL
             : socket_of(other) == socket_of(device) ? TOPOLOGY_NODE : TOPOLOGY_SYSTEM;
    return NVML_SUCCESS;
}

/* By NVLink as the key says, which a second device may make worse; all else a device can do to another. */
EXPORTED nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t handle, nvmlDevice_t second, unsigned capability, unsigned *status);
EXPORTED nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t handle, nvmlDevice_t second, unsigned capability, unsigned *status) {
    ENTER_DEVICE(nvmlDeviceGetP2PStatus, OUT(status));
    struct device *other = device_of_handle(second);
    NEED(status && other && capability < P2P_CAPABILITIES);
    if (atomic_load(&other->lost))
        return NVML_ERROR_GPU_IS_LOST;
    unsigned mine = (unsigned)read_key(device, KEY_p2p_nvlink_status), its = (unsigned)read_key(other, KEY_p2p_nvlink_status);
    *status = capability != P2P_NVLINK ? 0 : mine > its ? mine : its;
    return NVML_SUCCESS;
}
