/* Every function that the library implements; those that it only refuses are in unsupported.inc. */
#ifndef MILLWRIGHT_FUNCTIONS_H
#define MILLWRIGHT_FUNCTIONS_H

#define FUNCTIONS(F) \
    F(nvmlDeviceClearEccErrorCounts) \
    F(nvmlDeviceClearFieldValues) \
    F(nvmlDeviceGetArchitecture) \
    F(nvmlDeviceGetBAR1MemoryInfo) \
    F(nvmlDeviceGetBoardPartNumber) \
    F(nvmlDeviceGetBrand) \
    F(nvmlDeviceGetClock) \
    F(nvmlDeviceGetClockInfo) \
    F(nvmlDeviceGetComputeMode) \
    F(nvmlDeviceGetComputeRunningProcesses) \
    F(nvmlDeviceGetComputeRunningProcesses_v2) \
    F(nvmlDeviceGetComputeRunningProcesses_v3) \
    F(nvmlDeviceGetCount) \
    F(nvmlDeviceGetCount_v2) \
    F(nvmlDeviceGetCudaComputeCapability) \
    F(nvmlDeviceGetCurrPcieLinkGeneration) \
    F(nvmlDeviceGetCurrPcieLinkWidth) \
    F(nvmlDeviceGetCurrentClocksEventReasons) \
    F(nvmlDeviceGetCurrentClocksThrottleReasons) \
    F(nvmlDeviceGetDecoderUtilization) \
    F(nvmlDeviceGetDisplayActive) \
    F(nvmlDeviceGetDisplayMode) \
    F(nvmlDeviceGetEccMode) \
    F(nvmlDeviceGetEncoderUtilization) \
    F(nvmlDeviceGetEnforcedPowerLimit) \
    F(nvmlDeviceGetFanSpeed) \
    F(nvmlDeviceGetFanSpeed_v2) \
    F(nvmlDeviceGetFieldValues) \
    F(nvmlDeviceGetGpuFabricInfo) \
    F(nvmlDeviceGetGpuFabricInfoV) \
    F(nvmlDeviceGetGpuMaxPcieLinkGeneration) \
    F(nvmlDeviceGetGraphicsRunningProcesses) \
    F(nvmlDeviceGetGraphicsRunningProcesses_v2) \
    F(nvmlDeviceGetGraphicsRunningProcesses_v3) \
    F(nvmlDeviceGetHandleByIndex) \
    F(nvmlDeviceGetHandleByIndex_v2) \
    F(nvmlDeviceGetHandleByPciBusId) \
    F(nvmlDeviceGetHandleByPciBusId_v2) \
    F(nvmlDeviceGetHandleByUUID) \
    F(nvmlDeviceGetIndex) \
    F(nvmlDeviceGetMPSComputeRunningProcesses) \
    F(nvmlDeviceGetMPSComputeRunningProcesses_v2) \
    F(nvmlDeviceGetMPSComputeRunningProcesses_v3) \
    F(nvmlDeviceGetMarginTemperature) \
    F(nvmlDeviceGetMaxClockInfo) \
    F(nvmlDeviceGetMaxMigDeviceCount) \
    F(nvmlDeviceGetMaxPcieLinkGeneration) \
    F(nvmlDeviceGetMaxPcieLinkWidth) \
    F(nvmlDeviceGetMemoryErrorCounter) \
    F(nvmlDeviceGetMemoryInfo) \
    F(nvmlDeviceGetMemoryInfo_v2) \
    F(nvmlDeviceGetMigMode) \
    F(nvmlDeviceGetMinorNumber) \
    F(nvmlDeviceGetModuleId) \
    F(nvmlDeviceGetName) \
    F(nvmlDeviceGetNumFans) \
    F(nvmlDeviceGetNumaNodeId) \
    F(nvmlDeviceGetNvLinkErrorCounter) \
    F(nvmlDeviceGetNvLinkRemoteDeviceType) \
    F(nvmlDeviceGetNvLinkState) \
    F(nvmlDeviceGetNvLinkVersion) \
    F(nvmlDeviceGetPciInfo) \
    F(nvmlDeviceGetPciInfo_v2) \
    F(nvmlDeviceGetPciInfo_v3) \
    F(nvmlDeviceGetPcieReplayCounter) \
    F(nvmlDeviceGetPcieThroughput) \
    F(nvmlDeviceGetPerformanceState) \
    F(nvmlDeviceGetPersistenceMode) \
    F(nvmlDeviceGetPlatformInfo) \
    F(nvmlDeviceGetPowerManagementDefaultLimit) \
    F(nvmlDeviceGetPowerManagementLimit) \
    F(nvmlDeviceGetPowerManagementLimitConstraints) \
    F(nvmlDeviceGetPowerManagementMode) \
    F(nvmlDeviceGetPowerState) \
    F(nvmlDeviceGetPowerUsage) \
    F(nvmlDeviceGetProcessUtilization) \
    F(nvmlDeviceGetRemappedRows) \
    F(nvmlDeviceGetRowRemapperHistogram) \
    F(nvmlDeviceGetSamples) \
    F(nvmlDeviceGetSerial) \
    F(nvmlDeviceGetSramEccErrorStatus) \
    F(nvmlDeviceGetSupportedClocksEventReasons) \
    F(nvmlDeviceGetSupportedClocksThrottleReasons) \
    F(nvmlDeviceGetSupportedEventTypes) \
    F(nvmlDeviceGetTemperature) \
    F(nvmlDeviceGetTemperatureThreshold) \
    F(nvmlDeviceGetTemperatureV) \
    F(nvmlDeviceGetTotalEccErrors) \
    F(nvmlDeviceGetTotalEnergyConsumption) \
    F(nvmlDeviceGetUUID) \
    F(nvmlDeviceGetUtilizationRates) \
    F(nvmlDeviceGetVbiosVersion) \
    F(nvmlDeviceGetViolationStatus) \
    F(nvmlDeviceIsMigDeviceHandle) \
    F(nvmlDeviceRegisterEvents) \
    F(nvmlDeviceSetPersistenceMode) \
    F(nvmlDeviceSetPowerManagementLimit) \
    F(nvmlDeviceSetPowerManagementLimit_v2) \
    F(nvmlEventSetCreate) \
    F(nvmlEventSetFree) \
    F(nvmlEventSetWait) \
    F(nvmlEventSetWait_v2) \
    F(nvmlGpmMetricsGet) \
    F(nvmlGpmQueryDeviceSupport) \
    F(nvmlGpmSampleAlloc) \
    F(nvmlGpmSampleFree) \
    F(nvmlGpmSampleGet) \
    F(nvmlInit) \
    F(nvmlInitWithFlags) \
    F(nvmlInit_v2) \
    F(nvmlInternalGetExportTable) \
    F(nvmlReturn_t) \
    F(nvmlShutdown) \
    F(nvmlSystemGetCudaDriverVersion) \
    F(nvmlSystemGetCudaDriverVersion_v2) \
    F(nvmlSystemGetDriverBranch) \
    F(nvmlSystemGetDriverVersion) \
    F(nvmlSystemGetNVMLVersion) \
    F(nvmlSystemGetProcessName)

enum function {
#define F(name) FUNCTION_##name,
#define D(name) FUNCTION_##name,
    FUNCTIONS(F)
#include "unsupported.inc"
#undef F
#undef D
    FUNCTION_COUNT
};

#endif
