package io.millwright.collector.page;

import io.millwright.collector.control.JobsState;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The jobs in sums. */
public final class JobSample {
  static final String PARTITION = "default";
  private static final List<String> STATES =
      List.of("pending", "starting", "running", "completing", "stuck");

  /** Which ends of a run are the site's doing and not the job's. */
  private static final Map<String, Set<Outcome.Kind>> CAUSES =
      Map.of(
          "accelerator", Set.of(Outcome.Kind.DEVICE_FAULT),
          "host", Set.of(Outcome.Kind.NODE_REBOOTED, Outcome.Kind.NODE_LOST),
          "network", Set.of(Outcome.Kind.LEASE_EXPIRED),
          "unknown", Set.of(Outcome.Kind.UNTRACKED));

  private JobSample() {}

  public static Sample of(JobsState jobs) {
    Map<Series, Double> values = new LinkedHashMap<>();
    STATES.forEach(state -> values.put(Series.of(Metric.JOBS, state, PARTITION), 0.0));
    jobs.runs().stream()
        .map(run -> run.state())
        .filter(state -> state != JobState.ENDED)
        .forEach(state ->
            values.merge(Series.of(Metric.JOBS, word(state), PARTITION), 1.0, Double::sum));
    Arrays.stream(Outcome.Kind.values())
        .map(Outcome.Kind::result)
        .distinct()
        .forEach(result ->
            values.put(
                Series.of(Metric.JOBS_FINISHED_TOTAL, PARTITION, result),
                (double) finished(jobs, kind -> kind.result().equals(result))));
    CAUSES.forEach((cause, kinds) ->
        values.put(
            Series.of(Metric.JOB_INTERRUPTIONS_TOTAL, PARTITION, cause),
            (double) finished(jobs, kinds::contains)));
    boolean recovering = jobs.recovery().phase() == RecoveryState.Phase.RECOVERING;
    values.put(Series.of(Metric.COLLECTOR_RECOVERING), recovering ? 1.0 : 0.0);
    values.put(
        Series.of(Metric.COLLECTOR_RECOVERY_WAITING_NODES),
        (double) jobs.recovery().waitingFor().size());
    values.put(Series.of(Metric.COLLECTOR_REFUSING_NODES), (double) jobs.refusing());
    values.put(Series.of(Metric.COLLECTOR_UNCLAIMED_RUNS), (double) jobs.unclaimed().size());
    values.put(Series.of(Metric.COLLECTOR_RUN_MISMATCHES_TOTAL), (double) jobs.mismatches());
    return FleetSample.sample(values);
  }

  private static long finished(JobsState jobs, Predicate<Outcome.Kind> which) {
    return jobs.finished().entrySet().stream()
        .filter(count -> which.test(count.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** The table of job words. */
  private static String word(JobState state) {
    return switch (state) {
      case QUEUED -> "pending";
      case PLACED, ACCEPTED, PREPARING, READY, STARTING -> "starting";
      case RUNNING -> "running";
      case STOPPING, CLEANING -> "completing";
      case STUCK -> "stuck";
      case ENDED -> throw new IllegalArgumentException("an ended run is not counted here");
    };
  }
}
