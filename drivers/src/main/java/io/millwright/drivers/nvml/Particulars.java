package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.Fabric.Membership;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What a device says of itself beyond its {@link NvmlIdentity}, for sites that see further than
 * tier {@code base}: nothing of it is asked for otherwise.
 *
 * @param known whether the driver has answered everything; where it has not, it is asked again
 * @param fans of the board itself
 * @param place in a rack; none where the device knows none
 * @param membership of the fabric's domain, as of the asking
 * @param near processors and memory of the host; none where the driver does not say
 * @param firmware by component
 */
record Particulars(
    boolean known,
    int fans,
    Optional<Place> place,
    Membership membership,
    Optional<Near> near,
    List<Firmware> firmware) {
  /** Room for this many words of a set, 4096 processors: all of the scratch area. */
  private static final int WORDS = DeviceCalls.OUT_SIZE / Long.BYTES;

  /** {@code NVML_AFFINITY_SCOPE_NODE}. */
  private static final int NEAREST = 0;

  private static final int LONGEST = 64;
  private static final int MOST_FANS = 16;
  private static final int OEM = 0;
  private static final int ECC = 1;
  private static final int POWER = 2;

  private static final Particulars NOT_ASKED =
      new Particulars(true, 0, Optional.empty(), Membership.NONE, Optional.empty(), List.of());

  Particulars {
    firmware = List.copyOf(firmware);
  }

  /**
   * The own labels of {@code millwright_accelerator_affinity_info}.
   *
   * @param cpus as the kernel writes sets, {@code 0-55,112-167}
   * @param numaNodes likewise
   */
  record Near(String cpus, String numaNodes) {}

  /** One component and its version. */
  record Firmware(String component, String version) {}

  /**
   * The own labels of {@code millwright_accelerator_slot_info}.
   *
   * @param chassisSerial empty where the driver is too old to say
   * @param module counts within the tray or board
   * @param peerType the driver's number
   */
  record Place(
      String chassisSerial, String slot, String tray, String host, String module, String peerType) {

    String[] labels() {
      return new String[] {chassisSerial, slot, tray, host, module, peerType};
    }
  }

  /** Asks the device, of what the site wants to see. */
  static Particulars ask(Nvml nvml, long device, String vbios, Metric.Tier tier) {
    if (Metric.ACCELERATOR_SLOT_INFO.tier().compareTo(tier) > 0) {
      return NOT_ASKED;
    }
    try (NativeBlock block = new NativeBlock(DeviceCalls.OUT + DeviceCalls.OUT_SIZE)) {
      Readings none = new Readings(SeriesTable.builder().build());
      return new Asking(new DeviceCalls(nvml, device, block, none)).particulars(vbios, tier);
    }
  }

  /** The calls, and whether one of them has failed in a way that may pass. */
  private static final class Asking {
    private final DeviceCalls calls;
    private boolean known = true;

    Asking(DeviceCalls calls) {
      this.calls = calls;
    }

    Particulars particulars(String vbios, Metric.Tier tier) {
      boolean wanted = Metric.ACCELERATOR_FAN_SPEED_RATIO.tier().compareTo(tier) <= 0;
      int fans = wanted ? fans() : 0;
      Optional<Place> place = place();
      Membership membership = membership();
      List<Firmware> firmware = firmware(vbios);
      Optional<Near> near = near();
      return new Particulars(known, fans, place, membership, near, firmware);
    }

    private boolean answered(int code) {
      known &= code == NvmlCode.SUCCESS || NvmlCode.absent(code);
      return code == NvmlCode.SUCCESS;
    }

    private int fans() {
      int code = calls.nvml().fans(calls.device(), calls.out(0));
      return answered(code)
          ? (int) Math.min(calls.block().getUnsigned(DeviceCalls.OUT), MOST_FANS)
          : 0;
    }

    private Optional<Place> place() {
      int version = NvmlLayout.PLATFORM_V2_VERSION;
      int code = platform(version);
      if (code == NvmlCode.ARGUMENT_VERSION_MISMATCH) {
        version = NvmlLayout.PLATFORM_V1_VERSION;
        code = platform(version);
      }
      return answered(code)
          ? Optional.of(place(version == NvmlLayout.PLATFORM_V2_VERSION))
          : Optional.empty();
    }

    private int platform(int version) {
      calls.block().putInt(DeviceCalls.OUT, version);
      return calls.nvml().platform(calls.device(), version, calls.out(0));
    }

    /** The first version has a GUID of the rack where the second has the chassis. */
    private Place place(boolean chassis) {
      return new Place(
          chassis ? chassisSerial() : "",
          number(NvmlLayout.PLATFORM_SLOT),
          number(NvmlLayout.PLATFORM_TRAY),
          number(NvmlLayout.PLATFORM_HOST),
          number(NvmlLayout.PLATFORM_MODULE),
          number(NvmlLayout.PLATFORM_PEER));
    }

    /** Text that fills its sixteen bytes has no NUL; what is no text is shown by its bytes. */
    private String chassisSerial() {
      int at = DeviceCalls.OUT + NvmlLayout.PLATFORM_CHASSIS;
      byte[] bytes = new byte[NvmlLayout.PLATFORM_CHASSIS_LENGTH];
      int length = 0;
      boolean printable = true;
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) calls.block().getUnsignedByte(at + i);
        length = bytes[i] == 0 ? length : i + 1;
        printable &= bytes[i] == 0 || (bytes[i] > ' ' && bytes[i] < 0x7F);
      }
      return printable
          ? new String(bytes, 0, length, StandardCharsets.US_ASCII).replace("\0", "")
          : HexFormat.of().formatHex(bytes);
    }

    private String number(int offset) {
      return Integer.toString(calls.block().getUnsignedByte(DeviceCalls.OUT + offset));
    }

    private Membership membership() {
      Fabric fabric = new Fabric();
      return answered(fabric.ask(calls)) ? fabric.membership(calls) : Membership.NONE;
    }

    private Optional<Near> near() {
      Nvml nvml = calls.nvml();
      boolean told = answered(nvml.cpuAffinity(calls.device(), WORDS, calls.out(0)));
      String cpus = told ? set() : "";
      boolean memory = answered(nvml.memoryAffinity(calls.device(), WORDS, calls.out(0), NEAREST));
      String nodes = memory ? set() : "";
      return told || memory ? Optional.of(new Near(cpus, nodes)) : Optional.empty();
    }

    /** The set in the scratch area as ranges. */
    private String set() {
      BitSet bits = new BitSet();
      for (int word = 0; word < WORDS; word++) {
        long held = calls.block().getLong(DeviceCalls.OUT + word * Long.BYTES);
        for (int bit = 0; bit < Long.SIZE; bit++) {
          bits.set(word * Long.SIZE + bit, (held >>> bit & 1) == 1);
        }
      }
      StringJoiner ranges = new StringJoiner(",");
      for (int first = bits.nextSetBit(0); first >= 0; ) {
        int last = bits.nextClearBit(first) - 1;
        ranges.add(last == first ? Integer.toString(first) : first + "-" + last);
        first = bits.nextSetBit(last + 1);
      }
      return ranges.toString();
    }

    private List<Firmware> firmware(String vbios) {
      Nvml nvml = calls.nvml();
      long device = calls.device();
      long out = calls.out(0);
      List<Firmware> firmware = new ArrayList<>();
      if (!vbios.isEmpty()) {
        firmware.add(new Firmware("vbios", vbios));
      }
      add(firmware, "gsp", nvml.gspFirmwareVersion(device, out));
      add(firmware, "inforom_image", nvml.inforomImageVersion(device, out, LONGEST));
      add(firmware, "inforom_oem", nvml.inforomVersion(device, OEM, out, LONGEST));
      add(firmware, "inforom_ecc", nvml.inforomVersion(device, ECC, out, LONGEST));
      add(firmware, "inforom_power", nvml.inforomVersion(device, POWER, out, LONGEST));
      return firmware;
    }

    /** The text lies in the scratch area as the call left it. */
    private void add(List<Firmware> firmware, String component, int code) {
      if (answered(code)) {
        firmware.add(new Firmware(component, calls.block().getString(DeviceCalls.OUT, LONGEST)));
      }
    }
  }
}
