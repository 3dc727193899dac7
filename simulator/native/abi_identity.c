/* Enumeration, identity and modes: nvml.md sections 2.2, 2.12, 2.14, 2.18. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"

#define GSP_FIRMWARE_VERSION_SIZE 0x40 /* NVML_GSP_FIRMWARE_VERSION_BUF_SIZE */

/* A lost device stays counted until it is gone; whether the real library counts it is not established (nvml.md 2.2). */
static nvmlReturn_t count(unsigned *number) {
    NEED(number);
    *number = present_devices();
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetCount(unsigned *number) {
    ENTER(nvmlDeviceGetCount);
    return count(number);
}

EXPORTED nvmlReturn_t nvmlDeviceGetCount_v2(unsigned *number) {
    ENTER(nvmlDeviceGetCount_v2);
    return count(number);
}

static nvmlReturn_t hand_out(enum function function, struct device *found, nvmlReturn_t absent, nvmlDevice_t *handle) {
    if (!found)
        return absent;
    nvmlReturn_t result = enter_lookup(function, found);
    if (result == NVML_SUCCESS)
        *handle = device_handle(found);
    return result;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t *handle) {
    ENTER(nvmlDeviceGetHandleByIndex);
    NEED(handle);
    return hand_out(FUNCTION_nvmlDeviceGetHandleByIndex, device_at_index(index), NVML_ERROR_INVALID_ARGUMENT, handle);
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t *handle) {
    ENTER(nvmlDeviceGetHandleByIndex_v2);
    NEED(handle);
    return hand_out(FUNCTION_nvmlDeviceGetHandleByIndex_v2, device_at_index(index), NVML_ERROR_INVALID_ARGUMENT, handle);
}

static nvmlReturn_t mig_by_uuid(const char *uuid, nvmlDevice_t *handle) {
    for (unsigned index = 0; index < present_devices(); index++) {
        struct device *device = device_at_index(index);
        if (!device)
            continue;
        nvmlDevice_t found = NULL;
        pthread_mutex_lock(&device->lock);
        for (unsigned at = 0; at < MOST_INSTANCES && !found; at++) {
            char own[MIG_UUID_LENGTH] = "";
            const struct compute_instance *instance = compute_instance_at(device, at);
            if (instance)
                mig_uuid(device, instance, own);
            if (strcmp(own, uuid) == 0)
                found = mig_handle(device, instance);
        }
        pthread_mutex_unlock(&device->lock);
        if (!found)
            continue;
        nvmlReturn_t result = enter_lookup(FUNCTION_nvmlDeviceGetHandleByUUID, device);
        if (result == NVML_SUCCESS)
            *handle = found;
        return result;
    }
    return NVML_ERROR_NOT_FOUND;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *handle) {
    ENTER(nvmlDeviceGetHandleByUUID);
    NEED(uuid && handle);
    struct device *found = NULL;
    for (unsigned index = 0; index < present_devices() && !found; index++) {
        struct device *device = device_at_index(index);
        if (device && strcmp(device->uuid, uuid) == 0)
            found = device;
    }
    if (!found && strncmp(uuid, "MIG-", 4) == 0)
        return mig_by_uuid(uuid, handle);
    return hand_out(FUNCTION_nvmlDeviceGetHandleByUUID, found, NVML_ERROR_NOT_FOUND, handle);
}

static struct device *device_on_bus(const char *text) {
    unsigned domain, bus, number, function;
    if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &number, &function) != 4) {
        domain = function = 0;
        if (sscanf(text, "%x:%x.%x", &bus, &number, &function) != 3)
            return NULL;
    }
    for (unsigned slot = 0; slot < world.device_count; slot++) {
        struct device *device = &world.devices[slot];
        if (atomic_load(&device->present) && device->pci_domain == domain && device->pci_bus == bus && number == 0)
            return device;
    }
    return NULL;
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char *bus_id, nvmlDevice_t *handle) {
    ENTER(nvmlDeviceGetHandleByPciBusId);
    NEED(bus_id && handle);
    return hand_out(FUNCTION_nvmlDeviceGetHandleByPciBusId, device_on_bus(bus_id), NVML_ERROR_NOT_FOUND, handle);
}

EXPORTED nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, nvmlDevice_t *handle) {
    ENTER(nvmlDeviceGetHandleByPciBusId_v2);
    NEED(bus_id && handle);
    return hand_out(FUNCTION_nvmlDeviceGetHandleByPciBusId_v2, device_on_bus(bus_id), NVML_ERROR_NOT_FOUND, handle);
}

