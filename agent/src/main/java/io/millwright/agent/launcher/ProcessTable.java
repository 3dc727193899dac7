package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The kernel's table of processes. Stateless but for the boot it was made in; a process that goes
 * while it is read is absent.
 */
public final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  /** USER_HZ, which is 100 on every Linux that a JDK 25 runs on. */
  private static final int TICKS_PER_SECOND = 100;

  private static final int AFTER_NAME = 3;
  private static final int STATE = 3;
  private static final int GROUP = 5;
  private static final int SESSION = 6;
  private static final int START = 22;

  private final String bootId;

  private ProcessTable(String bootId) {
    this.bootId = bootId;
  }

  /** A line of the table. */
  record Row(long pid, char state, long group, long session, long startTicks) {

    /** A zombie has ended, whether or not somebody has collected it. */
    boolean alive() {
      return state != 'Z' && state != 'X';
    }
  }

  public static ProcessTable open() {
    try {
      return new ProcessTable(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    } catch (IOException e) {
      throw new LauncherException("reading the boot id of the kernel", e);
    }
  }

  public String bootId() {
    return bootId;
  }

  /** Since the boot, the machine's sleep included. */
  public Duration uptime() {
    return sinceBoot();
  }

  /** CLOCK_BOOTTIME, in steps of ten milliseconds. */
  static Duration sinceBoot() {
    try {
      String seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
      return seconds(seconds).orElseThrow();
    } catch (IOException e) {
      throw new LauncherException("reading /proc/uptime", e);
    }
  }

  /** As {@link #seconds} reads it. */
  public static String text(Duration uptime) {
    return "%d.%02d".formatted(uptime.toSeconds(), uptime.toMillisPart() / 10);
  }

  /** {@code 12.34} as the kernel writes it. */
  static Optional<Duration> seconds(String text) {
    try {
      return Optional.of(Duration.ofMillis(Math.round(Double.parseDouble(text) * 1000)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean alive(Identity process) {
    return process.bootId().equals(bootId)
        && row(process.pid())
            .filter(row -> row.alive() && row.startTicks() == process.startTicks())
            .isPresent();
  }

  Duration age(Identity process) {
    Duration begun = Duration.ofMillis(process.startTicks() * (1000 / TICKS_PER_SECOND));
    Duration age = uptime().minus(begun);
    return age.isNegative() ? Duration.ZERO : age;
  }

  /**
   * What belongs to the leader's run: its session and group, and what carries its mark in the
   * environment. Processes older than the leader are somebody else's with a number used again.
   */
  List<Row> members(Identity leader, Set<String> mark) {
    List<Row> members = new ArrayList<>();
    if (!leader.bootId().equals(bootId)) {
      return members;
    }
    for (Row row : rows()) {
      boolean kin = row.group() == leader.pid() || row.session() == leader.pid();
      if (row.alive()
          && row.startTicks() >= leader.startTicks()
          && (kin || carries(row.pid(), mark))) {
        members.add(row);
      }
    }
    return members;
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    try (DirectoryStream<Path> numbers = Files.newDirectoryStream(PROC, "[0-9]*")) {
      numbers.forEach(
          entry -> row(Long.parseLong(entry.getFileName().toString())).ifPresent(rows::add));
    } catch (IOException e) {
      throw new LauncherException("reading the processes under /proc", e);
    }
    return rows;
  }

  static Optional<Row> row(long pid) {
    try {
      byte[] line = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("stat"));
      return row(pid, new String(line, StandardCharsets.ISO_8859_1));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** The name may hold blanks and parentheses: what counts begins after the last of them. */
  static Optional<Row> row(long pid, String line) {
    String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
    if (fields.length <= START - AFTER_NAME) {
      return Optional.empty();
    }
    return Optional.of(
        new Row(
            pid,
            fields[STATE - AFTER_NAME].charAt(0),
            Long.parseLong(fields[GROUP - AFTER_NAME]),
            Long.parseLong(fields[SESSION - AFTER_NAME]),
            Long.parseLong(fields[START - AFTER_NAME])));
  }

  private static boolean carries(long pid, Set<String> mark) {
    try {
      byte[] block = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("environ"));
      List<String> variables = List.of(new String(block, StandardCharsets.UTF_8).split("\0"));
      return !mark.isEmpty() && variables.containsAll(mark);
    } catch (IOException foreign) {
      return false;
    }
  }
}
