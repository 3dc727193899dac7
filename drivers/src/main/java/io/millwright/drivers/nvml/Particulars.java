package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * What a device says of itself beyond its {@link NvmlIdentity}: its place in a rack, what of the
 * host is near, its firmware, how many fans it has. Asked in the slow rounds until it is answered
 * or refused, each part by itself; a failure that stays is not asked about for ever. A device that
 * knew its place on the baseboard alone is asked for the one in the rack when something happened.
 */
final class Particulars implements Reader {
  private static final int LONGEST = 64;

  /** A label's value has no more than 256 characters. */
  private static final int LONGEST_SET = 256;

  private static final int MOST_FANS = 16;
  private static final int TRIES = 10;
  private static final int OEM = 0;
  private static final int ECC = 1;
  private static final int POWER = 2;

  /** Words of a set: room for 4096 processors, all of the scratch area. */
  private static final int WORDS = DeviceCalls.OUT_SIZE / Long.BYTES;

  /** {@code NVML_AFFINITY_SCOPE_NODE}. */
  private static final int NEAREST = 0;

  private final List<Question> questions;
  private final Question whereabouts = new Question(this::place, this::takePlace);
  private final Map<String, String> firmware = new TreeMap<>();
  private List<String> place = List.of();
  private boolean chassis;
  private boolean rack;
  private Map<String, String> linkFirmware = Map.of();
  private String cpus = "";
  private String numaNodes = "";
  private int fans;
  private boolean news;

  /** One call, until it is answered or refused. */
  private final class Question {
    private final ToIntFunction<DeviceCalls> call;
    private final Consumer<DeviceCalls> answer;
    private boolean answered;
    private boolean told;
    private int tries = TRIES;

    Question(ToIntFunction<DeviceCalls> call, Consumer<DeviceCalls> answer) {
      this.call = call;
      this.answer = answer;
    }

    void ask(DeviceCalls calls) {
      if (answered || tries == 0) {
        return;
      }
      int code = call.applyAsInt(calls);
      if (NvmlCode.resting(code)) {
        return;
      }
      tries = NvmlCode.refusal(code) ? 0 : tries - 1;
      if (calls.succeeded(code)) {
        answer.accept(calls);
        answered = true;
        news |= !told;
        told = true;
      }
    }

    void askAnew() {
      tries = TRIES;
    }

    /** The answer was half of one. */
    void reopen() {
      answered = false;
    }
  }

