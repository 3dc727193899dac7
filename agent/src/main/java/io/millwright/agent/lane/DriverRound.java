package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlDriver.Attached;
import io.millwright.drivers.nvml.NvmlDriver.Counted;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches to the driver, counts its devices, and attaches anew after it was reloaded. On the
 * control lane's thread.
 */
final class DriverRound implements Round {
  private static final Logger LOG = LoggerFactory.getLogger(DriverRound.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  private final Nvidia vendor;
  private final NvmlDriver driver;
  private final CallClock calls;
  private final Duration retryAtMost;
  private final Schedule counting;
  private Duration retry = FIRST_RETRY;
  private long nextAttemptNanos;
  private boolean attempted;
  private boolean owesDetach;
  private long epochs;
  private String lastRefusal = "";

  DriverRound(Nvidia vendor, CallClock calls, Duration retryAtMost) {
    this.vendor = vendor;
    this.driver = vendor.driver();
    this.calls = calls;
    this.retryAtMost = retryAtMost;
    this.counting = new Schedule(vendor.periods());
  }

  @Override
  public Outcome run(Tick tick) {
    if (!vendor.attachment().attached()) {
      return attach(tick);
    }
    if (vendor.anyDriverGone()) {
      return leave();
    }
    return counting.take(Cadence.MEDIUM, tick.nanos()) ? count() : DONE;
  }

  private Outcome attach(Tick tick) {
    if (owesDetach && !detached()) {
      return RESTED;
    }
    if (attempted && tick.nanos() - nextAttemptNanos < 0) {
      return RESTED;
    }
    attempted = true;
    return switch (driver.attach(calls)) {
      case Attached.Ready ready -> {
        attached(ready, tick);
        yield DONE;
      }
      case Attached.Refused refused -> {
        refused(refused, tick);
        yield Round.of(Optional.of(Fault.NOT_FOUND));
      }
    };
  }

  private void attached(Attached.Ready ready, Tick tick) {
    retry = FIRST_RETRY;
    lastRefusal = "";
    epochs++;
    LOG.info("driver attached version={} devices={}", ready.driverVersion(), ready.devices());
    vendor.attached(new Attachment(epochs, ready.driverVersion(), ready.devices()));
    counting.restart();
    counting.take(Cadence.MEDIUM, tick.nanos());
  }

  private void refused(Attached.Refused refused, Tick tick) {
    if (!refused.sentence().equals(lastRefusal)) {
      LOG.warn("{}", refused.sentence());
      lastRefusal = refused.sentence();
    }
    vendor.refused(refused.sentence());
    nextAttemptNanos = tick.nanos() + retry.toNanos();
    Duration doubled = retry.multipliedBy(2);
    retry = doubled.compareTo(retryAtMost) < 0 ? doubled : retryAtMost;
  }

  private Outcome count() {
    Counted counted = driver.count(calls);
    if (counted.driverGone()) {
      return leave();
    }
    if (!counted.succeeded()) {
      return Round.of(Optional.of(Fault.OTHER));
    }
    vendor.counted(counted.devices());
    return DONE;
  }

  /** The driver went away under us. Nobody begins a call any more from here on. */
  private Outcome leave() {
    LOG.warn("driver gone: attaching anew when it is back");
    vendor.detached();
    owesDetach = true;
    return Round.of(Optional.of(Fault.NOT_FOUND));
  }

  /**
   * Lets go of the library once the calls under way have returned, because it attaches anew only
   * then; not at all where nothing but hung calls is left, because those may use what it would
   * free.
   */
  private boolean detached() {
    if (vendor.quiet()) {
      driver.detach(calls);
      owesDetach = false;
    } else if (vendor.onlyHungCallsLeft()) {
      owesDetach = false;
    }
    return !owesDetach;
  }

  @Override
  public void close() {
    if (vendor.attachment().attached() && vendor.quiet()) {
      driver.detach(calls);
    }
  }
}
