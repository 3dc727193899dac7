package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks at a job's devices before its process begins and after it has ended.
 *
 * <p><i>Threading:</i> asked on the thread {@code jobs}, so nothing here waits; what was found
 * comes on any thread. <i>Failure:</i> is a result.
 */
public interface Checker {

  /**
   * What is to be looked at.
   *
   * @param checks words of the job's spec, in their order
   * @param deadline of all of them together
   */
  record Order(
      RunId run,
      JobChecks.Moment moment,
      List<String> checks,
      DeviceSet devices,
      Duration deadline) {
    public Order {
      checks = List.copyOf(checks);
    }
  }

  /**
   * Begins to look; earlier checks of the run that are still under way are given up.
   *
   * @param done told of one result for each check, once, whenever that is
   */
  void begin(Order order, Consumer<List<CheckResult>> done);

  /** Nobody waits for the checks of this run any more. */
  void cancel(RunId run);

  /** One that looks at nothing, so that every check is unknown by its deadline. */
  static Checker none() {
    return new Checker() {
      @Override
      public void begin(Order order, Consumer<List<CheckResult>> done) {}

      @Override
      public void cancel(RunId run) {}
    };
  }
}
