package io.millwright.agent.lane;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlSystemEvents;
import io.millwright.drivers.nvml.NvmlSystemEvents.Change;
import io.millwright.drivers.nvml.NvmlSystemEvents.Created;
import io.millwright.drivers.nvml.NvmlSystemEvents.Look;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the driver was bound to a device or let go of one, looked for between two waits for the
 * devices' own events: no thread of its own, and at most a second late.
 *
 * <p><i>Threading:</i> {@code events-nvml}. <i>Failure:</i> a driver without such events is as it
 * was before; a set that fails is made anew after a slow period.
 */
final class BindingWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BindingWatch.class);

  /** Also while the devices' own events come in a storm. */
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private final NvmlDriver driver;
  private final CallWatch calls;
  private final Runnable changed;
  private final Duration anew;
  private final Clock clock;
  private @Nullable NvmlSystemEvents events;
  private boolean absent;
  private boolean failing;
  private long nextNanos;

  /**
   * @param changed told that devices have come or gone; must not wait
   * @param anew after which a set that failed is made once more
   */
  BindingWatch(NvmlDriver driver, CallWatch calls, Runnable changed, Duration anew, Clock clock) {
    this.driver = driver;
    this.calls = calls;
    this.changed = changed;
    this.anew = anew;
    this.clock = clock;
    this.nextNanos = clock.nanos();
  }

  /** Looks where that is due. */
  void look() {
    if (absent || clock.nanos() - nextNanos < 0) {
      return;
    }
    nextNanos = clock.nanos() + BETWEEN_LOOKS.toNanos();
    NvmlSystemEvents current = events == null ? open() : events;
    if (current != null) {
      look(current);
    }
  }

  private @Nullable NvmlSystemEvents open() {
    switch (driver.systemEvents(calls)) {
      case Created.Ready(NvmlSystemEvents ready) -> events = ready;
      case Created.Refused(int code) -> {
        LOG.debug("no events of devices that are bound and unbound code={}", code);
        absent = NvmlCode.absent(code);
        later();
      }
    }
    return events;
  }

  private void look(NvmlSystemEvents current) {
    switch (current.look()) {
      case Look.Changed(List<Change> changes) -> {
        well();
        changes.forEach(BindingWatch::tell);
        changed.run();
      }
      case Look.Quiet() -> well();
      case Look.Untold() -> {} // it is told elsewhere
      case Look.Broken(int code) -> {
        if (!failing && !NvmlCode.driverGone(code)) { // that is told elsewhere
          failing = true;
          LOG.warn("events of devices that are bound and unbound do not come code={}", code);
        }
        close();
        later();
      }
    }
  }

  private void well() {
    if (failing) {
      failing = false;
      LOG.info("events of devices that are bound and unbound come again");
    }
  }

  private void later() {
    nextNanos = clock.nanos() + anew.toNanos();
  }

  private static void tell(Change change) {
    String gpu = "0x%08x".formatted(change.gpuId());
    switch (change.kind()) {
      case BOUND -> LOG.info("driver was bound to a device gpu_id={}", gpu);
      case UNBOUND -> LOG.warn("driver was unbound from a device gpu_id={}", gpu);
      case UNKNOWN -> LOG.info("driver event of the node type={} gpu_id={}", change.type(), gpu);
    }
  }

  @Override
  public void close() {
    if (events != null) {
      events.close();
    }
    events = null;
  }
}
