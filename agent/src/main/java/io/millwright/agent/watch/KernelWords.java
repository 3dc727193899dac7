package io.millwright.agent.watch;

import io.millwright.agent.health.Event;
import io.millwright.agent.health.Event.Gravity;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the lines of the kernel log mean.
 *
 * <pre>
 * NVRM: Xid (PCI:0000:1a:00): 79, pid=1234, name=python, GPU has fallen off the bus.
 * NVRM: Xid (0000:03:00): 14, Channel 00000001
 * NVRM: Xid (PCI:0000:3b:00 GPU-I:01 GPU-CI:02): 13, pid=9, name=a, Graphics Exception
 * NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6 0x00000000)
 * NVRM: The NVIDIA GPU 0000:b3:00.0 ... fallen off the bus and is not responding to commands.
 * </pre>
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
  private static final Pattern WHOSE =
      Pattern.compile("pid='?[^,']{0,32}'?,\\s*name=[^,]{0,64},?\\s*");
  private static final Pattern FILESYSTEM =
      Pattern.compile(
          "(?:EXT[234]-fs error|EXT[234]-fs .*Remounting filesystem read-only"
              + "|XFS .*(?:[Ss]hutting down filesystem|Filesystem has been shut down)"
              + "|BTRFS.*forced readonly).*");
  private static final Pattern OOM = Pattern.compile("Out of memory: Killed process .*");
  private static final Pattern SOFT_LOCKUP =
      Pattern.compile("(?:watchdog: )?BUG: soft lockup - CPU#.*");
  private static final int FALLEN_OFF = 79;
  private static final int FIRST_OF_LINKS = 144;
  private static final int LAST_OF_LINKS = 150;
  private static final int LONGEST = 120;

  static final String FS_ERROR = "fs_error";
  static final String OUT_OF_MEMORY = "oom";
  static final String LOCKUP = "soft_lockup";

  private KernelWords() {}

  /** The event of a line; empty for the many that are none. */
  static Optional<Event> event(String text, long atMs) {
    if (text.startsWith("NVRM: ")) {
      return driver(text, atMs);
    }
    if (FILESYSTEM.matcher(text).matches()) {
      return Optional.of(new Event.Kernel(FS_ERROR, atMs, shown(text)));
    }
    if (OOM.matcher(text).matches()) {
      return Optional.of(new Event.Kernel(OUT_OF_MEMORY, atMs, "a process was killed"));
    }
    return SOFT_LOCKUP.matcher(text).matches()
        ? Optional.of(new Event.Kernel(LOCKUP, atMs, shown(text.replaceAll("\\[[^]]*]", ""))))
        : Optional.empty();
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
              code,
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
                FALLEN_OFF,
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
