package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Outcome;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directory of one attempt to begin a run: what the agent asked for, and what {@code
 * supervise.sh} wrote down. The directory {@code begun} inside belongs to whoever makes it: the
 * supervisor, which then begins the program, or a recovery, after which nobody can.
 */
record Attempt(Path directory) {
  private static final Pattern OUTPUT = Pattern.compile("output\\.([0-9]{1,18})");
  private static final String RUNS = "ok";
  private static final int FIRST_SIGNAL = 129;
  private static final int LAST_SIGNAL = 128 + 64;

  /** Who was begun, and when since the boot. */
  record Begun(Identity supervisor, Identity job, Duration since) {}

  /** How it ended, and when since which boot. */
  record End(int code, Duration at, String bootId) {}

  /**
   * Writes what is asked for, readable for this user alone, and a variable of its own: a machine
   * may have several agents, as in the demo, and a job of one name on each.
   */
  static Attempt create(Path directory, String bootId, List<String> environment)
      throws IOException {
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(directory.resolve("boot"), bootId);
    Files.createFile(
        directory.resolve("environment"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    List<String> marked = new ArrayList<>(environment);
    marked.add("MW_ATTEMPT=" + UUID.randomUUID());
    Files.write(directory.resolve("environment"), marked);
    return new Attempt(directory);
  }

  /** Takes the right to begin; whether it was still to be had. */
  boolean claim() throws IOException {
    try {
      Files.createDirectory(directory.resolve("begun"));
      Files.createFile(directory.resolve("void"));
      return true;
    } catch (FileAlreadyExistsException taken) {
      return false;
    }
  }

  /** Whether a recovery made sure that it never begins. */
  boolean isVoid() {
    return Files.exists(directory.resolve("void"));
  }

  boolean ofBoot(String bootId) {
    return text("boot").filter(bootId::equals).isPresent();
  }

  /** The variables by which its processes are known wherever they hide. */
  Set<String> mark() {
    return text("environment")
        .map(all -> all.lines().filter(line -> line.startsWith("MW_")).collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  Optional<Begun> begun() {
    return text("process").flatMap(Attempt::begun);
  }

  private static Optional<Begun> begun(String line) {
    String[] words = line.split(" ");
    if (words.length != 6) {
      return Optional.empty();
    }
    String boot = words[5];
    return ProcessTable.seconds(words[4])
        .map(since ->
            new Begun(
                new Identity(Long.parseLong(words[0]), Long.parseLong(words[1]), boot),
                new Identity(Long.parseLong(words[2]), Long.parseLong(words[3]), boot),
                since));
  }

  Optional<End> end() {
    return text("exit")
        .map(line -> line.split(" "))
        .filter(words -> words.length == 3)
        .flatMap(words ->
            ProcessTable.seconds(words[1])
                .map(at -> new End(Integer.parseInt(words[0]), at, words[2])));
  }

  /** Why the program was not reached; empty when it was, or when that is still open. */
  Optional<String> failure() {
    return text("verdict").filter(said -> !said.isEmpty() && !said.equals(RUNS));
  }

  /** Whether the program was reached. */
  boolean reached() {
    return text("verdict").filter(RUNS::equals).isPresent();
  }

  /** Each file is named by the offset of its first byte, so that its name alone says all. */
  List<OutputPart> output() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .flatMap(file -> part(file).stream())
          .sorted(Comparator.comparingLong(OutputPart::offset))
          .toList();
    }
  }

  private static Optional<OutputPart> part(Path file) {
    Matcher matcher = OUTPUT.matcher(file.getFileName().toString());
    return matcher.matches()
        ? Optional.of(new OutputPart(Long.parseLong(matcher.group(1)), file))
        : Optional.empty();
  }

  /** What the supervisor itself complained about. */
  String complaint() {
    return text("supervisor.log")
        .flatMap(log -> log.lines().reduce((first, last) -> last))
        .orElse("without a word");
  }

  /**
   * A shell reports the end by signal n as 128 + n; a program that itself exits so is taken for one
   * that a signal ended.
   */
  static Outcome outcome(int code) {
    return code >= FIRST_SIGNAL && code <= LAST_SIGNAL
        ? Outcome.signal(code - 128)
        : Outcome.exit(code);
  }

  private Optional<String> text(String name) {
    try {
      return Optional.of(Files.readString(directory.resolve(name)).strip());
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException unreadable) {
      throw new LauncherException("reading " + directory.resolve(name), unreadable);
    }
  }
}
