package io.millwright.agent.watch;

import io.millwright.agent.health.Event;
import io.millwright.agent.health.Event.Gravity;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the lines of the kernel log mean.
 *
 * <pre>
 * NVRM: Xid (PCI:0000:1a:00): 79, pid=1234, name=python, GPU has fallen off the bus.
 * NVRM: Xid (0000:03:00): 14, Channel 00000001
 * NVRM: Xid (PCI:0000:3b:00 GPU-I:01 GPU-CI:02): 13, pid=9, name=a, Graphics Exception
 * NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6 0x00000000)
 * NVRM: The NVIDIA GPU 0000:b3:00.0 ... fallen off the bus and is not responding to commands.
 * nvidia-nvswitch3: SXid (PCI:0000:86:00.0): 20034, Fatal, Link 30 LTSSM Fault Up
 * neuron:ncdev_printk: NEURON_HW_ERR=HBM_UNCORRECTABLE_ERROR ... nd-id=0 nc-id=0 serial-num=19fcda00f5ff6eb9 ...
 * </pre>
 *
 * <p>The rest is {@link KernelPattern}.
 */
final class KernelWords {
  private static final String ADDRESS =
      "((?:[0-9a-fA-F]{4})?[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2})(?:\\.[0-7])?";
  private static final Pattern XID =
      Pattern.compile(
          "NVRM: Xid \\((?:PCI:)?"
              + ADDRESS
              + "(?: GPU-I:(\\d{1,3}))?(?: GPU-CI:(\\d{1,3}))?\\): (\\d{1,5})(?:,\\s*(.*))?");
  private static final Pattern FALLEN =
      Pattern.compile("NVRM: [^(]{0,80}?" + ADDRESS + ".{0,300}fallen off the bus.*");
  private static final Pattern SXID =
      Pattern.compile(
          "nvidia-nvswitch\\d{0,3}: SXid \\(PCI:"
              + ADDRESS
              + "\\): (\\d{5}), (Fatal|Non-fatal), (.*)");
  private static final Pattern WHOSE =
      Pattern.compile("pid='?[^,']{0,32}'?,\\s*name=[^,]{0,64},?\\s*");
  private static final Pattern NEURON =
      Pattern.compile("neuron:.* NEURON_HW_ERR=([A-Z][A-Z0-9_]{0,63})(?: .*)?");
  private static final Pattern NEURON_DEVICE = Pattern.compile(".* nd-id=(\\d{1,3})(?: .*)?");
  private static final Pattern NEURON_SERIAL =
      Pattern.compile(".* serial-num=([0-9a-f]{1,16})(?: .*)?");
  private static final int SERIAL_DIGITS = 16;
  private static final Pattern NEURON_WORDS =
      Pattern.compile(" ((?:nc-id|action)=[A-Z_0-9]{1,32})");
  private static final String SWITCH = "nvidia-nvswitch";
  private static final int FALLEN_OFF = 79;
  private static final int FIRST_OF_LINKS = 144;
  private static final int LAST_OF_LINKS = 150;
  private static final int LONGEST = 120;

  private KernelWords() {}

  /**
   * All that a line tells: an error of a switch is one of the node's counted patterns and an error
   * with a code of its own.
   */
  static List<Event> events(String text, long atMs) {
    Optional<Event> first = event(text, atMs);
    return first.isPresent() && text.startsWith(SWITCH)
        ? Stream.concat(first.stream(), ofSwitch(text, atMs).stream()).toList()
        : first.stream().toList();
  }

  private static Optional<Event> ofSwitch(String text, long atMs) {
    Matcher sxid = SXID.matcher(text);
    return sxid.matches()
        ? Optional.of(
            new Event.DeviceError(
                new Place.Pci(sxid.group(1)),
                Optional.empty(),
                ErrorCode.sxid(Integer.parseInt(sxid.group(2))),
                Origin.KERNEL_LOG,
                atMs,
                sxid.group(3).equals("Fatal") ? Gravity.FATAL : Gravity.NONFATAL,
                shown(sxid.group(4))))
        : Optional.empty();
  }

