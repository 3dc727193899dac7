package io.millwright.simulator;

import io.millwright.agent.evidence.CheckMarks;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.evidence.ReportTool;
import io.millwright.agent.evidence.SiteTest;
import io.millwright.agent.evidence.SiteTests;
import io.millwright.agent.evidence.TestGate;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.simulator.JudgedHost.Case;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The rules of the site's tests and of the checks after jobs. The tests are programs that are run,
 * and what they come to is read from the room of evidence as an agent does; of the checks the marks
 * alone are made here, and two devices are shown that they stand on.
 */
class SiteTestRulesTest {
  /** What has a case here. */
  static final Set<String> RULES =
      Set.of(
          "site-test-observed",
          "site-test-degraded",
          "site-test-failed",
          "job-check-failed",
          "neuron-job-check-failed");

  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Accelerator GPU =
      new Accelerator("node1", "1", "GPU-1", "nvidia", "B200", true);
  private static final Accelerator NEURON =
      new Accelerator("node1", "2", "NEURON-2", "aws", "Trainium2", true);

  private final Path directory = Scratch.directory("mw-evidence").resolve("evidence");
  private final Path exit = directory.resolveSibling("exit");
  private final CheckMarks marks = new CheckMarks(directory, "boot");

  SiteTestRulesTest() throws IOException {}

  /** Ends with what the file says. */
  private SiteTest test(SiteTest.Counts counts) {
    return new SiteTest(
        "of-" + counts.word(),
        LONGEST,
        List.of("/bin/sh", "-c", "exit $(cat " + exit + ")"),
        false,
        counts);
  }

  private EvidenceRoom room() {
    Tool tool = new Tool(Clock.system());
    EvidenceRoom room =
        new EvidenceRoom(
            "node1",
            directory,
            List.of(),
            new ReportTool(List.of(), LONGEST),
            tool,
            List::of,
            new SiteTests(
                List.of(
                    test(SiteTest.Counts.OBSERVE),
                    test(SiteTest.Counts.DEGRADED),
                    test(SiteTest.Counts.FAILED)),
                TestGate.open(),
                tool,
                Clock.system()),
            marks,
            Clock.system());
    room.start();
    return room;
  }

  private void ends(EvidenceRoom room, String counts, int code) {
    try {
      Files.writeString(exit, Integer.toString(code));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SiteTests.Answer answer =
        room.test(new RunId("job", 1), "of-" + counts, LONGEST)
            .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
            .join();
    if (!(answer instanceof SiteTests.Answer.Ran)) {
      throw new AssertionError(answer);
    }
  }

  /** A program that cannot tell is near; one that fails and one that passes say something. */
  private Case test(EvidenceRoom room, String rule, String counts) {
    return new Case(
        rule,
        "of-" + counts,
        host -> ends(room, counts, 75),
        host -> ends(room, counts, 1),
        host -> {
          ends(room, counts, 75);
          ends(room, counts, 0);
        });
  }

  /** Before a job it refuses the job, and marks nothing. */
  private Case mark(String rule, Accelerator device) {
    Set<String> only = Set.of(device.uuid());
    return new Case(
        rule,
        "links",
        host -> marks.found("links", only, only, false),
        host -> marks.found("links", only, only, true),
        host -> marks.found("links", only, Set.of(), false));
  }

  @Test
  void eachIsProvedByWhatWasRun() throws IOException {
    try (JudgedHost host = new JudgedHost();
        EvidenceRoom room = room()) {
      host.with(new Shown(room)).start();
      host.prove(
          List.of(
              test(room, "site-test-observed", "observe"),
              test(room, "site-test-degraded", "degraded"),
              test(room, "site-test-failed", "failed"),
              mark("job-check-failed", GPU),
              mark("neuron-job-check-failed", NEURON)));
    }
  }

  /** Two devices that answer, and what the room tells of tests and marks. */
  private static final class Shown implements Probe {
    private final EvidenceRoom room;
    private final Readings devices;

    Shown(EvidenceRoom room) {
      this.room = room;
      SeriesTable.Builder table = SeriesTable.builder();
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, GPU));
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, NEURON));
      devices = new Readings(table.build());
    }

    @Override
    public String name() {
      return "shown";
    }

    @Override
    public boolean request(Tick tick) {
      return false;
    }

    @Override
    public RoundResult last() {
      return new RoundResult.Rested();
    }

    @Override
    public List<Sample> samples(Tick tick) {
      devices.at(tick.nanos());
      devices.measured(0, 1);
      devices.measured(1, 1);
      List<Sample> samples = new ArrayList<>(List.of(devices.sample()));
      NodeSnapshot seen = new NodeSnapshot(tick.sequence(), tick.nanos(), samples);
      room.series().sample(seen).ifPresent(samples::add);
      return samples;
    }
  }
}
