/*
 * The part of the NVML binary interface that the simulator answers: declared here from the facts (names, offsets,
 * sizes, numbers) in reference/nvml/nvml-struct-layouts.tsv, nvml-struct-versions.tsv, nvml-constants.tsv and
 * nvml-functions.tsv. Every struct is asserted against its row, so that a wrong layout does not compile.
 */
#ifndef MILLWRIGHT_ABI_H
#define MILLWRIGHT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

typedef int nvmlReturn_t;
typedef void *nvmlDevice_t;   /* never dereferenced: see device_handle() in world.h */
typedef void *nvmlEventSet_t;

enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_NOT_FOUND = 6,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_DRIVER_NOT_LOADED = 9,
    NVML_ERROR_TIMEOUT = 10,
    NVML_ERROR_FUNCTION_NOT_FOUND = 13,
    NVML_ERROR_GPU_IS_LOST = 15,
    NVML_ERROR_IN_USE = 19,
    NVML_ERROR_INSUFFICIENT_RESOURCES = 23,
    NVML_ERROR_ARGUMENT_VERSION_MISMATCH = 25,
    NVML_ERROR_UNKNOWN = 999
};

enum { /* nvmlValueType_t */
    VALUE_DOUBLE = 0,
    VALUE_UNSIGNED_INT = 1,
    VALUE_UNSIGNED_LONG = 2,
    VALUE_UNSIGNED_LONG_LONG = 3,
    VALUE_SIGNED_LONG_LONG = 4,
    VALUE_SIGNED_INT = 5,
    VALUE_UNSIGNED_SHORT = 6
};

enum { /* nvmlClocksEventReason*, nvmlClocksThrottleReason* */
    REASON_IDLE = 0x1,
    REASON_SW_POWER_CAP = 0x4,
    REASON_SYNC_BOOST = 0x10,
    REASON_SW_THERMAL = 0x20,
    REASON_HW_THERMAL = 0x40,
    REASON_HW_POWER_BRAKE = 0x80,
    REASONS_ALL = 0x1ff
};

enum { /* nvmlEventType* */
    EVENT_SINGLE_BIT_ECC = 0x1,
    EVENT_DOUBLE_BIT_ECC = 0x2,
    EVENT_XID = 0x8,
    EVENT_RECOVERY_ACTION = 0x8000
};

