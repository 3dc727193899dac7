package io.millwright.agent.evidence;

import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides whether a disruptive test has the node's accelerators, together with what gives them to
 * jobs: neither misses the other.
 *
 * <p><i>Threading:</i> asked on the threads {@code site-tests} and {@code job-checks}, where it may
 * wait.
 */
public interface TestGate {

  /**
   * Why the accelerators are not to be disturbed; empty where the test has them until {@link #end}.
   *
   * @param of the run around which the test is; its own devices are no reason
   * @param longest to wait for them
   */
  Optional<String> begin(Optional<RunId> of, Duration longest);

  void end();

  /** Of a node on which nothing gives accelerators to jobs. */
  static TestGate open() {
    return new TestGate() {
      @Override
      public Optional<String> begin(Optional<RunId> of, Duration longest) {
        return Optional.empty();
      }

      @Override
      public void end() {}
    };
  }
}
