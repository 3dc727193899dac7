package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunsDigestTest {
  private static final Map<RunId, JobState> RUNS =
      Map.of(
          new RunId("a", 10), JobState.READY,
          new RunId("b-1", 1), JobState.STUCK,
          new RunId("a", 2), JobState.RUNNING);

  /** By another implementation of SHA-256, of the lines that docs/protocol.md says. */
  @Test
  void isTheFirstHalfOfTheHashOfTheSortedLines() {
    assertThat(RunsDigest.of(new TreeMap<>(RUNS))).hasToString("7d8dc4a72675acaafccbc3fed72ab6b2");
  }

  @Test
  void isAnotherForEachChangeAndNothingOfNone() {
    Hash128 runs = RunsDigest.of(new TreeMap<>(RUNS));
    TreeMap<RunId, JobState> fewer = new TreeMap<>(RUNS);
    fewer.remove(new RunId("a", 2));
    TreeMap<RunId, JobState> moved = new TreeMap<>(RUNS);
    moved.put(new RunId("a", 2), JobState.STOPPING);
    assertThat(RunsDigest.of(fewer)).isNotEqualTo(runs);
    assertThat(RunsDigest.of(moved)).isNotEqualTo(runs);
    assertThat(RunsDigest.of(new TreeMap<>())).isEqualTo(Hash128.NONE);
  }
}
