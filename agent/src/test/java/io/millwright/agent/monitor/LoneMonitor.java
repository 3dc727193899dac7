package io.millwright.agent.monitor;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import java.io.IOException;
import java.nio.file.Path;

/** An agent's monitor and nothing else, in a process that a test may kill. */
final class LoneMonitor {
  private LoneMonitor() {}

  /** Reads the program that it is given until its standard input ends. */
  public static void main(String[] words) throws IOException {
    new NeuronMonitor(
            Path.of(words[0]), "n1", Periods.STANDARD, Metric.Tier.OPTIONAL, Clock.system())
        .start();
    while (System.in.read() >= 0) {
      // what is said is of no interest
    }
  }
}
