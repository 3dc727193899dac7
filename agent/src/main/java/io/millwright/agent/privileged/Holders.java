package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who holds the accelerators' device nodes, as the launcher saw it last: what somebody looks at who
 * gives a device to a job, and may not wait. It is up to a slow period old; {@link Held.Known} says
 * how old.
 *
 * <p><i>Threading:</i> any thread.
 */
public final class Holders {
  private final Clock clock;
  private volatile Optional<Seen> seen = Optional.empty();

  private record Seen(Answer.Holdings all, long atNanos) {}

  public Holders(Clock clock) {
    this.clock = clock;
  }

  /** Who holds one device node. */
  public sealed interface Held {
    /**
     * So many do at least; with 0 nobody does. More may where a process could not be looked at.
     *
     * @param holders as many of them as are named, no more than {@link Answer.Bounds#MOST_HOLDERS}
     * @param age since it was looked at
     */
    record Known(int count, List<Holder> holders, Duration age) implements Held {
      public Known {
        holders = List.copyOf(holders);
      }
    }

    /**
     * The site does not want it asked, there is no launcher, it did not answer, it could not look
     * at all processes and saw no holder, or there is no such node.
     */
    record Unknown() implements Held {}
  }

  /** Who holds the Neuron device of this number. */
  public Held holdersOfNeuron(int device) {
    return holdersOf("neuron" + device);
  }

  /**
   * Who holds this device node.
   *
   * @param device its name, {@code nvidia0}
   */
  public Held holdersOf(String device) {
    return seen.flatMap(last -> of(last, device)).orElseGet(Held.Unknown::new);
  }

  private Optional<Held> of(Seen last, String device) {
    Duration age = Duration.ofNanos(Math.max(0, clock.nanos() - last.atNanos()));
    return last.all().devices().stream()
        .filter(one -> one.device().equals(device))
        .filter(one -> last.all().whole() || one.count() > 0)
        .findFirst()
        .map(one -> new Held.Known(one.count(), one.holders(), age));
  }

  void told(Answer.Holdings all) {
    seen = Optional.of(new Seen(all, clock.nanos()));
  }

  void unknown() {
    seen = Optional.empty();
  }
}
