package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where agent and launcher of an installed node find things.
 *
 * @param policy the node's last word
 * @param orders the keys of {@link Pinned}; root's alone to change
 * @param ledger of runs that were ever begun; root's alone
 * @param runs a directory a run, for root to write and the agent to read
 * @param ended the records of ends
 * @param environment the variables of runs that are being begun; root's alone
 * @param socket where the launcher is asked
 * @param bus the system bus
 * @param keeper the program that keeps what a run prints
 * @param dropIns directories of units' drop-ins
 * @param agent name of the agent's user and group
 * @param host its devices, processes and control groups
 */
public record Layout(
    Path policy,
    Path orders,
    Path ledger,
    Path runs,
    Path ended,
    Path environment,
    Path socket,
    Path bus,
    Path keeper,
    List<Path> dropIns,
    String agent,
    HostFiles host) {
  private static final String SLICE = "millwright.slice/millwright-jobs.slice";
  private static final Pattern UNIT = Pattern.compile("mw-job-(.+)-r([1-9][0-9]{0,9})\\.service");

  public Layout {
    dropIns = List.copyOf(dropIns);
  }

  /**
   * What the kernel and its drivers show.
   *
   * @param devices the table of drivers, {@code /proc/devices}
   * @param nodes the device nodes, {@code /dev}
   * @param gpus what NVIDIA's driver says of its devices
   * @param neuron what Neuron's driver says of its devices
   * @param groups the control groups
   * @param sys {@code /sys}
   * @param containers what it has for jobs in containers
   */
  public record HostFiles(
      Path devices,
      Path nodes,
      Path gpus,
      NeuronHost neuron,
      Path groups,
      Path sys,
      ContainerHost containers) {}

  /** Of the packages. */
  public static Layout installed() {
    Path state = Path.of("/var/lib/millwright");
    Path run = Path.of("/run/millwright");
    return new Layout(
        Path.of("/etc/millwright/policy.yaml"),
        Path.of("/etc/millwright/orders.d"),
        state.resolve("launcher"),
        state.resolve("runs"),
        state.resolve("ended"),
        run.resolve("env"),
        run.resolve("launcher.sock"),
        Path.of("/run/dbus/system_bus_socket"),
        Path.of("/usr/lib/millwright/launcher/keep-output"),
        List.of(
            Path.of("/etc/systemd/system"),
            Path.of("/usr/lib/systemd/system"),
            Path.of("/lib/systemd/system")),
        "millwright-agent",
        new HostFiles(
            Path.of("/proc/devices"),
            Path.of("/dev"),
            Path.of("/proc/driver/nvidia/gpus"),
            NeuronHost.under(Path.of("/")),
            Path.of("/sys/fs/cgroup"),
            Path.of("/sys"),
            ContainerHost.under(Path.of("/"))));
  }

  /** The unit of a run. */
  public static String unit(RunId run) {
    return "mw-job-" + run.text() + ".service";
  }

  /** Where systemd puts the credentials of a run's unit, systemd.exec(5). */
  public static Path credentials(RunId run) {
    return Path.of("/run/credentials").resolve(unit(run));
  }

  /** The unit that keeps what it prints. */
  public static String keeperUnit(RunId run) {
    return "mw-output-" + run.text() + ".service";
  }

  /** The run of a unit; empty for a unit that is none of ours. */
  public static Optional<RunId> runOf(String unit) {
    Matcher matcher = UNIT.matcher(unit);
    try {
      return matcher.matches()
          ? Optional.of(new RunId(matcher.group(1), Integer.parseInt(matcher.group(2))))
          : Optional.empty();
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  public Path directory(RunId run) {
    return runs.resolve(run.text());
  }

  /** A secret that jobs may be given, by its name. */
  public Path secret(String name) {
    return policy.resolveSibling("secrets.d").resolve(name);
  }

  /** A program of the site's that runs around jobs, by its name. */
  public Path hook(String name) {
    return policy.resolveSibling("hooks.d").resolve(name);
  }

  /** The program that runs such a program. */
  public Path hookRunner() {
    return keeper.resolveSibling("run-hook");
  }

  /** What podman is told beside its command line. */
  public Path containersConfiguration() {
    return keeper.resolveSibling("containers.conf");
  }

  /** What is kept of the hooks of a run until those after it have ended well; root's alone. */
  public Path hooks(RunId run) {
    return ledger.resolve("hooks").resolve(run.text());
  }

  /** Where the launcher asks the program that reads. */
  public Path reader() {
    return socket.resolveSibling("read.sock");
  }

  /** Until when runs go on that nobody renews, a file a unit; root's to write. */
  public Path leases() {
    return socket.resolveSibling("leases");
  }

  /** Until when this one goes on. */
  public Path lease(RunId run) {
    return leases().resolve(unit(run));
  }

  /** Says that this one was stopped because its lease was over. */
  public Path leaseOver(RunId run) {
    return leases().resolve(unit(run) + ".over");
  }

  /** The control group of a run. */
  public Path group(RunId run) {
    return group(host.groups(), run);
  }

  /**
   * The control group of a run.
   *
   * @param groups where they are mounted
   */
  public static Path group(Path groups, RunId run) {
    return groups.resolve(SLICE).resolve(unit(run));
  }

  /** The control group of all runs. */
  public Path slice() {
    return host.groups().resolve(SLICE);
  }
}
