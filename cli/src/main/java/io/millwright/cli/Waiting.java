package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.views.JobView;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Waits for the end of a run, and of those that are begun in its place. Who leaves meanwhile leaves
 * the run alone, and is told how to end it.
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
    AtomicReference<JobView> current = new AtomicReference<>(begun);
    Thread leaving = Threads.platform("leaving", () -> around.say(leaving(seen(current))));
    Runtime.getRuntime().addShutdownHook(leaving);
    try {
      return polled(current);
    } finally {
      stay(leaving);
    }
  }

  private static JobView seen(AtomicReference<JobView> current) {
    return Objects.requireNonNull(current.get());
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

  private JobView polled(AtomicReference<JobView> current) throws InterruptedException {
    Patience patience =
        new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY, Kind.UNABLE));
    while (true) {
      JobView run = seen(current);
      int awaited = run.run();
      if (Runs.ended(run)) {
        if (run.next().isEmpty()) {
          return run;
        }
        awaited = run.next().getAsInt();
        around.out().println(Runs.endLine(run));
        around.out().flush();
      } else {
        patience.pause();
      }
      String path = "/v1/jobs/%s?run=%d".formatted(Collector.part(run.job()), awaited);
      current.set(patience.ask(() -> collector.get(path, JobView.class)));
    }
  }
}
