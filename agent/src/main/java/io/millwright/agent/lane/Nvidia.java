package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlEvents;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a node's NVIDIA devices: the control lane over the driver, a lane for each device, the
 * thread that waits for events.
 *
 * <p><i>Lifecycle:</i> {@link #start}, then {@link #stop} once. <i>Threading:</i> the shared state
 * is volatile or concurrent; the sampler's thread asks {@link #probes} and {@link #driverProbe}.
 */
public final class Nvidia {
  /** Runs of jobs are metered by readings that must not come late. */
  private static final Duration MOST_SPREAD = Duration.ofMillis(50);

  private static final Logger LOG = LoggerFactory.getLogger(Nvidia.class);
  private static final int MOST_DEVICES = 64;
  private static final Duration SLOW_CALL = Duration.ofMillis(100);

  private final String node;
  private final Clock clock;
  private final Periods periods;
  private final Metric.Tier tier;
  private final Supplier<Options> options;
  private final BooleanSupplier counters;
  private final DeviceErrors errors;
  private final CallLedger ledger = new CallLedger();
  private final CallClock driverCalls;
  private final Lane driverLane;
  private final EventStream events;
  private final NodeStatus nodeStatus;
  private final Probe driverProbe = new DriverProbe();
  private final List<DeviceProbe> devices = new CopyOnWriteArrayList<>();
  private final Map<String, DeviceProbe> claims = new ConcurrentHashMap<>();
  private final Set<String> newcomers = ConcurrentHashMap.newKeySet();
  private final Map<Long, DeviceProbe> handles = new ConcurrentHashMap<>();
  private volatile Attachment attachment = Attachment.NONE;
  private volatile Refusal refusal = Refusal.NONE;
  private volatile boolean prompted;
  private boolean toldOfStuck;
  private boolean toldOfStuckEvents;

  /**
   * Why there is no driver.
   *
   * @param sentence empty while there is one, and before it was asked
   * @param ofDriver whether a driver or a library is there, and refuses
   */
  private record Refusal(String sentence, boolean ofDriver) {
    static final Refusal NONE = new Refusal("", false);
  }

  /**
   * How the devices are driven; may change while the agent runs.
   *
   * @param callDeadline beyond which a call is called stuck
   * @param retryAtMost longest pause between attempts to attach
   * @param expected devices this node should have, where the site has said
   */
  public record Options(Duration callDeadline, Duration retryAtMost, OptionalInt expected) {}

  /**
   * @param node name of this node
   * @param opening loads the library, on the control lane's thread, until that succeeds
   * @param tier the last tier of families that is read
   * @param counters whether the devices' performance counters may be used now
   * @param errors told of each error that the driver tells of, on the sampler's thread
   */
  public Nvidia(
      String node,
      Supplier<NvmlLibrary.Result> opening,
      Clock clock,
      Periods periods,
      Metric.Tier tier,
      Supplier<Options> options,
      BooleanSupplier counters,
      DeviceErrors errors) {
    this.node = node;
    this.clock = clock;
    this.periods = periods;
    this.tier = tier;
    this.options = options;
    this.counters = counters;
    this.errors = errors;
    this.driverCalls = new CallClock(clock, ledger);
    this.driverLane =
        new Lane("lane-nvidia-driver", clock, new DriverRound(this, opening, driverCalls));
    this.events =
        new EventStream(
            this::attachment,
            this::lanes,
            new CallClock(clock, ledger),
            this::touched,
            this::rebound,
            periods.slow(),
            clock);
    this.nodeStatus = new NodeStatus(node, "nvidia", () -> options.get().expected());
  }

  public void start() {
    driverLane.start();
    events.start();
  }

  /** Lanes to ask at a tick; more of them once more devices were counted. */
  public List<? extends Probe> probes() {
    return devices;
  }

  /** Has these devices read anew at the next tick, whatever is due. Any thread. */
  public void readAnew(Set<String> uuids) {
    for (DeviceProbe device : devices) {
      if (device.accelerator().filter(known -> uuids.contains(known.uuid())).isPresent()) {
        device.wanted();
      }
    }
  }

  /** The control lane, asked like the others. */
  public Probe driverProbe() {
    return driverProbe;
  }

  /** Why there is no driver, in one sentence; empty while there is. */
  public String refusal() {
    return driverCalls
        .inFlightBeyond(callDeadline())
        .map(flight -> "the driver does not answer " + flight.call())
        .orElse(refusal.sentence());
  }

  /** Native calls by function, of all lanes; any thread. */
  public List<CallLedger.Counted> calls() {
    return ledger.counted();
  }

  /** Devices the driver counts; 0 without a driver. */
  public int counted() {
    return attachment.devices();
  }

  /**
   * What has not answered yet, or refuses, in words; empty where there is no driver, and where each
   * device that it counts was identified. Any thread.
   */
  public Optional<String> awaited() {
    Attachment current = attachment;
    if (current.driver() == null) {
      Optional<CallClock.InFlight> stuck = driverCalls.inFlightBeyond(callDeadline());
      Refusal last = refusal;
      return last.equals(Refusal.NONE) || stuck.isPresent()
          ? Optional.of(Awaited.driver("NVIDIA", stuck))
          : Optional.of(last.sentence()).filter(_ -> last.ofDriver());
    }
    return Awaited.devices(
        "NVIDIA",
        Math.min(current.devices(), MOST_DEVICES),
        (int) devices.stream().filter(DeviceProbe::identified).count(),
        devices.stream()
            .filter(device -> !device.identified())
            .flatMap(device -> device.calls().inFlightBeyond(callDeadline()).stream())
            .findFirst());
  }

  /**
   * Orderly stop: no call begins any more, and those in flight are waited for.
   *
   * @return the calls that did not return in time
   */
  public List<String> stop(Duration longest) throws InterruptedException {
    devices.forEach(DeviceProbe::stop);
    events.stop();
    long until = clock.nanos() + longest.toNanos();
    for (DeviceProbe device : devices) {
      device.ended(left(until));
    }
    events.ended(left(until));
    driverLane.stop();
    driverLane.ended(left(until));
    return stuckCalls();
  }

  private Duration left(long untilNanos) {
    return Duration.ofNanos(Math.max(1, untilNanos - clock.nanos()));
  }

  private List<String> stuckCalls() {
    Stream<CallClock.InFlight> ofLanes =
        Stream.concat(Stream.of(driverCalls), devices.stream().map(DeviceProbe::calls))
            .flatMap(calls -> calls.inFlightBeyond(Duration.ZERO).stream());
    return Stream.concat(ofLanes, events.stuckCall().stream())
        .map(CallClock.InFlight::call)
        .toList();
  }

  // ---- what the lanes share

  String node() {
    return node;
  }

  Periods periods() {
    return periods;
  }

  /**
   * What part of the way lanes are in that are kept apart: 0 for the first, below 1 for the last.
   */
  double phase(int place) {
    return (double) place / Math.max(devices.size(), place + 1);
  }

  /** Over how much of a beat the rounds of the lanes are spread; the sampler waits for longer. */
  long spreadNanos() {
    return Math.min(periods.fast().toNanos() / 8, MOST_SPREAD.toNanos());
  }

  Metric.Tier tier() {
    return tier;
  }

  Duration callDeadline() {
    return options.get().callDeadline();
  }

  Duration retryAtMost() {
    return options.get().retryAtMost();
  }

  BooleanSupplier counters() {
    return counters;
  }

  CallLedger ledger() {
    return ledger;
  }

  DeviceErrors errors() {
    return errors;
  }

  Attachment attachment() {
    return attachment;
  }

  @Nullable NvmlEvents events() {
    return events.current();
  }

  void attached(Attachment now) {
    refusal = Refusal.NONE;
    attachment = now;
    events.wake();
    ensureLanes(now.devices());
  }

  /** Devices that have left keep their lanes, because the site waits for them. */
  void counted(int count, long atNanos) {
    attachment = attachment.withDevices(count, atNanos);
    ensureLanes(count);
  }

  /** A device is there that no lane has, in the stead of one that has left: it gets a new lane. */
  void found(String uuid) {
    synchronized (devices) {
      if (!claims.containsKey(uuid) && newcomers.add(uuid)) {
        ensureLanes(devices.size() + 1);
      }
    }
  }

  void refused(String sentence, boolean ofDriver) {
    refusal = new Refusal(sentence, ofDriver);
  }

  void detached() {
    attachment = Attachment.NONE;
  }

  boolean anyDriverGone() {
    long epoch = attachment.epoch();
    return devices.stream().anyMatch(device -> device.driverGone(epoch));
  }

  /** Whether nobody but the control lane is inside the library or has anything of it open. */
  boolean quiet() {
    return !events.busy()
        && devices.stream().noneMatch(device -> device.busy() || device.holding());
  }

  /** Whether a device hangs, or has begun to: nobody else asks it meanwhile. */
  boolean anySlow() {
    return devices.stream().anyMatch(device -> device.inFlightBeyond(SLOW_CALL));
  }

  /** The lanes of now; one that is not busy has nothing of the library's in its hands. */
  List<DeviceProbe> lanes() {
    return List.copyOf(devices);
  }

  /** Whether every lane that is inside the library hangs there. */
  boolean onlyHungCallsLeft() {
    return (!events.busy() || events.stuckCall().isPresent())
        && devices.stream()
            .filter(device -> device.busy() || device.holding())
            .allMatch(DeviceProbe::stuck);
  }

  /** Takes a device for a lane; false where another lane has it. */
  boolean claim(String uuid, DeviceProbe by) {
    return claims.computeIfAbsent(uuid, free -> by) == by;
  }

  void handleOf(long handle, DeviceProbe device) {
    handles.put(handle, device);
  }

  private void ensureLanes(int count) {
    synchronized (devices) {
      while (devices.size() < Math.min(count, MOST_DEVICES)) {
        DeviceProbe device = new DeviceProbe(this, devices.size(), clock);
        device.start();
        devices.add(device);
      }
    }
  }

  private void tellOfStuckDriver() {
    Optional<CallClock.InFlight> stuck = driverCalls.inFlightBeyond(callDeadline());
    if (stuck.isPresent() != toldOfStuck) {
      toldOfStuck = stuck.isPresent();
      stuck.ifPresentOrElse(
          flight -> LOG.warn("driver does not answer call={}", flight.call()),
          () -> LOG.info("driver answers again"));
    }
  }

  private void tellOfStuckEvents() {
    Optional<CallClock.InFlight> stuck = events.stuckCall();
    if (stuck.isPresent() != toldOfStuckEvents) {
      toldOfStuckEvents = stuck.isPresent();
      stuck.ifPresentOrElse(
          flight -> LOG.warn("error events do not come call={}", flight.call()),
          () -> LOG.info("error events come again"));
    }
  }

  /** Something happened to the device with this handle. */
  private void touched(long handle) {
    DeviceProbe device = handles.get(handle);
    if (device != null) {
      device.touched();
    }
  }

  /** Devices may have come or gone: they are counted and sought at the next tick. */
  private void rebound() {
    prompted = true;
    devices.forEach(DeviceProbe::seek);
  }

  /** Whether the devices are to be counted before their time; on the control lane's thread. */
  boolean takePrompt() {
    if (!prompted) {
      return false;
    }
    prompted = false; // what comes from here on is seen by the count that follows, or prompts anew
    return true;
  }

  private void count(EventStream.Xid event) {
    DeviceProbe device = handles.get(event.device());
    if (device != null) {
      device
          .accelerator()
          .ifPresent(
              known -> errors.occurred(known.uuid(), event.instance(), event.code(), event.at()));
    }
  }

  /** The control lane as the sampler sees it; it shows what belongs to the node as a whole. */
  private final class DriverProbe implements Probe {
    @Override
    public String name() {
      return DeviceProbe.NAME;
    }

    @Override
    public boolean request(Tick tick) {
      return driverLane.request(tick);
    }

    @Override
    public RoundResult last() {
      return events
          .stuckCall()
          .<RoundResult>map(flight ->
              new RoundResult.Failed(
                  driverLane.last().round(), driverLane.last().took(), Fault.TIMEOUT))
          .orElseGet(driverLane::last);
    }

    @Override
    public List<Sample> samples(Tick tick) {
      events.drain(Nvidia.this::count);
      tellOfStuckDriver();
      tellOfStuckEvents();
      List<String> models =
          devices.stream()
              .map(DeviceProbe::accelerator)
              .flatMap(Optional::stream)
              .map(accelerator -> accelerator.model())
              .toList();
      return List.of(nodeStatus.sample(tick, attachment.count(), models));
    }
  }
}
