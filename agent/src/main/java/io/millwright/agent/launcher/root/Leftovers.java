package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether somebody still has a device open that is to be given to a run. A Neuron core is freed
 * only when the last process closes its device, and until then the run would fail in its first call
 * (neuron.md section 4.2); on an NVIDIA device two would share memory and time.
 *
 * <p>Where nobody can look, as on a site that has switched the program that reads off, the device
 * is given all the same. Who is only told to ask again asks again, twice at most.
 *
 * <p><i>Threading:</i> any thread; waits for the program that reads.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final int MOST_AGAIN = 2;

  private final Function<Verb.Read, Answer> reader;
  private final Strangers strangers;
  private final Clock clock;

  /**
   * @param reader asks the program that reads
   */
  Leftovers(Function<Verb.Read, Answer> reader, Strangers strangers, Clock clock) {
    this.reader = reader;
    this.strangers = strangers;
    this.clock = clock;
  }

  /**
   * Why these devices cannot be given, in one sentence; empty where they can.
   *
   * @param nodes by their names, {@code nvidia3}
   */
  Optional<String> refusal(List<String> nodes) {
    if (nodes.isEmpty()) {
      return Optional.empty();
    }
    Answer answer = asked();
    if (answer instanceof Answer.Holdings seen) {
      return strangers.among(seen, nodes);
    }
    LOG.warn("it was not looked whether devices are still held nodes={} answer={}", nodes, answer);
    return Optional.empty();
  }

  /** Again where another is being answered or too many asked; a start is not held up for long. */
  private Answer asked() {
    long until = clock.nanos() + PATIENCE.toNanos();
    Answer answer = reader.apply(new Verb.ReadHolders());
    for (int again = 0;
        again < MOST_AGAIN && answer instanceof Answer.Later && clock.nanos() < until;
        again++) {
      long next = clock.nanos() + BETWEEN.toNanos();
      while (clock.nanos() < next && !Thread.currentThread().isInterrupted()) {
        clock.parkUntil(next);
      }
      answer = reader.apply(new Verb.ReadHolders());
    }
    return answer;
  }
}
