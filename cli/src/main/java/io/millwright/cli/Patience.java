package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** Asks a collector again while it is away; says so once, and once when it is back. */
final class Patience {
  private final Address address;
  private final Surroundings around;
  private final Duration period;

  /**
   * @param period between two questions
   */
  Patience(Address address, Surroundings around, Duration period) {
    this.address = address;
    this.around = around;
    this.period = period;
  }

  <T> T ask(Supplier<T> question) throws InterruptedException {
    boolean away = false;
    while (true) {
      try {
        T answer = question.get();
        if (away) {
          around.say("the collector %s is back".formatted(address));
        }
        return answer;
      } catch (CollectorException e) {
        if (e.kind() != Kind.AWAY) {
          throw e;
        }
        if (!away) {
          around.say("the collector %s is away; waiting for it".formatted(address));
        }
        away = true;
      }
      pause();
    }
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