  /** The event of a line; empty for the many that are none. */
  static Optional<Event> event(String text, long atMs) {
    if (text.startsWith("NVRM: ")) {
      return driver(text, atMs);
    }
    Matcher neuron = NEURON.matcher(text);
    if (neuron.matches()) {
      return Optional.of(neuron(neuron.group(1), text, atMs));
    }
    return KernelPattern.of(text)
        .map(pattern -> new Event.Kernel(pattern.word(), atMs, detail(pattern, text)));
  }

  /** Names of processes and tasks may be a customer's: they are not shown. */
  private static String detail(KernelPattern pattern, String text) {
    return switch (pattern) {
      case OUT_OF_MEMORY -> "a process was killed";
      case HUNG_TASK -> "a task was blocked";
      case NCCL_CRASH -> "a program crashed in libnccl";
      case SOFT_LOCKUP -> shown(text.replaceAll("\\[[^]]*]", ""));
      default -> shown(text);
    };
  }

  /**
   * The Neuron runtime has its driver print these; a process that has a device could forge one. One
   * that names no device counts as a trouble of the driver.
   */
  private static Event neuron(String type, String text, long atMs) {
    Matcher device = NEURON_DEVICE.matcher(text);
    Matcher serial = NEURON_SERIAL.matcher(text);
    OptionalInt number =
        device.matches() ? OptionalInt.of(Integer.parseInt(device.group(1))) : OptionalInt.empty();
    String digits = serial.matches() ? serial.group(1) : "";
    if (number.isEmpty() && digits.isEmpty()) {
      return new Event.Kernel(KernelPattern.NEURON_DRIVER.word(), atMs, shown(text));
    }
    StringJoiner words = new StringJoiner(", ");
    NEURON_WORDS.matcher(text).results().forEach(word -> words.add(word.group(1)));
    return new Event.DeviceError(
        new Place.Neuron(padded(digits), number),
        Optional.empty(),
        ErrorCode.neuron(type),
        Origin.KERNEL_LOG,
        atMs,
        Gravity.UNSAID,
        words.toString());
  }

  /** As sysfs has it, {@code %016llx}. */
  private static String padded(String serial) {
    return serial.isEmpty() ? "" : "0".repeat(SERIAL_DIGITS - serial.length()) + serial;
  }

  private static Optional<Event> driver(String text, long atMs) {
    Matcher xid = XID.matcher(text);
    if (xid.matches()) {
      int code = Integer.parseInt(xid.group(4));
      String words = xid.group(5) == null ? "" : WHOSE.matcher(xid.group(5)).replaceAll("");
      return Optional.of(
          new Event.DeviceError(
              new Place.Pci(xid.group(1)),
              instance(xid),
              ErrorCode.xid(code),
              Origin.KERNEL_LOG,
              atMs,
              gravity(code, words),
              shown(words)));
    }
    Matcher fallen = FALLEN.matcher(text);
    return fallen.matches()
        ? Optional.of(
            new Event.DeviceError(
                new Place.Pci(fallen.group(1)),
                Optional.empty(),
                ErrorCode.xid(FALLEN_OFF),
                Origin.KERNEL_LOG_WORDS,
                atMs,
                Gravity.UNSAID,
                "GPU has fallen off the bus"))
        : Optional.empty();
  }

  private static Optional<InstanceId> instance(Matcher xid) {
    String within = xid.group(3);
    return Optional.ofNullable(xid.group(2))
        .map(number ->
            new InstanceId(
                Integer.parseInt(number),
                within == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(within))));
  }

  /** Only the units of NVLink 5 say it. */
  private static Gravity gravity(int code, String words) {
    if (code < FIRST_OF_LINKS || code > LAST_OF_LINKS) {
      return Gravity.UNSAID;
    }
    if (words.contains("Nonfatal") || words.contains("Non-fatal")) {
      return Gravity.NONFATAL;
    }
    return words.contains("Fatal") ? Gravity.FATAL : Gravity.UNSAID;
  }

  private static String shown(String text) {
    String plain = text.replaceAll("\\p{Cc}", " ").strip();
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST);
  }
}
