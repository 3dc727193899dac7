package io.millwright.agent.lane;

import io.millwright.drivers.Source;
import io.millwright.drivers.nvml.Demotion;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlDriver.Opened;
import io.millwright.drivers.nvml.NvmlEvents;
import io.millwright.drivers.nvml.NvmlInstance;
import io.millwright.drivers.nvml.PartitionMode;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lane of one NVIDIA device: opens it, reads it, loses it and finds it again by its UUID.
 *
 * <p><i>Threading:</i> the round on the lane; status and samples on the sampler's thread; between
 * them one volatile {@link View}. <i>Failure:</i> a lost device is sought again each medium period;
 * a device that hangs keeps its lane until the call returns, and nothing else happens to it.
 */
final class DeviceProbe implements Probe {
  static final String NAME = "nvml";

  private static final Logger LOG = LoggerFactory.getLogger(DeviceProbe.class);
  private static final Duration ASK_ANEW = Duration.ofMinutes(10);
  private static final List<Cadence> CADENCES = List.of(Cadence.FAST, Cadence.MEDIUM, Cadence.SLOW);

  private final Nvidia vendor;
  private final int place;
  private final CallClock calls;
  private final Lane lane;
  private volatile View view = View.NOTHING;
  private volatile boolean touched;
  private volatile boolean wanted;
  private volatile boolean sought;
  private volatile boolean holding;
  private @Nullable DeviceStatus status;
  private boolean toldOfStuck;

  /**
   * What the lane shows to others.
   *
   * @param answered tick of the last round in which the device answered; absent while it is lost
   * @param driverGone epoch of the attachment in which a round found no driver; 0 where none did
   * @param watched whether the driver tells of its events
   * @param demotions calls that are made less often than they should be
   * @param mode whether the device is divided, as its driver said last
   * @param instances its MIG instances
   */
  private record View(
      Optional<Accelerator> accelerator,
      Optional<Sample> sample,
      Optional<Tick> answered,
      long driverGone,
      boolean watched,
      List<Demotion> demotions,
      PartitionMode mode,
      List<InstanceView> instances) {
    static final View NOTHING =
        new View(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            false,
            List.of(),
            PartitionMode.UNKNOWN,
            List.of());

    View gone(long epoch) {
      return new View(
          accelerator, sample, Optional.empty(), epoch, false, List.of(), mode, instances);
    }
  }

  /** A MIG instance as its device's lane shows it. */
  private record InstanceView(DeviceStatus.Instance status, Sample sample) {
    static InstanceView of(NvmlInstance instance) {
      return new InstanceView(
          new DeviceStatus.Instance(instance.accelerator(), instance.answers()),
          instance.readings().sample());
    }
  }

  /**
   * @param place on the bus, where the device is sought at first
   */
  DeviceProbe(Nvidia vendor, int place, Clock clock) {
    this.vendor = vendor;
    this.place = place;
    this.calls = new CallClock(clock, vendor.ledger());
    this.lane =
        new Lane(
            "lane-nvidia-" + place,
            clock,
            new DeviceRound(),
            () -> (long) (vendor.phase(place) * (double) vendor.spreadNanos()));
  }

  void start() {
    lane.start();
  }

  void stop() {
    lane.stop();
  }

  boolean ended(Duration longest) throws InterruptedException {
    return lane.ended(longest);
  }

  boolean busy() {
    return lane.busy();
  }

  /** Whether it has something of the library's in its hands, which is given back by its lane. */
  boolean holding() {
    return holding;
  }

  @Override
  public OptionalLong overdueAtNanos() {
    return calls.overdueAtNanos(vendor.callDeadline());
  }

  boolean stuck() {
    return inFlightBeyond(vendor.callDeadline());
  }

  /** Whether a call has been in flight for longer than this. */
  boolean inFlightBeyond(Duration longest) {
    return calls.inFlightBeyond(longest).isPresent();
  }

  /** Whether a round of this attachment found no driver; what an older one found is past. */
  boolean driverGone(long epoch) {
    return view.driverGone() == epoch;
  }

  /** Devices have come or gone: one that is lost is sought at the next tick. Any thread. */
  void seek() {
    sought = true;
  }

