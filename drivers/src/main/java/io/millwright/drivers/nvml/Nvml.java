package io.millwright.drivers.nvml;

import static io.millwright.drivers.nvml.NvmlCode.FUNCTION_NOT_FOUND;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.binding.AccountingCalls;
import io.millwright.drivers.nvml.binding.AddressingCalls;
import io.millwright.drivers.nvml.binding.AffinityCalls;
import io.millwright.drivers.nvml.binding.ApertureCalls;
import io.millwright.drivers.nvml.binding.BufferCalls;
import io.millwright.drivers.nvml.binding.ChipToChipCalls;
import io.millwright.drivers.nvml.binding.ClockCalls;
import io.millwright.drivers.nvml.binding.ClockEventCalls;
import io.millwright.drivers.nvml.binding.ClockThrottleCalls;
import io.millwright.drivers.nvml.binding.CodecCalls;
import io.millwright.drivers.nvml.binding.ConfidentialCalls;
import io.millwright.drivers.nvml.binding.ConfidentialSettingsCalls;
import io.millwright.drivers.nvml.binding.EccCalls;
import io.millwright.drivers.nvml.binding.EncryptionCalls;
import io.millwright.drivers.nvml.binding.EventCalls;
import io.millwright.drivers.nvml.binding.EventWaitCalls;
import io.millwright.drivers.nvml.binding.FabricCalls;
import io.millwright.drivers.nvml.binding.FanCalls;
import io.millwright.drivers.nvml.binding.FieldCalls;
import io.millwright.drivers.nvml.binding.FirstEventWaitCalls;
import io.millwright.drivers.nvml.binding.FirstFabricCalls;
import io.millwright.drivers.nvml.binding.FirstMemoryCalls;
import io.millwright.drivers.nvml.binding.GpmCalls;
import io.millwright.drivers.nvml.binding.Group;
import io.millwright.drivers.nvml.binding.GspCalls;
import io.millwright.drivers.nvml.binding.IdentityCalls;
import io.millwright.drivers.nvml.binding.ImageCalls;
import io.millwright.drivers.nvml.binding.InforomCalls;
import io.millwright.drivers.nvml.binding.LifecycleCalls;
import io.millwright.drivers.nvml.binding.LinkBandwidthCalls;
import io.millwright.drivers.nvml.binding.LinkInfoCalls;
import io.millwright.drivers.nvml.binding.MarginCalls;
import io.millwright.drivers.nvml.binding.MemoryCalls;
import io.millwright.drivers.nvml.binding.MigCalls;
import io.millwright.drivers.nvml.binding.MigGpmCalls;
import io.millwright.drivers.nvml.binding.ModeCalls;
import io.millwright.drivers.nvml.binding.ModuleCalls;
import io.millwright.drivers.nvml.binding.NumaCalls;
import io.millwright.drivers.nvml.binding.NvLinkCalls;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.drivers.nvml.binding.PcieCalls;
import io.millwright.drivers.nvml.binding.PlatformCalls;
import io.millwright.drivers.nvml.binding.PowerCalls;
import io.millwright.drivers.nvml.binding.PowerProfileCalls;
import io.millwright.drivers.nvml.binding.ProcessCalls;
import io.millwright.drivers.nvml.binding.RemapCalls;
import io.millwright.drivers.nvml.binding.RepairCalls;
import io.millwright.drivers.nvml.binding.SpareCalls;
import io.millwright.drivers.nvml.binding.SramCalls;
import io.millwright.drivers.nvml.binding.SystemEventCalls;
import io.millwright.drivers.nvml.binding.TemperatureCalls;
import io.millwright.drivers.nvml.binding.ThermalCalls;
import io.millwright.drivers.nvml.binding.TopologyCalls;
import io.millwright.drivers.nvml.binding.UnrepairableCalls;
import io.millwright.drivers.nvml.binding.UtilizationCalls;
import io.millwright.protocol.vocabulary.Periods;

/**
 * NVML as one lane calls it: each call is told to the lane's watch, and a function that this
 * library lacks answers {@code NVML_ERROR_FUNCTION_NOT_FOUND}, as the driver itself would. A call
 * that the device's {@link Admission} does not let through answers what that says.
 *
 * <p>Every method returns {@code nvmlReturn_t}; look at it before the memory at {@code out}. An
 * {@code out} is a native address with room for what the method's line names.
 *
 * <p><i>Threading:</i> one instance a lane. <i>Failure:</i> never throws; may block for ever.
 */
final class Nvml {
  /**
   * Where in a version word the struct's number lies, below which is its size. The number alone
   * tells uses apart: the whole word would reach into the bits of the parts, {@link
   * Admission#PART_SHIFT}.
   */
  private static final int VERSION_SHIFT = 24;

  private final NvmlLibrary library;
  private final CallWatch watch;
  private final Admission admission;
  private final int scope;
  private int refusal = FUNCTION_NOT_FOUND;

  Nvml(NvmlLibrary library, CallWatch watch) {
    this(library, watch, new Admission(Periods.STANDARD));
  }

  /**
   * @param admission of the device that is called, which may keep a call from being made
   */
  Nvml(NvmlLibrary library, CallWatch watch, Admission admission) {
    this(library, watch, admission, 0);
  }

  private Nvml(NvmlLibrary library, CallWatch watch, Admission admission, int scope) {
    this.library = library;
    this.watch = watch;
    this.admission = admission;
    this.scope = scope;
  }

  /**
   * The same for one part of the device: its calls count in the device's rounds, and a refusal of
   * one says nothing of the device or of another part.
   *
   * @param number of the part, from 1 to 127
   */
  Nvml ofPart(int number) {
    return new Nvml(library, watch, admission, number << Admission.PART_SHIFT);
  }

  NvmlLibrary library() {
    return library;
  }

  /** Attaches to the driver; counted, one {@link #shutdown} each. */
  int init() {
    return enter(Group.LIFECYCLE, "nvmlInit_v2")
        ? leave("nvmlInit_v2", LifecycleCalls.nvmlInit_v2())
        : refusal;
  }

