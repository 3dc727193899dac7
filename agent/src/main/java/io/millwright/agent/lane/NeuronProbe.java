package io.millwright.agent.lane;

import io.millwright.drivers.Source;
import io.millwright.drivers.neuron.NeuronDevice;
import io.millwright.drivers.neuron.NeuronIdentity;
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
 * The lane of one Neuron device: opens it, reads it, loses it and finds it again by its serial
 * number, under whatever number it comes back. A serial number that cannot be read for a moment is
 * waited for; a device that has none after {@value #TRIES} tries is taken by its place.
 *
 * <p><i>Threading:</i> the round on the lane; status and samples on the sampler's thread; between
 * them one volatile {@link View}. <i>Failure:</i> a lost device is sought again each medium period;
 * one whose file does not answer keeps its lane until it does, and nothing else happens to it.
 */
final class NeuronProbe implements Probe {
  private static final Logger LOG = LoggerFactory.getLogger(NeuronProbe.class);
  private static final int TRIES = 3;
  private static final List<Cadence> CADENCES = List.of(Cadence.FAST, Cadence.MEDIUM, Cadence.SLOW);

  /** Slow rounds after the opening in which files may still come: a tree is built in seconds. */
  private static final int LOOKS = 4;

  private final Neuron vendor;
  private final int place;
  private final CallClock calls;
  private final Lane lane;
  private volatile View view = View.NOTHING;
  private volatile boolean sought;
  private volatile boolean touched;
  private volatile boolean wanted;
  private boolean toldOfStuck;
  private @Nullable DeviceStatus status;

  /**
   * The device as its lane last saw it.
   *
   * @param answered the last tick at which it answered
   */
  private record View(
      Optional<Accelerator> accelerator, Optional<Sample> sample, Optional<Tick> answered) {
    static final View NOTHING = new View(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * @param place which of the devices is sought at first, by its place among their numbers
   */
  NeuronProbe(Neuron vendor, int place, Clock clock) {
    this.vendor = vendor;
    this.place = place;
    this.calls = new CallClock(clock);
    this.lane = new Lane("lane-neuron-" + place, clock, new DeviceRound());
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

  /** Devices have come or gone: one that is lost is sought at the next tick. Any thread. */
  void seek() {
    sought = true;
  }

  /** The device has counted a hardware error: all of it is read at the next tick. Any thread. */
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
  public OptionalLong overdueAtNanos() {
    return calls.overdueAtNanos(vendor.callDeadline());
  }

  @Override
  public String name() {
    return Neuron.NAME;
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
    current
        .accelerator()
        .ifPresent(known ->
            samples.add(
                status(known)
                    .sample(
                        tick,
                        answers(current, tick) && stuck.isEmpty(),
                        stuck,
                        calls.spentNanos())));
    return samples;
  }

  private boolean answers(View current, Tick tick) {
    long oldest = tick.nanos() - vendor.periods().longestAgeNanos(Cadence.FAST);
    return current.answered().filter(last -> last.nanos() >= oldest).isPresent();
  }

  private DeviceStatus status(Accelerator known) {
    DeviceStatus current = status;
    if (current == null) {
      current = new DeviceStatus(known, vendor.periods(), vendor.tier());
      current.divided(PartitionMode.ABSENT, List.of());
      status = current;
    } else {
      current.identify(known);
    }
    return current;
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

  private final class DeviceRound implements Round {
    private final Schedule schedule = new Schedule(vendor.periods(), () -> vendor.phase(place));
    private final Schedule retries = new Schedule(vendor.periods());
    private final Schedule looks = new Schedule(vendor.periods());
    private final Schedule waits = new Schedule(vendor.periods());
    private @Nullable NeuronDevice device;
    private int looksLeft;
    private @Nullable NeuronIdentity known;
    private boolean half;
    private int tries;

    @Override
    public Outcome run(Tick tick) {
      if (sought) {
        sought = false;
        retries.restart();
      }
      NeuronDevice current = device;
      if (current == null) {
        if (!vendor.census().loaded() || !retries.take(Cadence.MEDIUM, tick.nanos())) {
          return RESTED;
        }
        half = false;
        current = found();
        if (current == null) {
          waitForTheWhole(tick);
          return nothingToDo() ? DONE : Round.of(Optional.of(Fault.DEVICE_LOST));
        }
      }
      return read(current, tick);
    }

    /** It never had a device, and there is none that it could have: another lane was quicker. */
    private boolean nothingToDo() {
      return known == null && !half;
    }

    private void waitForTheWhole(Tick tick) {
      if (!half) {
        tries = 0;
      } else if (waits.take(Cadence.MEDIUM, tick.nanos())) {
        tries++;
      }
    }

    /**
     * Looks at the numbers that no lane has, its own place first. A device that another lane has is
     * not asked: it might be the one that hangs.
     */
    private @Nullable NeuronDevice found() {
      List<Integer> numbers = vendor.census().numbers();
      for (int i = 0; i < numbers.size(); i++) {
        int number = numbers.get((place + i) % numbers.size());
        if (vendor.hold(number, NeuronProbe.this)) {
          try {
            opened(number);
          } finally {
            if (device == null) {
              vendor.release(number, NeuronProbe.this);
            }
          }
          if (device != null) {
            return device;
          }
        }
      }
      return null;
    }

    /** Opens what has this number, if it is whole and this lane's. */
    private void opened(int number) {
      Optional<NeuronIdentity> identity = vendor.tree().identity(number, calls);
      if (identity.isEmpty()) {
        return;
      }
      NeuronIdentity found = identity.get();
      if (anothers(found)) {
        if (!found.serial().isEmpty()) {
          vendor.found(found.accelerator().uuid()); // another lane's, or a new device
        }
        return;
      }
      if (!found.whole() && tries < TRIES) {
        half = true;
        return;
      }
      take(found, Optional.empty());
    }

    /** One without a serial number is its place: what is there now is the device. */
    private boolean anothers(NeuronIdentity found) {
      NeuronIdentity own = known;
      return own != null
          && (own.serial().isEmpty()
              ? own.number() != found.number()
              : !own.serial().equals(found.serial()));
    }

    /**
     * Opens it, and lets go of the name where that does not succeed.
     *
     * @param answered when the device answered last, where it was open until now
     */
    private void take(NeuronIdentity found, Optional<Tick> answered) {
      String uuid = found.accelerator().uuid();
      if (!vendor.claim(uuid, NeuronProbe.this)) {
        return;
      }
      NeuronIdentity before = known;
      boolean adopted = false;
      try {
        adopt(vendor.tree().open(found, calls), answered);
        adopted = true;
      } finally {
        if (!adopted && (before == null || !before.accelerator().uuid().equals(uuid))) {
          vendor.unclaim(uuid, NeuronProbe.this);
        }
      }
      if (before != null && !before.accelerator().uuid().equals(uuid)) {
        vendor.unclaim(before.accelerator().uuid(), NeuronProbe.this);
      }
    }

    /**
     * A device that was opened while its tree was being built is opened again with all that it has;
     * so is one that can be asked its serial number by now.
     */
    private void lookForMore(NeuronDevice current, Optional<Tick> answered) {
      NeuronIdentity before = current.identity();
      boolean grown = looksLeft > 0 && current.grown();
      looksLeft--;
      if (before.whole() && !grown) {
        return;
      }
      Optional<NeuronIdentity> now = vendor.tree().identity(before.number(), calls);
      if (now.isEmpty() || !before.mayBe(now.get())) {
        return;
      }
      NeuronIdentity better = now.get().whole() ? now.get() : before;
      if (grown || !better.equals(before)) {
        take(better, answered);
      }
      if (device != current) {
        current.close();
      }
    }

    private void adopt(NeuronDevice opened, Optional<Tick> answered) {
      device = opened;
      known = opened.identity();
      tries = 0;
      schedule.restart();
      looksLeft = LOOKS;
      Accelerator found = opened.accelerator();
      LOG.info(
          "accelerator found index={} uuid={} model={}",
          found.index(),
          found.uuid(),
          found.model());
      view = new View(Optional.of(found), view.sample(), answered);
    }

    /**
     * What an error changed is read at once; each cadence no more often for that than by itself, so
     * that a storm of errors costs the jobs no more than twice what rest does.
     */
    private void lookAfterErrors(Tick tick) {
      if (wanted) {
        wanted = false;
        schedule.restart(Cadence.MEDIUM);
        schedule.restart(Cadence.SLOW);
      }
      if (touched && looks.take(Cadence.MEDIUM, tick.nanos())) {
        touched = false;
        schedule.restart(Cadence.MEDIUM);
        if (looks.take(Cadence.SLOW, tick.nanos())) {
          schedule.restart(Cadence.SLOW);
        }
      }
    }

    private Outcome read(NeuronDevice current, Tick tick) {
      lookAfterErrors(tick);
      Source.Outcome outcome = Source.Outcome.ANSWERED;
      boolean slow = false;
      for (Cadence cadence : CADENCES) {
        if (outcome == Source.Outcome.ANSWERED && schedule.take(cadence, tick.nanos())) {
          outcome = current.read(cadence, tick.nanos());
          slow = cadence == Cadence.SLOW;
        }
      }
      return switch (outcome) {
        case ANSWERED -> {
          show(current, Optional.of(tick));
          if (slow) {
            lookForMore(current, Optional.of(tick));
          }
          yield DONE;
        }
        case FAILED -> {
          show(current, Optional.empty());
          yield Round.of(Optional.of(Fault.OTHER));
        }
        case DEVICE_LOST, DRIVER_GONE -> {
          lose(current, tick);
          yield Round.of(Optional.of(Fault.DEVICE_LOST));
        }
      };
    }

    private void lose(NeuronDevice current, Tick tick) {
      Accelerator lost = current.accelerator();
      LOG.warn("accelerator lost index={} uuid={}", lost.index(), lost.uuid());
      current.lose(tick.nanos());
      show(current, Optional.empty());
      closeDevice();
      vendor.countSoon();
      retries.restart();
      retries.take(Cadence.MEDIUM, tick.nanos());
    }

    private void show(NeuronDevice current, Optional<Tick> answered) {
      view =
          new View(
              Optional.of(current.accelerator()),
              Optional.of(current.readings().sample()),
              answered);
    }

    private void closeDevice() {
      NeuronDevice current = device;
      device = null;
      if (current != null) {
        current.close();
        vendor.release(current.identity().number(), NeuronProbe.this);
      }
    }

    @Override
    public void close() {
      closeDevice();
    }
  }
}
