package io.millwright.agent.launcher.verb;

import io.millwright.protocol.vocabulary.Fault;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What the launcher answers. */
public sealed interface Answer {

  /** Why nothing was done, for good or for now; empty for every other answer. */
  default Optional<String> refusal() {
    return switch (this) {
      case Refused(String why) -> Optional.of(why);
      case Later(String why) -> Optional.of(why);
      case Done _, Capped _, Failed _, Told _ -> Optional.empty();
    };
  }

  /** It is done. */
  record Done() implements Answer {}

  /** Nothing was done, and why. */
  record Refused(String sentence) implements Answer {}

  /** Nothing was done, and why; the same may be done if it is asked again. */
  record Later(String sentence) implements Answer {}

  /** Power limits were asked for; of each device what came of it. */
  record Capped(List<Cap> caps) implements Answer {
    public Capped {
      caps = List.copyOf(caps);
    }
  }

  /**
   * What came of one device's power limit.
   *
   * @param device its UUID
   * @param result a word, or a word and a reason behind a colon
   * @param setMilliwatts what the driver was told; empty where it was told nothing
   * @param inForceMilliwatts what is in force, as read back; empty where it could not be read
   */
  record Cap(
      String device, String result, OptionalLong setMilliwatts, OptionalLong inForceMilliwatts) {}

  /**
   * It was begun, now counts as begun for ever, and the program was not reached; and why. Of a
   * hook: it failed.
   */
  record Failed(String sentence) implements Answer {}

  /** What a {@link Verb.Read} read. All lists are bounded, all words printable. */
  sealed interface Told extends Answer {}

  /** Of each NVMe controller what it says of its health. */
  record Disks(List<Disk> disks) implements Told {
    public Disks {
      disks = bounded("disks", disks, Bounds.MOST_DISKS);
    }
  }

  /**
   * One NVMe controller.
   *
   * @param device its name, {@code nvme0}
   * @param health what it says; empty without a fault where the controller keeps no such log
   * @param fault why nothing could be had
   */
  record Disk(String device, Optional<DiskHealth> health, Optional<Fault> fault) {
    public Disk {
      word("device", device, Bounds.DISK);
      if (health.isPresent() && fault.isPresent()) {
        throw new IllegalArgumentException("health, fault: one of them is allowed, not both");
      }
    }
  }

  /**
   * From the controller's SMART log.
   *
   * @param warnings the bits of the critical warning
   * @param kelvin composite temperature; empty where the controller gives none
   * @param sparePercent spare capacity that is left; empty where the controller gives none
   * @param usedPercent endurance used, up to 255
   * @param mediaErrors over the controller's life; empty beyond 63 bits, which nobody believes
   */
  record DiskHealth(
      int warnings,
      OptionalInt kelvin,
      OptionalInt sparePercent,
      int usedPercent,
      OptionalLong mediaErrors) {}

  /** The counters of energy, as the kernel shows them. */
  record Energy(List<Zone> zones) implements Told {
    public Energy {
      zones = bounded("zones", zones, Bounds.MOST_ZONES);
    }
  }

  /**
   * One counter of energy.
   *
   * @param processor number of the package, {@code 0}, or {@code 0-die-1}
   * @param zone {@code package} or {@code dram}
   * @param microjoules the counter; empty where it could not be read
   * @param rangeMicrojoules where it begins anew
   * @param fault why the counter could not be read
   */
  record Zone(
      String processor,
      String zone,
      OptionalLong microjoules,
      long rangeMicrojoules,
      Optional<Fault> fault) {
    public Zone {
      word("processor", processor, Bounds.PROCESSOR);
      word("zone", zone, Bounds.ZONE);
      if (microjoules.isPresent() == fault.isPresent()) {
        throw new IllegalArgumentException("microjoules, fault: one of them is allowed, not both");
      }
    }
  }

  /**
   * The power of the whole node.
   *
   * @param watts empty where the node has no such controller, or one that does not measure
   * @param fault why what it measures could not be had
   */
  record NodePower(OptionalInt watts, Optional<Fault> fault) implements Told {}

