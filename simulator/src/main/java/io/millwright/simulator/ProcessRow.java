package io.millwright.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process and no other of its number, from {@code /proc/PID/stat}.
 *
 * @param startTicks field 22: when it began, in ticks since the boot
 */
record ProcessRow(long pid, char state, long group, long session, long startTicks) {
  private static final Path PROC = Path.of("/proc");
  private static final int AFTER_NAME = 3;
  private static final int STATE = 3;
  private static final int GROUP = 5;
  private static final int SESSION = 6;
  private static final int START = 22;

  /** The kernel's mark of this boot: numbers of another boot name nobody here. */
  static String bootId() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  static List<ProcessRow> all() {
    List<ProcessRow> rows = new ArrayList<>();
    try (DirectoryStream<Path> numbers = Files.newDirectoryStream(PROC, "[0-9]*")) {
      numbers.forEach(
          entry -> of(Long.parseLong(entry.getFileName().toString())).ifPresent(rows::add));
    } catch (IOException e) {
      throw new UncheckedIOException("reading the processes under /proc", e);
    }
    return rows;
  }

  /** The process that has this number now. */
  static Optional<ProcessRow> of(long pid) {
    return file(pid, "stat").flatMap(ProcessRow::parse);
  }

  /** A line of {@code stat}; the name in it may hold blanks and parentheses. */
  static Optional<ProcessRow> parse(String line) {
    int name = line.indexOf(" (");
    String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
    if (name < 0 || fields.length <= START - AFTER_NAME) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcessRow(
            Long.parseLong(line.substring(0, name)),
            fields[STATE - AFTER_NAME].charAt(0),
            Long.parseLong(fields[GROUP - AFTER_NAME]),
            Long.parseLong(fields[SESSION - AFTER_NAME]),
            Long.parseLong(fields[START - AFTER_NAME])));
  }

  /** Whether this very process still runs; a zombie has ended. */
  boolean alive() {
    return of(pid)
        .filter(now -> now.startTicks == startTicks && now.state != 'Z' && now.state != 'X')
        .isPresent();
  }

  List<String> words() {
    return file(pid, "cmdline").map(line -> List.of(line.split("\0"))).orElse(List.of());
  }

  List<String> variables() {
    return file(pid, "environ").map(block -> List.of(block.split("\0"))).orElse(List.of());
  }

  /** What its standard output and error lead to. */
  List<Path> outputs() {
    return Stream.of("fd/1", "fd/2").flatMap(descriptor -> link(descriptor).stream()).toList();
  }

  private Optional<Path> link(String name) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(Long.toString(pid)).resolve(name)));
    } catch (IOException goneOrForeign) {
      return Optional.empty();
    }
  }

  /** Asks it to end. The handle is of the number; the check before it is of the process. */
  void terminate() {
    if (alive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }
  }

  void kill() {
    if (alive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static Optional<String> file(long pid, String name) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(name));
      return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
    } catch (IOException goneOrForeign) {
      return Optional.empty();
    }
  }
}
