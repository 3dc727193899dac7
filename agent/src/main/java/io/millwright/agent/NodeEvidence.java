package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.AgentConfigText;
import io.millwright.agent.doctor.Doctor;
import io.millwright.agent.doctor.Seen;
import io.millwright.agent.evidence.Capture;
import io.millwright.agent.evidence.CheckMarks;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.evidence.KernelTail;
import io.millwright.agent.evidence.ReportTool;
import io.millwright.agent.evidence.SiteTest;
import io.millwright.agent.evidence.SiteTests;
import io.millwright.agent.evidence.Source;
import io.millwright.agent.evidence.TestGate;
import io.millwright.agent.evidence.Texts;
import io.millwright.agent.self.Build;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What evidence of this node is made of. */
final class NodeEvidence {
  private static final Duration CHECKS = Duration.ofSeconds(20);

  /** Small files of the kernel that say what machine this is and what it does. */
  private static final List<String> KERNEL_FILES =
      List.of("version", "uptime", "loadavg", "meminfo", "modules", "mounts");

  private NodeEvidence() {}

  /**
   * What is known now.
   *
   * @param holders the run that has a device, by its uuid
   * @param connected whether a session with the collector is open; empty where only a running agent
   *     could know
   * @param refusal why no accelerator is known; empty where some are
   * @param records of the site's tests
   */
  record Insight(
      Supplier<NodeSnapshot> snapshot,
      Supplier<HealthReport> health,
      Supplier<Map<String, RunId>> holders,
      Supplier<Optional<Boolean>> connected,
      Supplier<String> refusal,
      Supplier<List<TestRecord>> records) {

    private Seen seen() {
      return new Seen(
          snapshot.get(),
          health.get(),
          holders.get().keySet(),
          connected.get().isPresent(),
          refusal.get());
    }

    List<DoctorCheck> checks(Doctor doctor) {
      return doctor.checks(seen(), connected.get(), records.get());
    }
  }

  /** The room of an agent that has a collector. */
  static EvidenceRoom room(
      AgentConfig config, Insight insight, TestGate gate, CheckMarks marks, Clock clock) {
    Tool tool = new Tool(clock); // of the checks and tests; a bundle may be taken meanwhile
    Doctor doctor = new Doctor(config, Optional.empty(), tool, BuildFacts.read().version(), clock);
    return new EvidenceRoom(
        config.node().name(),
        Path.of(config.evidence().directory()),
        sources(config, Optional.empty(), insight, clock),
        report(config),
        new Tool(clock),
        () -> insight.checks(doctor),
        tests(config, gate, tool, clock),
        marks,
        clock);
  }

  static SiteTests tests(AgentConfig config, TestGate gate, Tool tool, Clock clock) {
    return new SiteTests(
        config.evidence().testCommands().stream().map(NodeEvidence::test).toList(),
        gate,
        tool,
        clock);
  }

  private static SiteTest test(AgentConfig.Evidence.Command command) {
    List<String> marks = command.marks();
    SiteTest.Counts counts =
        marks.contains("failed")
            ? SiteTest.Counts.FAILED
            : marks.contains("degraded") ? SiteTest.Counts.DEGRADED : SiteTest.Counts.OBSERVE;
    return new SiteTest(
        command.name(), command.deadline(), command.argv(), marks.contains("beside-jobs"), counts);
  }

  static ReportTool report(AgentConfig config) {
    return new ReportTool(config.evidence().reportWords(), config.evidence().reportDeadline());
  }

  /** One bundle into a file of somebody's choice, by a process that keeps none. */
  static Capture capture(
      AgentConfig config, Optional<Path> file, Insight insight, Tool tool, Clock clock) {
    return new Capture(
        config.node().name(), sources(config, file, insight, clock), report(config), tool, clock);
  }

  // ---- the parts

  private static List<Source> sources(
      AgentConfig config, Optional<Path> file, Insight insight, Clock clock) {
    BooleanSupplier simulated = () -> Texts.simulated(insight.snapshot().get());
    BooleanSupplier real = () -> false;
    Doctor doctor = new Doctor(config, file, new Tool(clock), BuildFacts.read().version(), clock);
    List<Source> sources = new ArrayList<>();
    sources.add(
        Source.held("health.json", simulated, out -> Texts.health(insight.health().get(), out)));
    sources.add(
        Source.held(
            "identity.txt", simulated, out -> Texts.identity(insight.snapshot().get(), out)));
    sources.add(
        Source.held(
            "readings.txt", simulated, out -> Texts.readings(insight.snapshot().get(), out)));
    sources.add(Source.held("events.json", simulated, out -> events(config, out)));
    sources.add(Source.held("jobs.txt", real, out -> Texts.jobs(insight.holders().get(), out)));
    sources.add(Source.held("tests.json", real, out -> Texts.tests(insight.records().get(), out)));
    sources.add(Source.held("versions.txt", real, NodeEvidence::versions));
    sources.add(
        Source.held(
            "configuration.yaml",
            real,
            out -> out.write(AgentConfigText.of(config).getBytes(StandardCharsets.UTF_8))));
    sources.add(Source.held("kernel-log.txt", simulated, out -> kernelLog(config, clock, out)));
    sources.add(new Source("doctor.json", CHECKS, simulated, out -> checks(insight, doctor, out)));
    KERNEL_FILES.forEach(name ->
        sources.add(
            Source.held("proc-" + name + ".txt", real, out -> copy(Path.of("/proc", name), out))));
    return sources;
  }

  private static void checks(Insight insight, Doctor doctor, OutputStream out) throws IOException {
    out.write(EvidenceBody.of(insight.checks(doctor)).json());
    out.write('\n');
  }

  /** As they were kept last: at most some seconds old. */
  private static void events(AgentConfig config, OutputStream out) throws IOException {
    copy(Path.of(config.health().directory(), "events.json"), out);
  }

  private static void kernelLog(AgentConfig config, Clock clock, OutputStream out)
      throws IOException {
    if (config.health().kernelLog().isEmpty()) {
      throw new IOException("health.kernel_log of the configuration is empty");
    }
    KernelTail.write(Path.of(config.health().kernelLog()), clock, out);
  }

  private static void versions(OutputStream out) throws IOException {
    Build build = BuildFacts.read();
    String text =
        """
        millwright %s
        revision %s
        java %s
        kernel %s %s
        """
            .formatted(
                build.version(),
                build.revision(),
                Runtime.version(),
                System.getProperty("os.version"),
                System.getProperty("os.arch"));
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void copy(Path file, OutputStream out) throws IOException {
    try (var in = Files.newInputStream(file)) {
      in.transferTo(out);
    }
  }
}
