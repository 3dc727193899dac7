package io.millwright.collector.trust;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import io.millwright.protocol.tls.PeerIdentity;
import java.security.cert.X509Certificate;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where requests are answered, one after the other: a token is used up in a file that is on the
 * disk before the answer is sent.
 *
 * <p><i>Threading:</i> {@link #answer} from the event loop; the rest on its worker. <i>Failure:</i>
 * an answer of the reason unavailable.
 */
public final class EnrolmentDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolmentDesk.class);
  private static final long PATIENCE_SECONDS = 5;

  private final Enrolment enrolment;
  private final ThreadPoolExecutor worker;
  private final AtomicLong refused = new AtomicLong();

  /**
   * @param thread the name of its worker
   */
  public EnrolmentDesk(String thread, Enrolment enrolment, int mostWaiting) {
    this.enrolment = enrolment;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(mostWaiting),
            task -> Threads.platform(thread, task));
  }

  /**
   * Answers a request some time.
   *
   * @param there whether the peer still waits: one that has gone uses up no token
   * @param then takes the answer, on the worker
   */
  public void answer(byte[] body, BooleanSupplier there, Consumer<JoinAnswer> then) {
    answer(() -> enrolment.answer(body), there, then);
  }

  /**
   * Gives a node its next certificate some time.
   *
   * @param node as its certificate says, once a door has let it in
   * @param shown that certificate
   * @param der PKCS#10 of its new key
   */
  public void renew(
      PeerIdentity.Node node,
      X509Certificate shown,
      byte[] der,
      BooleanSupplier there,
      Consumer<JoinAnswer> then) {
    answer(() -> enrolment.renew(node, shown, der), there, then);
  }

  private void answer(
      Supplier<JoinAnswer> asked, BooleanSupplier there, Consumer<JoinAnswer> then) {
    try {
      worker.execute(() -> {
        if (there.getAsBoolean()) {
          then.accept(answer(asked));
        }
      });
    } catch (RejectedExecutionException full) {
      refused.incrementAndGet();
      then.accept(
          unavailable("the collector has too many requests for certificates: try again later"));
    }
  }

  /** Requests that wait. Any thread. */
  public int waiting() {
    return worker.getQueue().size();
  }

  /** Requests that were refused because too many waited. */
  public long refused() {
    return refused.get();
  }

  private static JoinAnswer answer(Supplier<JoinAnswer> asked) {
    try {
      return asked.get();
    } catch (RuntimeException broken) {
      LOG.error("answering a request for a certificate failed", broken);
      return unavailable("the collector cannot issue certificates now; its log says why");
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
        LOG.error(
            "the disk of the authority does not answer: requests for certificates are left open");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
