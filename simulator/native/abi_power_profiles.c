/*
 * Workload power profiles of Blackwell (nvml.md 2.8, 2.21): what is requested stays so until the driver is loaded anew,
 * and what is enforced follows from it by priority and conflict. Profiles change what is told and nothing of the physics.
 */
#include <string.h>
#include <unistd.h>

#include "abi_exports.h"
#include "abi_power_profiles.h"

#define PROFILES 15u /* NVML_POWER_PROFILE_MAX_P to _MIG */

/* The lower number wins; who is in conflict with whom is plausible, not established. */
static unsigned priority(unsigned profile) { return profile + 1; }

static unsigned conflicting(unsigned profile) {
    static const unsigned alike[] = {1u << 0 | 1u << 1, 1u << 2 | 1u << 3, 1u << 6 | 1u << 7, 1u << 10 | 1u << 11};
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (alike[i] >> profile & 1)
            return alike[i] & ~(1u << profile);
    return 0;
}

int64_t enforced_power_profiles(int64_t requested) {
    unsigned enforced = 0;
    for (unsigned profile = 0; profile < PROFILES; profile++) /* in the order of priority */
        if ((requested >> profile & 1) && !(conflicting(profile) & enforced))
            enforced |= 1u << profile;
    return enforced;
}

int64_t supported_power_profiles(void) { return world.profile->architecture >= 10 ? (1 << PROFILES) - 1 : 0; }

static nvmlReturn_t profiles_exist(unsigned major, unsigned minor) {
    if (!driver_at_least(major, minor))
        return NVML_ERROR_FUNCTION_NOT_FOUND;
    return world.profile->architecture >= 10 ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
}

EXPORTED nvmlReturn_t nvmlDeviceWorkloadPowerProfileGetProfilesInfo(nvmlDevice_t handle,
                                                                    nvmlWorkloadPowerProfileProfilesInfo_t *info) {
    ENTER_DEVICE(nvmlDeviceWorkloadPowerProfileGetProfilesInfo, OUT_VERSIONED(info));
    NEED(info);
    nvmlReturn_t exist = profiles_exist(570, 0);
    if (exist != NVML_SUCCESS)
        return exist;
    if (info->version != STRUCT_VERSION(nvmlWorkloadPowerProfileProfilesInfo_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    unsigned supported = (unsigned)read_key(device, KEY_power_profiles_supported);
    memset(&info->perfProfilesMask, 0, sizeof *info - sizeof info->version);
    info->perfProfilesMask.mask[0] = supported;
    for (unsigned profile = 0; profile < PROFILES; profile++)
        if (supported >> profile & 1) {
            nvmlWorkloadPowerProfileInfo_t *one = &info->perfProfile[profile];
            one->version = STRUCT_VERSION(nvmlWorkloadPowerProfileInfo_t, 1);
            one->profileId = profile;
            one->priority = priority(profile);
            one->conflictingMask.mask[0] = conflicting(profile);
        }
    return NVML_SUCCESS;
}

EXPORTED nvmlReturn_t nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(nvmlDevice_t handle,
                                                                       nvmlWorkloadPowerProfileCurrentProfiles_t *current) {
    ENTER_DEVICE(nvmlDeviceWorkloadPowerProfileGetCurrentProfiles, OUT_VERSIONED(current));
    NEED(current);
    nvmlReturn_t exist = profiles_exist(570, 0);
    if (exist != NVML_SUCCESS)
        return exist;
    if (current->version != STRUCT_VERSION(nvmlWorkloadPowerProfileCurrentProfiles_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    memset(&current->perfProfilesMask, 0, sizeof *current - sizeof current->version);
    pthread_mutex_lock(&device->lock);
    advance(device);
    current->perfProfilesMask.mask[0] = (unsigned)observe(device, KEY_power_profiles_supported);
    current->requestedProfilesMask.mask[0] = (unsigned)observe(device, KEY_power_profiles_requested);
    current->enforcedProfilesMask.mask[0] = (unsigned)observe(device, KEY_power_profiles_enforced);
    pthread_mutex_unlock(&device->lock);
    return NVML_SUCCESS;
}

/* The first word holds every profile there is; a bit of no profile is refused and nothing is half-applied. */
static nvmlReturn_t request(struct device *device, enum power_profile_operation operation, const nvmlMask255_t *mask) {
    if (geteuid() != 0)
        return NVML_ERROR_NO_PERMISSION;
    for (size_t word = 1; word < sizeof mask->mask / sizeof *mask->mask; word++)
        NEED(mask->mask[word] == 0);
    pthread_mutex_lock(&device->lock);
    advance(device);
    bool known = (mask->mask[0] & ~(unsigned)observe(device, KEY_power_profiles_supported)) == 0;
    unsigned before = (unsigned)observe(device, KEY_power_profiles_requested);
    unsigned after = operation == PROFILES_CLEAR ? before & ~mask->mask[0]
                     : operation == PROFILES_SET ? before | mask->mask[0] : mask->mask[0];
    if (known)
        set_key(device, KEY_power_profiles_requested, after);
    pthread_mutex_unlock(&device->lock);
    return known ? NVML_SUCCESS : NVML_ERROR_INVALID_ARGUMENT;
}

EXPORTED nvmlReturn_t nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1(nvmlDevice_t handle,
                                                                      nvmlWorkloadPowerProfileUpdateProfiles_v1_t *update) {
    ENTER_DEVICE(nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1);
    NEED(update);
    nvmlReturn_t exist = profiles_exist(590, 0);
    if (exist != NVML_SUCCESS)
        return exist;
    NEED(update->operation <= PROFILES_SET_AND_OVERWRITE);
    return request(device, update->operation, &update->updateProfilesMask);
}

static nvmlReturn_t request_first(struct device *device, enum power_profile_operation operation,
                                  const nvmlWorkloadPowerProfileRequestedProfiles_t *requested) {
    NEED(requested);
    nvmlReturn_t exist = profiles_exist(570, 0);
    if (exist != NVML_SUCCESS)
        return exist;
    if (requested->version != STRUCT_VERSION(nvmlWorkloadPowerProfileRequestedProfiles_t, 1))
        return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    return request(device, operation, &requested->requestedProfilesMask);
}

EXPORTED nvmlReturn_t nvmlDeviceWorkloadPowerProfileSetRequestedProfiles(
    nvmlDevice_t handle, nvmlWorkloadPowerProfileRequestedProfiles_t *requested) {
    ENTER_DEVICE(nvmlDeviceWorkloadPowerProfileSetRequestedProfiles);
    return request_first(device, PROFILES_SET, requested);
}

EXPORTED nvmlReturn_t nvmlDeviceWorkloadPowerProfileClearRequestedProfiles(
    nvmlDevice_t handle, nvmlWorkloadPowerProfileRequestedProfiles_t *requested) {
    ENTER_DEVICE(nvmlDeviceWorkloadPowerProfileClearRequestedProfiles);
    return request_first(device, PROFILES_CLEAR, requested);
}
