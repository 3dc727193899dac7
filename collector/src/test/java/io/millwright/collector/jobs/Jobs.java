package io.millwright.collector.jobs;

import io.millwright.collector.placement.Share;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Jobs, shares and reports for the tests of the book. */
final class Jobs {
  static final Usage USED = new Usage(5_000, 10, OptionalDouble.of(700), "gpu");

  private Jobs() {}

  /** Stands still. */
  record StillClock(Instant wall) implements Clock {
    static final StillClock NOON = new StillClock(Instant.parse("2026-01-02T12:00:00Z"));

    @Override
    public long nanos() {
      return 1;
    }

    @Override
    public void parkUntil(long nanos) {}
  }

  static JobSpec spec(String name, int devices, int nodes) {
    return spec(name, devices, nodes, 50, "/bin/true");
  }

  static JobSpec spec(String name, int devices, int nodes, int priority, String program) {
    return new JobSpec(
        name,
        List.of(program, "-x"),
        Map.of("B", "2", "A", "1"),
        Optional.of("/data"),
        "alice",
        "llm",
        priority,
        new DeviceRequest(DeviceKind.GPU, devices),
        nodes,
        OptionalLong.of(60_000),
        10_000,
        OptionalLong.of(1L << 30),
        OptionalInt.of(4),
        LeaseRule.KEEP);
  }

  static Share share(String node, int... gpus) {
    List<String> uuids = Arrays.stream(gpus).mapToObj(i -> "GPU-" + i).toList();
    return new Share(node, new DeviceSet(DeviceKind.GPU, uuids), List.of());
  }

  static Report says(long sequence, RunId run, JobState state) {
    return new Report(sequence, run, state, Optional.empty(), Usage.NONE);
  }

  static Report ended(long sequence, RunId run, Outcome outcome) {
    return new Report(sequence, run, JobState.ENDED, Optional.of(outcome), USED);
  }

  static Run accepted(Submission submission) {
    return switch (submission) {
      case Submission.Accepted(Run run) -> run;
      case Submission.Known known -> throw new AssertionError(known);
      case Submission.Refused refused -> throw new AssertionError(refused);
    };
  }

  static Run granted(Granting granting) {
    return switch (granting) {
      case Granting.Granted(Run run) -> run;
      case Granting.Refused refused -> throw new AssertionError(refused);
    };
  }
}
