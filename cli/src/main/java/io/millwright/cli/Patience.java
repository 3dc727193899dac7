package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/** Asks a collector again while it is away or unable; says so once, and once when it is back. */
final class Patience {
  private final Address address;
  private final Surroundings around;
  private final Duration period;
  private final Set<Kind> waited;

  /**
   * @param waited troubles that may pass
   * @param period between two questions
   */
  Patience(Address address, Surroundings around, Duration period, Set<Kind> waited) {
    this.address = address;
    this.around = around;
    this.period = period;
    this.waited = Set.copyOf(waited);
  }

  <T> T ask(Supplier<T> question) throws InterruptedException {
    Set<String> said = new HashSet<>();
    while (true) {
      try {
        T answer = question.get();
        if (!said.isEmpty()) {
          around.say("the collector %s is back".formatted(address));
        }
        return answer;
      } catch (CollectorException e) {
        if (!waited.contains(e.kind())) {
          throw e;
        }
        String sentence = sentence(e);
        if (said.add(sentence)) {
          around.say(sentence);
        }
      }
      pause();
    }
  }

  private String sentence(CollectorException trouble) {
    return trouble.kind() == Kind.UNABLE
        ? "the collector %s cannot tell now; waiting for it: %s"
            .formatted(address, trouble.sentence())
        : "the collector %s is away; waiting for it".formatted(address);
  }

  void pause() throws InterruptedException {
    Clock clock = around.clock();
    long end = clock.nanos() + period.toNanos();
    while (clock.nanos() - end < 0) {
      clock.parkUntil(end);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
