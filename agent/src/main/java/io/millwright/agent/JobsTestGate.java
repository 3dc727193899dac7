package io.millwright.agent;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.evidence.TestGate;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The room of jobs decides; where the node carries out none, nobody else wants its accelerators.
 *
 * <p><i>Threading:</i> {@code site-tests} and {@code job-checks}, which wait. <i>Failure:</i> a
 * sentence, and no test.
 */
final class JobsTestGate implements TestGate {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final Supplier<Optional<Orders>> orders;

  JobsTestGate(Supplier<Optional<Orders>> orders) {
    this.orders = orders;
  }

  @Override
  public Optional<String> begin(Optional<RunId> of, Duration longest) {
    Optional<Orders> jobs = orders.get();
    return jobs.isEmpty()
        ? Optional.empty()
        : answer(jobs.get().testBegins(of, longest), longest.plus(LONGEST));
  }

  /** An answer that comes after nobody waits any more is undone by whoever gives it. */
  private static Optional<String> answer(
      CompletableFuture<Optional<String>> asked, Duration longest) {
    try {
      return asked.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      return asked.cancel(false) ? tooBusy() : asked.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return asked.cancel(false) ? Optional.of("nobody waits for it any more") : asked.join();
    } catch (ExecutionException failed) {
      return Optional.of("it could not be asked who has the accelerators: " + failed.getCause());
    }
  }

  private static Optional<String> tooBusy() {
    return Optional.of("the node has too much to do with its jobs; ask again");
  }

  @Override
  public void end() {
    orders.get().ifPresent(Orders::testEnded);
  }
}
