package io.millwright.agent.launcher.verb;

import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What the agent may ask the launcher for; there is nothing else. */
public sealed interface Verb {
  /** Grace that a stop may give at most, in milliseconds. */
  long LONGEST_GRACE_MS = 3600_000;

  /** Begins a run that has never begun, if the node's policy allows it. */
  sealed interface Begin extends Verb {}

  /** As the agent wants it. */
  record Start(Assignment assignment) implements Begin {}

  /** As the collector signed it: all that is to be begun is read from the order alone. */
  record StartSigned(StartOrder order) implements Begin {}

  /**
   * Goes on with what the node's policy wants done before a run: begins the next of its hooks, or
   * tells what became of it. Answered at once: later, while one is under way.
   *
   * @param instances those of the run's devices that are MIG instances
   */
  record HookBefore(Begin start, List<Instance> instances) implements Verb {
    public HookBefore {
      instances = List.copyOf(instances);
      if (instances.size() > StartInstances.MOST) {
        throw new IllegalArgumentException(
            "instances: %d are refused; allowed are up to %d"
                .formatted(instances.size(), StartInstances.MOST));
      }
    }
  }

  /** The same after a run that has ended, or of one that will not begin. */
  record HookAfter(RunId run) implements Verb {}

  /**
   * Begins a run that has MIG instances: the kernel does not say of which GPU a UUID is one.
   *
   * @param instances each of the run's devices once
   */
  record StartInstances(Begin start, List<Instance> instances) implements Verb {
    private static final int MOST = 64;

    public StartInstances {
      instances = List.copyOf(instances);
      if (instances.isEmpty() || instances.size() > MOST) {
        throw new IllegalArgumentException(
            "instances: %d are refused; allowed are 1 to %d".formatted(instances.size(), MOST));
      }
    }
  }

  /**
   * Where a MIG instance is.
   *
   * @param gpu UUID of its GPU
   * @param place as {@link InstanceId} writes it; a compute instance that is the only one of its
   *     GPU instance needs no number
   */
  record Instance(String uuid, String gpu, String place) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,96}");

    public Instance {
      for (String name : List.of(uuid, gpu)) {
        if (!NAME.matcher(name).matches()) {
          throw new IllegalArgumentException(
              "instances: '%s' is refused; allowed is a UUID"
                  .formatted(name.replaceAll("\\p{Cc}", "?")));
        }
      }
      if (InstanceId.of(place).isEmpty()) {
        throw new IllegalArgumentException(
            "instances: '%s' is refused; allowed is a place such as gi1 or gi1ci0"
                .formatted(place.replaceAll("\\p{Cc}", "?")));
      }
    }

    /** As the driver names its GPU instance, {@code gi1}. */
    public String gpuInstance() {
      return InstanceId.of(place).orElseThrow().gpuInstanceText();
    }

    /** As the driver names its compute instance, {@code ci0}; empty where it is not said. */
    public Optional<String> computeInstance() {
      OptionalInt number = InstanceId.of(place).orElseThrow().computeInstance();
      return number.isPresent() ? Optional.of("ci" + number.getAsInt()) : Optional.empty();
    }
  }

  /** Asks all of a run to end; those that have not after the grace are the agent's to kill. */
  record Stop(RunId run, long graceMs) implements Verb {
    public Stop {
      if (graceMs < 0 || graceMs > LONGEST_GRACE_MS) {
        throw new IllegalArgumentException(
            "grace_ms: '%d' is refused; allowed is from 0 to %d"
                .formatted(graceMs, LONGEST_GRACE_MS));
      }
    }
  }

  /** Kills all of a run at once. */
  record Kill(RunId run) implements Verb {}

  /** Writes the end of a run down, where its unit has ended and nobody did. */
  record Note(RunId run) implements Verb {}

  /** Answered when no start that was asked for earlier is under way. */
  record Settle() implements Verb {}

  /** Deletes what is kept of a run that ended; not that it was begun. */
  record Forget(RunId run) implements Verb {}

  /**
   * Lets a run go on whose job asks to be stopped when no collector renews it, if the node's policy
   * allows such leases; also one that is about to begin.
   *
   * @param untilMs when it is stopped, in milliseconds since the boot (CLOCK_BOOTTIME)
   */
  record Renew(RunId run, long untilMs) implements Verb {
    /** The longest that a run may be let go on, in milliseconds from now. */
    public static final long LONGEST_MS = 24L * 3600 * 1000;

    public Renew {
      if (untilMs < 1) {
        throw new IllegalArgumentException(
            "until_ms: '%d' is refused; allowed is from 1".formatted(untilMs));
      }
    }
  }

  /**
   * Holds devices to a power limit, if the node's policy says that limits are ours to set.
   *
   * @param devices UUIDs, each once
   * @param watts for each of them; empty for the device's own default
   */
  record Power(List<String> devices, OptionalLong watts) implements Verb {
    /** The most devices in one request. */
    public static final int MOST_DEVICES = 64;

    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9-]{1,80}");
    private static final long MOST_WATTS = 100_000;

    public Power {
      devices = List.copyOf(devices);
      if (devices.isEmpty() || devices.size() > MOST_DEVICES) {
        throw new IllegalArgumentException(
            "devices: %d are refused; allowed are 1 to %d".formatted(devices.size(), MOST_DEVICES));
      }
      for (String device : devices) {
        if (!DEVICE.matcher(device).matches()) {
          throw new IllegalArgumentException(
              "devices: '%s' is refused; allowed is the UUID of an accelerator"
                  .formatted(device.replaceAll("\\p{Cc}", "?")));
        }
      }
      if (new HashSet<>(devices).size() != devices.size()) {
        throw new IllegalArgumentException("devices: one is named twice; allowed is each once");
      }
      if (watts.isPresent() && (watts.getAsLong() < 1 || watts.getAsLong() > MOST_WATTS)) {
        throw new IllegalArgumentException(
            "watts: '%d' is refused; allowed is from 1 to %d"
                .formatted(watts.getAsLong(), MOST_WATTS));
      }
    }
  }

  /** Reads what only root may read, and changes nothing. None names a device, process or path. */
  sealed interface Read extends Verb {}

  /** What each NVMe controller says of its health. */
  record ReadNvme() implements Read {}

  /** The counters of energy of the processors and their memory. */
  record ReadRapl() implements Read {}

  /** The power of the whole node, as its management controller measures it. */
  record ReadDcmi() implements Read {}

  /** Which processes hold the device nodes of accelerators. */
  record ReadHolders() implements Read {}

  /** What the processes of a run wait for that do not end. */
  record ReadStuck(RunId run) implements Read {}

  /** These bytes are no verb: one sentence. */
  final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    Unreadable(String sentence) {
      super(sentence);
    }

    /** What is wrong with them. */
    public String sentence() {
      return String.valueOf(getMessage());
    }
  }
}
