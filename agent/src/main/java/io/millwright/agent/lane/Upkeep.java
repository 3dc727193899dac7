package io.millwright.agent.lane;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.List;

/**
 * The lane of what the agent does for itself and what may block in the kernel: its own memory, the
 * mount table. It shows nothing.
 */
public final class Upkeep implements Probe {
  private static final String NAME = "upkeep";

  private final Lane lane;

  /**
   * @param tasks each done at every tick, on the lane's thread; they know themselves when they are
   *     due
   */
  public Upkeep(Clock clock, List<Runnable> tasks) {
    this.lane = new Lane("lane-" + NAME, clock, new Chores(tasks));
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
    return List.of();
  }

  private record Chores(List<Runnable> tasks) implements Round {
    /** One that fails keeps no other from being done. */
    @Override
    public Outcome run(Tick tick) {
      RuntimeException first = null;
      for (Runnable task : tasks) {
        try {
          task.run();
        } catch (RuntimeException e) {
          first = first == null ? e : first;
        }
      }
      if (first != null) {
        throw first;
      }
      return DONE;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
