/* The structs of workload power profiles; as abi.h, each asserted against its row of nvml-struct-layouts.tsv. */
#ifndef MILLWRIGHT_ABI_POWER_PROFILES_H
#define MILLWRIGHT_ABI_POWER_PROFILES_H

#include "abi.h"

typedef struct {
    unsigned mask[8];
} nvmlMask255_t;
SIZE(nvmlMask255_t, 32);

typedef struct {
    unsigned version, profileId, priority;
    nvmlMask255_t conflictingMask;
} nvmlWorkloadPowerProfileInfo_t;
LAYOUT(nvmlWorkloadPowerProfileInfo_t, profileId, 4);
LAYOUT(nvmlWorkloadPowerProfileInfo_t, priority, 8);
LAYOUT(nvmlWorkloadPowerProfileInfo_t, conflictingMask, 12);
SIZE(nvmlWorkloadPowerProfileInfo_t, 44);

typedef struct {
    unsigned version;
    nvmlMask255_t perfProfilesMask;
    nvmlWorkloadPowerProfileInfo_t perfProfile[255];
} nvmlWorkloadPowerProfileProfilesInfo_t;
LAYOUT(nvmlWorkloadPowerProfileProfilesInfo_t, perfProfilesMask, 4);
LAYOUT(nvmlWorkloadPowerProfileProfilesInfo_t, perfProfile, 36);
SIZE(nvmlWorkloadPowerProfileProfilesInfo_t, 11256);
_Static_assert(STRUCT_VERSION(nvmlWorkloadPowerProfileProfilesInfo_t, 1) == 0x01002bf8, "ProfilesInfo_v1 version word");

typedef struct {
    unsigned version;
    nvmlMask255_t perfProfilesMask, requestedProfilesMask, enforcedProfilesMask;
} nvmlWorkloadPowerProfileCurrentProfiles_t;
LAYOUT(nvmlWorkloadPowerProfileCurrentProfiles_t, perfProfilesMask, 4);
LAYOUT(nvmlWorkloadPowerProfileCurrentProfiles_t, requestedProfilesMask, 36);
LAYOUT(nvmlWorkloadPowerProfileCurrentProfiles_t, enforcedProfilesMask, 68);
SIZE(nvmlWorkloadPowerProfileCurrentProfiles_t, 100);

typedef struct {
    unsigned version;
    nvmlMask255_t requestedProfilesMask;
} nvmlWorkloadPowerProfileRequestedProfiles_t;
LAYOUT(nvmlWorkloadPowerProfileRequestedProfiles_t, requestedProfilesMask, 4);
SIZE(nvmlWorkloadPowerProfileRequestedProfiles_t, 36);

enum power_profile_operation { /* NVML_POWER_PROFILE_OPERATION_* */
    PROFILES_CLEAR = 0,
    PROFILES_SET = 1,
    PROFILES_SET_AND_OVERWRITE = 2
};

typedef struct {
    unsigned operation;
    nvmlMask255_t updateProfilesMask;
} nvmlWorkloadPowerProfileUpdateProfiles_v1_t; /* its version is in the symbol */
LAYOUT(nvmlWorkloadPowerProfileUpdateProfiles_v1_t, updateProfilesMask, 4);
SIZE(nvmlWorkloadPowerProfileUpdateProfiles_v1_t, 36);

#endif
