package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlEvents;
import io.millwright.drivers.nvml.NvmlEvents.Created;
import io.millwright.drivers.nvml.NvmlEvents.Wait;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the driver's events on a thread of its own and puts them into a bounded queue.
 *
 * <p><i>Threading:</i> {@code events-nvml} waits; the sampler drains. <i>Failure:</i> a full queue
 * drops the newest event and counts it; a dead stream is made anew after a pause.
 */
final class EventStream {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final int QUEUE = 1024;
  private static final int WAIT_MILLISECONDS = 1000;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Supplier<Attachment> attachment;
  private final Clock clock;
  private final CallClock calls;
  private final Thread thread;
  private final BlockingQueue<Xid> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private volatile @Nullable NvmlEvents current;
  private volatile boolean stopping;
  private boolean broken;

  /** An Xid of the device with this handle. */
  record Xid(long device, int code, Instant at) {}

  EventStream(Supplier<Attachment> attachment, Clock clock) {
    this.attachment = attachment;
    this.clock = clock;
    this.calls = new CallClock(clock);
    this.thread = Threads.platform("events-nvml", this::run);
  }

  void start() {
    thread.start();
  }

  /** The driver was attached or let go of: look at once. */
  void wake() {
    LockSupport.unpark(thread);
  }

  void stop() {
    stopping = true;
    wake();
  }

  boolean ended(Duration longest) throws InterruptedException {
    return !thread.isAlive() || thread.join(longest);
  }

  /** Whether the driver is inside one of our calls. */
  boolean busy() {
    return current != null || calls.inFlightBeyond(Duration.ZERO).isPresent();
  }

  /** The set that devices are to register with. */
  @Nullable NvmlEvents current() {
    return current;
  }

  long dropped() {
    return dropped.get();
  }

  /** Takes what has come since. */
  void drain(Consumer<Xid> to) {
    for (Xid event = queue.poll(); event != null; event = queue.poll()) {
      to.accept(event);
    }
  }

  private void run() {
    while (!stopping) {
      Attachment now = attachment.get();
      NvmlDriver driver = now.driver();
      if (driver != null) {
        listen(driver, now.epoch());
      }
      clock.parkUntil(clock.nanos() + PAUSE.toNanos());
    }
  }

  private void listen(NvmlDriver driver, long epoch) {
    switch (driver.events(calls)) {
      case Created.Ready(NvmlEvents events) -> {
        current = events;
        listen(events, epoch);
        current = null;
        events.close();
      }
      case Created.Refused(int code) -> LOG.warn("no event set code={}", code);
    }
  }

  private void listen(NvmlEvents events, long epoch) {
    while (!stopping && attachment.get().epoch() == epoch) {
      switch (events.await(WAIT_MILLISECONDS)) {
        case Wait.Xid(long device, int code) -> publish(new Xid(device, code, clock.wall()));
        case Wait.Other other ->
            LOG.info("driver event type={} value={}", other.type(), other.value());
        case Wait.Quiet() -> broken = false;
        case Wait.Broken(int code) -> pause(code);
      }
    }
  }

  /** A lost device makes every wait of the set return at once; the others' events still come. */
  private void pause(int code) {
    if (!broken) {
      LOG.warn("event stream disturbed code={}", code);
    }
    broken = true;
    clock.parkUntil(clock.nanos() + PAUSE.toNanos());
  }

  private void publish(Xid event) {
    if (!queue.offer(event)) {
      dropped.incrementAndGet();
    }
  }
}
