package io.millwright.agent.audit;

import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.AuditHeadsBody.Kept;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.LogHead;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The heads of audit logs that this node was told.
 *
 * <p>One that does not continue the newest of its store is a conflict: it lies before it, or has
 * its number and another hash. What was kept then stays as it is, as evidence, until the collector
 * tells that very head again or its store has become one of a later generation, as by a restore. A
 * head that is further on is taken as told: whether the log goes through those of before can only
 * be seen in the log, by the collector itself and by {@code collector verify-audit}.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, before anything is told; nothing is to be closed.
 * <i>Threading:</i> {@link #told} on the thread of the session, {@link #turn} on the lane {@code
 * upkeep}, {@link #heads} from any; none waits but {@link #turn}, for the disk. <i>Failure:</i>
 * what cannot be kept is a warning, and is told again all the same while the process lives.
 */
public final class KeptHeads {
  /**
   * The most of one store, its first and newest among them, and so many stores; the oldest gives
   * way, and none that is in conflict.
   */
  static final int MOST_OF_A_STORE = 16;

  static final int MOST_STORES = 3;

  private static final Logger LOG = LoggerFactory.getLogger(KeptHeads.class);

  private final HeadsFile file;
  private final Consumer<Boolean> conflicts;
  private final Clock clock;
  private volatile AuditHeadsBody heads;
  private AuditHeadsBody written;

  /**
   * @param directory that keeps them
   * @param conflicts is told whether there is one, at the start and whenever that may have changed
   */
  public KeptHeads(String node, Path directory, Consumer<Boolean> conflicts, Clock clock) {
    this.file = new HeadsFile(directory);
    this.conflicts = conflicts;
    this.clock = clock;
    this.heads = new AuditHeadsBody(node, List.of(), Optional.empty());
    this.written = heads;
  }

  /** Reads what was kept. */
  public void start() {
    file.read()
        .ifPresent(kept -> heads = new AuditHeadsBody(heads.node(), kept.heads(), kept.conflict()));
    written = heads;
    heads
        .conflict()
        .ifPresent(one ->
            LOG.error(
                "a collector's audit log did not continue what this node had kept; it stands until the log does told={}",
                one.head().words()));
    conflicts.accept(heads.conflict().isPresent());
  }

  /** The words of HELLO. */
  public List<String> capabilities() {
    return List.of(Capability.AUDIT);
  }

  /** All that is kept; the same instance while nothing of it has changed. */
  public AuditHeadsBody heads() {
    return heads;
  }

  /** The collector of the session says where its log ends. */
  public void told(LogHead head) {
    Kept now = new Kept(head, Math.max(0, clock.wall().toEpochMilli()));
    Optional<LogHead> newest = newestOf(head.store());
    if (newest.isEmpty()) {
      strange(head);
      take(now);
    } else if (head.equals(newest.get())) {
      restored(head);
    } else if (head.generation() > newest.get().generation()) {
      LOG.warn(
          "the collector's store was restored: its audit log is of generation {} and was of {}",
          head.generation(),
          newest.get().generation());
      take(now);
    } else if (!head.isBehind(newest.get())) {
      contradicted(now, newest.get());
    } else if (conflictOf(head.store()).isEmpty()) {
      take(now);
    }
  }

  private Optional<LogHead> newestOf(UUID store) {
    LogHead newest = null;
    for (Kept one : heads.heads()) {
      if (one.head().store().equals(store) && (newest == null || one.head().isBehind(newest))) {
        newest = one.head();
      }
    }
    return Optional.ofNullable(newest);
  }

  private Optional<Kept> conflictOf(UUID store) {
    return heads.conflict().filter(one -> one.head().store().equals(store));
  }

  private void strange(LogHead head) {
    if (heads.heads().isEmpty()) {
      LOG.info("the collector's audit log is kept in mind store={}", head.store());
    } else {
      LOG.warn(
          "the collector has another store than before, and so another audit log store={}",
          head.store());
    }
  }

  /** The log is again the one that was kept. */
  private void restored(LogHead head) {
    if (conflictOf(head.store()).isPresent()) {
      LOG.info("the collector's audit log continues what was kept again head={}", head.words());
      become(heads.heads(), Optional.empty());
    }
  }

  private void contradicted(Kept told, LogHead newest) {
    if (conflictOf(newest.store()).filter(one -> one.head().equals(told.head())).isPresent()) {
      return;
    }
    LOG.error(
        "the collector's audit log does not continue what this node has kept: it was cut, written anew or is an older copy; 'millwright-collector verify-audit --heads' with this node's file says more told={} kept={}",
        told.head().words(),
        newest.words());
    boolean ofAnother = heads.conflict().isPresent() && conflictOf(newest.store()).isEmpty();
    become(heads.heads(), ofAnother ? heads.conflict() : Optional.of(told));
  }

  private void take(Kept told) {
    List<Kept> next = new ArrayList<>(heads.heads());
    next.add(told);
    boundStore(next, told.head().store());
    Optional<Kept> elsewhere =
        heads.conflict().filter(one -> !one.head().store().equals(told.head().store()));
    List<UUID> stores =
        Stream.concat(elsewhere.stream(), next.reversed().stream())
            .map(one -> one.head().store())
            .distinct()
            .limit(MOST_STORES)
            .toList();
    next.removeIf(one -> !stores.contains(one.head().store()));
    become(next, elsewhere);
  }

  /** What is left reaches back to the first, ever more widely spaced. */
  private static void boundStore(List<Kept> kept, UUID store) {
    List<Kept> ofStore =
        new ArrayList<>(kept.stream().filter(one -> one.head().store().equals(store)).toList());
    while (ofStore.size() > MOST_OF_A_STORE) {
      kept.remove(ofStore.remove(densest(ofStore)));
    }
  }

  /**
   * Index of the inner one whose neighbours are nearest to each other, the first of those alike.
   */
  private static int densest(List<Kept> kept) {
    int densest = 1;
    long least = Long.MAX_VALUE;
    for (int i = 1; i < kept.size() - 1; i++) {
      long gap = Math.abs(kept.get(i + 1).head().sequence() - kept.get(i - 1).head().sequence());
      if (gap < least) {
        densest = i;
        least = gap;
      }
    }
    return densest;
  }

  private void become(List<Kept> kept, Optional<Kept> conflict) {
    heads = new AuditHeadsBody(heads.node(), kept, conflict);
    conflicts.accept(conflict.isPresent());
  }

  /** Keeps what was told since. */
  public void turn() {
    AuditHeadsBody now = heads;
    if (!now.equals(written) && file.keep(now)) {
      written = now;
    }
  }
}
