package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.FilesystemProbe;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.FilesystemSource;
import io.millwright.drivers.host.HostSource;
import io.millwright.drivers.host.KernelSource;
import io.millwright.drivers.host.Mount;
import io.millwright.drivers.host.Mounts;
import io.millwright.drivers.host.Place;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The lanes over the host: the kernel's files, the inventory, the local file systems, and one lane
 * for each remote file system that is mounted when the agent starts.
 */
final class Host {
  private static final Path ROOT = Path.of("/");

  private final List<Probe> probes = new ArrayList<>();
  private final List<SourceProbe> lanes = new ArrayList<>();

  Host(AgentConfig config, Clock clock) {
    if (!config.host().enabled()) {
      return;
    }
    String node = config.node().name();
    Place place = new Place(config.node().rack(), config.node().role());
    add("host", "host", config, clock, calls -> new KernelSource(node, ROOT, calls));
    add("inventory", "inventory", config, clock, calls -> new HostSource(node, place, ROOT, calls));
    add(
        "filesystems",
        "filesystems",
        config,
        clock,
        calls -> FilesystemSource.local(node, ROOT, calls, mount -> wanted(config, mount)));
    remoteMounts().stream()
        .filter(mount -> wanted(config, mount))
        .forEach(mount -> add(mount, config, clock));
  }

  private void add(
      String name,
      String lane,
      AgentConfig config,
      Clock clock,
      Function<CallClock, Source> source) {
    SourceProbe probe = new SourceProbe(name, lane, clock, config.sampling(), source);
    probes.add(probe);
    lanes.add(probe);
  }

  private void add(Mount mount, AgentConfig config, Clock clock) {
    FilesystemProbe probe =
        new FilesystemProbe(
            lanes.size(), mount, config.node().name(), ROOT, clock, config.sampling());
    probes.add(probe);
    lanes.add(probe.lane());
  }

  private static List<Mount> remoteMounts() {
    return switch (Mounts.read(ROOT)) {
      case Mounts.Result.Known(Mounts mounts) -> mounts.remote();
      case Mounts.Result.Unknown ignored -> List.of();
    };
  }

  /** Neither of an excluded type nor at or below an excluded mount point. */
  private static boolean wanted(AgentConfig config, Mount mount) {
    Path point = Path.of(mount.mountPoint());
    return !config.host().filesystemExcludeTypes().contains(mount.type())
        && config.host().filesystemExcludeMounts().stream()
            .map(Path::of)
            .noneMatch(point::startsWith);
  }

  List<Probe> probes() {
    return probes;
  }

  void start() {
    lanes.forEach(SourceProbe::start);
  }

  void stop(Duration longest) throws InterruptedException {
    lanes.forEach(SourceProbe::stop);
    for (SourceProbe lane : lanes) {
      lane.ended(longest);
    }
  }
}
