package io.millwright.agent.lane;

import io.millwright.drivers.neuron.HardwareErrors;
import io.millwright.drivers.neuron.NeuronTree;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a Neuron device counts a hardware error, on a thread of its own, so that the device
 * is read before its time.
 *
 * <p><i>Lifecycle:</i> {@link #start}, then {@link #stop} once. <i>Threading:</i> {@code
 * events-neuron} waits, at most a second at a time; it shares nothing but what it tells.
 * <i>Failure:</i> where the wait does not work, or says "ready" and nothing is new, the counts are
 * looked at once a second instead.
 */
final class NeuronEvents {
  private static final Logger LOG = LoggerFactory.getLogger(NeuronEvents.class);
  private static final int WAIT_MILLISECONDS = 1000;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final NeuronTree tree;
  private final IntConsumer touched;
  private final Clock clock;
  private final Thread thread;
  private volatile boolean stopping;
  private boolean failing;

  /**
   * @param touched told the number of a device whose count is another, on this thread; must not
   *     wait
   */
  NeuronEvents(NeuronTree tree, IntConsumer touched, Clock clock) {
    this.tree = tree;
    this.touched = touched;
    this.clock = clock;
    this.thread = Threads.platform("events-neuron", this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  boolean ended(Duration longest) throws InterruptedException {
    return !thread.isAlive() || thread.join(longest);
  }

  private void run() {
    while (!stopping) {
      try (HardwareErrors errors = new HardwareErrors(tree)) {
        listen(errors);
      } catch (RuntimeException | Error e) {
        if (!failing) {
          LOG.error("waiting for hardware errors of Neuron devices failed", e);
        }
        failing = true;
        pause();
      }
    }
  }

  private void listen(HardwareErrors errors) {
    boolean ready = false;
    while (!stopping) {
      List<Integer> changed = errors.look();
      changed.forEach(touched::accept);
      failing = false;
      if (errors.watching() == 0 || (ready && changed.isEmpty())) {
        pause();
        ready = false;
      } else if (!stopping) {
        ready = errors.await(WAIT_MILLISECONDS) == HardwareErrors.Wait.READY;
      }
    }
  }

  private void pause() {
    clock.parkUntil(clock.nanos() + PAUSE.toNanos());
  }
}
