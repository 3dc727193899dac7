package io.millwright.agent.jobs;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A node in a process of its own, for {@link CrashTest}: wants the same jobs again and again, as a
 * collector does, writes every report down, and never ends by itself.
 */
final class CrashNode {
  private static final long PAUSE_NANOS = 20_000_000;

  private CrashNode() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int jobs = Integer.parseInt(args[1]);
    Files.createFile(directory.resolve("alive"));
    JobFixture node = new JobFixture(directory);
    JobsRoom room = node.room();
    List<Assignment> all = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      all.add(JobFixture.assignment(job(node, i)));
    }
    int written = 0;
    for (Status status : room.unacknowledged()) {
      write(directory, status);
    }
    while (true) {
      long generation = room.head().generation() + 1;
      node.ask(room, new Desired(JobFixture.TERM, generation, true, all, List.of()));
      while (written < node.told.size()) {
        write(directory, node.told.get(written++));
      }
      if (written > 20) {
        room.acknowledged(node.told.get(written - 20).sequence());
      }
      Clock.system().parkUntil(Clock.system().nanos() + PAUSE_NANOS);
    }
  }

  /** Notes its start, takes a moment, ends with a code of its own. */
  static JobSpec job(JobFixture node, int number) {
    return node.shell(
        "job-" + number,
        "echo x >>starts-%d; sleep 0.%d; exit %d".formatted(number, number % 10, number % 100));
  }

  private static void write(Path directory, Status status) throws IOException {
    Files.writeString(
        directory.resolve("reports"),
        "%d %s %s %s%n"
            .formatted(
                status.sequence(),
                status.run().text(),
                status.state().word(),
                status.outcome().map(outcome -> outcome.text()).orElse("-")),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