#define STRUCT_VERSION(type, number) ((unsigned)sizeof(type) | ((unsigned)(number) << 24))
#define LAYOUT(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " is not at the offset of nvml-struct-layouts.tsv")
#define SIZE(type, size) \
    _Static_assert(sizeof(type) == (size), #type " has not the size of nvml-struct-layouts.tsv")

typedef struct {
    char busIdLegacy[16];
    unsigned domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;
LAYOUT(nvmlPciInfo_t, domain, 16);
LAYOUT(nvmlPciInfo_t, pciDeviceId, 28);
LAYOUT(nvmlPciInfo_t, busId, 36);
SIZE(nvmlPciInfo_t, 68);

typedef struct {
    unsigned long long total, free, used;
} nvmlMemory_t;
LAYOUT(nvmlMemory_t, used, 16);
SIZE(nvmlMemory_t, 24);

typedef struct {
    unsigned version;
    unsigned long long total, reserved, free, used;
} nvmlMemory_v2_t;
LAYOUT(nvmlMemory_v2_t, total, 8);
LAYOUT(nvmlMemory_v2_t, free, 24);
SIZE(nvmlMemory_v2_t, 40);
_Static_assert(STRUCT_VERSION(nvmlMemory_v2_t, 2) == 0x02000028, "nvmlMemory_v2 version word");

typedef struct {
    unsigned long long bar1Total, bar1Free, bar1Used;
} nvmlBAR1Memory_t;
SIZE(nvmlBAR1Memory_t, 24);

typedef struct {
    unsigned gpu, memory;
} nvmlUtilization_t;
SIZE(nvmlUtilization_t, 8);

typedef union {
    double dVal;
    int siVal;
    unsigned uiVal;
    unsigned long ulVal;
    unsigned long long ullVal;
    long long sllVal;
    unsigned short usVal;
} nvmlValue_t;
SIZE(nvmlValue_t, 8);

typedef struct {
    unsigned fieldId, scopeId;
    long long timestamp, latencyUsec;
    unsigned valueType;
    nvmlReturn_t nvmlReturn;
    nvmlValue_t value;
} nvmlFieldValue_t;
LAYOUT(nvmlFieldValue_t, timestamp, 8);
LAYOUT(nvmlFieldValue_t, valueType, 24);
LAYOUT(nvmlFieldValue_t, nvmlReturn, 28);
LAYOUT(nvmlFieldValue_t, value, 32);
SIZE(nvmlFieldValue_t, 40);

typedef struct {
    unsigned pid;
    unsigned long long usedGpuMemory;
} nvmlProcessInfo_v1_t;
SIZE(nvmlProcessInfo_v1_t, 16);

typedef struct { /* nvmlProcessInfo_v2_t and today's nvmlProcessInfo_t */
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_t;
LAYOUT(nvmlProcessInfo_t, gpuInstanceId, 16);
SIZE(nvmlProcessInfo_t, 24);

typedef struct {
    unsigned pid;
    unsigned long long timeStamp;
    unsigned smUtil, memUtil, encUtil, decUtil;
} nvmlProcessUtilizationSample_t;
LAYOUT(nvmlProcessUtilizationSample_t, smUtil, 16);
SIZE(nvmlProcessUtilizationSample_t, 32);

typedef struct {
    nvmlDevice_t device;
    unsigned long long eventType, eventData;
    unsigned gpuInstanceId, computeInstanceId;
} nvmlEventData_t;
LAYOUT(nvmlEventData_t, eventType, 8);
LAYOUT(nvmlEventData_t, gpuInstanceId, 24);
SIZE(nvmlEventData_t, 32);

typedef struct {
    unsigned version;
    int marginTemperature;
} nvmlMarginTemperature_t;
LAYOUT(nvmlMarginTemperature_t, marginTemperature, 4);
SIZE(nvmlMarginTemperature_t, 8);
_Static_assert(STRUCT_VERSION(nvmlMarginTemperature_t, 1) == 0x01000008, "nvmlMarginTemperature_v1 version word");

typedef struct {
    unsigned version, sensorType;
    int temperature;
} nvmlTemperature_t;
LAYOUT(nvmlTemperature_t, temperature, 8);
SIZE(nvmlTemperature_t, 12);
_Static_assert(STRUCT_VERSION(nvmlTemperature_t, 1) == 0x0100000c, "nvmlTemperature_v1 version word");

typedef struct {
    unsigned version;
    unsigned char powerScope;
    unsigned powerValueMw;
} nvmlPowerValue_v2_t;
LAYOUT(nvmlPowerValue_v2_t, powerScope, 4);
LAYOUT(nvmlPowerValue_v2_t, powerValueMw, 8);
SIZE(nvmlPowerValue_v2_t, 12);
_Static_assert(STRUCT_VERSION(nvmlPowerValue_v2_t, 2) == 0x0200000c, "nvmlPowerValue_v2 version word");

typedef struct {
    unsigned long long timeStamp;
    nvmlValue_t sampleValue;
} nvmlSample_t;
LAYOUT(nvmlSample_t, sampleValue, 8);
SIZE(nvmlSample_t, 16);

typedef struct {
    unsigned max, high, partial, low, none;
} nvmlRowRemapperHistogramValues_t;
SIZE(nvmlRowRemapperHistogramValues_t, 20);

typedef struct {
    unsigned version, bChannelRepairPending, bTpcRepairPending;
} nvmlRepairStatus_t;
LAYOUT(nvmlRepairStatus_t, bTpcRepairPending, 8);
SIZE(nvmlRepairStatus_t, 12);
_Static_assert(STRUCT_VERSION(nvmlRepairStatus_t, 1) == 0x0100000c, "nvmlRepairStatus_v1 version word");

typedef struct { /* the version is in the name of the function alone */
    unsigned bUnrepairableMemory;
} nvmlUnrepairableMemoryStatus_v1_t;
SIZE(nvmlUnrepairableMemoryStatus_v1_t, 4);

typedef struct {
    unsigned version;
    unsigned long long aggregateUncParity, aggregateUncSecDed, aggregateCor;
    unsigned long long volatileUncParity, volatileUncSecDed, volatileCor;
    unsigned long long aggregateUncBucketL2, aggregateUncBucketSm, aggregateUncBucketPcie;
    unsigned long long aggregateUncBucketMcu, aggregateUncBucketOther;
    unsigned bThresholdExceeded;
} nvmlEccSramErrorStatus_t;
LAYOUT(nvmlEccSramErrorStatus_t, aggregateCor, 24);
LAYOUT(nvmlEccSramErrorStatus_t, volatileCor, 48);
LAYOUT(nvmlEccSramErrorStatus_t, bThresholdExceeded, 96);
SIZE(nvmlEccSramErrorStatus_t, 104);
_Static_assert(STRUCT_VERSION(nvmlEccSramErrorStatus_t, 1) == 0x01000068, "nvmlEccSramErrorStatus_v1 version word");

typedef struct {
    unsigned version;
    char branch[80];
} nvmlSystemDriverBranchInfo_t;
LAYOUT(nvmlSystemDriverBranchInfo_t, branch, 4);
SIZE(nvmlSystemDriverBranchInfo_t, 84);

typedef struct {
    unsigned long long referenceTime, violationTime;
} nvmlViolationTime_t;
SIZE(nvmlViolationTime_t, 16);

#endif