  /** Detaches. */
  int shutdown() {
    return enter(Group.LIFECYCLE, "nvmlShutdown")
        ? leave("nvmlShutdown", LifecycleCalls.nvmlShutdown())
        : refusal;
  }

  /** A string. */
  int driverVersion(long out, int length) {
    return enter(Group.LIFECYCLE, "nvmlSystemGetDriverVersion")
        ? leave(
            "nvmlSystemGetDriverVersion", LifecycleCalls.nvmlSystemGetDriverVersion(out, length))
        : refusal;
  }

  /** {@code unsigned int}: devices the driver knows. */
  int count(long out) {
    return enter(Group.LIFECYCLE, "nvmlDeviceGetCount_v2")
        ? leave("nvmlDeviceGetCount_v2", LifecycleCalls.nvmlDeviceGetCount_v2(out))
        : refusal;
  }

  /** {@code nvmlDevice_t}; the index is the order on the PCI bus now. */
  int handleByIndex(int index, long out) {
    return enter(Group.LIFECYCLE, "nvmlDeviceGetHandleByIndex_v2")
        ? leave(
            "nvmlDeviceGetHandleByIndex_v2",
            LifecycleCalls.nvmlDeviceGetHandleByIndex_v2(index, out))
        : refusal;
  }

  /** {@code nvmlDevice_t} of the device with this identity. */
  int handleByUuid(long uuid, long out) {
    return enter(Group.LIFECYCLE, "nvmlDeviceGetHandleByUUID")
        ? leave("nvmlDeviceGetHandleByUUID", LifecycleCalls.nvmlDeviceGetHandleByUUID(uuid, out))
        : refusal;
  }

  /** A string. */
  int name(long device, long out, int length) {
    return enter(Group.IDENTITY, "nvmlDeviceGetName")
        ? leave("nvmlDeviceGetName", IdentityCalls.nvmlDeviceGetName(device, out, length))
        : refusal;
  }

  /** A string. */
  int uuid(long device, long out, int length) {
    return enter(Group.IDENTITY, "nvmlDeviceGetUUID")
        ? leave("nvmlDeviceGetUUID", IdentityCalls.nvmlDeviceGetUUID(device, out, length))
        : refusal;
  }

  /** A string, shared by the devices of one board. */
  int serial(long device, long out, int length) {
    return enter(Group.IDENTITY, "nvmlDeviceGetSerial")
        ? leave("nvmlDeviceGetSerial", IdentityCalls.nvmlDeviceGetSerial(device, out, length))
        : refusal;
  }

  /** {@code unsigned int}. */
  int index(long device, long out) {
    return enter(Group.IDENTITY, "nvmlDeviceGetIndex")
        ? leave("nvmlDeviceGetIndex", IdentityCalls.nvmlDeviceGetIndex(device, out))
        : refusal;
  }

  /** {@code unsigned int}: N of /dev/nvidiaN. */
  int minor(long device, long out) {
    return enter(Group.IDENTITY, "nvmlDeviceGetMinorNumber")
        ? leave("nvmlDeviceGetMinorNumber", IdentityCalls.nvmlDeviceGetMinorNumber(device, out))
        : refusal;
  }

  /** {@code nvmlPciInfo_t}. */
  int pci(long device, long out) {
    return enter(Group.IDENTITY, "nvmlDeviceGetPciInfo_v3")
        ? leave("nvmlDeviceGetPciInfo_v3", IdentityCalls.nvmlDeviceGetPciInfo_v3(device, out))
        : refusal;
  }

  /** {@code unsigned int}. */
  int architecture(long device, long out) {
    return enter(Group.IDENTITY, "nvmlDeviceGetArchitecture")
        ? leave("nvmlDeviceGetArchitecture", IdentityCalls.nvmlDeviceGetArchitecture(device, out))
        : refusal;
  }

  /** A string. */
  int partNumber(long device, long out, int length) {
    return enter(Group.IDENTITY, "nvmlDeviceGetBoardPartNumber")
        ? leave(
            "nvmlDeviceGetBoardPartNumber",
            IdentityCalls.nvmlDeviceGetBoardPartNumber(device, out, length))
        : refusal;
  }

  /** A string. */
  int vbiosVersion(long device, long out, int length) {
    return enter(Group.IDENTITY, "nvmlDeviceGetVbiosVersion")
        ? leave(
            "nvmlDeviceGetVbiosVersion",
            IdentityCalls.nvmlDeviceGetVbiosVersion(device, out, length))
        : refusal;
  }

  /** {@code unsigned int}. */
  int numaNode(long device, long out) {
    return enter(Group.NUMA, "nvmlDeviceGetNumaNodeId")
        ? leave("nvmlDeviceGetNumaNodeId", NumaCalls.nvmlDeviceGetNumaNodeId(device, out))
        : refusal;
  }

  /** {@code nvmlMemory_v2_t}, its version word set. */
  int memory(long device, long out) {
    return enter(Group.MEMORY, "nvmlDeviceGetMemoryInfo_v2")
        ? leave("nvmlDeviceGetMemoryInfo_v2", MemoryCalls.nvmlDeviceGetMemoryInfo_v2(device, out))
        : refusal;
  }

  /** {@code nvmlMemory_t}: what the driver keeps counts as used. */
  int firstMemory(long device, long out) {
    return enter(Group.FIRST_MEMORY, "nvmlDeviceGetMemoryInfo")
        ? leave("nvmlDeviceGetMemoryInfo", FirstMemoryCalls.nvmlDeviceGetMemoryInfo(device, out))
        : refusal;
  }

  /** {@code nvmlUtilization_t}, percent. */
  int utilization(long device, long out) {
    return enter(Group.UTILIZATION, "nvmlDeviceGetUtilizationRates")
        ? leave(
            "nvmlDeviceGetUtilizationRates",
            UtilizationCalls.nvmlDeviceGetUtilizationRates(device, out))
        : refusal;
  }

