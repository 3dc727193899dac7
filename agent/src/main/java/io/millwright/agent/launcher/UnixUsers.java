package io.millwright.agent.launcher;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The users of this node: its own file first, then what {@code getent} finds in the site's
 * directory.
 */
public final class UnixUsers {
  private static final Path OWN = Path.of("/etc/passwd");
  private static final int DEADLINE_SECONDS = 5;
  private static final int FIELDS = 7;

  private UnixUsers() {}

  /** The user of a name or number; empty when there is none or nobody answered in time. */
  public static Optional<UnixUser> find(String nameOrNumber) {
    return own(nameOrNumber).or(() -> ofDirectory(nameOrNumber));
  }

  /** Whom this process runs as. */
  public static long self() {
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      return ((Integer) uid).longValue();
    } catch (IOException e) {
      throw new LauncherException("reading the owner of /proc/self", e);
    }
  }

  private static Optional<UnixUser> own(String wanted) {
    try {
      return find(wanted, Files.readAllLines(OWN, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<UnixUser> ofDirectory(String wanted) {
    return answer("getent", "passwd", "--", wanted)
        .flatMap(answer -> find(wanted, answer.lines().toList()));
  }

  /**
   * The numbers of all groups that systemd and every login give to a user; empty when nobody
   * answered in time.
   */
  static Optional<Set<Long>> groups(UnixUser user) {
    return answer("id", "-G", "--", user.name())
        .map(String::strip)
        .filter(answer -> answer.matches("[0-9]{1,10}( [0-9]{1,10})*"))
        .map(answer -> Stream.of(answer.split(" ")).map(Long::valueOf).collect(toSet()));
  }

  private static Optional<String> answer(String... question) {
    try {
      Process asked =
          new ProcessBuilder(question).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      if (!asked.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        asked.destroyForcibly();
        return Optional.empty();
      }
      byte[] answer = asked.getInputStream().readAllBytes();
      return Optional.of(new String(answer, StandardCharsets.ISO_8859_1));
    } catch (IOException absent) {
      return Optional.empty();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  static Optional<UnixUser> find(String wanted, List<String> lines) {
    return lines.stream()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length == FIELDS)
        .filter(fields -> fields[0].equals(wanted) || fields[2].equals(wanted))
        .findFirst()
        .flatMap(UnixUsers::user);
  }

  private static Optional<UnixUser> user(String[] fields) {
    try {
      return Optional.of(
          new UnixUser(fields[0], Long.parseLong(fields[2]), Long.parseLong(fields[3]), fields[5]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
