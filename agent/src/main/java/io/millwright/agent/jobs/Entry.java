package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Identity;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A record of the journal; times are wall-clock milliseconds, for keeping and for people only. */
sealed interface Entry {

  /** The highest wish that was taken. */
  record Marked(Term term, long generation) implements Entry {}

  /**
   * A run was taken on.
   *
   * @param fingerprint of its spec and devices
   * @param assignment empty once it has ended
   */
  record Accepted(
      RunId run,
      String fingerprint,
      Optional<Assignment> assignment,
      List<String> devices,
      String bootId,
      long atMs)
      implements Entry {}

  /** A unit was found of which the journal knew nothing. */
  record Found(
      RunId run, List<String> devices, Optional<ImexChannel> channel, String bootId, long atMs)
      implements Entry {}

  /**
   * A run stands there now.
   *
   * @param sequence of the status that tells it; 0 for none
   */
  record Moved(
      RunId run,
      JobState state,
      Optional<Outcome> outcome,
      Usage usage,
      String detail,
      long sequence,
      long atMs)
      implements Entry {}

  /**
   * What is to be remembered of a run: what was read before it began, which process it is, how much
   * grace a stop of it gives. Empty things stay as they were.
   */
  record Noted(
      RunId run,
      Optional<Identity> process,
      Map<String, EnergyMeter.Reading> meters,
      OptionalLong graceMs)
      implements Entry {}

  /** What checks around a run came to. */
  record Checked(RunId run, List<CheckResult> results) implements Entry {}

  /** A run that must not begin: its stop came first. */
  record Tombstoned(RunId run, long atMs) implements Entry {}

  /** The collector has all statuses up to this one. */
  record Acknowledged(long sequence) implements Entry {}

  /** Nothing is known of an ended run any more. */
  record Dropped(RunId run) implements Entry {}

  /** The same for a tombstone. */
  record Weathered(RunId run) implements Entry {}

  /** Of a compaction: a status that is still to be acknowledged. */
  record Pending(Status status) implements Entry {}

  /** Of a compaction: the last number that a status had. */
  record Numbered(long sequence) implements Entry {}
}
