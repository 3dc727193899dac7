package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether devices that runs had are let go of: nobody outside a run may have them open once its own
 * processes are gone. All runs share a look, which is asked for seldom, because the program that
 * looks is asked by others too.
 *
 * <p>Owned by the thread {@code units}.
 */
final class HeldDevices {
  private static final Logger LOG = LoggerFactory.getLogger(HeldDevices.class);
  private static final Duration BETWEEN = Duration.ofSeconds(3);

  /**
   * A look may be refused for now; after this the devices are free as if nobody could look. Not so
   * where somebody was seen to hold one: then only a look that shows them free counts, or that
   * nobody can look any more.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Inquiry inquiry;
  private final Strangers strangers;
  private final Clock clock;
  private Optional<Seen> seen = Optional.empty();

  /** The last look that showed who holds what; what is refused for now takes nothing of it back. */
  private Optional<Seen> shown = Optional.empty();

  private boolean underWay;
  private boolean toldBlind;

  /** What may last is asked on a thread of its own, and answered on the owner's. */
  @FunctionalInterface
  interface Inquiry {
    void ask(Verb question, Consumer<Answer> told);
  }

  private record Seen(Answer answer, long atNanos) {}

  /** What a look found. */
  sealed interface Look {
    /** Nobody has them open, or nobody can look. */
    record Free() implements Look {}

    /** Somebody has one open; one sentence. */
    record Held(String sentence) implements Look {}

    /** It was not looked yet. */
    record Awaited() implements Look {}
  }

  HeldDevices(Inquiry inquiry, Strangers strangers, Clock clock) {
    this.inquiry = inquiry;
    this.strangers = strangers;
    this.clock = clock;
  }

  /**
   * Looks, or asks for a look.
   *
   * @param nodes by their names, {@code nvidia3}
   * @param goneNanos when the run's own processes were seen to be gone
   */
  Look look(List<String> nodes, long goneNanos) {
    if (nodes.isEmpty()) {
      return new Look.Free();
    }
    askAgain();
    boolean refused =
        seen.filter(look -> look.atNanos() - goneNanos >= 0)
            .filter(look -> look.answer() instanceof Answer.Refused)
            .isPresent();
    Optional<Seen> since = shown.filter(look -> look.atNanos() - goneNanos >= 0);
    if (since.isPresent() && since.get().answer() instanceof Answer.Holdings holdings) {
      Optional<String> holder = strangers.among(holdings, nodes);
      if (holder.isEmpty()) {
        return new Look.Free();
      }
      if (!refused || !late(since.get().atNanos())) {
        return new Look.Held(holder.get());
      }
    }
    if (refused || (since.isEmpty() && late(goneNanos))) {
      blind(nodes);
      return new Look.Free();
    }
    return new Look.Awaited();
  }

  private boolean late(long sinceNanos) {
    return clock.nanos() - sinceNanos >= PATIENCE.toNanos();
  }

  private void askAgain() {
    long now = clock.nanos();
    boolean old = seen.isEmpty() || now - seen.get().atNanos() >= BETWEEN.toNanos();
    if (old && !underWay) {
      underWay = true;
      inquiry.ask(
          new Verb.ReadHolders(),
          answer -> {
            underWay = false;
            seen = Optional.of(new Seen(answer, now));
            if (answer instanceof Answer.Holdings) {
              shown = seen;
            }
          });
    }
  }

  private void blind(List<String> nodes) {
    if (!toldBlind) {
      toldBlind = true;
      LOG.warn("devices are free and nobody could look who holds them nodes={}", nodes);
    }
  }
}
