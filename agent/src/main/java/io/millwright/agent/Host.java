package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.host.ModuleSource;
import io.millwright.agent.host.Requirements;
import io.millwright.agent.host.ServiceSource;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.FilesystemProbe;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.agent.privileged.Holders;
import io.millwright.agent.privileged.Privileged;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.FilesystemSource;
import io.millwright.drivers.host.HostSource;
import io.millwright.drivers.host.KernelSource;
import io.millwright.drivers.host.Mount;
import io.millwright.drivers.host.Mounts;
import io.millwright.drivers.host.PcieSource;
import io.millwright.drivers.host.Place;
import io.millwright.drivers.host.RdmaSource;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The lanes over the host: the kernel's files, the inventory, the local file systems, and one lane
 * for each remote file system.
 *
 * <p><i>Threading:</i> {@link #probes} on the sampler's thread, {@link #followRemoteMounts} on the
 * upkeep's; between them one volatile list.
 */
final class Host {
  private static final Path ROOT = Path.of("/");

  private final AgentConfig config;
  private final Clock clock;
  private final String node;
  private final Holders holders;
  private final List<SourceProbe> lanes = new ArrayList<>();
  private final Map<List<String>, FilesystemProbe> remote = new LinkedHashMap<>();
  private volatile List<FilesystemProbe> remoteLanes = List.of();
  private long lookedNanos;
  private int numbers;

  /**
   * @param snapshot the newest
   * @param foreign is told who holds accelerators that jobs have; empty where no jobs are
   */
  Host(
      AgentConfig config,
      Supplier<NodeSnapshot> snapshot,
      Optional<ForeignHolders> foreign,
      Clock clock) {
    this.config = config;
    this.clock = clock;
    this.node = config.node().name();
    this.holders = new Holders(clock);
    if (config.host().enabled()) {
      Place place = new Place(config.node().rack(), config.node().role());
      add("host", calls -> new KernelSource(node, ROOT, calls));
      Metric.Tier most = config.metrics().upTo();
      add("inventory", calls -> new HostSource(node, place, ROOT, calls, most));
      add("fabric", calls -> new RdmaSource(node, ROOT, calls, most));
      if (PcieSource.wanted(most)) {
        add("pcie", calls -> new PcieSource(node, ROOT, calls));
      }
      Requirements required =
          Requirements.packaged(config.host().requiredServices(), config.host().requiredModules());
      add("modules", calls -> new ModuleSource(node, required, ROOT, calls));
      add("services", calls -> new ServiceSource(node, required, ROOT, uid(), calls));
      Privileged.sources(
              node,
              ROOT,
              config.metrics()::wants,
              () -> HostSource.metersNode(ROOT),
              config.executes() ? Optional.empty() : Optional.of(snapshot),
              foreign,
              holders,
              new LauncherCall(Path.of(config.power().launcher()), clock))
          .forEach((name, source) -> add(name, source::apply));
      add("filesystems", calls -> FilesystemSource.local(node, ROOT, calls, this::wanted));
    }
  }

  /** Of this process, as the bus asks for it. */
  private static long uid() {
    try {
      return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    } catch (IOException e) {
      throw new UncheckedIOException("reading the owner of /proc/self", e);
    }
  }

  private void add(String name, Function<CallClock, Source> source) {
    lanes.add(new SourceProbe(name, name, clock, config.sampling(), source));
  }

  /** Neither of an excluded type nor at or below an excluded mount point. */
  private boolean wanted(Mount mount) {
    Path point = Path.of(mount.mountPoint());
    return !config.host().filesystemExcludeTypes().contains(mount.type())
        && config.host().filesystemExcludeMounts().stream()
            .map(Path::of)
            .noneMatch(point::startsWith);
  }

  /** Who holds the accelerators' device nodes. */
  Holders holders() {
    return holders;
  }

  /** What to ask at this tick. */
  List<Probe> probes() {
    List<Probe> probes = new ArrayList<>(lanes);
    probes.addAll(remoteLanes);
    return probes;
  }

  /** Looks for remote file systems that came and went, each slow period. */
  void followRemoteMounts() {
    long now = clock.nanos();
    if (lanes.isEmpty()
        || (lookedNanos != 0 && now - lookedNanos < config.sampling().slow().toNanos())) {
      return;
    }
    lookedNanos = now;
    if (Mounts.read(ROOT) instanceof Mounts.Result.Known(Mounts mounts)) {
      List<Mount> mounted = mounts.remote().stream().filter(this::wanted).toList();
      mounted.forEach(mount -> remote.computeIfAbsent(place(mount), free -> started(mount)));
      List<List<String>> places = mounted.stream().map(Host::place).toList();
      List<FilesystemProbe> leaving = leaving(places);
      remoteLanes = List.copyOf(remote.values());
      leaving.forEach(probe -> probe.lane().stop()); // nobody asks them any more
    }
  }

  /** What is mounted where; it stays the same when it becomes read-only, and so does its lane. */
  private static List<String> place(Mount mount) {
    return List.of(mount.mountPoint(), mount.device());
  }

  private FilesystemProbe started(Mount mount) {
    numbers++;
    FilesystemProbe probe =
        new FilesystemProbe(numbers, mount, node, ROOT, clock, config.sampling());
    probe.lane().start();
    return probe;
  }

  /** Takes out those not mounted any more; one that hangs stays, and stays reported. */
  private List<FilesystemProbe> leaving(List<List<String>> mounted) {
    List<FilesystemProbe> leaving = new ArrayList<>();
    remote
        .entrySet()
        .removeIf(entry -> {
          FilesystemProbe probe = entry.getValue();
          boolean goes =
              !mounted.contains(entry.getKey())
                  && probe.lane().calls().inFlightBeyond(Duration.ZERO).isEmpty();
          if (goes) {
            leaving.add(probe);
          }
          return goes;
        });
    return leaving;
  }

  void start() {
    lanes.forEach(SourceProbe::start);
  }

  /**
   * After the end of sampler and upkeep, so that no lane is added any more but by an upkeep that
   * hangs.
   *
   * @return the calls that did not return in time
   */
  List<String> stop(Duration longest) throws InterruptedException {
    List<SourceProbe> all = new ArrayList<>(lanes);
    remoteLanes.forEach(probe -> all.add(probe.lane()));
    all.forEach(SourceProbe::stop);
    long until = clock.nanos() + longest.toNanos();
    List<String> stuck = new ArrayList<>();
    for (SourceProbe lane : all) {
      if (!lane.ended(Duration.ofNanos(Math.max(1, until - clock.nanos())))) {
        lane.calls().inFlightBeyond(Duration.ZERO).ifPresent(flight -> stuck.add(flight.call()));
      }
    }
    return stuck;
  }
}