  /**
   * @param vbios as the identity has it
   */
  Particulars(String vbios, SeriesTable.Builder table) {
    List<Question> asked = new ArrayList<>();
    questions = asked;
    if (!wanted(table)) {
      return;
    }
    if (table.wants(Metric.ACCELERATOR_FAN_SPEED_RATIO)) {
      asked.add(new Question(c -> c.nvml().fans(c.device(), c.out(0)), this::takeFans));
    }
    asked.add(whereabouts);
    asked.add(
        new Question(c -> c.nvml().cpuAffinity(c.device(), WORDS, c.out(0)), c -> cpus = set(c)));
    asked.add(
        new Question(
            c -> c.nvml().memoryAffinity(c.device(), WORDS, c.out(0), NEAREST),
            c -> numaNodes = set(c)));
    if (!table.wants(Metric.ACCELERATOR_FIRMWARE_INFO)) {
      return;
    }
    if (!vbios.isEmpty()) {
      firmware.put("vbios", vbios);
      news = true;
    }
    asked.add(version("gsp", c -> c.nvml().gspFirmwareVersion(c.device(), c.out(0))));
    asked.add(
        version("inforom_image", c -> c.nvml().inforomImageVersion(c.device(), c.out(0), LONGEST)));
    asked.add(version("inforom_oem", c -> inforom(c, OEM)));
    asked.add(version("inforom_ecc", c -> inforom(c, ECC)));
    asked.add(version("inforom_power", c -> inforom(c, POWER)));
    asked.add(new Question(this::linkFirmware, c -> firmware.putAll(linkFirmware)));
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(Metric.ACCELERATOR_SLOT_INFO);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      for (int i = 0; i < questions.size(); i++) {
        questions.get(i).ask(calls);
      }
    }
  }

  @Override
  public void askAnew() {
    questions.forEach(Question::askAnew);
    if (!rack) {
      whereabouts.reopen();
    }
  }

  /** Whether there is more to show than when this was asked last. */
  boolean takeNews() {
    boolean there = news;
    news = false;
    return there;
  }

  /** Fans of the board itself. */
  int fans() {
    return fans;
  }

  /** What is known by now, as series whose value is always 1. */
  List<Series> infos(Accelerator accelerator) {
    List<Series> infos = new ArrayList<>();
    if (!place.isEmpty()) {
      infos.add(Series.of(Metric.ACCELERATOR_SLOT_INFO, accelerator, place.toArray(String[]::new)));
    }
    if (!cpus.isEmpty() || !numaNodes.isEmpty()) {
      infos.add(Series.of(Metric.ACCELERATOR_AFFINITY_INFO, accelerator, cpus, numaNodes));
    }
    firmware.forEach((component, version) ->
        infos.add(Series.of(Metric.ACCELERATOR_FIRMWARE_INFO, accelerator, component, version)));
    return infos;
  }

  private void takeFans(DeviceCalls calls) {
    fans = (int) Math.min(calls.block().getUnsigned(DeviceCalls.OUT), MOST_FANS);
  }

  private int linkFirmware(DeviceCalls calls) {
    LinkFirmware answer = LinkFirmware.ask(calls);
    linkFirmware = answer.versions();
    return answer.code();
  }

  /** Before Blackwell a device knows its place on the baseboard, and none in a rack. */
  private int place(DeviceCalls calls) {
    int code = platform(calls);
    rack = !NvmlCode.refusal(code);
    return rack ? code : calls.nvml().module(calls.device(), calls.out(0));
  }

  /** The first version has a GUID of the rack where the second has the chassis. */
  private int platform(DeviceCalls calls) {
    chassis = true;
    int code = platform(calls, NvmlLayout.PLATFORM_V2_VERSION);
    if (code == NvmlCode.ARGUMENT_VERSION_MISMATCH) {
      chassis = false;
      code = platform(calls, NvmlLayout.PLATFORM_V1_VERSION);
    }
    return code;
  }

  private static int platform(DeviceCalls calls, int version) {
    calls.block().putInt(DeviceCalls.OUT, version);
    return calls.nvml().platform(calls.device(), version, calls.out(0));
  }

  /** In the order of the labels: chassis, slot, tray, host, module, type of the peers. */
  private void takePlace(DeviceCalls calls) {
    List<String> now = rack ? inRack(calls) : onBaseboard(calls);
    news |= !now.equals(place);
    place = now;
  }

  private List<String> inRack(DeviceCalls calls) {
    return List.of(
        chassis ? chassisSerial(calls) : "",
        number(calls, NvmlLayout.PLATFORM_SLOT),
        number(calls, NvmlLayout.PLATFORM_TRAY),
        number(calls, NvmlLayout.PLATFORM_HOST),
        number(calls, NvmlLayout.PLATFORM_MODULE),
        number(calls, NvmlLayout.PLATFORM_PEER));
  }

  private static List<String> onBaseboard(DeviceCalls calls) {
    String module = Long.toString(calls.block().getUnsigned(DeviceCalls.OUT));
    return List.of("", "", "", "", module, "");
  }

  /** Text that fills its sixteen bytes has no NUL; what is no text is shown by its bytes. */
  private static String chassisSerial(DeviceCalls calls) {
    int at = DeviceCalls.OUT + NvmlLayout.PLATFORM_CHASSIS;
    byte[] bytes = new byte[NvmlLayout.PLATFORM_CHASSIS_LENGTH];
    boolean printable = true;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) calls.block().getUnsignedByte(at + i);
      printable &= bytes[i] == 0 || (bytes[i] > ' ' && bytes[i] < 0x7F);
    }
    return printable
        ? new String(bytes, StandardCharsets.US_ASCII).replace("\0", "")
        : HexFormat.of().formatHex(bytes);
  }

  private static String number(DeviceCalls calls, int offset) {
    return Integer.toString(calls.block().getUnsignedByte(DeviceCalls.OUT + offset));
  }

  private static int inforom(DeviceCalls calls, int object) {
    return calls.nvml().inforomVersion(calls.device(), object, calls.out(0), LONGEST);
  }

  private Question version(String component, ToIntFunction<DeviceCalls> call) {
    return new Question(
        call, c -> firmware.put(component, c.block().getString(DeviceCalls.OUT, LONGEST)));
  }

  /** The set in the scratch area. */
  private static String set(DeviceCalls calls) {
    BitSet bits = new BitSet();
    for (int word = 0; word < WORDS; word++) {
      long held = calls.block().getLong(DeviceCalls.OUT + word * Long.BYTES);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        bits.set(word * Long.SIZE + bit, (held >>> bit & 1) == 1);
      }
    }
    return set(bits);
  }

  /**
   * A set in the kernel's form (cpuset(7), "Formats"): ranges, {@code 0-55,112-167}, or one with a
   * stride, {@code 0-222:1/2}, as where processors are numbered by socket in turn. Empty where
   * neither has room in a label, as half a set would be a wrong one.
   */
  static String set(BitSet bits) {
    int stride = stride(bits);
    if (stride > 1) {
      return "%d-%d:1/%d".formatted(bits.nextSetBit(0), bits.length() - 1, stride);
    }
    StringJoiner ranges = new StringJoiner(",");
    for (int first = bits.nextSetBit(0); first >= 0; ) {
      int last = bits.nextClearBit(first) - 1;
      ranges.add(last == first ? Integer.toString(first) : first + "-" + last);
      first = bits.nextSetBit(last + 1);
    }
    return ranges.length() <= LONGEST_SET ? ranges.toString() : "";
  }

  /**
   * The distance of all neighbours in a set of three and more; 0 where they have none in common.
   */
  private static int stride(BitSet bits) {
    int first = bits.nextSetBit(0);
    int second = bits.cardinality() < 3 ? -1 : bits.nextSetBit(first + 1);
    int stride = second - first;
    for (int at = second; second >= 0 && at < bits.length() - 1; ) {
      int next = bits.nextSetBit(at + 1);
      if (next - at != stride) {
        return 0;
      }
      at = next;
    }
    return second < 0 ? 0 : stride;
  }
}
