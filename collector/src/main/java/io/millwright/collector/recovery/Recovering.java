package io.millwright.collector.recovery;

import io.millwright.collector.jobs.Report;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.frames.JournalHead;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the queue and the way to the nodes have of a recovery.
 *
 * <p><i>Threading:</i> the thread {@code control}. <i>Failure:</i> as the book's and the store's.
 */
public interface Recovering {

  /** Of a collector whose store is never doubted. */
  Recovering NONE =
      new Recovering() {
        @Override
        public boolean active() {
          return false;
        }

        @Override
        public void met(String node, JournalHead journal) {}

        @Override
        public void answered(String node, String journal, AppliedBody body) {}

        @Override
        public void reported(String node, List<Report> news) {}

        @Override
        public Optional<String> withheld(Run queued) {
          return Optional.empty();
        }

        @Override
        public void turn(Set<String> speaking) {}

        @Override
        public RecoveryState state() {
          return RecoveryState.NONE;
        }
      };

  /** Whether nodes are asked what they remember, and told nothing else. */
  boolean active();

  /** A node came with this journal; it has been told nothing in this session. */
  void met(String node, JournalHead journal);

  /**
   * A node said what it holds and remembers, in this term.
   *
   * @param journal whose word it is
   */
  void answered(String node, String journal, AppliedBody body);

  /** A node told how runs go on. */
  void reported(String node, List<Report> news);

  /** Why a queued run is given no place; empty where it is looked for one. */
  Optional<String> withheld(Run queued);

  /**
   * Ends the recovery where it is due.
   *
   * @param speaking the nodes that are connected and carry out jobs
   */
  void turn(Set<String> speaking);

  /** As everybody may see it; the same instance while nothing of it has changed. */
  RecoveryState state();
}
