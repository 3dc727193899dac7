package io.millwright.collector.recovery;

import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a recovery stands.
 *
 * @param phase how far it has come
 * @param since when the store was restored or found to be older; empty where nothing is doubted
 * @param why in one sentence; empty where nothing is doubted
 * @param waitingFor nodes that have not said what they remember, by name
 * @param answered how many have
 * @param lost nodes that were declared lost, by name
 * @param held runs of the older store that wait for somebody's word
 * @param strangers runs that nodes hold and that this book does not know as open, as nodes told
 */
public record RecoveryState(
    Phase phase,
    Optional<Instant> since,
    String why,
    List<String> waitingFor,
    int answered,
    List<String> lost,
    List<RunId> held,
    List<Stranger> strangers) {
  public static final RecoveryState NONE =
      new RecoveryState(
          Phase.NONE, Optional.empty(), "", List.of(), 0, List.of(), List.of(), List.of());

  private static final int MOST_NAMES = 3;

  /** How far it has come. */
  public enum Phase {
    /** The store is not doubted. */
    NONE("none"),
    /** Nothing is placed or stopped. */
    RECOVERING("recovering"),
    /** All goes on but for the runs that are held. */
    HOLDING("holding");

    private final String word;

    Phase(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** A run that only its node knows. */
  public record Stranger(String node, RunId run) {}

  public RecoveryState {
    waitingFor = List.copyOf(waitingFor);
    lost = List.copyOf(lost);
    held = List.copyOf(held);
    strangers = List.copyOf(strangers);
  }

  /** What it waits for, in one sentence; empty where nothing is placed or stopped for no reason. */
  public Optional<String> sentence() {
    if (phase != Phase.RECOVERING) {
      return Optional.empty();
    }
    if (waitingFor.isEmpty()) {
      return Optional.of(
          "recovering: no job is placed or stopped for a moment, nodes may yet come");
    }
    int more = waitingFor.size() - MOST_NAMES;
    String names = String.join(", ", waitingFor.stream().limit(MOST_NAMES).toList());
    return Optional.of(
        "recovering: no job is placed or stopped before %d nodes have said what they have: %s%s"
            .formatted(waitingFor.size(), names, more > 0 ? " and %d more".formatted(more) : ""));
  }
}
