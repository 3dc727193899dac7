package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.drivers.passthrough.DcmiPower;
import io.millwright.drivers.passthrough.NvmeHealthLog;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Carries out the verbs that read, each at most {@value #MOST_A_MINUTE} times in a minute and one
 * of a kind at a time.
 *
 * <p><i>Threading:</i> {@link #take} from any thread, what it returns on any other. <i>Failure:</i>
 * a fault of the one thing that could not be read, or a sentence.
 */
final class ReadDesk {
  static final int MOST_A_MINUTE = 30;
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** A controller that answers at all does within a second; less than the launcher waits. */
  private static final Duration TO_ANSWER = Duration.ofSeconds(10);

  private final Path node;
  private final NvmeControllers controllers;
  private final RaplZones zones;
  private final HolderReading holders;
  private final StuckScan stuck;
  private final DcmiPower power = new DcmiPower();
  private final AtomicLong requests = new AtomicLong();
  private final Clock clock;
  private final Map<Class<?>, Turn> turns = new HashMap<>();

  /** Of one verb. */
  private static final class Turn {
    private final Deque<Long> begunNanos = new ArrayDeque<>();
    private boolean underWay;
  }

  /**
   * @param root where {@code dev}, {@code proc} and {@code sys} are, {@code /} but in tests
   */
  ReadDesk(Path root, Clock clock) {
    this.node = root.resolve("dev/ipmi0");
    this.controllers = new NvmeControllers(root, new NvmeHealthLog()::read, TO_ANSWER);
    this.zones = new RaplZones(root);
    this.holders = new HolderReading(new HolderScan(root)::read, TO_ANSWER);
    this.stuck = new StuckScan(root);
    this.clock = clock;
  }

  /** What is to be done for a verb, and answers it. */
  Supplier<Answer> take(Verb verb) {
    return switch (verb) {
      case Verb.Read wanted -> () -> read(wanted);
      case Verb.Begin _,
          Verb.HookBefore _,
          Verb.HookAfter _,
          Verb.StartInstances _,
          Verb.Stop _,
          Verb.Kill _,
          Verb.Note _,
          Verb.Settle _,
          Verb.Forget _,
          Verb.Renew _,
          Verb.Power _ ->
          () -> new Answer.Refused("this program reads and does nothing else");
    };
  }

  private Answer read(Verb.Read wanted) {
    Optional<String> refusal = enter(wanted);
    if (refusal.isPresent()) {
      return new Answer.Later(refusal.get());
    }
    try {
      return switch (wanted) {
        case Verb.ReadNvme() -> controllers.read();
        case Verb.ReadRapl() -> zones.read();
        case Verb.ReadDcmi() -> power();
        case Verb.ReadHolders() -> holders.read();
        case Verb.ReadStuck(RunId run) -> stuck.read(run);
      };
    } finally {
      leave(wanted);
    }
  }

  private Answer.NodePower power() {
    if (!Files.exists(node)) {
      return new Answer.NodePower(OptionalInt.empty(), Optional.empty());
    }
    return switch (power.read(node, requests.incrementAndGet())) {
      case Reading.Measured(double watts) ->
          new Answer.NodePower(OptionalInt.of((int) watts), Optional.empty());
      case Reading.Unsupported() -> new Answer.NodePower(OptionalInt.empty(), Optional.empty());
      case Reading.Unavailable(var fault) ->
          new Answer.NodePower(OptionalInt.empty(), Optional.of(fault));
    };
  }

  /** Why it is not read now; empty when it is. */
  private synchronized Optional<String> enter(Verb.Read wanted) {
    Turn turn = turns.computeIfAbsent(wanted.getClass(), first -> new Turn());
    if (turn.underWay) {
      return Optional.of("an earlier reading of the same has not ended; ask again");
    }
    long now = clock.nanos();
    turn.begunNanos.removeIf(begun -> now - begun > MINUTE_NANOS);
    if (turn.begunNanos.size() >= MOST_A_MINUTE) {
      return Optional.of(
          "it was read %d times within a minute, which is the most; ask again in %d s"
              .formatted(
                  MOST_A_MINUTE,
                  TimeUnit.NANOSECONDS.toSeconds(
                      turn.begunNanos.getFirst()
                          + MINUTE_NANOS
                          - now
                          + TimeUnit.SECONDS.toNanos(1))));
    }
    turn.begunNanos.addLast(now);
    turn.underWay = true;
    return Optional.empty();
  }

  private synchronized void leave(Verb.Read wanted) {
    turns.computeIfAbsent(wanted.getClass(), first -> new Turn()).underWay = false;
  }
}
