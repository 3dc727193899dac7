package io.millwright.simulator;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Processes that the directory of a demo knows of: those of a demo that was killed, and jobs that
 * outlive their agents at the end of one. Daemons, and the leader of a job, are known by their
 * number, the time of their start and the boot. What a job began is known by its leader's group and
 * session as long as the leader itself is there, by the pipe that it prints to, or by the mark of
 * the attempt in its environment; never by the number of a leader that is gone, which may be
 * somebody else's by now. So what left all of these, with an environment of its own, is not found.
 *
 * <p><i>Threading:</i> the main thread.
 */
final class Leftovers {
  static final String PROCESSES = "processes";
  private static final String SUPERVISOR = "millwright-run"; // PlainProcesses names it so
  private static final String ATTEMPT = "MW_ATTEMPT=";
  private static final String DEVICES = "CUDA_VISIBLE_DEVICES=";
  private static final int SUPERVISOR_NAME = 3;
  private static final int SUPERVISOR_ATTEMPT = 4;
  private static final int PROCESS_WORDS = 6;
  private static final int DEPTH = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration SUPERVISOR_PATIENCE = Duration.ofSeconds(3);
  private static final Duration BEAT = Duration.ofMillis(50);

  private final Path directory;
  private final Clock clock;

  Leftovers(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Ends the daemons, then what is left of the jobs. */
  void end() throws IOException {
    if (!text(directory.resolve("boot")).equals(Optional.of(ProcessRow.bootId()))) {
      return; // nothing of it outlived the boot
    }
    List<ProcessRow> daemons = daemons();
    daemons.forEach(ProcessRow::terminate);
    if (!gone(daemons, PATIENCE)) {
      daemons.forEach(ProcessRow::kill);
      gone(daemons, PATIENCE);
    }
    endJobs();
  }

  /** The line of each says its name and its {@code stat}, written by itself before it began. */
  private List<ProcessRow> daemons() {
    return text(directory.resolve(PROCESSES)).stream()
        .flatMap(String::lines)
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .flatMap(line -> ProcessRow.parse(line).stream())
        .toList();
  }

  private boolean gone(List<ProcessRow> processes, Duration patience) {
    long until = clock.nanos() + patience.toNanos();
    while (processes.stream().anyMatch(ProcessRow::alive)) {
      if (clock.nanos() - until >= 0) {
        return false;
      }
      clock.parkUntil(clock.nanos() + BEAT.toNanos());
    }
    return true;
  }

  /**
   * Kills what jobs are left and lets their supervisors write that down; one that does not is
   * killed too. To be called when no agent is left that could begin another.
   */
  void endJobs() throws IOException {
    long began = clock.nanos();
    Set<ProcessRow> left = jobs();
    List<ProcessRow> supervisors = supervisors();
    while ((!left.isEmpty() || !supervisors.isEmpty())
        && clock.nanos() - began < PATIENCE.toNanos()) {
      left.forEach(ProcessRow::kill);
      if (clock.nanos() - began >= SUPERVISOR_PATIENCE.toNanos()) {
        supervisors.forEach(ProcessRow::kill);
      }
      clock.parkUntil(clock.nanos() + BEAT.toNanos());
      left = jobs();
      supervisors = supervisors();
    }
  }

  /** The shells of {@code supervise.sh} that keep a run beneath this directory. */
  private List<ProcessRow> supervisors() {
    String jobs = directory.resolve("jobs") + "/";
    return ProcessRow.all().stream()
        .filter(row -> {
          List<String> words = row.words();
          return words.size() > SUPERVISOR_ATTEMPT
              && words.get(SUPERVISOR_NAME).equals(SUPERVISOR)
              && words.get(SUPERVISOR_ATTEMPT).startsWith(jobs);
        })
        .toList();
  }

  private Set<ProcessRow> jobs() throws IOException {
    Set<ProcessRow> members = new HashSet<>();
    List<Path> attempts = attempts();
    if (attempts.isEmpty()) {
      return members;
    }
    String boot = ProcessRow.bootId();
    List<ProcessRow> all = ProcessRow.all();
    all.stream().filter(row -> row.alive() && printsHere(row)).forEach(members::add);
    for (Path attempt : attempts) {
      String[] words = text(attempt.resolve("process")).orElse("").strip().split(" ");
      if (words.length == PROCESS_WORDS && words[PROCESS_WORDS - 1].equals(boot)) {
        members.addAll(
            members(all, Long.parseLong(words[2]), Long.parseLong(words[3]), mark(attempt)));
      }
    }
    return members;
  }

  /** What a job prints goes to its supervisor through a pipe in the directory of the attempt. */
  private boolean printsHere(ProcessRow row) {
    Path jobs = directory.resolve("jobs");
    return row.outputs().stream().anyMatch(out -> out.startsWith(jobs) && out.endsWith("pipe"));
  }

  /** What {@code supervise.sh} wrote of each attempt that began a program. */
  private List<Path> attempts() throws IOException {
    Path jobs = directory.resolve("jobs");
    if (!Files.isDirectory(jobs)) {
      return List.of();
    }
    List<Path> attempts = new ArrayList<>();
    Files.walkFileTree(jobs, Set.of(), DEPTH, new Finder(attempts));
    return attempts;
  }

  /** Supervisors write while it looks: what goes meanwhile is passed over. */
  private static final class Finder extends SimpleFileVisitor<Path> {
    private final List<Path> attempts;

    Finder(List<Path> attempts) {
      this.attempts = attempts;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
      if (file.getFileName().toString().equals("process")) {
        attempts.add(Optional.ofNullable(file.getParent()).orElseThrow());
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }

  /**
   * Its group and session while the leader is there, and those that have its mark: all of them
   * where the mark is its own, or else those of its group and session.
   */
  private static List<ProcessRow> members(
      List<ProcessRow> all, long leader, long startTicks, List<String> mark) {
    boolean there = ProcessRow.of(leader).filter(row -> row.startTicks() == startTicks).isPresent();
    boolean unique = mark.stream().anyMatch(Leftovers::unique);
    List<ProcessRow> members = new ArrayList<>();
    for (ProcessRow row : all) {
      boolean kin = row.group() == leader || row.session() == leader;
      if (row.startTicks() >= startTicks
          && ((kin && there) || ((kin || unique) && marked(row, mark)))
          && row.alive()) {
        members.add(row);
      }
    }
    return members;
  }

  private static boolean marked(ProcessRow row, List<String> mark) {
    return !mark.isEmpty() && row.variables().containsAll(mark);
  }

  /** No two attempts have the same at one time: GPUs have UUIDs. */
  private static boolean unique(String variable) {
    return variable.startsWith(ATTEMPT) || variable.startsWith(DEVICES + "G");
  }

  /** The variable that only this attempt has; where there is none, all that tell of the job. */
  private static List<String> mark(Path attempt) {
    List<String> lines =
        text(attempt.resolve("environment")).stream().flatMap(String::lines).toList();
    Optional<String> own =
        lines.stream()
            .filter(line -> line.startsWith(ATTEMPT) && line.length() > ATTEMPT.length())
            .findFirst();
    return own.map(List::of)
        .orElseGet(() ->
            lines.stream()
                .filter(line ->
                    (line.startsWith("MW_") && !line.equals(ATTEMPT)) || line.startsWith(DEVICES))
                .toList());
  }

  /** Empty where there is none, or none any more. */
  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }
}