  /** The driver told of an event of this device: all of it is to be read anew. Any thread. */
  void touched() {
    touched = true;
  }

  /** Somebody waits for a reading: all of it is read anew at the next tick. Any thread. */
  void wanted() {
    wanted = true;
  }

  CallClock calls() {
    return calls;
  }

  Optional<Accelerator> accelerator() {
    return view.accelerator();
  }

  /** Whether it is known by now which device it is. */
  boolean identified() {
    return view.accelerator().isPresent();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean request(Tick tick) {
    return lane.request(tick);
  }

  @Override
  public RoundResult last() {
    return lane.last();
  }

  @Override
  public List<Sample> samples(Tick tick) {
    View current = view;
    Optional<CallClock.InFlight> stuck = calls.inFlightBeyond(vendor.callDeadline());
    tellOfStuck(stuck);
    List<Sample> samples = new ArrayList<>(2);
    current.sample().ifPresent(samples::add);
    for (InstanceView instance : current.instances()) {
      samples.add(instance.sample());
    }
    ensureStatus().ifPresent(known -> samples.add(statusSample(known, current, tick, stuck)));
    return samples;
  }

  private Sample statusSample(
      DeviceStatus known, View current, Tick tick, Optional<CallClock.InFlight> stuck) {
    long oldest = tick.nanos() - vendor.periods().longestAgeNanos(Cadence.FAST);
    boolean answers = current.answered().filter(last -> last.nanos() >= oldest).isPresent();
    known.demoted(current.demotions());
    known.divided(current.mode(), current.instances().stream().map(InstanceView::status).toList());
    return known.sample(tick, answers && stuck.isEmpty(), stuck, calls.spentNanos());
  }

  private void tellOfStuck(Optional<CallClock.InFlight> stuck) {
    if (stuck.isPresent() == toldOfStuck) {
      return;
    }
    toldOfStuck = stuck.isPresent();
    String who = view.accelerator().map(Accelerator::uuid).orElse("not identified yet");
    stuck.ifPresentOrElse(
        flight ->
            LOG.warn(
                "accelerator does not answer place={} uuid={} call={} in_flight={}",
                place,
                who,
                flight.call(),
                flight.age()),
        () -> LOG.info("accelerator answers again place={} uuid={}", place, who));
  }

  /**
   * Known from the first time the device was opened; its index may change when it is found again.
   */
  private Optional<DeviceStatus> ensureStatus() {
    View current = view;
    current.accelerator().ifPresent(this::identify);
    if (current.watched()) {
      current.accelerator().ifPresent(known -> vendor.errors().watched(known.uuid()));
    }
    return Optional.ofNullable(status);
  }

  private void identify(Accelerator identity) {
    if (status == null) {
      status = new DeviceStatus(identity, vendor.periods(), vendor.tier());
    } else {
      status.identify(identity);
    }
  }

  private final class DeviceRound implements Round {
    private final Schedule schedule = new Schedule(vendor.periods(), () -> vendor.phase(place));
    private final Schedule looks = new Schedule(vendor.periods());
    private long askedAnewNanos;
    private final Schedule retries = new Schedule(vendor.periods());
    private @Nullable NvmlDevice device;
    private final Schedule registrations = new Schedule(vendor.periods());
    private @Nullable NvmlEvents registered;
    private boolean watched;
    private boolean toldOfRefusal;
    private long epoch;
    private List<Demotion> told = List.of();

    @Override
    public Outcome run(Tick tick) {
      Attachment attachment = vendor.attachment();
      if (epoch != attachment.epoch()) {
        leave(tick);
        retries.restart();
        epoch = attachment.epoch();
      }
      NvmlDriver driver = attachment.driver();
      if (driver == null) {
        return RESTED;
      }
      if (sought) {
        sought = false;
        retries.restart();
      }
      NvmlDevice current = device;
      if (current == null) {
        Cadence pause = view.accelerator().isPresent() ? Cadence.MEDIUM : Cadence.SLOW;
        if (!retries.take(pause, tick.nanos())) {
          return RESTED;
        }
        current = open(driver, attachment).orElse(null);
        if (current == null) {
          return Round.of(Optional.of(Fault.DEVICE_LOST));
        }
      }
      register(current, tick);
      lookAfterEvents(current, tick);
      return read(current, tick);
    }

    private Optional<NvmlDevice> open(NvmlDriver driver, Attachment attachment) {
      Optional<NvmlDevice> opened =
          view.accelerator().isPresent()
              ? openKnown(driver, view.accelerator().get(), attachment)
              : openUnclaimed(driver, attachment);
      opened.ifPresent(this::adopt);
      return opened;
    }

    private void adopt(NvmlDevice opened) {
      device = opened;
      holding = true;
      schedule.restart();
      vendor.claim(opened.accelerator().uuid(), DeviceProbe.this);
      vendor.handleOf(opened.handle(), DeviceProbe.this);
      LOG.info(
          "accelerator found index={} uuid={} model={}",
          opened.accelerator().index(),
          opened.accelerator().uuid(),
          opened.accelerator().model());
      view =
          new View(
              Optional.of(opened.accelerator()),
              view.sample(),
              Optional.empty(),
              0,
              false,
              List.of(),
              view.mode(),
              view.instances());
    }

    private Optional<NvmlDevice> openKnown(
        NvmlDriver driver, Accelerator known, Attachment attachment) {
      Opened result = open(driver, known.uuid(), attachment);
      if (result instanceof Opened.Refused refused && refused.unknown()) {
        lookForAnother(driver, attachment);
      }
      return opened(result);
    }

    /** This lane's device has left the node; whoever came in its stead needs a lane of its own. */
    private void lookForAnother(NvmlDriver driver, Attachment attachment) {
      for (int i = 0; i < attachment.devices() && !vendor.anySlow(); i++) {
        driver.uuidAt(i, calls).ifPresent(vendor::found);
      }
    }

    /**
     * At its place; where the bus has moved up since, at the first place whose device no lane has.
     * Other places are not looked at while a device hangs: it might be that one.
     */
    private Optional<NvmlDevice> openUnclaimed(NvmlDriver driver, Attachment attachment) {
      for (int i = 0; i < attachment.devices(); i++) {
        if (i > 0 && vendor.anySlow()) {
          return Optional.empty();
        }
        int index = (place + i) % attachment.devices();
        Optional<String> uuid = driver.uuidAt(index, calls);
        if (uuid.isPresent() && vendor.claim(uuid.get(), DeviceProbe.this)) {
          return opened(open(driver, uuid.get(), attachment));
        }
      }
      return Optional.empty();
    }

    private Opened open(NvmlDriver driver, String uuid, Attachment attachment) {
      return driver.open(uuid, attachment.driverVersion(), vendor.periods(), calls);
    }

    private Optional<NvmlDevice> opened(Opened result) {
      return switch (result) {
        case Opened.Device(NvmlDevice found) -> Optional.of(found);
        case Opened.Refused refused -> {
          LOG.debug("accelerator not opened place={} code={}", place, refused.code());
          if (refused.outcome() == Source.Outcome.DRIVER_GONE) {
            view = view.gone(epoch);
          }
          yield Optional.empty();
        }
      };
    }

    /** Tried again each slow period where the driver refused for the moment. */
    private void register(NvmlDevice current, Tick tick) {
      NvmlEvents events = vendor.events();
      if (events == null
          || events == registered
          || !registrations.take(Cadence.SLOW, tick.nanos())) {
        return;
      }
      NvmlDevice.Registered result = current.register(events);
      if (result != NvmlDevice.Registered.REFUSED) {
        registered = events;
        registrations.restart();
        schedule.restart(); // what happened before is in the counters, and in them alone
        toldOfRefusal = false;
      } else if (!toldOfRefusal) {
        toldOfRefusal = true;
        LOG.warn(
            "no error events of this accelerator for now, asked again each slow period place={}"
                + " uuid={}",
            place,
            current.accelerator().uuid());
      }
      watched = result == NvmlDevice.Registered.WATCHED;
    }

    /**
     * What an event changed is read at once; each cadence no more often for that than by itself, so
     * that a storm of events costs the jobs no more than twice what rest does.
     */
    private void lookAfterEvents(NvmlDevice current, Tick tick) {
      if (wanted) {
        wanted = false;
        schedule.restart(Cadence.MEDIUM);
        schedule.restart(Cadence.SLOW);
      }
      if (touched && looks.take(Cadence.MEDIUM, tick.nanos())) {
        touched = false;
        current.lookAnew();
        schedule.restart(Cadence.MEDIUM);
        if (looks.take(Cadence.SLOW, tick.nanos())) {
          askAnew(current, tick);
          schedule.restart(Cadence.SLOW);
        }
      }
      if (tick.nanos() - askedAnewNanos >= ASK_ANEW.toNanos()) {
        askAnew(current, tick); // a link or a fabric may come up without any event
      }
    }

    private void askAnew(NvmlDevice current, Tick tick) {
      askedAnewNanos = tick.nanos();
      current.askAnew();
    }

    private Outcome read(NvmlDevice current, Tick tick) {
      Source.Outcome outcome = Source.Outcome.ANSWERED;
      for (Cadence cadence : CADENCES) {
        if (outcome == Source.Outcome.ANSWERED && schedule.take(cadence, tick.nanos())) {
          outcome = current.read(cadence, tick.nanos());
        }
      }
      return switch (outcome) {
        case ANSWERED -> {
          show(current, Optional.of(tick));
          yield DONE;
        }
        case FAILED -> {
          show(current, Optional.empty());
          yield Round.of(Optional.of(Fault.OTHER));
        }
        case DEVICE_LOST, DRIVER_GONE -> {
          lose(current, tick, outcome);
          yield Round.of(Optional.of(Fault.DEVICE_LOST));
        }
      };
    }

    private void lose(NvmlDevice current, Tick tick, Source.Outcome outcome) {
      Accelerator lost = current.accelerator();
      LOG.warn("accelerator lost index={} uuid={} reason={}", lost.index(), lost.uuid(), outcome);
      showLost(current, tick, outcome == Source.Outcome.DRIVER_GONE);
      closeDevice();
    }

    /** The driver was let go of, or is another one now: whatever is open is of no use any more. */
    private void leave(Tick tick) {
      if (device != null) {
        showLost(device, tick, false);
        closeDevice();
      }
      view = view.gone(0);
    }

    private void showLost(NvmlDevice lost, Tick tick, boolean driverGone) {
      lost.readings().at(tick.nanos());
      lost.readings().allUnavailable(Fault.DEVICE_LOST);
      lost.instances().forEach(instance -> instance.lose(tick.nanos(), Fault.DEVICE_LOST));
      show(lost, Optional.empty(), driverGone, List.of());
    }

    private void show(NvmlDevice current, Optional<Tick> answered) {
      show(current, answered, false, demotions(current));
    }

    private void show(
        NvmlDevice current, Optional<Tick> answered, boolean driverGone, List<Demotion> demotions) {
      view =
          new View(
              Optional.of(current.accelerator()),
              Optional.of(current.readings().sample()),
              answered,
              driverGone ? epoch : 0,
              watched,
              demotions,
              current.partitionMode(),
              current.instances().stream().map(InstanceView::of).toList());
    }

    private List<Demotion> demotions(NvmlDevice current) {
      List<Demotion> now = current.demotions();
      if (!now.equals(told)) {
        now.stream().filter(demotion -> !told.contains(demotion)).forEach(this::tell);
        told.stream()
            .filter(before -> now.stream().noneMatch(still -> still.call().equals(before.call())))
            .forEach(before ->
                LOG.info(
                    "native call is made as often as before place={} call={}",
                    place,
                    before.call()));
        told = now;
      }
      return now;
    }

    private void tell(Demotion demotion) {
      LOG.warn(
          "native call is made less often place={} call={} cadence={} because={}",
          place,
          demotion.call(),
          demotion.cadence(),
          demotion.failing() ? "it fails" : "it takes too long");
    }

    private void closeDevice() {
      if (device != null) {
        device.close();
      }
      device = null;
      told = List.of();
      holding = false;
      registered = null;
      watched = false;
      registrations.restart();
    }

    @Override
    public void close() {
      closeDevice();
    }
  }
}
