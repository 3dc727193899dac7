package io.millwright.collector.join;

import io.millwright.collector.trust.Enrolment;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where requests are answered, one after the other: a token is used up in a file that is on the
 * disk before the answer is sent.
 *
 * <p><i>Threading:</i> {@link #answer} from the event loop; the rest on the worker {@code join}.
 * <i>Failure:</i> an answer of the reason unavailable.
 */
final class JoinDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JoinDesk.class);
  private static final long PATIENCE_SECONDS = 5;

  private final Enrolment enrolment;
  private final ThreadPoolExecutor worker;
  private final AtomicLong refused = new AtomicLong();

  JoinDesk(Enrolment enrolment, int mostWaiting) {
    this.enrolment = enrolment;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(mostWaiting),
            task -> Threads.platform("join", task));
  }

  /**
   * Answers a request some time.
   *
   * @param there whether the peer still waits: one that has gone uses up no token
   * @param then takes the answer, on the worker
   */
  void answer(byte[] body, BooleanSupplier there, Consumer<JoinAnswer> then) {
    try {
      worker.execute(() -> {
        if (there.getAsBoolean()) {
          then.accept(answer(body));
        }
      });
    } catch (RejectedExecutionException full) {
      refused.incrementAndGet();
      then.accept(unavailable("the collector has too many requests to join: try again later"));
    }
  }

  int waiting() {
    return worker.getQueue().size();
  }

  /** Requests that were refused because too many waited. */
  long refused() {
    return refused.get();
  }

  private JoinAnswer answer(byte[] body) {
    try {
      return enrolment.answer(body);
    } catch (RuntimeException broken) {
      LOG.error("answering a request to join failed", broken);
      return unavailable("the collector cannot let nodes join now; its log says why");
    }
  }

  private static JoinAnswer unavailable(String sentence) {
    return new JoinAnswer.Refused(Reason.UNAVAILABLE, sentence);
  }

  /** What was taken is answered first. */
  @Override
  public void close() {
    worker.shutdown();
    try {
      if (!worker.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("the disk of the tokens does not answer: requests to join are left open");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
