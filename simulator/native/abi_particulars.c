/* How a device's memory is addressed, its way to the processor, and its NVLink's firmware: nvml.md 2.3, 2.11. */
#include <string.h>

#include "abi_exports.h"
#include "abi_particulars.h"

EXPORTED nvmlReturn_t nvmlDeviceGetAddressingMode(nvmlDevice_t handle, nvmlDeviceAddressingMode_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetAddressingMode(nvmlDevice_t handle, nvmlDeviceAddressingMode_t *to) {
    ENTER_DEVICE(nvmlDeviceGetAddressingMode, OUT_VERSIONED(to));
    NEED(to);
    if (!driver_at_least(580, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (to->version != STRUCT_VERSION(nvmlDeviceAddressingMode_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    to->value = (unsigned)read_key(device, KEY_addressing_mode);
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceGetC2cModeInfoV(nvmlDevice_t handle, nvmlC2cModeInfo_v1_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetC2cModeInfoV(nvmlDevice_t handle, nvmlC2cModeInfo_v1_t *to) {
    ENTER_DEVICE(nvmlDeviceGetC2cModeInfoV, OUT(to));
    NEED(to);
    if (!driver_at_least(545, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    to->isC2cEnabled = (unsigned)read_key(device, KEY_c2c_mode);
    return NVML_SUCCESS;
}

/* Mode 0 is the best one here; which numbers a real library has is not published. */
EXPORTED nvmlReturn_t nvmlDeviceGetNvlinkBwMode(nvmlDevice_t handle, nvmlNvlinkGetBwMode_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetNvlinkBwMode(nvmlDevice_t handle, nvmlNvlinkGetBwMode_t *to) {
    ENTER_DEVICE(nvmlDeviceGetNvlinkBwMode, OUT_VERSIONED(to));
    NEED(to);
    if (!driver_at_least(570, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (world.profile->nvlink_version < 5)
        return NVML_ERROR_NOT_SUPPORTED;
    if (to->version != STRUCT_VERSION(nvmlNvlinkGetBwMode_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    to->bwMode = (unsigned char)read_key(device, KEY_link_reduced);
    to->bIsBest = to->bwMode == 0;
    return NVML_SUCCESS;
}

/* Five kinds of microcode from 1 on (NVML_NVLINK_FIRMWARE_UCODE_TYPE_*), and one that nobody knows yet; numbers made up. */
static void put_firmware(nvmlNvlinkFirmwareInfo_t *to) {
    static const nvmlNvlinkFirmwareVersion_t versions[] = {
        {1, 40, 8, 130}, {2, 40, 8, 130}, {3, 2, 11, 4}, {4, 1, 3, 7}, {5, 1, 3, 9}, {77, 9, 9, 9}};
    memset(to, 0, sizeof *to);
    memcpy(to->firmwareVersion, versions, sizeof versions);
    to->numValidEntries = sizeof versions / sizeof *versions;
}

EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkInfo(nvmlDevice_t handle, nvmlNvLinkInfo_t *to);
EXPORTED nvmlReturn_t nvmlDeviceGetNvLinkInfo(nvmlDevice_t handle, nvmlNvLinkInfo_t *to) {
    ENTER_DEVICE(nvmlDeviceGetNvLinkInfo); /* how much there is to fill depends on the version: all of it stays as it is */
    NEED(to);
    if (!driver_at_least(580, 0))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    if (world.profile->nvlink_version < 5)
        return NVML_ERROR_NOT_SUPPORTED;
    bool second = to->version == STRUCT_VERSION(nvmlNvLinkInfo_t, 2);
    if (!second && to->version != STRUCT_VERSION(nvmlNvLinkInfo_v1_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    to->isNvleEnabled = (unsigned)read_key(device, KEY_link_encryption);
    if (second)
        put_firmware(&to->firmwareInfo);
    return NVML_SUCCESS;
}
