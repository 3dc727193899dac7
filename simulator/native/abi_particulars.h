/* Structs of confidential computing, accounting, coherence and NVLink's firmware, from nvml-struct-layouts.tsv. */
#ifndef MILLWRIGHT_ABI_PARTICULARS_H
#define MILLWRIGHT_ABI_PARTICULARS_H

#include "abi.h"

typedef struct {
    unsigned environment, ccFeature, devToolsMode;
} nvmlConfComputeSystemState_t;
LAYOUT(nvmlConfComputeSystemState_t, devToolsMode, 8);
SIZE(nvmlConfComputeSystemState_t, 12);

typedef struct {
    unsigned version, environment, ccFeature, devToolsMode, multiGpuMode;
} nvmlSystemConfComputeSettings_t;
LAYOUT(nvmlSystemConfComputeSettings_t, multiGpuMode, 16);
SIZE(nvmlSystemConfComputeSettings_t, 20);
_Static_assert(STRUCT_VERSION(nvmlSystemConfComputeSettings_t, 1) == 0x01000014, "nvmlSystemConfComputeSettings_v1 version word");

typedef struct {
    unsigned long long protectedMemSizeKib, unprotectedMemSizeKib;
} nvmlConfComputeMemSizeInfo_t;
LAYOUT(nvmlConfComputeMemSizeInfo_t, unprotectedMemSizeKib, 8);
SIZE(nvmlConfComputeMemSizeInfo_t, 16);

typedef struct {
    unsigned version, encryptionState;
} nvmlDramEncryptionInfo_t;
LAYOUT(nvmlDramEncryptionInfo_t, encryptionState, 4);
SIZE(nvmlDramEncryptionInfo_t, 8);
_Static_assert(STRUCT_VERSION(nvmlDramEncryptionInfo_t, 1) == 0x01000008, "nvmlDramEncryptionInfo_v1 version word");

typedef struct {
    unsigned gpuUtilization, memoryUtilization;
    unsigned long long maxMemoryUsage, time, startTime;
    unsigned isRunning, reserved[5];
} nvmlAccountingStats_t;
LAYOUT(nvmlAccountingStats_t, maxMemoryUsage, 8);
LAYOUT(nvmlAccountingStats_t, startTime, 24);
LAYOUT(nvmlAccountingStats_t, isRunning, 32);
SIZE(nvmlAccountingStats_t, 56);

typedef struct { /* the version is in the name of the function alone */
    unsigned pid, isRunning, gpuUtilization, memoryUtilization;
    unsigned long long maxMemoryUsage;
    unsigned sampleCount;
    unsigned long long sumGpuUtil, sumFbUtil, time, startTime;
} nvmlAccountingStats_v2_t;
LAYOUT(nvmlAccountingStats_v2_t, maxMemoryUsage, 16);
LAYOUT(nvmlAccountingStats_v2_t, sumGpuUtil, 32);
LAYOUT(nvmlAccountingStats_v2_t, startTime, 56);
SIZE(nvmlAccountingStats_v2_t, 64);

typedef struct {
    unsigned version, value;
} nvmlDeviceAddressingMode_t;
LAYOUT(nvmlDeviceAddressingMode_t, value, 4);
SIZE(nvmlDeviceAddressingMode_t, 8);
_Static_assert(STRUCT_VERSION(nvmlDeviceAddressingMode_t, 1) == 0x01000008, "nvmlDeviceAddressingMode_v1 version word");

typedef struct {
    unsigned version, bIsBest;
    unsigned char bwMode;
} nvmlNvlinkGetBwMode_t;
LAYOUT(nvmlNvlinkGetBwMode_t, bwMode, 8);
SIZE(nvmlNvlinkGetBwMode_t, 12);
_Static_assert(STRUCT_VERSION(nvmlNvlinkGetBwMode_t, 1) == 0x0100000c, "nvmlNvlinkGetBwMode_v1 version word");

typedef struct { /* has no version word, although there is a macro for one */
    unsigned isC2cEnabled;
} nvmlC2cModeInfo_v1_t;
SIZE(nvmlC2cModeInfo_v1_t, 4);

typedef struct {
    unsigned version, isNvleEnabled;
} nvmlNvLinkInfo_v1_t;
SIZE(nvmlNvLinkInfo_v1_t, 8);
_Static_assert(STRUCT_VERSION(nvmlNvLinkInfo_v1_t, 1) == 0x01000008, "nvmlNvLinkInfo_v1 version word");

typedef struct {
    unsigned char ucodeType;
    unsigned major, minor, subMinor;
} nvmlNvlinkFirmwareVersion_t;
LAYOUT(nvmlNvlinkFirmwareVersion_t, major, 4);
SIZE(nvmlNvlinkFirmwareVersion_t, 16);

typedef struct {
    nvmlNvlinkFirmwareVersion_t firmwareVersion[100];
    unsigned numValidEntries;
} nvmlNvlinkFirmwareInfo_t;
LAYOUT(nvmlNvlinkFirmwareInfo_t, numValidEntries, 1600);
SIZE(nvmlNvlinkFirmwareInfo_t, 1604);

typedef struct {
    unsigned version, isNvleEnabled;
    nvmlNvlinkFirmwareInfo_t firmwareInfo;
} nvmlNvLinkInfo_t;
LAYOUT(nvmlNvLinkInfo_t, firmwareInfo, 8);
SIZE(nvmlNvLinkInfo_t, 1612);
_Static_assert(STRUCT_VERSION(nvmlNvLinkInfo_t, 2) == 0x0200064c, "nvmlNvLinkInfo_v2 version word");

#endif
