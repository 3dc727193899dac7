package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT, SIGTERM or SIGHUP to this process, as something that its main thread waits for: the JVM
 * goes when the main thread has ended what it began.
 *
 * <p><i>Threading:</i> the main thread; the JVM's shutdown runs beside it.
 */
final class StopSignal {
  private static final Duration LONGEST_ENDING = Duration.ofSeconds(90);

  private final Clock clock;
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::shutDown, "shutdown");
  private volatile int exitCode = ExitCode.FAILED;

  StopSignal(Clock clock) {
    this.clock = clock;
  }

  /** From here on a signal no longer ends the process by itself. */
  void listen() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  boolean given() {
    return told.getCount() == 0;
  }

  /** Waits until then or for the signal, whichever comes first; whether it was given. */
  boolean awaitUntil(long nanos) {
    try {
      return told.await(Math.max(0, nanos - clock.nanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** All is ended; the process may go, with this code. */
  int done(int code) {
    exitCode = code;
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException underWay) {
      return code; // the hook ends the process
    }
    return code;
  }

  /** The JVM by itself would tell the signal's number, and an orderly end is no failure. */
  private void shutDown() {
    told.countDown();
    try {
      if (ended.await(LONGEST_ENDING.toNanos(), TimeUnit.NANOSECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
