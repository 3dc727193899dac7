package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Identity;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Entries to write. */
final class JournalWords {
  private JournalWords() {}

  static Assignment assignment(String job) {
    JobSpec spec =
        new JobSpec(
            job,
            List.of("/bin/true", "ü \"x\""),
            Map.of("A", "1", "B", "2"),
            Optional.of("/tmp"),
            "nobody",
            "llm",
            7,
            new DeviceRequest(DeviceKind.NEURON, 1),
            2,
            OptionalLong.of(5),
            6,
            OptionalLong.of(1L << 30),
            OptionalInt.of(4),
            JobSpec.LeaseRule.STOP);
    return new Assignment(
        new RunId(job, 1),
        "node1",
        new Term(1, 2, -3),
        9,
        spec,
        new DeviceSet(DeviceKind.NEURON, List.of("dev-1")));
  }

  /** Of a run over two nodes whose members know each other. */
  static Assignment member() {
    Assignment alone = assignment("g");
    return new Assignment(
        alone.id(),
        alone.node(),
        alone.term(),
        alone.generation(),
        alone.spec(),
        alone.devices(),
        Optional.of(new Group(1, 2, new Rendezvous("10.0.0.7", 61_200))));
  }

  /** Of a run that has an IMEX channel. */
  static Assignment channelled() {
    JobSpec spec =
        JobJson.submitted(
            "{\"name\":\"i\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1,\"imex\":true}}"
                .getBytes(StandardCharsets.UTF_8),
            "nobody");
    return new Assignment(
        new RunId("i", 1),
        "node1",
        new Term(1, 2, -3),
        9,
        spec,
        new DeviceSet(DeviceKind.GPU, List.of("GPU-1")),
        Optional.empty(),
        Optional.of(new ImexChannel(17)));
  }

  static List<Entry> everyKind() {
    RunId run = new RunId("a", 1);
    Usage usage = new Usage(5, 2.5, OptionalDouble.of(1e9), "gpu");
    Status status =
        new Status(4, run, JobState.ENDED, Optional.of(Outcome.signal(9)), usage, "why");
    return List.of(
        new Entry.Marked(new Term(1, 2, Long.MIN_VALUE), 3),
        new Entry.Accepted(run, "f", Optional.of(assignment("a")), List.of("dev-1"), "b", 1),
        new Entry.Accepted(new RunId("g", 1), "f", Optional.of(member()), List.of("dev-1"), "b", 1),
        new Entry.Accepted(
            new RunId("i", 1), "f", Optional.of(channelled()), List.of("GPU-1"), "b", 1),
        new Entry.Found(run, List.of(), Optional.of(new ImexChannel(18)), "b", 1),
        new Entry.Moved(
            run, JobState.CLEANING, Optional.of(Outcome.refused("no")), usage, "d", 4, 5),
        new Entry.Noted(
            run,
            Optional.of(new Identity(7, 8, "b")),
            Map.of("dev-1", new EnergyMeter.Reading(1.5, "gpu")),
            OptionalLong.of(3)),
        new Entry.Checked(
            run,
            List.of(
                new CheckResult(
                    JobChecks.Moment.AFTER, "test:diag", CheckResult.Result.UNKNOWN, "why"))),
        new Entry.Tombstoned(run, 1),
        new Entry.Acknowledged(4),
        new Entry.Dropped(run),
        new Entry.Weathered(run),
        new Entry.Pending(status),
        new Entry.Numbered(12));
  }
}
