package io.millwright.agent.lane;

import io.millwright.drivers.neuron.NeuronTree;
import io.millwright.drivers.neuron.UltraServerSource;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of a node's Neuron devices (AWS Trainium and Inferentia): the control lane, which counts
 * them, and a lane for each.
 *
 * <p><i>Lifecycle:</i> {@link #start}, then {@link #stop} once. <i>Threading:</i> the shared state
 * is volatile or concurrent; the sampler's thread asks {@link #probes} and {@link #driverProbe}.
 * <i>Failure:</i> a driver that is not there is waited for, and no trouble unless it was there
 * before.
 */
public final class Neuron {
  static final String NAME = "neuron";
  static final String VENDOR = DeviceKind.NEURON.vendor();

  private static final Logger LOG = LoggerFactory.getLogger(Neuron.class);
  private static final int MOST_DEVICES = 64;

  private final NeuronTree tree;
  private final Clock clock;
  private final Periods periods;
  private final Metric.Tier tier;
  private final Supplier<Options> options;
  private final CallClock treeCalls;
  private final UltraServerSource ultraServer;
  private final NeuronEvents events;
  private final Lane treeLane;
  private final NodeStatus nodeStatus;
  private final Probe driverProbe = new DriverProbe();
  private final List<NeuronProbe> devices = new CopyOnWriteArrayList<>();
  private final Map<String, NeuronProbe> claims = new ConcurrentHashMap<>();
  private final Map<Integer, NeuronProbe> holders = new ConcurrentHashMap<>();
  private final Set<String> newcomers = ConcurrentHashMap.newKeySet();
  private volatile Census census = Census.NONE;
  private volatile boolean countSoon;
  private volatile boolean stopping;
  private volatile Sample ultraServerSample;
  private boolean toldOfStuck;

  /**
   * How the devices are driven; may change while the agent runs.
   *
   * @param callDeadline beyond which a reading is called stuck
   * @param expected devices this node should have, where the site has said
   */
  public record Options(Duration callDeadline, OptionalInt expected) {}

  /**
   * What the control lane saw last.
   *
   * @param taken whether it has looked
   * @param loaded whether there is a driver
   * @param numbers of the devices, ascending
   * @param atNanos monotonic time of that
   */
  record Census(boolean taken, boolean loaded, List<Integer> numbers, long atNanos) {
    static final Census NONE = new Census(false, false, List.of(), 0);
  }

  /**
   * @param node name of this node
   * @param root where {@code sys} is
   * @param tier the last tier of families that is read
   */
  public Neuron(
      String node,
      Path root,
      Clock clock,
      Periods periods,
      Metric.Tier tier,
      Supplier<Options> options) {
    this.tree = new NeuronTree(root, node, tier);
    this.clock = clock;
    this.periods = periods;
    this.tier = tier;
    this.options = options;
    this.treeCalls = new CallClock(clock);
    this.ultraServer = new UltraServerSource(tree, node, treeCalls);
    this.ultraServerSample = ultraServer.readings().sample();
    this.events = new NeuronEvents(tree, this::touched, clock);
    this.treeLane = new Lane("lane-neuron-driver", clock, new TreeRound());
    this.nodeStatus = new NodeStatus(node, VENDOR, () -> options.get().expected());
  }

  public void start() {
    treeLane.start();
    events.start();
  }

  /** Lanes to ask at a tick; more of them once more devices were counted. */
  public List<? extends Probe> probes() {
    return devices;
  }

  /** Has these devices read anew at the next tick, whatever is due. Any thread. */
  public void readAnew(Set<String> uuids) {
    for (NeuronProbe device : devices) {
      if (device.accelerator().filter(known -> uuids.contains(known.uuid())).isPresent()) {
        device.wanted();
      }
    }
  }

  /** The control lane, asked like the others. */
  public Probe driverProbe() {
    return driverProbe;
  }

  /** Devices that the driver shows; 0 without a driver. */
  public int counted() {
    return census.numbers().size();
  }

  /** Whether the control lane has looked for devices. */
  public boolean looked() {
    return census.taken();
  }

  /**
   * What has not answered yet, in words; empty where the driver was looked for and each device that
   * it shows was identified. Any thread.
   */
  public Optional<String> awaited() {
    Census seen = census;
    if (!seen.taken()) {
      return Optional.of(Awaited.driver("AWS Neuron", treeCalls.inFlightBeyond(callDeadline())));
    }
    return Awaited.devices(
        "AWS Neuron",
        Math.min(seen.numbers().size(), MOST_DEVICES),
        (int) devices.stream().filter(NeuronProbe::identified).count(),
        devices.stream()
            .filter(device -> !device.identified())
            .flatMap(device -> device.calls().inFlightBeyond(callDeadline()).stream())
            .findFirst());
  }

  /**
   * Orderly stop: no reading begins any more, and those in flight are waited for.
   *
   * @return the readings that did not return in time
   */
  public List<String> stop(Duration longest) throws InterruptedException {
    stopping = true; // from here on no lane is made
    treeLane.stop();
    synchronized (devices) {
      devices.forEach(NeuronProbe::stop);
    }
    events.stop();
    long until = clock.nanos() + longest.toNanos();
    for (NeuronProbe device : devices) {
      device.ended(left(until));
    }
    treeLane.ended(left(until));
    events.ended(left(until));
    return Stream.concat(Stream.of(treeCalls), devices.stream().map(NeuronProbe::calls))
        .flatMap(calls -> calls.inFlightBeyond(Duration.ZERO).stream())
        .map(CallClock.InFlight::call)
        .toList();
  }

  private Duration left(long untilNanos) {
    return Duration.ofNanos(Math.max(1, untilNanos - clock.nanos()));
  }

  // ---- what the lanes share

  NeuronTree tree() {
    return tree;
  }

  Census census() {
    return census;
  }

  Periods periods() {
    return periods;
  }

  Metric.Tier tier() {
    return tier;
  }

  Duration callDeadline() {
    return options.get().callDeadline();
  }

  /** What part of the way lanes are in that are kept apart, 0 to below 1. */
  double phase(int place) {
    return (double) place / Math.max(devices.size(), place + 1);
  }

  /** A device has counted a hardware error: its lane reads it at its next tick. */
  private void touched(int number) {
    NeuronProbe device = holders.get(number);
    if (device != null) {
      device.touched();
    }
  }

  /** Takes a device for a lane; false where another lane has it. */
  boolean claim(String uuid, NeuronProbe by) {
    return claims.computeIfAbsent(uuid, free -> by) == by;
  }

  /** Lets go of a device that could not be opened, or that has another name by now. */
  void unclaim(String uuid, NeuronProbe by) {
    claims.remove(uuid, by);
  }

  /**
   * A device was lost: what else has gone, and whether the driver has, is seen at the next tick.
   */
  void countSoon() {
    countSoon = true;
  }

  /**
   * Whether there was a driver and is none: it is not there, or it is being loaded and shows none
   * of the devices that are known.
   */
  private boolean driverGone() {
    Census now = census;
    return !now.loaded() || (now.numbers().isEmpty() && anyKnown());
  }

  private boolean anyKnown() {
    return devices.stream().anyMatch(device -> device.accelerator().isPresent());
  }

  /** Takes a number to look at, which no other lane then does; false where one has it. */
  boolean hold(int number, NeuronProbe by) {
    return holders.putIfAbsent(number, by) == null;
  }

  void release(int number, NeuronProbe by) {
    holders.remove(number, by);
  }

  /** A device is there that no lane has, in the stead of one that has left: it gets a new lane. */
  void found(String uuid) {
    synchronized (devices) {
      if (!claims.containsKey(uuid) && newcomers.add(uuid)) {
        ensureLanes(devices.size() + 1);
      }
    }
  }

  /** Devices that have left keep their lanes, because the site waits for them. */
  private void ensureLanes(int count) {
    synchronized (devices) {
      while (!stopping && devices.size() < Math.min(count, MOST_DEVICES)) {
        NeuronProbe device = new NeuronProbe(this, devices.size(), clock);
        device.start();
        devices.add(device);
      }
    }
  }

  private final class TreeRound implements Round {
    private final Schedule schedule = new Schedule(periods);

    @Override
    public Outcome run(Tick tick) {
      if (countSoon) {
        countSoon = false;
        schedule.restart(Cadence.MEDIUM);
      }
      if (schedule.take(Cadence.MEDIUM, tick.nanos())) {
        count(tick);
      }
      if (census.loaded() && schedule.take(Cadence.SLOW, tick.nanos())) {
        ultraServer.read(Cadence.SLOW, tick.nanos());
        ultraServerSample = ultraServer.readings().sample();
      }
      if (!driverGone()) {
        return DONE;
      }
      return devices.isEmpty() ? RESTED : Round.of(Optional.of(Fault.NOT_FOUND));
    }

    private void count(Tick tick) {
      Census before = census;
      boolean loaded = tree.driverLoaded();
      List<Integer> numbers = loaded ? tree.numbers() : List.of();
      census = new Census(true, loaded, numbers, tick.nanos());
      tell(before);
      ensureLanes(numbers.size());
      if (!numbers.equals(before.numbers())) {
        devices.forEach(NeuronProbe::seek);
      }
    }

    private void tell(Census before) {
      if (census.loaded() && !before.loaded()) {
        String version = tree.driverVersion(treeCalls);
        LOG.info(
            "Neuron driver found version={} devices={} simulated={}",
            version,
            census.numbers().size(),
            tree.simulated());
        if (NeuronTree.crashesWhenUnloaded(version)) {
          LOG.warn(
              "Neuron drivers before 2.26.5 may crash the kernel when they are unloaded while their"
                  + " files are read: stop the agent before that, or upgrade it version={}",
              version);
        }
      } else if (before.loaded() && !census.loaded()) {
        LOG.warn("Neuron driver gone: its devices are sought when it is back");
      }
    }

    @Override
    public void close() {
      ultraServer.close();
    }
  }

  private void tellOfStuck() {
    Optional<CallClock.InFlight> stuck = treeCalls.inFlightBeyond(callDeadline());
    if (stuck.isPresent() != toldOfStuck) {
      toldOfStuck = stuck.isPresent();
      stuck.ifPresentOrElse(
          flight -> LOG.warn("Neuron driver does not answer call={}", flight.call()),
          () -> LOG.info("Neuron driver answers again"));
    }
  }

  /** The control lane as the sampler sees it; it shows what belongs to the node as a whole. */
  private final class DriverProbe implements Probe {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean request(Tick tick) {
      return treeLane.request(tick);
    }

    @Override
    public RoundResult last() {
      return treeLane.last();
    }

    @Override
    public List<Sample> samples(Tick tick) {
      tellOfStuck();
      List<String> models =
          devices.stream()
              .map(NeuronProbe::accelerator)
              .flatMap(Optional::stream)
              .map(Accelerator::model)
              .toList();
      NodeStatus.Count count =
          new NodeStatus.Count(!driverGone(), census.numbers().size(), census.atNanos());
      return List.of(nodeStatus.sample(tick, count, models), ultraServerSample);
    }
  }
}