  /** {@code nvmlGpmSupport_t}, its version set. */
  int gpmSupport(long device, long out) {
    return enter(Group.GPM, "nvmlGpmQueryDeviceSupport")
        ? leave("nvmlGpmQueryDeviceSupport", GpmCalls.nvmlGpmQueryDeviceSupport(device, out))
        : refusal;
  }

  /** {@code nvmlGpmSample_t}; to be freed before the last {@link #shutdown}. */
  int gpmAllocate(long out) {
    return enterAlways(Group.GPM, "nvmlGpmSampleAlloc")
        ? leave("nvmlGpmSampleAlloc", GpmCalls.nvmlGpmSampleAlloc(out))
        : refusal;
  }

  /** Gives a sample back. */
  int gpmFree(long sample) {
    return enterAlways(Group.GPM, "nvmlGpmSampleFree")
        ? leave("nvmlGpmSampleFree", GpmCalls.nvmlGpmSampleFree(sample))
        : refusal;
  }

  /** Fills a sample with what the counters say now. */
  int gpmSample(long device, long sample) {
    return enter(Group.GPM, "nvmlGpmSampleGet")
        ? leave("nvmlGpmSampleGet", GpmCalls.nvmlGpmSampleGet(device, sample))
        : refusal;
  }

  /** Fills a sample with what the counters of one GPU instance of the device say now. */
  int gpmSample(long device, int gpuInstance, long sample) {
    return enter(Group.MIG_GPM, "nvmlGpmMigSampleGet", gpuInstance)
        ? leave("nvmlGpmMigSampleGet", MigGpmCalls.nvmlGpmMigSampleGet(device, gpuInstance, sample))
        : refusal;
  }

  /** {@code nvmlGpmMetricsGet_t}, version, samples and ids set. */
  int gpmMetrics(long metrics) {
    return enter(Group.GPM, "nvmlGpmMetricsGet")
        ? leave("nvmlGpmMetricsGet", GpmCalls.nvmlGpmMetricsGet(metrics))
        : refusal;
  }

  /** Two {@code unsigned int}: whether the device is divided now, and after the next reset. */
  int migMode(long device, long current, long pending) {
    return enter(Group.MIG, "nvmlDeviceGetMigMode")
        ? leave("nvmlDeviceGetMigMode", MigCalls.nvmlDeviceGetMigMode(device, current, pending))
        : refusal;
  }

  /** {@code unsigned int}: MIG devices that there can be. */
  int mostMigDevices(long device, long out) {
    return enter(Group.MIG, "nvmlDeviceGetMaxMigDeviceCount")
        ? leave(
            "nvmlDeviceGetMaxMigDeviceCount", MigCalls.nvmlDeviceGetMaxMigDeviceCount(device, out))
        : refusal;
  }

  /** {@code nvmlDevice_t}; {@code NVML_ERROR_NOT_FOUND} is a number that none has. */
  int migDevice(long device, int number, long out) {
    return enter(Group.MIG, "nvmlDeviceGetMigDeviceHandleByIndex", number)
        ? leave(
            "nvmlDeviceGetMigDeviceHandleByIndex",
            MigCalls.nvmlDeviceGetMigDeviceHandleByIndex(device, number, out))
        : refusal;
  }

  /** {@code unsigned int}. */
  int gpuInstanceId(long migDevice, long out) {
    return enter(Group.MIG, "nvmlDeviceGetGpuInstanceId")
        ? leave("nvmlDeviceGetGpuInstanceId", MigCalls.nvmlDeviceGetGpuInstanceId(migDevice, out))
        : refusal;
  }

  /** {@code unsigned int}. */
  int computeInstanceId(long migDevice, long out) {
    return enter(Group.MIG, "nvmlDeviceGetComputeInstanceId")
        ? leave(
            "nvmlDeviceGetComputeInstanceId",
            MigCalls.nvmlDeviceGetComputeInstanceId(migDevice, out))
        : refusal;
  }

  /** {@code nvmlSample_t[count]}, its count in and out, all newer than {@code lastSeen}. */
  int samples(long device, int type, long lastSeen, long valueType, long count, long samples) {
    return enter(Group.BUFFER, "nvmlDeviceGetSamples")
        ? leave(
            "nvmlDeviceGetSamples",
            BufferCalls.nvmlDeviceGetSamples(device, type, lastSeen, valueType, count, samples))
        : refusal;
  }

  /** {@code nvmlGpuFabricInfo_v3_t} or {@code _v2_t}, its version word set. */
  int fabric(long device, int version, long out) {
    return enter(Group.FABRIC, "nvmlDeviceGetGpuFabricInfoV", version >>> VERSION_SHIFT)
        ? leave("nvmlDeviceGetGpuFabricInfoV", FabricCalls.nvmlDeviceGetGpuFabricInfoV(device, out))
        : refusal;
  }

  /** {@code nvmlGpuFabricInfo_t}. */
  int firstFabric(long device, long out) {
    return enter(Group.FIRST_FABRIC, "nvmlDeviceGetGpuFabricInfo")
        ? leave(
            "nvmlDeviceGetGpuFabricInfo", FirstFabricCalls.nvmlDeviceGetGpuFabricInfo(device, out))
        : refusal;
  }

  /** {@code unsigned int}, milliwatts. */
  int powerUsage(long device, long out) {
    return enter(Group.POWER, "nvmlDeviceGetPowerUsage")
        ? leave("nvmlDeviceGetPowerUsage", PowerCalls.nvmlDeviceGetPowerUsage(device, out))
        : refusal;
  }

  /** {@code unsigned long long}, millijoules since the driver was loaded. */
  int energy(long device, long out) {
    return enter(Group.POWER, "nvmlDeviceGetTotalEnergyConsumption")
        ? leave(
            "nvmlDeviceGetTotalEnergyConsumption",
            PowerCalls.nvmlDeviceGetTotalEnergyConsumption(device, out))
        : refusal;
  }

