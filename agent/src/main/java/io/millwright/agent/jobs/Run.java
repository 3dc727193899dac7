package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Identity;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run in the book of this node.
 *
 * @param fingerprint of spec and devices; empty for a run that was found and never accepted
 * @param assignment empty for one that ended or was found
 * @param channel of IMEX that it has; empty for one that ended
 * @param outcome that it ends or will end with
 * @param process once it began
 * @param meters of its devices before it began
 * @param graceMs that the latest stop gave
 * @param checks what the checks around it came to so far
 * @param changedMs wall-clock milliseconds of the last step
 */
public record Run(
    RunId id,
    String fingerprint,
    Optional<Assignment> assignment,
    List<String> devices,
    Optional<ImexChannel> channel,
    String bootId,
    JobState state,
    Optional<Outcome> outcome,
    Optional<Identity> process,
    Map<String, EnergyMeter.Reading> meters,
    OptionalLong graceMs,
    Usage usage,
    String detail,
    List<CheckResult> checks,
    long changedMs) {

  /** Whether somebody placed it here. */
  public boolean tracked() {
    return !fingerprint.isEmpty();
  }

  /** Whether its devices are taken. */
  public boolean open() {
    return state != JobState.ENDED;
  }

  static Run accepted(Entry.Accepted entry) {
    return taken(entry, entry.assignment().flatMap(Assignment::channel));
  }

  private static Run taken(Entry.Accepted entry, Optional<ImexChannel> channel) {
    return new Run(
        entry.run(),
        entry.fingerprint(),
        entry.assignment(),
        List.copyOf(entry.devices()),
        channel,
        entry.bootId(),
        JobState.ACCEPTED,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        OptionalLong.empty(),
        Usage.NONE,
        "",
        List.of(),
        entry.atMs());
  }

  static Run found(Entry.Found entry) {
    return taken(
            new Entry.Accepted(
                entry.run(), "", Optional.empty(), entry.devices(), entry.bootId(), entry.atMs()),
            entry.channel())
        .standing(JobState.RUNNING, Optional.empty(), Usage.NONE, "", entry.atMs());
  }

  Run moved(Entry.Moved entry) {
    return standing(entry.state(), entry.outcome(), entry.usage(), entry.detail(), entry.atMs());
  }

  private Run standing(
      JobState state, Optional<Outcome> outcome, Usage usage, String detail, long atMs) {
    return new Run(
        id,
        fingerprint,
        state == JobState.ENDED ? Optional.empty() : assignment,
        devices,
        state == JobState.ENDED ? Optional.empty() : channel,
        bootId,
        state,
        outcome,
        process,
        meters,
        graceMs,
        usage,
        detail,
        checks,
        atMs);
  }

  Run noted(Entry.Noted entry) {
    return new Run(
        id,
        fingerprint,
        assignment,
        devices,
        channel,
        bootId,
        state,
        outcome,
        entry.process().or(() -> process),
        entry.meters().isEmpty() ? meters : Map.copyOf(entry.meters()),
        entry.graceMs().isPresent() ? entry.graceMs() : graceMs,
        usage,
        detail,
        checks,
        changedMs);
  }

  /** Those of a moment that was looked at again take the place of the earlier ones. */
  Run checked(List<CheckResult> results) {
    List<CheckResult> all = new ArrayList<>(checks);
    results.forEach(one -> all.removeIf(earlier -> earlier.moment() == one.moment()));
    all.addAll(results);
    return new Run(
        id,
        fingerprint,
        assignment,
        devices,
        channel,
        bootId,
        state,
        outcome,
        process,
        meters,
        graceMs,
        usage,
        detail,
        List.copyOf(all),
        changedMs);
  }

  /** Whether the checks of this moment have been done. */
  boolean checkedAt(JobChecks.Moment moment) {
    return checks.stream().anyMatch(one -> one.moment() == moment);
  }
}
