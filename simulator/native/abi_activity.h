/*
 * GPM, fabric and platform as the binary interface has them: facts from reference/nvml/nvml-struct-layouts.tsv and
 * nvml-struct-versions.tsv, asserted like those of abi.h.
 */
#ifndef MILLWRIGHT_ABI_ACTIVITY_H
#define MILLWRIGHT_ABI_ACTIVITY_H

#include "abi.h"

typedef void *nvmlGpmSample_t; /* a number like a device handle: see abi_gpm.c */

#define GPM_VERSION 1 /* a plain number, no size in it (nvml.md 1.1) */
#define GPM_METRICS 333

typedef struct {
    unsigned version, isSupportedDevice;
} nvmlGpmSupport_t;
LAYOUT(nvmlGpmSupport_t, isSupportedDevice, 4);
SIZE(nvmlGpmSupport_t, 8);

typedef struct {
    unsigned metricId;
    nvmlReturn_t nvmlReturn;
    double value;
    struct {
        const char *shortName, *longName, *unit;
    } metricInfo;
} nvmlGpmMetric_t;
LAYOUT(nvmlGpmMetric_t, nvmlReturn, 4);
LAYOUT(nvmlGpmMetric_t, value, 8);
LAYOUT(nvmlGpmMetric_t, metricInfo, 16);
SIZE(nvmlGpmMetric_t, 40);

typedef struct {
    unsigned version, numMetrics;
    nvmlGpmSample_t sample1, sample2;
    nvmlGpmMetric_t metrics[GPM_METRICS];
} nvmlGpmMetricsGet_t;
LAYOUT(nvmlGpmMetricsGet_t, numMetrics, 4);
LAYOUT(nvmlGpmMetricsGet_t, sample1, 8);
LAYOUT(nvmlGpmMetricsGet_t, sample2, 16);
LAYOUT(nvmlGpmMetricsGet_t, metrics, 24);
SIZE(nvmlGpmMetricsGet_t, 13344);

#define FABRIC_UUID_LENGTH 16

typedef struct {
    unsigned char clusterUuid[FABRIC_UUID_LENGTH];
    nvmlReturn_t status;
    unsigned cliqueId;
    unsigned char state;
} nvmlGpuFabricInfo_t;
LAYOUT(nvmlGpuFabricInfo_t, status, 16);
LAYOUT(nvmlGpuFabricInfo_t, cliqueId, 20);
LAYOUT(nvmlGpuFabricInfo_t, state, 24);
SIZE(nvmlGpuFabricInfo_t, 28);

typedef struct {
    unsigned version;
    unsigned char clusterUuid[FABRIC_UUID_LENGTH];
    nvmlReturn_t status;
    unsigned cliqueId;
    unsigned char state;
    unsigned healthMask;
} nvmlGpuFabricInfo_v2_t;
LAYOUT(nvmlGpuFabricInfo_v2_t, status, 20);
LAYOUT(nvmlGpuFabricInfo_v2_t, healthMask, 32);
SIZE(nvmlGpuFabricInfo_v2_t, 36);
_Static_assert(STRUCT_VERSION(nvmlGpuFabricInfo_v2_t, 2) == 0x02000024, "nvmlGpuFabricInfo_v2 version word");

typedef struct {
    unsigned version;
    unsigned char clusterUuid[FABRIC_UUID_LENGTH];
    nvmlReturn_t status;
    unsigned cliqueId;
    unsigned char state;
    unsigned healthMask;
    unsigned char healthSummary;
} nvmlGpuFabricInfo_v3_t;
LAYOUT(nvmlGpuFabricInfo_v3_t, clusterUuid, 4);
LAYOUT(nvmlGpuFabricInfo_v3_t, cliqueId, 24);
LAYOUT(nvmlGpuFabricInfo_v3_t, state, 28);
LAYOUT(nvmlGpuFabricInfo_v3_t, healthMask, 32);
LAYOUT(nvmlGpuFabricInfo_v3_t, healthSummary, 36);
SIZE(nvmlGpuFabricInfo_v3_t, 40);
_Static_assert(STRUCT_VERSION(nvmlGpuFabricInfo_v3_t, 3) == 0x03000028, "nvmlGpuFabricInfo_v3 version word");

typedef struct { /* v1 has the same size and another meaning of bytes 20 to 40 */
    unsigned version;
    unsigned char ibGuid[16];
    unsigned char chassisSerialNumber[16]; /* v1: rackGuid */
    unsigned char slotNumber, trayIndex, hostId, peerType, moduleId;
} nvmlPlatformInfo_t;
LAYOUT(nvmlPlatformInfo_t, ibGuid, 4);
LAYOUT(nvmlPlatformInfo_t, chassisSerialNumber, 20);
LAYOUT(nvmlPlatformInfo_t, slotNumber, 36);
LAYOUT(nvmlPlatformInfo_t, moduleId, 40);
SIZE(nvmlPlatformInfo_t, 44);
_Static_assert(STRUCT_VERSION(nvmlPlatformInfo_t, 2) == 0x0200002c, "nvmlPlatformInfo_v2 version word");

#endif
