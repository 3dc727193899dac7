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
  private boolean leaving;
  private int attachments;
  private long epochs;
  private String lastRefusal = "";
  private String lastOpening = "";
  private boolean libraryMissing;
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
    boolean due = counting.take(Cadence.MEDIUM, tick.nanos());
    return vendor.takePrompt() || due ? count(attached, tick) : DONE;
  }

  private Outcome attach(Tick tick) {
    if (leaving && !left()) {
      return RESTED;
    }
    if (attempted && tick.nanos() - nextAttemptNanos < 0) {
      return RESTED;
    }
    attempted = true;
    return opened().map(found -> attach(found, tick)).orElseGet(() -> notOpened(tick));
  }

  private Outcome attach(NvmlDriver found, Tick tick) {
    return switch (found.attach(calls)) {
      case Attached.Ready ready -> attached(found, ready, tick);
      case Attached.Refused refused -> refused(refused.sentence(), refused.ofDriver(), tick);
    };
  }

  /** Where there is no library there is no driver to fail. */
  private Outcome notOpened(Tick tick) {
    Outcome refused = refused(lastOpening, !libraryMissing, tick);
    return libraryMissing ? RESTED : refused;
  }

  /** The library stays once it was loaded; until then it may still be installed. */
  private Optional<NvmlDriver> opened() {
    if (driver == null) {
      switch (opening.get()) {
        case NvmlLibrary.Result.Opened(NvmlLibrary library) -> adopt(library);
        case NvmlLibrary.Result.Missing(String sentence) -> notOpened(sentence, true);
        case NvmlLibrary.Result.Unusable(String sentence) -> notOpened(sentence, false);
      }
    }
    return Optional.ofNullable(driver);
  }

  private void notOpened(String sentence, boolean missing) {
    lastOpening = sentence;
    libraryMissing = missing;
  }

  private void adopt(NvmlLibrary library) {
    LOG.info("NVML loaded path={} simulated={}", library.path(), library.simulated());
    if (!library.missingSymbols().isEmpty()) {
      LOG.info(
          "families of functions that this NVML lacks are absent: {}", library.missingSymbols());
    }
    driver = new NvmlDriver(library, vendor.node(), vendor.tier(), vendor.counters());
  }

  private Outcome attached(NvmlDriver found, Attached.Ready ready, Tick tick) {
    retry = FIRST_RETRY;
    lastRefusal = "";
    epochs++;
    attachments++;
    LOG.info("driver attached version={} devices={}", ready.driverVersion(), ready.devices());
    vendor.attached(
        new Attachment(epochs, found, ready.driverVersion(), ready.devices(), tick.nanos()));
    counting.restart();
    counting.take(Cadence.MEDIUM, tick.nanos());
    return DONE;
  }

  private Outcome refused(String sentence, boolean ofDriver, Tick tick) {
    if (!sentence.equals(lastRefusal)) {
      LOG.warn("{}", sentence);
      lastRefusal = sentence;
    }
    vendor.refused(sentence, ofDriver);
    nextAttemptNanos = tick.nanos() + retry.toNanos();
    Duration doubled = retry.multipliedBy(2);
    Duration longest = vendor.retryAtMost();
    retry = doubled.compareTo(longest) < 0 ? doubled : longest;
    return Round.of(Optional.of(Fault.NOT_FOUND));
  }

  private Outcome count(NvmlDriver attached, Tick tick) {
    Counted counted = attached.count(calls);
    if (counted.driverGone()) {
      return leave();
    }
    if (!counted.succeeded()) {
      return Round.of(Optional.of(Fault.OTHER));
    }
    vendor.counted(counted.devices(), tick.nanos());
    return DONE;
  }

  /** The driver went away under us. Nobody begins a call any more from here on. */
  private Outcome leave() {
    LOG.warn("driver gone: attaching anew when it is back");
    vendor.detached();
    leaving = true;
    return Round.of(Optional.of(Fault.NOT_FOUND));
  }

  /**
   * Lets go of the library once the calls under way have returned, because it attaches anew only
   * when all its attachments were given back. Where nothing but hung calls is left it is not
   * touched, because they may use what it would free: what is owed is then paid at the next quiet
   * moment.
   */
  private boolean left() {
    if (vendor.quiet()) {
      detach();
      leaving = false;
    } else if (vendor.onlyHungCallsLeft()) {
      leaving = false;
    }
    return !leaving;
  }

  @Override
  public void close() {
    if (vendor.quiet()) {
      detach();
    }
  }

  private void detach() {
    for (; driver != null && attachments > 0; attachments--) {
      driver.detach(calls);
    }
  }
}
