package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlDriver.Attached;
import io.millwright.drivers.nvml.NvmlDriver.Counted;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
  private final Supplier<NvmlLibrary.Result> opening;
  private final CallClock calls;
  private final Schedule counting;
  private Duration retry = FIRST_RETRY;
  private long nextAttemptNanos;
  private boolean attempted;
  private boolean owesDetach;
  private long epochs;
  private String lastRefusal = "";
  private String lastOpening = "";
  private @Nullable NvmlDriver driver;

  DriverRound(Nvidia vendor, Supplier<NvmlLibrary.Result> opening, CallClock calls) {
    this.vendor = vendor;
    this.opening = opening;
    this.calls = calls;
    this.counting = new Schedule(vendor.periods());
  }

  @Override
  public Outcome run(Tick tick) {
    NvmlDriver attached = vendor.attachment().driver();
    if (attached == null) {
      return attach(tick);
    }
    if (vendor.anyDriverGone()) {
      return leave();
    }
    return counting.take(Cadence.MEDIUM, tick.nanos()) ? count(attached) : DONE;
  }

  private Outcome attach(Tick tick) {
    if (owesDetach && !detached()) {
      return RESTED;
    }
    if (attempted && tick.nanos() - nextAttemptNanos < 0) {
      return RESTED;
    }
    attempted = true;
    return opened().map(found -> attach(found, tick)).orElseGet(() -> refused(lastOpening, tick));
  }

  private Outcome attach(NvmlDriver found, Tick tick) {
    return switch (found.attach(calls)) {
      case Attached.Ready ready -> attached(found, ready, tick);
      case Attached.Refused refused -> refused(refused.sentence(), tick);
    };
  }

  /** The library stays once it was loaded; until then it may still be installed. */
  private Optional<NvmlDriver> opened() {
    if (driver == null) {
      switch (opening.get()) {
        case NvmlLibrary.Result.Opened(NvmlLibrary library) -> adopt(library);
        case NvmlLibrary.Result.Missing(String sentence) -> lastOpening = sentence;
        case NvmlLibrary.Result.Unusable(String sentence) -> lastOpening = sentence;
      }
    }
    return Optional.ofNullable(driver);
  }

  private void adopt(NvmlLibrary library) {
    LOG.info("NVML loaded path={} simulated={}", library.path(), library.simulated());
    if (!library.missingSymbols().isEmpty()) {
      LOG.info(
          "families of functions that this NVML lacks are absent: {}", library.missingSymbols());
    }
    driver = new NvmlDriver(library, vendor.node());
  }

  private Outcome attached(NvmlDriver found, Attached.Ready ready, Tick tick) {
    retry = FIRST_RETRY;
    lastRefusal = "";
    epochs++;
    LOG.info("driver attached version={} devices={}", ready.driverVersion(), ready.devices());
    vendor.attached(new Attachment(epochs, found, ready.driverVersion(), ready.devices()));
    counting.restart();
    counting.take(Cadence.MEDIUM, tick.nanos());
    return DONE;
  }

  private Outcome refused(String sentence, Tick tick) {
    if (!sentence.equals(lastRefusal)) {
      LOG.warn("{}", sentence);
      lastRefusal = sentence;
    }
    vendor.refused(sentence);
    nextAttemptNanos = tick.nanos() + retry.toNanos();
    Duration doubled = retry.multipliedBy(2);
    Duration longest = vendor.retryAtMost();
    retry = doubled.compareTo(longest) < 0 ? doubled : longest;
    return Round.of(Optional.of(Fault.NOT_FOUND));
  }

  private Outcome count(NvmlDriver attached) {
    Counted counted = attached.count(calls);
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
      detach();
      owesDetach = false;
    } else if (vendor.onlyHungCallsLeft()) {
      owesDetach = false;
    }
    return !owesDetach;
  }

  @Override
  public void close() {
    if (vendor.attachment().driver() != null && vendor.quiet()) {
      detach();
    }
  }

  private void detach() {
    if (driver != null) {
      driver.detach(calls);
    }
  }
}
