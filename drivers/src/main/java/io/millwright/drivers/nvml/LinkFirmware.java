package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The versions of the microcode that runs a device's NVLinks: nvml.md 2.11. Asked once; the struct
 * is larger than the scratch area and has memory of its own for as long.
 *
 * @param code of the call
 * @param versions by component; of one that is there in several versions all of them
 */
record LinkFirmware(int code, Map<String, String> versions) {
  private static final int MOST = 100;

  /** In the order of {@code NVML_NVLINK_FIRMWARE_UCODE_TYPE_*}, the first of which is 1. */
  private static final List<String> COMPONENTS =
      List.of(
          "",
          "nvlink_mse",
          "nvlink_netir",
          "nvlink_netir_uphy",
          "nvlink_netir_cln",
          "nvlink_netir_dln");

  LinkFirmware {
    versions = Map.copyOf(versions);
  }

  static LinkFirmware ask(DeviceCalls calls) {
    try (NativeBlock block = new NativeBlock(NvmlLayout.LINK_INFO_V2_SIZE)) {
      block.putInt(0, NvmlLayout.LINK_INFO_V2_VERSION);
      int version = NvmlLayout.LINK_INFO_V2_VERSION;
      int code = calls.nvml().linkInfo(calls.device(), version, block.address(0));
      return new LinkFirmware(code, code == NvmlCode.SUCCESS ? versions(block) : Map.of());
    }
  }

  private static Map<String, String> versions(NativeBlock block) {
    Map<String, String> versions = new TreeMap<>();
    long entries = Math.min(block.getUnsigned(NvmlLayout.LINK_FIRMWARE_COUNT), MOST);
    for (int i = 0; i < entries; i++) {
      int at = NvmlLayout.LINK_FIRMWARE + i * NvmlLayout.LINK_FIRMWARE_SIZE;
      String version =
          block.getUnsigned(at + NvmlLayout.LINK_FIRMWARE_MAJOR)
              + "."
              + block.getUnsigned(at + NvmlLayout.LINK_FIRMWARE_MINOR)
              + "."
              + block.getUnsigned(at + NvmlLayout.LINK_FIRMWARE_SUB_MINOR);
      versions.merge(
          component(block.getUnsignedByte(at)),
          version,
          (one, other) -> List.of(one.split(",", -1)).contains(other) ? one : one + "," + other);
    }
    return versions;
  }

  private static String component(int type) {
    return type > 0 && type < COMPONENTS.size()
        ? COMPONENTS.get(type)
        : "nvlink_unknown(" + type + ")";
  }
}
