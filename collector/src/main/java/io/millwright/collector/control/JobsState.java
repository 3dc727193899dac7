package io.millwright.collector.control;

import io.millwright.collector.downlink.Unclaimed;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The jobs as everybody may read them. Each change makes a new one.
 *
 * @param runs by name and number
 * @param waiting why runs of the queue have no place
 * @param taken devices of open runs
 * @param finished runs that ended since the collector's start, by how they did
 * @param trouble why nothing of it can be changed now, in one sentence; empty when all is well
 * @param recovery whether the store is older than what the nodes know, and what is done about it
 * @param refusing connected nodes that obey another collector, or a newer store
 * @param unclaimed runs that only their nodes know
 * @param mismatches how often the runs of a node and of the book were found to differ
 */
public record JobsState(
    List<Run> runs,
    Map<RunId, String> waiting,
    Map<DeviceKey, RunId> taken,
    Map<Outcome.Kind, Long> finished,
    Optional<String> trouble,
    RecoveryState recovery,
    int refusing,
    List<Unclaimed> unclaimed,
    long mismatches) {
  public static final JobsState EMPTY =
      new JobsState(List.of(), Map.of(), Map.of(), Map.of(), Optional.empty());

  /** Of a collector whose store is not doubted. */
  public JobsState(
      List<Run> runs,
      Map<RunId, String> waiting,
      Map<DeviceKey, RunId> taken,
      Map<Outcome.Kind, Long> finished,
      Optional<String> trouble) {
    this(runs, waiting, taken, finished, trouble, RecoveryState.NONE, 0, List.of(), 0);
  }

  public JobsState {
    runs = List.copyOf(runs);
    waiting = Map.copyOf(waiting);
    taken = Map.copyOf(taken);
    finished = Map.copyOf(finished);
    unclaimed = List.copyOf(unclaimed);
  }

  public Optional<Run> run(RunId id) {
    return runs.stream().filter(run -> run.id().equals(id)).findFirst();
  }

  /** The newest run of a job. */
  public Optional<Run> latest(String job) {
    return runs.stream().filter(run -> run.id().job().equals(job)).reduce((older, newer) -> newer);
  }

  /** The run that has this accelerator. */
  public Optional<RunId> holder(DeviceKey device) {
    return Optional.ofNullable(taken.get(device));
  }
}
