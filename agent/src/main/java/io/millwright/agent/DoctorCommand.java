package io.millwright.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.ConfigReport;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.doctor.Doctor;
import io.millwright.agent.evidence.Capture;
import io.millwright.agent.evidence.SiteTests;
import io.millwright.agent.evidence.TestGate;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.BundleManifest;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code agent doctor}: checks this machine by itself, whether or not an agent runs. */
@Command(
    name = "doctor",
    description = {
      "Checks this machine in seconds and says what to do about each finding; needs no running agent.",
      "Exit code 0 all is well, 10 something is to be looked at, 11 something failed, 12 a test"
          + " cannot tell."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final int WARNED = 10;
  private static final int FAILED = 11;
  private static final int UNKNOWN = 12;
  private static final int SCHEMA = 1;
  private static final int ID_TAIL = 8;
  private static final Duration BUNDLE = Duration.ofMinutes(2);
  private static final Duration TEST = Duration.ofHours(1);

  private final Clock clock = Clock.system();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = "Writes an evidence bundle there, a ZIP; a file that is there is not replaced.")
  private @Nullable Path bundle;

  @Option(
      names = "--test",
      paramLabel = "NAME",
      description =
          "Runs the test of this name of evidence.tests; never beside a job, which the caller sees"
              + " to where no agent runs.")
  private @Nullable String test;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "json, or text without it.")
  private @Nullable String output;

  @Override
  public Integer call() throws InterruptedException {
    if (output != null && !output.equals("json")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "-o: '%s' is refused; allowed is json".formatted(output));
    }
    Path file = bundle;
    if (file != null && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      System.err.println(
          "--bundle: '%s' is refused, as it is there already; name a file that is not"
              .formatted(file));
      return ExitCode.FAILED;
    }
    return switch (options.reading().get()) {
      case ConfigResult.Loaded loaded -> looked(loaded, Optional.ofNullable(file));
      case ConfigResult.Rejected(var problems) -> {
        System.err.print(ConfigReport.text(problems));
        yield ExitCode.CONFIGURATION;
      }
    };
  }

  private int looked(ConfigResult.Loaded loaded, Optional<Path> file) throws InterruptedException {
    AgentConfig config = loaded.config();
    Look look = Look.open(loaded, clock);
    try {
      Tool tool = new Tool(clock);
      NodeEvidence.Insight seen = look.insight();
      Optional<TestRecord> record = test == null ? Optional.empty() : ran(config, tool, test);
      if (test != null && record.isEmpty()) {
        return ExitCode.FAILED;
      }
      NodeEvidence.Insight insight =
          new NodeEvidence.Insight(
              seen.snapshot(),
              seen.health(),
              seen.holders(),
              seen.connected(),
              seen.refusal(),
              () -> record.stream().toList());
      List<DoctorCheck> checks =
          insight.checks(
              new Doctor(
                  config, options.file(), new Tool(clock), BuildFacts.read().version(), clock));
      print(config.node().name(), checks, record);
      if (file.isPresent()) {
        write(config, insight, tool, file.get());
      }
      return code(checks, record);
    } catch (IOException e) {
      System.err.println("the bundle could not be written: " + e);
      return ExitCode.FAILED;
    } finally {
      look.close();
    }
  }

  private static int code(List<DoctorCheck> checks, Optional<TestRecord> record) {
    if (record.filter(one -> one.result() == TestRecord.Result.CANNOT_TELL).isPresent()) {
      return UNKNOWN;
    }
    return switch (DoctorCheck.worst(checks)) {
      case OK, SKIPPED -> ExitCode.DONE;
      case WARN -> WARNED;
      case FAIL -> FAILED;
    };
  }

  // ---- the site's test

  private Optional<TestRecord> ran(AgentConfig config, Tool tool, String name) {
    try {
      Path directory = Files.createTempDirectory("millwright-test"); // the test's own, and kept
      SiteTests tests = NodeEvidence.tests(config, TestGate.open(), tool, clock);
      return switch (tests.run(name, directory, TEST, Optional.empty())) {
        case SiteTests.Answer.Ran(TestRecord record) -> Optional.of(record);
        case SiteTests.Answer.Refused(String sentence) -> {
          System.err.println(sentence);
          yield Optional.empty();
        }
      };
    } catch (IOException e) {
      System.err.println("no directory could be made for the test: " + e);
      return Optional.empty();
    }
  }

  // ---- the bundle

  private void write(AgentConfig config, NodeEvidence.Insight insight, Tool tool, Path file)
      throws IOException {
    Path whole = file.toAbsolutePath();
    String id = "local-" + UUID.randomUUID().toString().substring(0, ID_TAIL);
    EvidenceBody.Bundle written =
        NodeEvidence.capture(config, options.file(), insight, tool, clock)
            .take(
                new Capture.Order(id, "taken by hand on the node", "", BUNDLE),
                whole.resolveSibling(whole.getFileName() + ".work"),
                whole);
    System.err.println(
        "bundle %s: %d bytes, %d parts, sha256 %s"
            .formatted(file, written.bytes(), written.manifest().parts().size(), written.sha256()));
    for (BundleManifest.Missing gap : written.manifest().missing()) {
      System.err.println("missing %s: %s".formatted(gap.name(), gap.why()));
    }
  }

  // ---- the lines

  private void print(String node, List<DoctorCheck> checks, Optional<TestRecord> record) {
    PrintStream out = System.out;
    if (output != null) {
      out.println(json(node, checks, record));
    } else {
      checks.forEach(check -> line(check, out));
      record.ifPresent(one -> one.lastLines().forEach(line -> out.println("  | " + line)));
    }
    out.flush();
  }

  private static void line(DoctorCheck check, PrintStream out) {
    out.println(
        String.format(
            Locale.ROOT, "%-8s%-15s%s", check.outcome().word(), check.check(), check.found()));
    if (!check.fix().isEmpty()) {
      out.println(" ".repeat(23) + "fix: " + check.fix());
    }
  }

  private static String json(String node, List<DoctorCheck> checks, Optional<TestRecord> record) {
    ObjectNode tree =
        Json.object()
            .put("schema_version", SCHEMA)
            .put("node", node)
            .put("worst", DoctorCheck.worst(checks).word());
    EvidenceBody body = new EvidenceBody(Optional.empty(), Optional.empty(), checks, record);
    Json.read("the checks", body.json())
        .properties()
        .forEach(field -> tree.set(field.getKey(), field.getValue()));
    return Json.text(tree);
  }
}
