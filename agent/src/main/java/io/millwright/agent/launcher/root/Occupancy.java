package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which run has which device, as the launcher itself can tell: by the units that live, the control
 * groups that are inhabited, and the starts under way. So no agent and no collector can have one
 * device given twice.
 *
 * <p><i>Threading:</i> any thread; what a start takes is reserved before anything is looked at.
 */
final class Occupancy {
  private final Layout layout;
  private final Rows rows;
  private final Map<RunId, Claim> underWay = new HashMap<>();

  /**
   * What a run has.
   *
   * @param devices by their UUIDs, of MIG instances where they are, and its IMEX channel
   * @param uid of its user; empty in a claim of an older version, which gave no Neuron devices
   */
  private record Claim(DeviceKind kind, List<String> devices, OptionalLong uid) {
    /** Of a run of which nothing is kept, where that does not matter. */
    static final Claim NOTHING = new Claim(DeviceKind.GPU, List.of(), OptionalLong.empty());

    private Claim {
      devices = List.copyOf(devices);
    }

    static Claim of(Assignment assignment, List<String> instances, long uid) {
      DeviceSet devices = assignment.devices();
      return new Claim(
          devices.kind(),
          Stream.of(devices.uuids(), instances, channel(assignment)).flatMap(List::stream).toList(),
          OptionalLong.of(uid));
    }

    static Claim of(Facts facts) {
      boolean neuron = facts.text("kind").filter(DeviceKind.NEURON.vendor()::equals).isPresent();
      return new Claim(
          neuron ? DeviceKind.NEURON : DeviceKind.GPU,
          Stream.of("devices", "instances", "channel")
              .flatMap(fact -> facts.text(fact).stream())
              .filter(words -> !words.isEmpty())
              .flatMap(words -> Arrays.stream(words.split(",")))
              .toList(),
          facts.number("uid"));
    }

    /** Whoever opens a Neuron device can reach the host's memory, and so whatever runs there. */
    boolean excludes(Claim other) {
      return (hasNeuron() || other.hasNeuron()) && !sameUser(other);
    }

    boolean hasNeuron() {
      return kind == DeviceKind.NEURON && !devices.isEmpty();
    }

    private boolean sameUser(Claim other) {
      return uid.isPresent() && uid.equals(other.uid);
    }
  }

  /** The channel of a run, as a claim names it; nothing where it has none. */
  static List<String> channel(Assignment assignment) {
    return assignment.channel().map(Claims::word).stream().toList();
  }

  /** The units of jobs that systemd has in memory. */
  @FunctionalInterface
  interface Rows {
    List<UnitRow> ofJobs() throws SystemdException;
  }

  Occupancy(Layout layout, Rows rows) {
    this.layout = layout;
    this.rows = rows;
  }

  /** Takes the devices of a start that has no MIG instances. */
  void enter(Assignment assignment, long uid, int mostRuns)
      throws Refusal, SystemdException, IOException {
    enter(assignment, List.of(), uid, mostRuns);
  }

  /**
   * Takes the devices of a start, until {@link #leave}; nothing is taken where this throws.
   *
   * @param instances of MIG, where they are: their UUIDs are the agent's word
   * @param uid of the run's user
   */
  void enter(Assignment assignment, List<String> instances, long uid, int mostRuns)
      throws Refusal, SystemdException, IOException {
    Claim claim = Claim.of(assignment, instances, uid);
    Map<RunId, Claim> others = reserve(assignment, claim);
    try {
      look(assignment.id(), claim, others, mostRuns);
    } catch (Refusal | SystemdException | IOException | RuntimeException none) {
      leave(assignment.id());
      throw none;
    }
  }

  /** What other starts under way hold. */
  private synchronized Map<RunId, Claim> reserve(Assignment assignment, Claim claim)
      throws Refusal {
    if (underWay.containsKey(assignment.id())) {
      throw new Refusal("run %s is being begun".formatted(assignment.id().text()));
    }
    Map<RunId, Claim> others = new HashMap<>(underWay);
    underWay.put(assignment.id(), claim);
    return others;
  }

  private void look(RunId own, Claim wanted, Map<RunId, Claim> held, int mostRuns)
      throws Refusal, SystemdException, IOException {
    boolean devices = !wanted.devices().isEmpty();
    for (RunId run : living()) {
      if (run.equals(own)) {
        throw new Refusal("run %s lives already".formatted(run.text()));
      }
      Optional<Claim> claimed = claim(run);
      if (devices && claimed.isEmpty()) {
        throw new Refusal(
            "devices: refused while the run %s lives, because nobody knows which it has; end it with"
                    .formatted(run.text())
                + " systemctl stop "
                + Layout.unit(run));
      }
      held.put(run, claimed.orElse(Claim.NOTHING));
    }
    if (held.size() >= mostRuns) {
      throw new Refusal(
          "runs: %d run on this node; allowed by its policy are limits.runs %d at a time"
              .formatted(held.size(), mostRuns));
    }
    for (Map.Entry<RunId, Claim> other : held.entrySet()) {
      refuseShared(wanted, other.getKey(), other.getValue());
    }
  }

  private static void refuseShared(Claim wanted, RunId other, Claim has) throws Refusal {
    for (String device : has.devices()) {
      if (wanted.devices().contains(device)) {
        throw new Refusal(
            "devices: '%s' is refused; the run %s has it, and has not ended"
                .formatted(device, other.text()));
      }
    }
    if (wanted.excludes(has)) {
      throw new Refusal(
          has.hasNeuron()
              ? "devices: refused while another user's run %s has Neuron devices: whoever has one can reach the memory of the host; allowed are runs of one user at a time"
                  .formatted(other.text())
              : "devices: Neuron devices are refused while another user's run %s lives: whoever has one can reach the memory of the host; allowed are runs of one user at a time"
                  .formatted(other.text()));
    }
  }

  /** The start has ended; what came of it systemd knows. */
  synchronized void leave(RunId run) {
    underWay.remove(run);
  }

  /** Systemd gives up a unit whose processes no kill can end; its control group does not. */
  private Set<RunId> living() throws SystemdException, IOException {
    Set<RunId> living = new HashSet<>();
    for (UnitRow row : rows.ofJobs()) {
      if (row.alive()) {
        Layout.runOf(row.name()).ifPresent(living::add);
      }
    }
    Cgroups groups = new Cgroups(layout);
    try (DirectoryStream<Path> jobs =
        Files.newDirectoryStream(layout.slice(), "mw-job-*.service")) {
      for (Path job : jobs) {
        Layout.runOf(String.valueOf(job.getFileName()))
            .filter(groups::inhabited)
            .ifPresent(living::add);
      }
    } catch (NoSuchFileException none) {
      return living;
    }
    return living;
  }

  /** Empty where nothing is kept of the run. */
  private Optional<Claim> claim(RunId run) throws IOException {
    return Facts.read(layout.directory(run).resolve("claimed")).map(Claim::of);
  }
}
