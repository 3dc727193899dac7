package io.millwright.agent;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.evidence.TestGate;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The room of jobs decides; where the node carries out none, nobody else wants its accelerators.
 *
 * <p><i>Threading:</i> {@code site-tests}, which waits. <i>Failure:</i> a sentence, and no test.
 */
final class JobsTestGate implements TestGate {
  private static final long LONGEST_SECONDS = 10;

  private final Supplier<Optional<Orders>> orders;

  JobsTestGate(Supplier<Optional<Orders>> orders) {
    this.orders = orders;
  }

  @Override
  public Optional<String> begin(Optional<RunId> of) {
    Optional<Orders> jobs = orders.get();
    return jobs.isEmpty() ? Optional.empty() : answer(jobs.get().testBegins(of));
  }

  /** An answer that comes after nobody waits any more is undone by whoever gives it. */
  private static Optional<String> answer(CompletableFuture<Optional<String>> asked) {
    try {
      return asked.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      return asked.cancel(false) ? tooBusy() : asked.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return asked.cancel(false) ? Optional.of("the agent is stopping") : asked.join();
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
