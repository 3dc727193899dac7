package io.millwright.collector.audit;

import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.vocabulary.LogHead;
import java.util.Optional;

/**
 * The nodes keep where the log ended, and so are witnesses of it.
 *
 * <p><i>Threading:</i> any; nothing here waits.
 */
public interface Witnesses {
  /** Of a collector without a log. */
  Witnesses NONE =
      new Witnesses() {
        @Override
        public Optional<LogHead> head() {
          return Optional.empty();
        }

        @Override
        public void told(AuditHeadsBody kept) {}
      };

  /** Where the log ends, for the nodes to keep; empty while nothing is in it. */
  Optional<LogHead> head();

  /**
   * What a node has kept.
   *
   * @param kept whose name is that of the session's node
   */
  void told(AuditHeadsBody kept);
}
