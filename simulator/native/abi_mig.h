/*
 * MIG as the binary interface has it: facts from reference/nvml/nvml-struct-layouts.tsv, nvml-struct-versions.tsv and
 * nvml-constants.tsv, asserted like those of abi.h.
 */
#ifndef MILLWRIGHT_ABI_MIG_H
#define MILLWRIGHT_ABI_MIG_H

#include "abi.h"

typedef void *nvmlGpuInstance_t;     /* numbers like device handles: see mig.c */
typedef void *nvmlComputeInstance_t;

#define EVENT_MIG_CONFIG_CHANGE 0x100
#define MIG_NAME_LENGTH 96
#define GPU_INSTANCE_PROFILES 18    /* NVML_GPU_INSTANCE_PROFILE_COUNT of R610 */
#define COMPUTE_INSTANCE_PROFILES 9 /* NVML_COMPUTE_INSTANCE_PROFILE_COUNT */

typedef struct {
    unsigned multiprocessorCount, sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount;
    unsigned sharedJpegCount, sharedOfaCount, gpuInstanceSliceCount, computeInstanceSliceCount;
    unsigned long long memorySizeMB;
} nvmlDeviceAttributes_t;
LAYOUT(nvmlDeviceAttributes_t, gpuInstanceSliceCount, 24);
LAYOUT(nvmlDeviceAttributes_t, memorySizeMB, 32);
SIZE(nvmlDeviceAttributes_t, 40);

typedef struct {
    unsigned start, size;
} nvmlGpuInstancePlacement_t; /* and nvmlComputeInstancePlacement_t */
SIZE(nvmlGpuInstancePlacement_t, 8);

typedef struct {
    unsigned id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount;
    unsigned copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount;
    unsigned long long memorySizeMB;
} nvmlGpuInstanceProfileInfo_t;
LAYOUT(nvmlGpuInstanceProfileInfo_t, memorySizeMB, 40);
SIZE(nvmlGpuInstanceProfileInfo_t, 48);

typedef struct {
    unsigned version, id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount;
    unsigned copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount;
    unsigned long long memorySizeMB;
    char name[MIG_NAME_LENGTH];
} nvmlGpuInstanceProfileInfo_v2_t;
LAYOUT(nvmlGpuInstanceProfileInfo_v2_t, memorySizeMB, 48);
LAYOUT(nvmlGpuInstanceProfileInfo_v2_t, name, 56);
SIZE(nvmlGpuInstanceProfileInfo_v2_t, 152);
_Static_assert(STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v2_t, 2) == 0x02000098, "nvmlGpuInstanceProfileInfo_v2 version word");

typedef struct { /* of the same size as the second, and otherwise laid out */
    unsigned version, id, sliceCount, instanceCount, multiprocessorCount;
    unsigned copyEngineCount, decoderCount, encoderCount, jpegCount, ofaCount;
    unsigned long long memorySizeMB;
    char name[MIG_NAME_LENGTH];
    unsigned capabilities;
} nvmlGpuInstanceProfileInfo_v3_t;
LAYOUT(nvmlGpuInstanceProfileInfo_v3_t, memorySizeMB, 40);
LAYOUT(nvmlGpuInstanceProfileInfo_v3_t, name, 48);
LAYOUT(nvmlGpuInstanceProfileInfo_v3_t, capabilities, 144);
SIZE(nvmlGpuInstanceProfileInfo_v3_t, 152);
_Static_assert(STRUCT_VERSION(nvmlGpuInstanceProfileInfo_v3_t, 3) == 0x03000098, "nvmlGpuInstanceProfileInfo_v3 version word");

typedef struct {
    nvmlDevice_t device;
    unsigned id, profileId;
    nvmlGpuInstancePlacement_t placement;
} nvmlGpuInstanceInfo_t;
LAYOUT(nvmlGpuInstanceInfo_t, placement, 16);
SIZE(nvmlGpuInstanceInfo_t, 24);

typedef struct {
    unsigned id, sliceCount, instanceCount, multiprocessorCount;
    unsigned sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount, sharedJpegCount, sharedOfaCount;
} nvmlComputeInstanceProfileInfo_t;
LAYOUT(nvmlComputeInstanceProfileInfo_t, sharedOfaCount, 32);
SIZE(nvmlComputeInstanceProfileInfo_t, 36);

typedef struct { /* the second version ends before the capabilities */
    unsigned version;
    nvmlComputeInstanceProfileInfo_t first;
    char name[MIG_NAME_LENGTH];
    unsigned capabilities;
} nvmlComputeInstanceProfileInfo_v3_t;
LAYOUT(nvmlComputeInstanceProfileInfo_v3_t, first, 4);
LAYOUT(nvmlComputeInstanceProfileInfo_v3_t, name, 40);
LAYOUT(nvmlComputeInstanceProfileInfo_v3_t, capabilities, 136);
SIZE(nvmlComputeInstanceProfileInfo_v3_t, 140);
_Static_assert(STRUCT_VERSION(nvmlComputeInstanceProfileInfo_v3_t, 3) == 0x0300008c, "nvmlComputeInstanceProfileInfo_v3 version word");
#define COMPUTE_INSTANCE_PROFILE_V2 0x02000088

typedef struct {
    nvmlDevice_t device;
    nvmlGpuInstance_t gpuInstance;
    unsigned id, profileId;
    nvmlGpuInstancePlacement_t placement; /* not in the first version, nvmlComputeInstanceGetInfo */
} nvmlComputeInstanceInfo_t;
LAYOUT(nvmlComputeInstanceInfo_t, gpuInstance, 8);
LAYOUT(nvmlComputeInstanceInfo_t, id, 16);
LAYOUT(nvmlComputeInstanceInfo_t, placement, 24);
SIZE(nvmlComputeInstanceInfo_t, 32);

#endif
