package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a device says of itself once, when it is opened. Empty where it does not say.
 *
 * @param code the first return code but success of what every device must say: UUID, name, index
 */
record NvmlIdentity(
    int code,
    Accelerator accelerator,
    String pciBusId,
    String serial,
    String partNumber,
    String vbios,
    String architecture,
    String numaNode,
    String minor) {
  private static final int LONGEST = 96;
  private static final Set<String> BEFORE_NVLINK_5 =
      Set.of("kepler", "maxwell", "pascal", "volta", "turing", "ampere", "ada", "hopper");

  /**
   * Asks the device.
   *
   * @param scratch at least 128 bytes
   */
  static NvmlIdentity read(Nvml nvml, long device, String node, NativeBlock scratch) {
    Strings strings = new Strings(scratch);
    int indexCode = nvml.index(device, strings.out());
    String index = strings.number(indexCode);
    int uuidCode = nvml.uuid(device, strings.out(), LONGEST);
    String uuid = strings.text(uuidCode);
    int nameCode = nvml.name(device, strings.out(), LONGEST);
    String name = strings.text(nameCode);
    return new NvmlIdentity(
        firstFailure(uuidCode, nameCode, indexCode),
        new Accelerator(node, index, uuid, "nvidia", name, nvml.library().simulated()),
        strings.pciBusId(nvml.pci(device, strings.out())),
        strings.text(nvml.serial(device, strings.out(), LONGEST)),
        strings.text(nvml.partNumber(device, strings.out(), LONGEST)),
        strings.text(nvml.vbiosVersion(device, strings.out(), LONGEST)),
        strings.architecture(nvml.architecture(device, strings.out())),
        strings.number(nvml.numaNode(device, strings.out())),
        strings.number(nvml.minor(device, strings.out())));
  }

  private static int firstFailure(int... codes) {
    return IntStream.of(codes)
        .filter(code -> code != NvmlCode.SUCCESS)
        .findFirst()
        .orElse(NvmlCode.SUCCESS);
  }

  /**
   * Whether its NVLinks count by the fields of NVLink 5. Told by the architecture: the version that
   * the driver gives a link is a code whose 5 means 3.1 in the header.
   */
  boolean nvlink5() {
    return !architecture.isEmpty() && !BEFORE_NVLINK_5.contains(architecture);
  }

  /** The own labels of {@code millwright_accelerator_info}, in order. */
  String[] infoLabels(String driverVersion) {
    return new String[] {
      pciBusId, serial, partNumber, driverVersion, vbios, architecture, numaNode, minor
    };
  }

  /** Out-parameters as text; empty for any code but success. */
  private record Strings(NativeBlock scratch) {

    long out() {
      return scratch.address(0);
    }

    String text(int code) {
      return code == NvmlCode.SUCCESS ? scratch.getString(0, LONGEST) : "";
    }

    String number(int code) {
      return code == NvmlCode.SUCCESS ? Long.toString(scratch.getUnsigned(0)) : "";
    }

    String pciBusId(int code) {
      return code == NvmlCode.SUCCESS
          ? scratch
              .getString(NvmlLayout.PCI_BUS_ID, NvmlLayout.PCI_BUS_ID_LENGTH)
              .toLowerCase(Locale.ROOT)
          : "";
    }

    String architecture(int code) {
      return code == NvmlCode.SUCCESS ? Architecture.word(scratch.getInt(0)) : "";
    }
  }
}