  /**
   * Who holds the accelerators' device nodes.
   *
   * @param devices each node that there is, also one that nobody holds
   * @param whole whether all processes were looked at; otherwise the counts are too low
   */
  record Holdings(List<Holding> devices, boolean whole) implements Told {
    public Holdings {
      devices = bounded("devices", devices, Bounds.MOST_NODES);
    }
  }

  /**
   * Who holds one device node.
   *
   * @param device its name, {@code neuron3}
   * @param count processes that hold it
   * @param holders as many of them as are named
   */
  record Holding(String device, int count, List<Holder> holders) {
    public Holding {
      word("device", device, Bounds.NODE);
      holders = bounded("holders", holders, Bounds.MOST_HOLDERS);
      if (count < holders.size()) {
        throw new IllegalArgumentException(
            "count: %d is refused; allowed is as many as holders are named, %d, or more"
                .formatted(count, holders.size()));
      }
    }
  }

  /**
   * A process that holds a device node.
   *
   * @param command what the kernel calls it, which its owner chooses
   * @param uid its real user
   * @param startTicks when it began, in hundredths of a second since the boot
   */
  record Holder(long pid, String command, long uid, long startTicks) {
    public Holder {
      word("command", command, Bounds.COMMAND);
    }
  }

  /**
   * What is left of a run.
   *
   * @param count its processes
   * @param threads of them that are named: those that no signal reaches, else the first of each
   */
  record Stuck(int count, List<StuckThread> threads) implements Told {
    public Stuck {
      threads = bounded("threads", threads, Bounds.MOST_STUCK);
    }
  }

  /**
   * A thread and what it waits for.
   *
   * @param pid of its process
   * @param command what the kernel calls the thread, which its owner chooses
   * @param state as in {@code /proc/<pid>/stat}; {@code D} for one that no signal reaches
   * @param waits the function of the kernel that it waits in; empty where that is not told
   * @param stack functions of the kernel, the innermost first; empty where that is not told
   */
  record StuckThread(
      long pid, long thread, String command, String state, String waits, List<String> stack) {
    public StuckThread {
      word("command", command, Bounds.COMMAND);
      word("state", state, Bounds.STATE);
      word("waits", waits, Bounds.FUNCTION);
      stack = bounded("stack", stack, Bounds.MOST_FRAMES);
      stack.forEach(function -> word("stack", function, Bounds.FUNCTION));
    }
  }

  private static <T> List<T> bounded(String field, List<T> list, int most) {
    if (list.size() > most) {
      throw new IllegalArgumentException(
          "%s: %d are refused; allowed are up to %d".formatted(field, list.size(), most));
    }
    return List.copyOf(list);
  }

  private static void word(String field, String word, Pattern form) {
    if (!form.matcher(word).matches()) {
      throw new IllegalArgumentException(
          "%s: '%s' is refused; allowed is %s"
              .formatted(field, word.replaceAll("\\p{Cc}", "?"), form));
    }
  }

  /** Of what is told, far below what a message may have. */
  final class Bounds {
    public static final int MOST_DISKS = 128;
    public static final int MOST_ZONES = 128;
    public static final int MOST_NODES = 256;

    /** That are named of one device node. */
    public static final int MOST_HOLDERS = 64;

    /** That are named of all device nodes together. */
    public static final int MOST_HOLDINGS = 2048;

    /** Threads of a run that does not end. */
    public static final int MOST_STUCK = 64;

    /** Of a thread's stack. */
    public static final int MOST_FRAMES = 16;

    /** Letters of a function's name. */
    public static final int LONGEST_FUNCTION = 128;

    private static final Pattern STATE = Pattern.compile("[A-Za-z]");
    private static final Pattern FUNCTION = Pattern.compile("[\\x21-\\x7e]{0,128}");
    private static final Pattern DISK = Pattern.compile("nvme[0-9]{1,4}");
    private static final Pattern PROCESSOR = Pattern.compile("[0-9]{1,4}(-die-[0-9]{1,4})?");
    private static final Pattern ZONE = Pattern.compile("package|dram");
    private static final Pattern NODE = Pattern.compile("(neuron|nvidia)[0-9]{1,4}");
    private static final Pattern COMMAND = Pattern.compile("[^\\p{Cc}]{0,64}");

    private Bounds() {}
  }
}
