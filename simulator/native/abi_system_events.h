/*
 * Events of the node and not of one device, as the binary interface has them: facts from
 * reference/nvml/nvml-struct-layouts.tsv, nvml-struct-versions.tsv and nvml-constants.tsv, asserted like those of abi.h.
 */
#ifndef MILLWRIGHT_ABI_SYSTEM_EVENTS_H
#define MILLWRIGHT_ABI_SYSTEM_EVENTS_H

#include "abi.h"

typedef void *nvmlSystemEventSet_t; /* a number like a device handle: see abi_system_events.c */

enum { /* nvmlSystemEventTypeGpuDriver* */
    SYSTEM_EVENT_UNBIND = 0x1,
    SYSTEM_EVENT_BIND = 0x2
};

typedef struct {
    unsigned long long eventType;
    unsigned gpuId;
} nvmlSystemEventData_v1_t;
LAYOUT(nvmlSystemEventData_v1_t, gpuId, 8);
SIZE(nvmlSystemEventData_v1_t, 16);

typedef struct { /* nvmlSystemEventSetFreeRequest_v1_t as well */
    unsigned version;
    nvmlSystemEventSet_t set;
} nvmlSystemEventSetCreateRequest_v1_t;
LAYOUT(nvmlSystemEventSetCreateRequest_v1_t, set, 8);
SIZE(nvmlSystemEventSetCreateRequest_v1_t, 16);
_Static_assert(STRUCT_VERSION(nvmlSystemEventSetCreateRequest_v1_t, 1) == 0x01000010, "nvmlSystemEventSetCreateRequest_v1 version word");

typedef struct {
    unsigned version;
    unsigned long long eventTypes;
    nvmlSystemEventSet_t set;
} nvmlSystemRegisterEventRequest_v1_t;
LAYOUT(nvmlSystemRegisterEventRequest_v1_t, eventTypes, 8);
LAYOUT(nvmlSystemRegisterEventRequest_v1_t, set, 16);
SIZE(nvmlSystemRegisterEventRequest_v1_t, 24);
_Static_assert(STRUCT_VERSION(nvmlSystemRegisterEventRequest_v1_t, 1) == 0x01000018, "nvmlSystemRegisterEventRequest_v1 version word");

typedef struct {
    unsigned version, timeoutms;
    nvmlSystemEventSet_t set;
    nvmlSystemEventData_v1_t *data;
    unsigned dataSize, numEvent;
} nvmlSystemEventSetWaitRequest_v1_t;
LAYOUT(nvmlSystemEventSetWaitRequest_v1_t, timeoutms, 4);
LAYOUT(nvmlSystemEventSetWaitRequest_v1_t, set, 8);
LAYOUT(nvmlSystemEventSetWaitRequest_v1_t, data, 16);
LAYOUT(nvmlSystemEventSetWaitRequest_v1_t, dataSize, 24);
LAYOUT(nvmlSystemEventSetWaitRequest_v1_t, numEvent, 28);
SIZE(nvmlSystemEventSetWaitRequest_v1_t, 32);
_Static_assert(STRUCT_VERSION(nvmlSystemEventSetWaitRequest_v1_t, 1) == 0x01000020, "nvmlSystemEventSetWaitRequest_v1 version word");

#endif