  /** {@code unsigned int}, milliwatts. */
  int enforcedPowerLimit(long device, long out) {
    return enter(Group.POWER, "nvmlDeviceGetEnforcedPowerLimit")
        ? leave(
            "nvmlDeviceGetEnforcedPowerLimit",
            PowerCalls.nvmlDeviceGetEnforcedPowerLimit(device, out))
        : refusal;
  }

  /** {@code unsigned int}, milliwatts. */
  int requestedPowerLimit(long device, long out) {
    return enter(Group.POWER, "nvmlDeviceGetPowerManagementLimit")
        ? leave(
            "nvmlDeviceGetPowerManagementLimit",
            PowerCalls.nvmlDeviceGetPowerManagementLimit(device, out))
        : refusal;
  }

  /** Two {@code unsigned int}, milliwatts. */
  int powerLimitConstraints(long device, long least, long most) {
    return enter(Group.POWER, "nvmlDeviceGetPowerManagementLimitConstraints")
        ? leave(
            "nvmlDeviceGetPowerManagementLimitConstraints",
            PowerCalls.nvmlDeviceGetPowerManagementLimitConstraints(device, least, most))
        : refusal;
  }

  /** {@code unsigned int}, milliwatts. */
  int defaultPowerLimit(long device, long out) {
    return enter(Group.POWER, "nvmlDeviceGetPowerManagementDefaultLimit")
        ? leave(
            "nvmlDeviceGetPowerManagementDefaultLimit",
            PowerCalls.nvmlDeviceGetPowerManagementDefaultLimit(device, out))
        : refusal;
  }

  /** {@code nvmlWorkloadPowerProfileCurrentProfiles_v1_t}, its version word set. */
  int powerProfiles(long device, long out) {
    return enter(Group.POWER_PROFILES, "nvmlDeviceWorkloadPowerProfileGetCurrentProfiles")
        ? leave(
            "nvmlDeviceWorkloadPowerProfileGetCurrentProfiles",
            PowerProfileCalls.nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(device, out))
        : refusal;
  }

  /**
   * {@code nvmlFieldValue_t[count]}, ids and scopes set.
   *
   * @param batch tells the batches of one device apart
   */
  int fieldValues(long device, int batch, int count, long values) {
    return enter(Group.FIELDS, "nvmlDeviceGetFieldValues", batch)
        ? leave(
            "nvmlDeviceGetFieldValues", FieldCalls.nvmlDeviceGetFieldValues(device, count, values))
        : refusal;
  }

  /** {@code nvmlTemperature_v1_t}, Celsius, its version word and sensor set. */
  int versionedTemperature(long device, long out) {
    return enterVital(Group.TEMPERATURE, "nvmlDeviceGetTemperatureV")
        ? leave(
            "nvmlDeviceGetTemperatureV", TemperatureCalls.nvmlDeviceGetTemperatureV(device, out))
        : refusal;
  }

  /** {@code unsigned int}, Celsius. */
  int temperature(long device, int sensor, long out) {
    return enterVital(Group.THERMAL, "nvmlDeviceGetTemperature")
        ? leave(
            "nvmlDeviceGetTemperature", ThermalCalls.nvmlDeviceGetTemperature(device, sensor, out))
        : refusal;
  }

  /** {@code unsigned int}, Celsius. */
  int temperatureThreshold(long device, int threshold, long out) {
    return enter(Group.THERMAL, "nvmlDeviceGetTemperatureThreshold", threshold)
        ? leave(
            "nvmlDeviceGetTemperatureThreshold",
            ThermalCalls.nvmlDeviceGetTemperatureThreshold(device, threshold, out))
        : refusal;
  }

  /** {@code nvmlMarginTemperature_v1_t}, Celsius, its version word set. */
  int margin(long device, long out) {
    return enter(Group.MARGIN, "nvmlDeviceGetMarginTemperature")
        ? leave(
            "nvmlDeviceGetMarginTemperature",
            MarginCalls.nvmlDeviceGetMarginTemperature(device, out))
        : refusal;
  }

  /** {@code unsigned int}, megahertz. */
  int clock(long device, int domain, long out) {
    return enter(Group.CLOCKS, "nvmlDeviceGetClockInfo", domain)
        ? leave("nvmlDeviceGetClockInfo", ClockCalls.nvmlDeviceGetClockInfo(device, domain, out))
        : refusal;
  }

  /** {@code unsigned int}, megahertz. */
  int maxClock(long device, int domain, long out) {
    return enter(Group.CLOCKS, "nvmlDeviceGetMaxClockInfo", domain)
        ? leave(
            "nvmlDeviceGetMaxClockInfo", ClockCalls.nvmlDeviceGetMaxClockInfo(device, domain, out))
        : refusal;
  }

  /** Two {@code nvmlEnableState_t}. */
  int eccMode(long device, long current, long pending) {
    return enter(Group.ECC, "nvmlDeviceGetEccMode")
        ? leave("nvmlDeviceGetEccMode", EccCalls.nvmlDeviceGetEccMode(device, current, pending))
        : refusal;
  }

  /** {@code unsigned long long}. */
  int eccErrors(long device, int severity, int counter, int location, long out) {
    return enter(
            Group.ECC, "nvmlDeviceGetMemoryErrorCounter", severity << 16 | counter << 8 | location)
        ? leave(
            "nvmlDeviceGetMemoryErrorCounter",
            EccCalls.nvmlDeviceGetMemoryErrorCounter(device, severity, counter, location, out))
        : refusal;
  }

  /** Four {@code unsigned int}. */
  int remappedRows(long device, long correctable, long uncorrectable, long pending, long failed) {
    return enter(Group.REMAP, "nvmlDeviceGetRemappedRows")
        ? leave(
            "nvmlDeviceGetRemappedRows",
            RemapCalls.nvmlDeviceGetRemappedRows(
                device, correctable, uncorrectable, pending, failed))
        : refusal;
  }

