package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlEvents;
import io.millwright.drivers.nvml.NvmlEvents.Created;
import io.millwright.drivers.nvml.NvmlEvents.Wait;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the driver's events on a thread of its own and puts them into a bounded queue.
 *
 * <p><i>Threading:</i> {@code events-nvml} waits; the sampler drains. <i>Failure:</i> a full queue
 * drops the newest event and says so once; a dead stream is made anew after a pause.
 */
final class EventStream {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final int QUEUE = 1024;
  private static final int WAIT_MILLISECONDS = 1000;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final int LOOKS = 100;

  private final Supplier<Attachment> attachment;
  private final Clock clock;
  private final Supplier<List<DeviceProbe>> lanes;
  private final CallClock calls;
  private final LongConsumer touched;
  private final Runnable rebound;
  private final Thread thread;
  private final BlockingQueue<Xid> queue = new ArrayBlockingQueue<>(QUEUE);
  private volatile @Nullable NvmlEvents current;
  private volatile boolean stopping;
  private volatile boolean inside;
  private String told = "";
  private boolean overflowed;
  private long lost;

  /**
   * An Xid of the device with this handle.
   *
   * @param instance what of the device it is put down to; empty for all of it
   */
  record Xid(long device, Optional<InstanceId> instance, int code, Instant at) {}

  /**
   * @param touched told of the device of each event, on this stream's thread; must not wait
   * @param rebound told that the driver was bound to a device or let go of one; likewise
   */
  EventStream(
      Supplier<Attachment> attachment,
      Supplier<List<DeviceProbe>> lanes,
      CallClock calls,
      LongConsumer touched,
      Runnable rebound,
      Clock clock) {
    this.lanes = lanes;
    this.attachment = attachment;
    this.clock = clock;
    this.calls = calls;
    this.touched = touched;
    this.rebound = rebound;
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

  /** The call that should have returned long ago. */
  Optional<CallClock.InFlight> stuckCall() {
    return calls.inFlightBeyond(Duration.ofMillis(2L * WAIT_MILLISECONDS));
  }

  /** Whether this thread may be inside the library. */
  boolean busy() {
    return inside;
  }

  /** The set that devices are to register with. */
  @Nullable NvmlEvents current() {
    return current;
  }

  /** Takes what has come since. */
  void drain(Consumer<Xid> to) {
    for (Xid event = queue.poll(); event != null; event = queue.poll()) {
      to.accept(event);
    }
  }

  private void run() {
    while (!stopping) {
      inside = true; // before the attachment is looked at: see DriverRound, "quiet"
      try {
        Attachment now = attachment.get();
        NvmlDriver driver = now.driver();
        if (driver != null) {
          listen(driver, now.epoch());
        }
      } catch (RuntimeException | Error e) {
        LOG.error("event stream failed", e);
      } finally {
        current = null;
        inside = false;
      }
      clock.parkUntil(clock.nanos() + PAUSE.toNanos());
    }
  }

  private void listen(NvmlDriver driver, long epoch) {
    switch (driver.events(calls)) {
      case Created.Ready(NvmlEvents events) -> {
        current = events;
        try (BindingWatch bindings = new BindingWatch(driver, calls, rebound, clock)) {
          listen(events, bindings, epoch);
        }
        current = null;
        free(events);
      }
      case Created.Refused(int code) -> tell("no event set code=" + code);
    }
  }

  private void listen(NvmlEvents events, BindingWatch bindings, long epoch) {
    boolean alive = true;
    while (alive && !stopping && attachment.get().epoch() == epoch) {
      switch (events.await(WAIT_MILLISECONDS)) {
        case Wait.Xid(long device, int code, Optional<InstanceId> instance) -> {
          tell("");
          publish(new Xid(device, instance, code, clock.wall()));
          touched.accept(device);
        }
        case Wait.Other(long device, long type, long value) -> {
          tell("");
          LOG.debug("driver event type={} value={}", type, value);
          touched.accept(device);
        }
        case Wait.Quiet() -> tell("");
        case Wait.Broken broken -> alive = survives(broken);
      }
      if (alive) {
        bindings.look();
      }
    }
  }

  /**
   * A lost device makes every wait of the set return at once, and the others' events still come.
   * Any other code is the stream's end: a new set is made.
   */
  private boolean survives(Wait.Broken broken) {
    tell("event stream disturbed code=" + broken.code());
    if (broken.deviceLost()) {
      clock.parkUntil(clock.nanos() + PAUSE.toNanos());
    }
    return broken.deviceLost();
  }

  /** Says what has changed, once. */
  private void tell(String trouble) {
    if (trouble.equals(told)) {
      return;
    }
    told = trouble;
    if (trouble.isEmpty()) {
      LOG.info("event stream is well");
    } else {
      LOG.warn("{}", trouble);
    }
  }

  /**
   * A lane that saw the set may still register with it: the set is freed once every lane was seen
   * at rest, and never where one hangs.
   */
  private void free(NvmlEvents events) {
    List<DeviceProbe> lanesInside = new ArrayList<>(lanes.get());
    for (int i = 0; i < LOOKS && !lanesInside.isEmpty(); i++) {
      lanesInside.removeIf(lane -> !lane.busy());
      if (!lanesInside.isEmpty()) {
        clock.parkUntil(clock.nanos() + LOOK_AGAIN.toNanos());
      }
    }
    if (lanesInside.isEmpty()) {
      events.close();
    }
  }

  private void publish(Xid event) {
    boolean full = !queue.offer(event);
    if (full) {
      lost++;
    }
    if (full && !overflowed) {
      LOG.error("error events come faster than they are counted: some are lost");
    } else if (overflowed && !full) {
      LOG.error("error events are counted again lost={}", lost);
    }
    overflowed = full;
  }
}
