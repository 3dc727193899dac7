package io.millwright.agent.evidence;

import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Optional;

/**
 * Decides whether a disruptive test has the node's accelerators, together with what gives them to
 * jobs: neither misses the other.
 *
 * <p><i>Threading:</i> asked on the thread {@code site-tests}, where it may wait.
 */
public interface TestGate {

  /**
   * Why the accelerators are not to be disturbed; empty where the test has them until {@link #end}.
   *
   * @param of the run around which the test is; its own devices are no reason
   */
  Optional<String> begin(Optional<RunId> of);

  void end();

  /** Of a node on which nothing gives accelerators to jobs. */
  static TestGate open() {
    return new TestGate() {
      @Override
      public Optional<String> begin(Optional<RunId> of) {
        return Optional.empty();
      }

      @Override
      public void end() {}
    };
  }
}