  /** {@code nvmlEccSramErrorStatus_v1_t}, its version word set. */
  int sramErrors(long device, long out) {
    return enter(Group.SRAM, "nvmlDeviceGetSramEccErrorStatus")
        ? leave(
            "nvmlDeviceGetSramEccErrorStatus",
            SramCalls.nvmlDeviceGetSramEccErrorStatus(device, out))
        : refusal;
  }

  /** {@code unsigned int}: the generation of the PCIe link now; an idle link may have gone down. */
  int pcieGeneration(long device, long out) {
    return enter(Group.PCIE, "nvmlDeviceGetCurrPcieLinkGeneration")
        ? leave(
            "nvmlDeviceGetCurrPcieLinkGeneration",
            PcieCalls.nvmlDeviceGetCurrPcieLinkGeneration(device, out))
        : refusal;
  }

  /** {@code unsigned int}: the generation that device and board can have. */
  int maxPcieGeneration(long device, long out) {
    return enter(Group.PCIE, "nvmlDeviceGetMaxPcieLinkGeneration")
        ? leave(
            "nvmlDeviceGetMaxPcieLinkGeneration",
            PcieCalls.nvmlDeviceGetMaxPcieLinkGeneration(device, out))
        : refusal;
  }

  /** {@code unsigned int}: lanes of the PCIe link now. */
  int pcieWidth(long device, long out) {
    return enter(Group.PCIE, "nvmlDeviceGetCurrPcieLinkWidth")
        ? leave(
            "nvmlDeviceGetCurrPcieLinkWidth", PcieCalls.nvmlDeviceGetCurrPcieLinkWidth(device, out))
        : refusal;
  }

  /** {@code unsigned int}: lanes that device and board can have. */
  int maxPcieWidth(long device, long out) {
    return enter(Group.PCIE, "nvmlDeviceGetMaxPcieLinkWidth")
        ? leave(
            "nvmlDeviceGetMaxPcieLinkWidth", PcieCalls.nvmlDeviceGetMaxPcieLinkWidth(device, out))
        : refusal;
  }

  /** {@code unsigned int}. */
  int pcieReplays(long device, long out) {
    return enter(Group.PCIE, "nvmlDeviceGetPcieReplayCounter")
        ? leave(
            "nvmlDeviceGetPcieReplayCounter", PcieCalls.nvmlDeviceGetPcieReplayCounter(device, out))
        : refusal;
  }

  /** {@code nvmlEnableState_t}: whether this NVLink is active. */
  int nvlinkState(long device, int link, long out) {
    return enter(Group.NVLINK, "nvmlDeviceGetNvLinkState", link)
        ? leave("nvmlDeviceGetNvLinkState", NvLinkCalls.nvmlDeviceGetNvLinkState(device, link, out))
        : refusal;
  }

  /** {@code nvmlIntNvLinkDeviceType_t}: what is at the other end. */
  int nvlinkRemoteType(long device, int link, long out) {
    return enter(Group.NVLINK, "nvmlDeviceGetNvLinkRemoteDeviceType", link)
        ? leave(
            "nvmlDeviceGetNvLinkRemoteDeviceType",
            NvLinkCalls.nvmlDeviceGetNvLinkRemoteDeviceType(device, link, out))
        : refusal;
  }

  /** {@code unsigned long long}: one of {@code nvmlNvLinkErrorCounter_t}; NVLink 4 and before. */
  int nvlinkErrors(long device, int link, int counter, long out) {
    return enter(Group.NVLINK, "nvmlDeviceGetNvLinkErrorCounter", link << 8 | counter)
        ? leave(
            "nvmlDeviceGetNvLinkErrorCounter",
            NvLinkCalls.nvmlDeviceGetNvLinkErrorCounter(device, link, counter, out))
        : refusal;
  }

  /** The count is in and out; a null array asks for it alone. */
  int computeProcesses(long device, long count, long processes) {
    return enter(Group.PROCESSES, "nvmlDeviceGetComputeRunningProcesses_v3")
        ? leave(
            "nvmlDeviceGetComputeRunningProcesses_v3",
            ProcessCalls.nvmlDeviceGetComputeRunningProcesses_v3(device, count, processes))
        : refusal;
  }

  /** {@code nvmlPstates_t}: 0 the fastest, 32 unknown. */
  int performanceState(long device, long out) {
    return enter(Group.MODES, "nvmlDeviceGetPerformanceState")
        ? leave(
            "nvmlDeviceGetPerformanceState", ModeCalls.nvmlDeviceGetPerformanceState(device, out))
        : refusal;
  }

  /** {@code nvmlEnableState_t}: whether the driver keeps the device ready with no client. */
  int persistenceMode(long device, long out) {
    return enter(Group.MODES, "nvmlDeviceGetPersistenceMode")
        ? leave("nvmlDeviceGetPersistenceMode", ModeCalls.nvmlDeviceGetPersistenceMode(device, out))
        : refusal;
  }

  /** {@code nvmlComputeMode_t}. */
  int computeMode(long device, long out) {
    return enter(Group.MODES, "nvmlDeviceGetComputeMode")
        ? leave("nvmlDeviceGetComputeMode", ModeCalls.nvmlDeviceGetComputeMode(device, out))
        : refusal;
  }

  /** {@code nvmlBAR1Memory_t}. */
  int aperture(long device, long out) {
    return enter(Group.APERTURE, "nvmlDeviceGetBAR1MemoryInfo")
        ? leave(
            "nvmlDeviceGetBAR1MemoryInfo", ApertureCalls.nvmlDeviceGetBAR1MemoryInfo(device, out))
        : refusal;
  }

  /** Two {@code unsigned int}: percent, and the microseconds it is a mean of. */
  int encoder(long device, long percent, long period) {
    return enter(Group.CODECS, "nvmlDeviceGetEncoderUtilization")
        ? leave(
            "nvmlDeviceGetEncoderUtilization",
            CodecCalls.nvmlDeviceGetEncoderUtilization(device, percent, period))
        : refusal;
  }