static nvmlReturn_t fill_pci(const struct device *device, nvmlPciInfo_t *pci) {
    NEED(pci);
    memset(pci, 0, sizeof *pci);
    memcpy(pci->busIdLegacy, device->bus_id_legacy, sizeof pci->busIdLegacy);
    memcpy(pci->busId, device->bus_id, sizeof pci->busId);
    pci->domain = device->pci_domain;
    pci->bus = device->pci_bus;
    pci->pciDeviceId = world.profile->pci_device_id;
    pci->pciSubSystemId = 0x199910DE; /* invented */
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t handle, nvmlPciInfo_t *pci) {
    ENTER_DEVICE(nvmlDeviceGetPciInfo, OUT(pci));
    return fill_pci(device, pci);
}

EXPORTED nvmlReturn_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t handle, nvmlPciInfo_t *pci) {
    ENTER_DEVICE(nvmlDeviceGetPciInfo_v2, OUT(pci));
    return fill_pci(device, pci);
}

EXPORTED nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t handle, nvmlPciInfo_t *pci) {
    ENTER_DEVICE(nvmlDeviceGetPciInfo_v3, OUT(pci));
    return fill_pci(device, pci);
}

static void name_of(struct device *device, const struct compute_instance *instance, char text[128]) {
    const struct gpu_instance *within = instance ? gpu_instance_by_id(device, instance->gpu_instance) : NULL;
    char profile[MIG_NAME_LENGTH] = "";
    if (within)
        compute_name(within->profile, instance->slices, profile, sizeof profile);
    snprintf(text, 128, "%s%s%s", world.profile->product, within ? " " : "", profile);
}

static void uuid_of(struct device *device, const struct compute_instance *instance, char text[128]) {
    if (instance)
        mig_uuid(device, instance, text);
    else
        snprintf(text, 128, "%s", device->uuid);
}

/* What is soldered in and burnt in stands still in real life; here it is exchanged while a device is gone. */
EXPORTED nvmlReturn_t nvmlDeviceGetSerial(nvmlDevice_t handle, char *to, unsigned length);
EXPORTED nvmlReturn_t nvmlDeviceGetSerial(nvmlDevice_t handle, char *to, unsigned length) {
    ENTER_DEVICE(nvmlDeviceGetSerial, {to, length});
    char text[32];
    snprintf(text, sizeof text, "%013llu", (unsigned long long)read_key(device, KEY_serial_number));
    return copy_text(to, length, text);
}

EXPORTED nvmlReturn_t nvmlDeviceGetVbiosVersion(nvmlDevice_t handle, char *to, unsigned length);
EXPORTED nvmlReturn_t nvmlDeviceGetVbiosVersion(nvmlDevice_t handle, char *to, unsigned length) {
    ENTER_DEVICE(nvmlDeviceGetVbiosVersion, {to, length});
    char text[32];
    size_t model = (size_t)(strrchr(world.profile->vbios, '.') - world.profile->vbios);
    snprintf(text, sizeof text, "%.*s.%02X", (int)model, world.profile->vbios,
             (unsigned)read_key(device, KEY_vbios_revision) & 0xFF);
    return copy_text(to, length, text);
}

#define EXPORT_ANY_DEVICE_TEXT(function, write)                                     \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length); \
    EXPORTED nvmlReturn_t function(nvmlDevice_t handle, char *to, unsigned length) { \
        ENTER_ANY_DEVICE(function, {to, length});                                   \
        char text[128] = "";                                                        \
        pthread_mutex_lock(&device->lock);                                          \
        const struct compute_instance *of = compute_instance_by_serial(device, instance); \
        bool lives = instance == 0 || of;                                           \
        if (lives)                                                                  \
            write(device, of, text);                                                \
        pthread_mutex_unlock(&device->lock);                                        \
        return lives ? copy_text(to, length, text) : NVML_ERROR_INVALID_ARGUMENT;   \
    }

EXPORT_ANY_DEVICE_TEXT(nvmlDeviceGetName, name_of)
EXPORT_ANY_DEVICE_TEXT(nvmlDeviceGetUUID, uuid_of)
EXPORT_DEVICE_TEXT(nvmlDeviceGetBoardPartNumber, world.profile->board_part)

