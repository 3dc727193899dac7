package io.millwright.drivers.nvml.binding;

/**
 * The groups of symbols that come and go together between driver releases. A missing symbol takes
 * only its group away.
 */
public enum Group {
  LIFECYCLE(LifecycleCalls.class),
  IDENTITY(IdentityCalls.class),
  NUMA(NumaCalls.class),
  MEMORY(MemoryCalls.class),
  FIRST_MEMORY(FirstMemoryCalls.class),
  UTILIZATION(UtilizationCalls.class),
  GPM(GpmCalls.class),
  MIG(MigCalls.class),
  MIG_GPM(MigGpmCalls.class),
  PARTITION(PartitionCalls.class),
  BUFFER(BufferCalls.class),
  FABRIC(FabricCalls.class),
  FIRST_FABRIC(FirstFabricCalls.class),
  POWER(PowerCalls.class),
  POWER_PROFILES(PowerProfileCalls.class),
  SET_POWER_LIMIT(SetPowerLimitCalls.class),
  FIRST_SET_POWER_LIMIT(FirstSetPowerLimitCalls.class),
  UPDATE_POWER_PROFILES(UpdatePowerProfileCalls.class),
  FIRST_UPDATE_POWER_PROFILES(FirstUpdatePowerProfileCalls.class),
  FIELDS(FieldCalls.class),
  THERMAL(ThermalCalls.class),
  TEMPERATURE(TemperatureCalls.class),
  MARGIN(MarginCalls.class),
  CLOCKS(ClockCalls.class),
  CLOCK_EVENTS(ClockEventCalls.class),
  CLOCK_THROTTLE(ClockThrottleCalls.class),
  ECC(EccCalls.class),
  REMAP(RemapCalls.class),
  SRAM(SramCalls.class),
  PCIE(PcieCalls.class),
  NVLINK(NvLinkCalls.class),
  PROCESSES(ProcessCalls.class),
  EVENTS(EventCalls.class),
  EVENT_WAIT(EventWaitCalls.class),
  SYSTEM_EVENTS(SystemEventCalls.class),
  MODES(ModeCalls.class),
  APERTURE(ApertureCalls.class),
  CODECS(CodecCalls.class),
  IMAGES(ImageCalls.class),
  FANS(FanCalls.class),
  SPARES(SpareCalls.class),
  REPAIR(RepairCalls.class),
  UNREPAIRABLE(UnrepairableCalls.class),
  PLATFORM(PlatformCalls.class),
  AFFINITY(AffinityCalls.class),
  GSP(GspCalls.class),
  INFOROM(InforomCalls.class),
  MODULE(ModuleCalls.class),
  CONFIDENTIAL(ConfidentialCalls.class),
  CONFIDENTIAL_SETTINGS(ConfidentialSettingsCalls.class),
  ENCRYPTION(EncryptionCalls.class),
  ACCOUNTING(AccountingCalls.class),
  TOPOLOGY(TopologyCalls.class),
  ADDRESSING(AddressingCalls.class),
  CHIP_TO_CHIP(ChipToChipCalls.class),
  LINK_INFO(LinkInfoCalls.class),
  LINK_BANDWIDTH(LinkBandwidthCalls.class),
  FIRST_EVENT_WAIT(FirstEventWaitCalls.class);

  private final Class<?> calls;

  Group(Class<?> calls) {
    this.calls = calls;
  }

  Class<?> calls() {
    return calls;
  }
}