  /** Two {@code unsigned int}: percent, and the microseconds it is a mean of. */
  int decoder(long device, long percent, long period) {
    return enter(Group.CODECS, "nvmlDeviceGetDecoderUtilization")
        ? leave(
            "nvmlDeviceGetDecoderUtilization",
            CodecCalls.nvmlDeviceGetDecoderUtilization(device, percent, period))
        : refusal;
  }

  /** Two {@code unsigned int}: percent, and the microseconds it is a mean of. */
  int jpeg(long device, long percent, long period) {
    return enter(Group.IMAGES, "nvmlDeviceGetJpgUtilization")
        ? leave(
            "nvmlDeviceGetJpgUtilization",
            ImageCalls.nvmlDeviceGetJpgUtilization(device, percent, period))
        : refusal;
  }

  /** Two {@code unsigned int}: percent, and the microseconds it is a mean of. */
  int opticalFlow(long device, long percent, long period) {
    return enter(Group.IMAGES, "nvmlDeviceGetOfaUtilization")
        ? leave(
            "nvmlDeviceGetOfaUtilization",
            ImageCalls.nvmlDeviceGetOfaUtilization(device, percent, period))
        : refusal;
  }

  /** {@code unsigned int}: 0 where the chassis or a liquid cools. */
  int fans(long device, long out) {
    return enter(Group.FANS, "nvmlDeviceGetNumFans")
        ? leave("nvmlDeviceGetNumFans", FanCalls.nvmlDeviceGetNumFans(device, out))
        : refusal;
  }

  /** {@code unsigned int}: percent of the highest speed, as intended. */
  int fanSpeed(long device, int fan, long out) {
    return enter(Group.FANS, "nvmlDeviceGetFanSpeed_v2", fan)
        ? leave("nvmlDeviceGetFanSpeed_v2", FanCalls.nvmlDeviceGetFanSpeed_v2(device, fan, out))
        : refusal;
  }

  /** {@code nvmlRowRemapperHistogramValues_t}. */
  int remapBanks(long device, long out) {
    return enter(Group.SPARES, "nvmlDeviceGetRowRemapperHistogram")
        ? leave(
            "nvmlDeviceGetRowRemapperHistogram",
            SpareCalls.nvmlDeviceGetRowRemapperHistogram(device, out))
        : refusal;
  }

  /** {@code nvmlRepairStatus_v1_t}, its version word set. */
  int repairStatus(long device, long out) {
    return enter(Group.REPAIR, "nvmlDeviceGetRepairStatus")
        ? leave("nvmlDeviceGetRepairStatus", RepairCalls.nvmlDeviceGetRepairStatus(device, out))
        : refusal;
  }

  /** {@code nvmlUnrepairableMemoryStatus_v1_t}, which has no version word. */
  int unrepairableMemory(long device, long out) {
    return enter(Group.UNREPAIRABLE, "nvmlDeviceGetUnrepairableMemoryFlag_v1")
        ? leave(
            "nvmlDeviceGetUnrepairableMemoryFlag_v1",
            UnrepairableCalls.nvmlDeviceGetUnrepairableMemoryFlag_v1(device, out))
        : refusal;
  }

  /** {@code nvmlPlatformInfo_v2_t} or {@code _v1_t}, its version word set; both are of one size. */
  int platform(long device, int version, long out) {
    return enter(Group.PLATFORM, "nvmlDeviceGetPlatformInfo", version >>> VERSION_SHIFT)
        ? leave("nvmlDeviceGetPlatformInfo", PlatformCalls.nvmlDeviceGetPlatformInfo(device, out))
        : refusal;
  }

  /** {@code unsigned long[words]}: a bit a processor. */
  int cpuAffinity(long device, int words, long out) {
    return enter(Group.AFFINITY, "nvmlDeviceGetCpuAffinity", words)
        ? leave(
            "nvmlDeviceGetCpuAffinity", AffinityCalls.nvmlDeviceGetCpuAffinity(device, words, out))
        : refusal;
  }

  /** {@code unsigned long[words]}: a bit a NUMA node, of the nearest ones for scope 0. */
  int memoryAffinity(long device, int words, long out, int scope) {
    return enter(Group.AFFINITY, "nvmlDeviceGetMemoryAffinity", scope)
        ? leave(
            "nvmlDeviceGetMemoryAffinity",
            AffinityCalls.nvmlDeviceGetMemoryAffinity(device, words, out, scope))
        : refusal;
  }

  /** A string, at most 64 bytes. */
  int gspFirmwareVersion(long device, long out) {
    return enter(Group.GSP, "nvmlDeviceGetGspFirmwareVersion")
        ? leave(
            "nvmlDeviceGetGspFirmwareVersion",
            GspCalls.nvmlDeviceGetGspFirmwareVersion(device, out))
        : refusal;
  }

  /** A string. */
  int inforomImageVersion(long device, long out, int length) {
    return enter(Group.INFOROM, "nvmlDeviceGetInforomImageVersion")
        ? leave(
            "nvmlDeviceGetInforomImageVersion",
            InforomCalls.nvmlDeviceGetInforomImageVersion(device, out, length))
        : refusal;
  }

  /** A string: the version of one {@code nvmlInforomObject_t}. */
  int inforomVersion(long device, int object, long out, int length) {
    return enter(Group.INFOROM, "nvmlDeviceGetInforomVersion", object)
        ? leave(
            "nvmlDeviceGetInforomVersion",
            InforomCalls.nvmlDeviceGetInforomVersion(device, object, out, length))
        : refusal;
  }

  /** {@code unsigned int}: the place on the baseboard. */
  int module(long device, long out) {
    return enter(Group.MODULE, "nvmlDeviceGetModuleId")
        ? leave("nvmlDeviceGetModuleId", ModuleCalls.nvmlDeviceGetModuleId(device, out))
        : refusal;
  }

