package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.views.JobView;
import java.time.Duration;
import java.util.EnumSet;

/**
 * Waits for the end of a run. Who leaves meanwhile leaves the run alone, and is told how to end it.
 */
final class Waiting {
  private static final Duration PERIOD = Duration.ofMillis(250);

  private final Collector collector;
  private final Surroundings around;

  Waiting(Collector collector, Surroundings around) {
    this.collector = collector;
    this.around = around;
  }

  JobView untilEnded(JobView begun) throws InterruptedException {
    Thread leaving = Threads.platform("leaving", () -> around.say(leaving(begun)));
    Runtime.getRuntime().addShutdownHook(leaving);
    try {
      return polled(begun);
    } finally {
      stay(leaving);
    }
  }

  private static String leaving(JobView run) {
    return "%s goes on; 'millwright cancel %s --run %d' ends it"
        .formatted(run.id(), run.job(), run.run());
  }

  private static void stay(Thread leaving) {
    try {
      Runtime.getRuntime().removeShutdownHook(leaving);
    } catch (IllegalStateException leavingAlready) {
      // the sentence is being said
    }
  }

  private JobView polled(JobView begun) throws InterruptedException {
    Patience patience =
        new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY, Kind.UNABLE));
    String path = "/v1/jobs/%s?run=%d".formatted(Collector.part(begun.job()), begun.run());
    JobView run = begun;
    while (!Runs.ended(run)) {
      patience.pause();
      run = patience.ask(() -> collector.get(path, JobView.class));
    }
    return run;
  }
}
