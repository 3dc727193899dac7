package io.millwright.agent.lane;

import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A lane over one source that needs no opening: the kernel's files, a file system. The source is
 * made on the lane's thread, because making it may take long.
 */
public final class SourceProbe implements Probe {
  private static final List<Cadence> CADENCES =
      List.of(Cadence.ONCE, Cadence.FAST, Cadence.MEDIUM, Cadence.SLOW);

  private final String name;
  private final CallClock calls;
  private final Lane lane;
  private volatile @Nullable Sample sample;

  /**
   * @param name word of the probe
   * @param lane the thread is {@code lane-<lane>}
   * @param source makes the source, on the lane's thread
   */
  public SourceProbe(
      String name, String lane, Clock clock, Periods periods, Function<CallClock, Source> source) {
    this.name = name;
    this.calls = new CallClock(clock);
    this.lane = new Lane("lane-" + lane, clock, new SourceRound(periods, source));
  }

  public void start() {
    lane.start();
  }

  public void stop() {
    lane.stop();
  }

  /** Waits for the lane's end; whether it came. */
  public boolean ended(Duration longest) throws InterruptedException {
    return lane.ended(longest);
  }

  /** The lane's calls. */
  public CallClock calls() {
    return calls;
  }

  @Override
  public String name() {
    return name;
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
    Sample current = sample;
    return current == null ? List.of() : List.of(current);
  }

  private final class SourceRound implements Round {
    private final Schedule schedule;
    private final Function<CallClock, Source> maker;

    /** Cadences whose last reading failed: what is read often must not hide it. */
    private final Set<Cadence> failing = EnumSet.noneOf(Cadence.class);

    private @Nullable Source source;

    SourceRound(Periods periods, Function<CallClock, Source> maker) {
      this.schedule = new Schedule(periods);
      this.maker = maker;
    }

    @Override
    public Outcome run(Tick tick) {
      Source current = source;
      if (current == null) {
        current = maker.apply(calls);
        source = current;
      }
      boolean read = false;
      for (Cadence cadence : CADENCES) {
        if (schedule.take(cadence, tick.nanos()) && current.reads(cadence)) {
          read = true;
          read(current, cadence, tick);
        }
      }
      if (!read) {
        return Round.RESTED;
      }
      sample = current.readings().sample();
      return Round.of(failing.isEmpty() ? Optional.empty() : Optional.of(Fault.OTHER));
    }

    private void read(Source from, Cadence cadence, Tick tick) {
      if (from.read(cadence, tick.nanos()) == Source.Outcome.ANSWERED) {
        failing.remove(cadence);
      } else {
        failing.add(cadence);
      }
    }

    @Override
    public void close() {
      if (source != null) {
        source.close();
      }
    }
  }
}