  /** {@code nvmlConfComputeSystemState_t}, of the node as a whole. */
  int confidentialState(long out) {
    return enter(Group.CONFIDENTIAL, "nvmlSystemGetConfComputeState")
        ? leave(
            "nvmlSystemGetConfComputeState", ConfidentialCalls.nvmlSystemGetConfComputeState(out))
        : refusal;
  }

  /** {@code nvmlSystemConfComputeSettings_v1_t}, its version word set; of the node as a whole. */
  int confidentialSettings(long out) {
    return enter(Group.CONFIDENTIAL_SETTINGS, "nvmlSystemGetConfComputeSettings")
        ? leave(
            "nvmlSystemGetConfComputeSettings",
            ConfidentialSettingsCalls.nvmlSystemGetConfComputeSettings(out))
        : refusal;
  }

  /** {@code unsigned int}: whether the devices of the node take work. */
  int confidentialReady(long out) {
    return enter(Group.CONFIDENTIAL, "nvmlSystemGetConfComputeGpusReadyState")
        ? leave(
            "nvmlSystemGetConfComputeGpusReadyState",
            ConfidentialCalls.nvmlSystemGetConfComputeGpusReadyState(out))
        : refusal;
  }

  /** {@code nvmlConfComputeMemSizeInfo_t}, KiB. */
  int confidentialMemory(long device, long out) {
    return enter(Group.CONFIDENTIAL, "nvmlDeviceGetConfComputeMemSizeInfo")
        ? leave(
            "nvmlDeviceGetConfComputeMemSizeInfo",
            ConfidentialCalls.nvmlDeviceGetConfComputeMemSizeInfo(device, out))
        : refusal;
  }

  /** {@code nvmlMemory_t} of what is protected. */
  int confidentialMemoryUsage(long device, long out) {
    return enter(Group.CONFIDENTIAL, "nvmlDeviceGetConfComputeProtectedMemoryUsage")
        ? leave(
            "nvmlDeviceGetConfComputeProtectedMemoryUsage",
            ConfidentialCalls.nvmlDeviceGetConfComputeProtectedMemoryUsage(device, out))
        : refusal;
  }

  /** Two {@code nvmlDramEncryptionInfo_v1_t}, their version words set. */
  int memoryEncryption(long device, long current, long pending) {
    return enter(Group.ENCRYPTION, "nvmlDeviceGetDramEncryptionMode")
        ? leave(
            "nvmlDeviceGetDramEncryptionMode",
            EncryptionCalls.nvmlDeviceGetDramEncryptionMode(device, current, pending))
        : refusal;
  }

  /** {@code nvmlEnableState_t}: whether accounts of processes are kept. */
  int accountingMode(long device, long out) {
    return enter(Group.ACCOUNTING, "nvmlDeviceGetAccountingMode")
        ? leave(
            "nvmlDeviceGetAccountingMode", AccountingCalls.nvmlDeviceGetAccountingMode(device, out))
        : refusal;
  }

  /**
   * {@code nvmlAccountingStats_t}. The processes are uses of one kind: none is told from another.
   */
  int accountingStats(long device, int pid, long out) {
    return enter(Group.ACCOUNTING, "nvmlDeviceGetAccountingStats")
        ? leave(
            "nvmlDeviceGetAccountingStats",
            AccountingCalls.nvmlDeviceGetAccountingStats(device, pid, out))
        : refusal;
  }

  /** {@code nvmlDeviceAddressingMode_v1_t}, its version word set. */
  int addressing(long device, long out) {
    return enter(Group.ADDRESSING, "nvmlDeviceGetAddressingMode")
        ? leave(
            "nvmlDeviceGetAddressingMode", AddressingCalls.nvmlDeviceGetAddressingMode(device, out))
        : refusal;
  }

  /** {@code nvmlC2cModeInfo_v1_t}, which has no version word. */
  int chipToChip(long device, long out) {
    return enter(Group.CHIP_TO_CHIP, "nvmlDeviceGetC2cModeInfoV")
        ? leave("nvmlDeviceGetC2cModeInfoV", ChipToChipCalls.nvmlDeviceGetC2cModeInfoV(device, out))
        : refusal;
  }

  /** {@code nvmlNvLinkInfo_v1_t} or {@code _v2_t}, its version word set. */
  int linkInfo(long device, int version, long out) {
    return enter(Group.LINK_INFO, "nvmlDeviceGetNvLinkInfo", version >>> VERSION_SHIFT)
        ? leave("nvmlDeviceGetNvLinkInfo", LinkInfoCalls.nvmlDeviceGetNvLinkInfo(device, out))
        : refusal;
  }

  /** {@code nvmlNvlinkGetBwMode_v1_t}, its version word set. */
  int linkBandwidth(long device, long out) {
    return enter(Group.LINK_BANDWIDTH, "nvmlDeviceGetNvlinkBwMode")
        ? leave(
            "nvmlDeviceGetNvlinkBwMode", LinkBandwidthCalls.nvmlDeviceGetNvlinkBwMode(device, out))
        : refusal;
  }

  /**
   * {@code nvmlDevice_t} of another device, which is not asked itself; the use tells peers apart.
   */
  int peer(long uuid, int use, long out) {
    return enter(Group.LIFECYCLE, "nvmlDeviceGetHandleByUUID", use)
        ? leave("nvmlDeviceGetHandleByUUID", LifecycleCalls.nvmlDeviceGetHandleByUUID(uuid, out))
        : refusal;
  }

  /** {@code nvmlGpuTopologyLevel_t}: what the ways to both have in common. */
  int commonAncestor(long device, long peer, int use, long out) {
    return enter(Group.TOPOLOGY, "nvmlDeviceGetTopologyCommonAncestor", use)
        ? leave(
            "nvmlDeviceGetTopologyCommonAncestor",
            TopologyCalls.nvmlDeviceGetTopologyCommonAncestor(device, peer, out))
        : refusal;
  }

