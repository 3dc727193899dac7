package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * What a node remembers of a run.
 *
 * @param outcome of one that ended
 * @param devices that it holds, by their uuids; none of one that ended
 * @param channel that it holds
 */
public record Remembered(
    JobState state,
    Optional<Outcome> outcome,
    List<String> devices,
    Optional<ImexChannel> channel) {
  public Remembered {
    devices = List.copyOf(devices);
  }

  /** Without a channel. */
  public Remembered(JobState state, Optional<Outcome> outcome, List<String> devices) {
    this(state, outcome, devices, Optional.empty());
  }

  /** It has ended there, however it did. */
  public static Remembered ended(Optional<Outcome> outcome) {
    return new Remembered(JobState.ENDED, outcome, List.of());
  }
}
