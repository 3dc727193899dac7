package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.EndRecord;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Until when runs go on that nobody renews: a file a run, which root's program {@code end-leases}
 * reads, without agent and launcher. In it are the seconds since the boot (CLOCK_BOOTTIME) at which
 * the run is stopped, and by how many seconds the wall clock was ahead of them when that was
 * written: where it has jumped since, nothing is stopped.
 *
 * <p><i>Threading:</i> any thread; a file is there as a whole or not at all.
 */
record Leases(Layout layout, ProcessTable table, Clock clock) {
  /** The path unit that begins {@code end-leases}. */
  static final String GUARD = "millwright-leases.path";

  private static final long MILLIS = 1000;

  /** For so many runs as the policy allows, and as many of whose end nobody has written yet. */
  private static final int PER_RUN = 2;

  /** A policy that is no more what it was ends no run that has a lease already. */
  void renew(Verb.Renew wanted, Execution execution) throws IOException, Refusal {
    RunId run = wanted.run();
    long nowMs = table.uptime().toMillis();
    if (wanted.untilMs() > nowMs + Verb.Renew.LONGEST_MS) {
      throw new Refusal(
          "until_ms: '%d' is refused; allowed is up to %d, a day from now"
              .formatted(wanted.untilMs(), nowMs + Verb.Renew.LONGEST_MS));
    }
    if (over(run) || wanted.untilMs() / MILLIS <= nowMs / MILLIS) {
      throw new Refusal("run: the lease of %s was over before this came".formatted(run.text()));
    }
    if (claimedWithout(run)) {
      throw without(run);
    }
    if (!Files.exists(layout.lease(run))) {
      first(execution);
    }
    Path leases = Files.createDirectories(layout.leases());
    Path fresh = leases.resolve(".%s-%d".formatted(run.text(), wanted.untilMs()));
    long ahead = clock.wall().getEpochSecond() - nowMs / MILLIS;
    Files.writeString(fresh, "%d %d\n".formatted(wanted.untilMs() / MILLIS, ahead));
    Files.move(
        fresh,
        layout.lease(run),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    if (claimedWithout(run)) { // it began meanwhile
      Files.deleteIfExists(layout.lease(run));
      throw without(run);
    }
  }

  private static Refusal without(RunId run) {
    return new Refusal("run: %s did not ask to be stopped with its lease".formatted(run.text()));
  }

  /** One that began before claims told of leases is taken for one that asked. */
  private boolean claimedWithout(RunId run) throws IOException {
    return Facts.read(layout.directory(run).resolve("claimed"))
        .flatMap(claimed -> claimed.text("lease"))
        .filter("keep"::equals)
        .isPresent();
  }

  private void first(Execution execution) throws IOException, Refusal {
    switch (execution) {
      case Execution.Off(String why) -> throw new Refusal(why);
      case Execution.On(Policy policy) -> {
        if (!policy.leaseStops()) {
          throw new Refusal(
              "lease: 'stop' is refused by this node's policy; allowed is keep; 'leases: [stop]' in"
                  + " policy.yaml allows the other");
        }
        if (count() >= PER_RUN * policy.limits().runs()) {
          throw new Refusal("run: more runs have leases than this node's policy allows runs");
        }
      }
    }
  }

  /** Of the runs that have not ended. */
  private int count() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.leases(), "*.service")) {
      for (Path file : files) {
        Optional<RunId> run = Layout.runOf(file.getFileName().toString());
        if (run.isPresent() && EndRecord.find(layout.ended(), run.get()).isEmpty()) {
          count++;
        }
      }
    } catch (NoSuchFileException none) {
      return 0;
    }
    return count;
  }

  /** Whether it was stopped because its lease was over, or is being stopped. */
  boolean over(RunId run) {
    return Files.exists(layout.leaseOver(run));
  }

  /** Why a run that asks to be stopped with its lease may not begin now. */
  Optional<String> refusal(RunId run) throws IOException {
    String sentence =
        "lease: no collector's renewal of %s is there; it may begin once one is"
            .formatted(run.text());
    if (over(run) || !Files.exists(layout.lease(run))) {
      return Optional.of(sentence);
    }
    String[] words = Files.readString(layout.lease(run)).split(" ");
    return Long.parseLong(words[0]) > table.uptime().toSeconds()
        ? Optional.empty()
        : Optional.of(sentence);
  }

  void forget(RunId run) throws IOException {
    Files.deleteIfExists(layout.lease(run));
    Files.deleteIfExists(layout.leaseOver(run));
  }
}
