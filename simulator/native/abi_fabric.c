/*
 * Fabric and platform: nvml.md sections 2.3 and 6. A node of its own registers with a cluster of no name, as H100 does; a
 * tray registers with that of its rack, and knows its place.
 */
#include <string.h>

#include "abi_exports.h"
#include "abi_activity.h"

#define SWITCH_TRAYS 9
#define TRAYS_BELOW_SWITCHES 10

static void fill_domain(uint64_t purpose, unsigned char *to, int length) {
    for (int i = 0; i < length; i++)
        to[i] = (unsigned char)(mix(world.domain * 31 + purpose + (uint64_t)(i / 8) * 7) >> (i % 8 * 8));
}

static nvmlGpuFabricInfo_v3_t observe_fabric(struct device *device) {
    nvmlGpuFabricInfo_v3_t fabric = {0};
    pthread_mutex_lock(&device->lock);
    advance(device);
    fabric.state = (unsigned char)observe(device, KEY_fabric_state);
    fabric.status = (nvmlReturn_t)observe(device, KEY_fabric_status);
    fabric.healthMask = (unsigned)observe(device, KEY_fabric_health_mask);
    fabric.healthSummary = (unsigned char)observe(device, KEY_fabric_health_summary);
    if (fabric.state == FABRIC_COMPLETED) {
        fabric.cliqueId = (unsigned)observe(device, KEY_fabric_clique);
        if (world.profile->fabric == RACK_FABRIC)
            fill_domain(1, fabric.clusterUuid, FABRIC_UUID_LENGTH);
    }
    pthread_mutex_unlock(&device->lock);
    return fabric;
}

static bool has_fabric(struct device *device) {
    return world.profile->fabric != NO_FABRIC || device->overridden[KEY_fabric_state];
}

EXPORTED nvmlReturn_t nvmlDeviceGetGpuFabricInfo(nvmlDevice_t handle, nvmlGpuFabricInfo_t *info) {
    ENTER_DEVICE(nvmlDeviceGetGpuFabricInfo, OUT(info));
    NEED(info);
    if (!has_fabric(device))
        return NVML_ERROR_NOT_SUPPORTED;
    nvmlGpuFabricInfo_v3_t fabric = observe_fabric(device);
    memcpy(info->clusterUuid, fabric.clusterUuid, FABRIC_UUID_LENGTH);
    info->status = fabric.status;
    info->cliqueId = fabric.cliqueId;
    info->state = fabric.state;
    return NVML_SUCCESS;
}

/* The third version since 580.65, the second since 550 (nvml.md 2.3). */
EXPORTED nvmlReturn_t nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t handle, nvmlGpuFabricInfo_v3_t *info) {
    ENTER_DEVICE(nvmlDeviceGetGpuFabricInfoV, OUT_VERSIONED((nvmlGpuFabricInfo_v2_t *)info));
    NEED(info);
    unsigned version = info->version;
    bool third = version == STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3) && driver_at_least(580, 65);
    if (!third && version != STRUCT_VERSION(nvmlGpuFabricInfo_v2_t, 2))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (!has_fabric(device))
        return NVML_ERROR_NOT_SUPPORTED;
    nvmlGpuFabricInfo_v3_t fabric = observe_fabric(device);
    fabric.version = version;
    memcpy(info, &fabric, third ? sizeof fabric : sizeof(nvmlGpuFabricInfo_v2_t)); /* the second is the third's beginning */
    return NVML_SUCCESS;
}

/* Blackwell and later. Slots count the switch trays, which lie between tray 10 and tray 11. */
EXPORTED nvmlReturn_t nvmlDeviceGetPlatformInfo(nvmlDevice_t handle, nvmlPlatformInfo_t *info) {
    ENTER_DEVICE(nvmlDeviceGetPlatformInfo, OUT_VERSIONED(info));
    NEED(info);
    unsigned version = info->version;
    bool second = version == STRUCT_VERSION(nvmlPlatformInfo_t, 2) && driver_at_least(570, 124);
    if (!second && version != STRUCT_VERSION(nvmlPlatformInfo_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (world.profile->architecture < 10)
        return NVML_ERROR_NOT_SUPPORTED;
    memset(info, 0, sizeof *info);
    info->version = version;
    uint64_t guid = mix(world.seed * 977 + device->slot);
    memcpy(info->ibGuid, &guid, sizeof guid);
    info->peerType = 1;
    info->moduleId = (unsigned char)(device->slot + 1);
    info->hostId = 1;
    if (world.profile->fabric != RACK_FABRIC)
        return NVML_SUCCESS;
    if (second)
        snprintf((char *)info->chassisSerialNumber, sizeof info->chassisSerialNumber, "18%011llu",
                 (unsigned long long)(mix(world.domain + 5) % 100000000000ULL));
    else
        fill_domain(2, info->chassisSerialNumber, sizeof info->chassisSerialNumber);
    info->trayIndex = (unsigned char)world.tray;
    info->slotNumber = (unsigned char)(world.tray <= TRAYS_BELOW_SWITCHES ? world.tray : world.tray + SWITCH_TRAYS);
    return NVML_SUCCESS;
}
