package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Looks who holds what on a thread of its own, because a look at a process or a file may hang. One
 * that has not ended is not begun a second time.
 *
 * <p><i>Threading:</i> one reading at a time, on any thread.
 */
final class HolderReading {
  private final Supplier<Answer.Holdings> scan;
  private final Duration longest;
  private CompletableFuture<Answer.Holdings> begun =
      CompletableFuture.completedFuture(new Answer.Holdings(List.of(), true));

  /**
   * @param scan one look at all processes
   * @param longest to wait for it
   */
  HolderReading(Supplier<Answer.Holdings> scan, Duration longest) {
    this.scan = scan;
    this.longest = longest;
  }

  Answer read() {
    if (!begun.isDone()) {
      return new Answer.Later("a look at the processes hangs; ask again");
    }
    CompletableFuture<Answer.Holdings> told = new CompletableFuture<>();
    begun = told;
    Threads.platform("holders", () -> look(told)).start();
    try {
      return told.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return new Answer.Later("the program is ending; ask again");
    } catch (TimeoutException late) {
      return new Answer.Later(
          "the processes could not be looked at within %d ms; ask again"
              .formatted(longest.toMillis()));
    } catch (ExecutionException failed) {
      throw new IllegalStateException("looking at the processes", failed.getCause());
    }
  }

  private void look(CompletableFuture<Answer.Holdings> told) {
    try {
      told.complete(scan.get());
    } catch (RuntimeException | Error failed) {
      told.completeExceptionally(failed);
    }
  }
}