  /** {@code nvmlGpuP2PStatus_t} of one capability. */
  int peerStatus(long device, long peer, int capability, int use, long out) {
    return enter(Group.TOPOLOGY, "nvmlDeviceGetP2PStatus", use)
        ? leave(
            "nvmlDeviceGetP2PStatus",
            TopologyCalls.nvmlDeviceGetP2PStatus(device, peer, capability, out))
        : refusal;
  }

  /** {@code nvmlEventSet_t}. */
  int createEventSet(long out) {
    return enter(Group.EVENTS, "nvmlEventSetCreate")
        ? leave("nvmlEventSetCreate", EventCalls.nvmlEventSetCreate(out))
        : refusal;
  }

  /** Gives a set back. */
  int freeEventSet(long set) {
    return enter(Group.EVENTS, "nvmlEventSetFree")
        ? leave("nvmlEventSetFree", EventCalls.nvmlEventSetFree(set))
        : refusal;
  }

  /** {@code unsigned long long}, a mask. */
  int supportedEvents(long device, long out) {
    return enter(Group.EVENTS, "nvmlDeviceGetSupportedEventTypes")
        ? leave(
            "nvmlDeviceGetSupportedEventTypes",
            EventCalls.nvmlDeviceGetSupportedEventTypes(device, out))
        : refusal;
  }

  /** Events before this are lost. */
  int registerEvents(long device, long types, long set) {
    return enter(Group.EVENTS, "nvmlDeviceRegisterEvents")
        ? leave("nvmlDeviceRegisterEvents", EventCalls.nvmlDeviceRegisterEvents(device, types, set))
        : refusal;
  }

  /** {@code nvmlEventData_t}; blocks in native code. The older function leaves instances out. */
  int waitForEvent(long set, long out, int milliseconds) {
    if (enter(Group.EVENT_WAIT, "nvmlEventSetWait_v2")) {
      int code =
          leave("nvmlEventSetWait_v2", EventWaitCalls.nvmlEventSetWait_v2(set, out, milliseconds));
      if (!NvmlCode.fallsBack(code)) {
        return code;
      }
    }
    return enter(Group.FIRST_EVENT_WAIT, "nvmlEventSetWait")
        ? leave("nvmlEventSetWait", FirstEventWaitCalls.nvmlEventSetWait(set, out, milliseconds))
        : refusal;
  }

  /** {@code nvmlSystemEventSetCreateRequest_v1_t}, its version word set. */
  int createSystemEventSet(long request) {
    return enter(Group.SYSTEM_EVENTS, "nvmlSystemEventSetCreate")
        ? leave("nvmlSystemEventSetCreate", SystemEventCalls.nvmlSystemEventSetCreate(request))
        : refusal;
  }

  /** {@code nvmlSystemRegisterEventRequest_v1_t}, version, types and set set. */
  int registerSystemEvents(long request) {
    return enter(Group.SYSTEM_EVENTS, "nvmlSystemRegisterEvents")
        ? leave("nvmlSystemRegisterEvents", SystemEventCalls.nvmlSystemRegisterEvents(request))
        : refusal;
  }

  /** {@code nvmlSystemEventSetWaitRequest_v1_t}, all of it but the number of events set. */
  int waitForSystemEvents(long request) {
    return enter(Group.SYSTEM_EVENTS, "nvmlSystemEventSetWait")
        ? leave("nvmlSystemEventSetWait", SystemEventCalls.nvmlSystemEventSetWait(request))
        : refusal;
  }

  /** {@code nvmlSystemEventSetFreeRequest_v1_t}, version and set set. */
  int freeSystemEventSet(long request) {
    return enter(Group.SYSTEM_EVENTS, "nvmlSystemEventSetFree")
        ? leave("nvmlSystemEventSetFree", SystemEventCalls.nvmlSystemEventSetFree(request))
        : refusal;
  }

  /** {@code unsigned long long}, a mask; by the older name where the library has only that. */
  int clockEventReasons(long device, long out) {
    if (enter(Group.CLOCK_EVENTS, "nvmlDeviceGetCurrentClocksEventReasons")) {
      int code =
          leave(
              "nvmlDeviceGetCurrentClocksEventReasons",
              ClockEventCalls.nvmlDeviceGetCurrentClocksEventReasons(device, out));
      if (!NvmlCode.fallsBack(code)) {
        return code;
      }
    } else if (NvmlCode.resting(refusal)) {
      return refusal;
    }
    return enter(Group.CLOCK_THROTTLE, "nvmlDeviceGetCurrentClocksThrottleReasons")
        ? leave(
            "nvmlDeviceGetCurrentClocksThrottleReasons",
            ClockThrottleCalls.nvmlDeviceGetCurrentClocksThrottleReasons(device, out))
        : refusal;
  }

  Admission admission() {
    return admission;
  }

  /** A function of which a device has one use only. */
  private boolean enter(Group group, String call) {
    return enter(group, call, 0);
  }

  /**
   * @param use tells the uses of one function apart: a refusal of one says nothing of another
   */
  private boolean enter(Group group, String call, int use) {
    refusal = library.has(group) ? admission.admit(call, use + scope) : FUNCTION_NOT_FOUND;
    return entered(call);
  }

  /** The function by which a device is known to answer. */
  private boolean enterVital(Group group, String call) {
    refusal = library.has(group) ? admission.admitVital(call) : FUNCTION_NOT_FOUND;
    return entered(call);
  }

  /** A function that keeps the books, which no cost and no failure may hold back. */
  private boolean enterAlways(Group group, String call) {
    refusal = library.has(group) ? admission.admitAlways() : FUNCTION_NOT_FOUND;
    return entered(call);
  }

  private boolean entered(String call) {
    if (refusal != NvmlCode.SUCCESS) {
      return false;
    }
    watch.entered(call);
    return true;
  }

  private int leave(String call, int code) {
    admission.returned(code, watch.returned(call, code));
    return code;
  }
}
