package io.millwright.agent.tool;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Runs a program of the site's configuration, one after the other.
 *
 * <p>It runs as the agent's own user and within the bounds of the agent's unit; where memory runs
 * out there, the kernel takes it before the agent. A program that begins a session of its own is
 * not found again and so not ended.
 *
 * <p><i>Threading:</i> one owner thread, which waits. <i>Failure:</i> told by {@link Ending}.
 */
public final class Tool {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration AFTER_KILL = Duration.ofSeconds(2);
  private static final int MOST_OUTPUT = 256 << 10;
  private static final int MOST_A_LOOK = 4 << 20;
  private static final int LOOKS_AFTER_ITS_END = 3;
  private static final String SETSID = "/usr/bin/setsid";

  /** What was chosen by the site arrives as parameters, and is never a part of this text. */
  private static final String GUARD =
      "echo 1000 >/proc/self/oom_score_adj 2>/dev/null; exec \"$@\" </dev/null";

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH",
          "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG",
          "C.UTF-8");

  private final Clock clock;
  private final List<Kin.Member> left = new ArrayList<>();
  private final byte[] scratch = new byte[8192];

  public Tool(Clock clock) {
    this.clock = clock;
  }

  /**
   * Runs it to its end, or to its deadline and a few seconds more.
   *
   * @param argv the first of them an absolute path
   * @param directory that it works in
   */
  public Ended run(List<String> argv, Path directory, Duration deadline) {
    return run(argv, directory, deadline, () -> false);
  }

  /**
   * The same, of a program that may become unwanted; it is then ended as one that overran.
   *
   * @param unwanted asked again and again on this thread
   */
  public Ended run(List<String> argv, Path directory, Duration deadline, BooleanSupplier unwanted) {
    left.removeIf(member -> !member.lives());
    if (!left.isEmpty()) {
      return Ended.notBegun(
          "what an earlier run left behind has not gone yet: %s".formatted(names(left)));
    }
    Path program = Path.of(argv.getFirst());
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      return Ended.notBegun("%s is no program that the agent's user may run".formatted(program));
    }
    long began = clock.nanos();
    try {
      Process process = begin(argv, directory);
      Kept kept = new Kept(MOST_OUTPUT);
      Ending ending = awaited(process, kept, began + deadline.toNanos(), unwanted);
      return new Ended(ending, kept.all(), (clock.nanos() - began) / 1e9);
    } catch (IOException e) {
      return Ended.notBegun("%s could not be begun: %s".formatted(program, e.getMessage()));
    }
  }

  private static Process begin(List<String> argv, Path directory) throws IOException {
    List<String> command = new ArrayList<>(List.of(SETSID, "/bin/sh", "-c", GUARD, "guard"));
    command.addAll(argv);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    builder.directory(directory.toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** A process of its own may hold the pipe beyond its end, so that nothing is waited for there. */
  private Ending awaited(Process process, Kept kept, long untilNanos, BooleanSupplier unwanted)
      throws IOException {
    try (InputStream printed = process.getInputStream()) {
      int looksLeft = LOOKS_AFTER_ITS_END;
      while (true) {
        boolean more = drain(printed, kept);
        boolean alive = process.isAlive();
        if (!alive && !more && looksLeft-- == 0) {
          end(process.pid()); // what it began and did not wait for
          return new Ending.Exited(process.exitValue());
        }
        boolean stopping = Thread.interrupted(); // seen once, or nothing would be waited for
        if (alive && (clock.nanos() - untilNanos >= 0 || stopping || unwanted.getAsBoolean())) {
          String remains = end(process.pid());
          drain(printed, kept);
          if (stopping) {
            Thread.currentThread().interrupt();
          }
          return new Ending.Overran(remains);
        }
        if (!more) {
          clock.parkUntil(clock.nanos() + LOOK.toNanos());
        }
      }
    }
  }

  /** Whether there was anything; one that talks without an end does not keep us from the time. */
  private boolean drain(InputStream printed, Kept kept) throws IOException {
    int heard = 0;
    for (int there = printed.available(); there > 0 && heard < MOST_A_LOOK; ) {
      int count = printed.read(scratch, 0, Math.min(there, scratch.length));
      if (count <= 0) {
        break;
      }
      kept.add(scratch, count);
      heard += count;
      there = printed.available();
    }
    return heard > 0;
  }

  // ---- its end

  /** Asks, waits, and kills what is in no driver call; says what is left. */
  private String end(long leader) {
    if (Kin.of(leader).isEmpty()) {
      return "";
    }
    Kin.of(leader).forEach(member -> member.handle().ifPresent(ProcessHandle::destroy));
    awaitNone(leader, GRACE);
    Kin.of(leader).stream()
        .filter(member -> !member.mayBeInDriver())
        .forEach(member -> member.handle().ifPresent(ProcessHandle::destroyForcibly));
    awaitNone(leader, AFTER_KILL);
    List<Kin.Member> remaining = Kin.of(leader);
    left.addAll(remaining);
    return remaining.isEmpty()
        ? ""
        : "%s may be in the middle of a driver call and is left alone".formatted(names(remaining));
  }

  private void awaitNone(long leader, Duration longest) {
    long until = clock.nanos() + longest.toNanos();
    while (clock.nanos() - until < 0 && !Kin.of(leader).isEmpty()) {
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
  }

  private static String names(List<Kin.Member> members) {
    return members.stream()
        .map(member -> "process " + member.pid())
        .collect(Collectors.joining(", "));
  }
}