/* Of a MIG device it is the number by which its GPU finds it. */
EXPORTED nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t handle, unsigned *index) {
    ENTER_ANY_DEVICE(nvmlDeviceGetIndex, OUT(index));
    NEED(index);
    pthread_mutex_lock(&device->lock);
    const struct compute_instance *of = compute_instance_by_serial(device, instance);
    bool lives = instance == 0 || of;
    if (lives)
        *index = of ? mig_index(device, of) : index_of_device(device);
    pthread_mutex_unlock(&device->lock);
    return lives ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORT_DEVICE_CONSTANT(nvmlDeviceGetMinorNumber, device->slot)
/* The place on the baseboard; a card in a slot has none. */
EXPORTED nvmlReturn_t nvmlDeviceGetModuleId(nvmlDevice_t handle, unsigned *number);
EXPORTED nvmlReturn_t nvmlDeviceGetModuleId(nvmlDevice_t handle, unsigned *number) {
    ENTER_DEVICE(nvmlDeviceGetModuleId, OUT(number));
    NEED(number);
    if (world.profile->nvlinks == 0)
        return NVML_ERROR_NOT_SUPPORTED;
    *number = device->slot + 1;
    return NVML_SUCCESS;
}

EXPORT_DEVICE_CONSTANT(nvmlDeviceGetBrand, world.profile->brand)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetArchitecture, world.profile->architecture)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetDisplayMode, 0)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetDisplayActive, 0)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetPowerManagementMode, 1)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetNumFans, world.profile->fans) /* SXM and Grace boards have none (nvml.md 2.9) */
EXPORT_DEVICE_U32(nvmlDeviceGetPersistenceMode, KEY_persistence_mode)
EXPORT_DEVICE_U32(nvmlDeviceGetComputeMode, KEY_compute_mode)
EXPORT_DEVICE_U32(nvmlDeviceGetCurrPcieLinkGeneration, KEY_pcie_generation)
EXPORT_DEVICE_U32(nvmlDeviceGetCurrPcieLinkWidth, KEY_pcie_width)
EXPORT_DEVICE_U32(nvmlDeviceGetMaxPcieLinkGeneration, KEY_pcie_generation_max)
EXPORT_DEVICE_CONSTANT(nvmlDeviceGetGpuMaxPcieLinkGeneration, world.profile->pcie_generation)
EXPORT_DEVICE_U32(nvmlDeviceGetMaxPcieLinkWidth, KEY_pcie_width_max)
EXPORT_DEVICE_U32(nvmlDeviceGetPcieReplayCounter, KEY_pcie_replays)

/* The firmware comes with the driver and has its number. */
EXPORTED nvmlReturn_t nvmlDeviceGetGspFirmwareVersion(nvmlDevice_t handle, char *version);
EXPORTED nvmlReturn_t nvmlDeviceGetGspFirmwareVersion(nvmlDevice_t handle, char *version) {
    ENTER_DEVICE(nvmlDeviceGetGspFirmwareVersion, {version, GSP_FIRMWARE_VERSION_SIZE});
    NEED(version);
    return copy_text(version, GSP_FIRMWARE_VERSION_SIZE, world.driver_version_text);
}

EXPORT_DEVICE_TEXT(nvmlDeviceGetInforomImageVersion, world.profile->inforom)

/* 0 OEM, 1 ECC, 2 power, 3 display encryption; made up but for their form, as nvidia-smi prints it. */
EXPORTED nvmlReturn_t nvmlDeviceGetInforomVersion(nvmlDevice_t handle, unsigned object, char *to, unsigned length);
EXPORTED nvmlReturn_t nvmlDeviceGetInforomVersion(nvmlDevice_t handle, unsigned object, char *to, unsigned length) {
    ENTER_DEVICE(nvmlDeviceGetInforomVersion, {to, length});
    NEED(object < 4);
    if (object > 1)
        return NVML_ERROR_NOT_SUPPORTED;
    return copy_text(to, length, object == 0 ? "2.1" : "7.16");
}

EXPORTED nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t handle, int *major, int *minor) {
    ENTER_DEVICE(nvmlDeviceGetCudaComputeCapability);
    NEED(major && minor);
    *major = (int)world.profile->compute_major;
    *minor = (int)world.profile->compute_minor;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetNumaNodeId(nvmlDevice_t handle, unsigned *node) {
    ENTER_DEVICE(nvmlDeviceGetNumaNodeId);
    NEED(node);
    int64_t value = read_key(device, KEY_numa_node);
    if (value < 0)
        return NVML_ERROR_NOT_SUPPORTED; /* only where GPU memory is a NUMA node: Grace */
    *node = (unsigned)value;
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceSetPersistenceMode(nvmlDevice_t handle, unsigned mode) {
    ENTER_DEVICE(nvmlDeviceSetPersistenceMode);
    if (mode > 1)
        return NVML_ERROR_INVALID_ARGUMENT;
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    pthread_mutex_lock(&device->lock);
    set_key(device, KEY_persistence_mode, mode);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}
