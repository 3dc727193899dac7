package io.millwright.agent.doctor;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.UnixUsers;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All checks, in the order in which somebody reads them.
 *
 * <p><i>Threading:</i> one owner thread, which waits seconds at most. <i>Failure:</i> a check that
 * fails is that check's line.
 */
public final class Doctor {
  private static final Path ROOT = Path.of("/");

  private final AgentConfig config;
  private final Optional<Path> file;
  private final Tool tool;
  private final String version;
  private final Clock clock;

  /**
   * @param file of the configuration; empty where it is of defaults, or not known
   * @param version of this program
   */
  public Doctor(AgentConfig config, Optional<Path> file, Tool tool, String version, Clock clock) {
    this.config = config;
    this.file = file;
    this.tool = tool;
    this.version = version;
    this.clock = clock;
  }

  /**
   * @param connected whether a session with the collector is open; empty where only the agent
   *     knows, and this is none
   * @param records of the site's tests
   */
  public List<DoctorCheck> checks(
      Seen seen, Optional<Boolean> connected, List<TestRecord> records) {
    List<DoctorCheck> checks = new ArrayList<>(FileChecks.of(config, file));
    checks.add(MountChecks.of(ROOT, config));
    checks.add(UnitChecks.of(ROOT, version, config.jobs().systemd()));
    if (config.jobs().systemd()) {
      Layout layout = Layout.installed(); // whose policy the launcher reads
      LeaseCheck.of(PolicyFile.read(layout.policy()), layout.bus(), UnixUsers.self())
          .ifPresent(checks::add);
    }
    checks.addAll(DeviceChecks.of(seen));
    checks.addAll(HostChecks.of(seen, config.host().enabled()));
    if (config.neuron().enabled()) {
      checks.add(NeuronList.of(config.evidence().neuronLs(), seen, tool));
    }
    checks.addAll(CollectorChecks.of(config, connected, clock));
    records.forEach(record -> checks.add(test(record)));
    return checks.subList(0, Math.min(checks.size(), DoctorCheck.MOST));
  }

  private static DoctorCheck test(TestRecord record) {
    String found =
        "test %s: %s, %s, after %.1f s"
            .formatted(record.name(), record.result().word(), record.why(), record.seconds());
    return switch (record.result()) {
      case PASS -> DoctorCheck.ok("test", found);
      case FAIL ->
          DoctorCheck.fail(
              "test", found, "its last lines are in the bundle; run it again once it is repaired");
      case CANNOT_TELL -> DoctorCheck.warn("test", found, "run it again with 'doctor --test'");
    };
  }
}
