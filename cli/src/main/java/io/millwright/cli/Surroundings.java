package io.millwright.cli;

import io.millwright.protocol.clock.Clock;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a verb finds around itself.
 *
 * @param home the user's own directory
 * @param userName the user's name
 * @param terminal whether {@code out} is a terminal
 * @param otherVerbs words of the launcher that are not ours, for finding the one that was meant
 */
record Surroundings(
    Map<String, String> env,
    Path home,
    String userName,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Clock clock,
    List<String> otherVerbs) {
  private static final String NO_VERBS = "";

  /** Those of this process; text goes out as UTF-8 whatever the locale is. */
  static Surroundings ofProcess() {
    return new Surroundings(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        System.getProperty("user.name"),
        new FileInputStream(FileDescriptor.in),
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        isTerminal(Path.of("/proc/self/fd/1")),
        Clock.system(),
        Arrays.stream(System.getProperty("millwright.verbs", NO_VERBS).split(" "))
            .filter(word -> !word.isEmpty())
            .toList());
  }

  /** {@code System.console} would ask for stdin too, which {@code submit -} has from a pipe. */
  private static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException unknown) {
      return false;
    }
  }

  /** A variable of the environment that is set and not empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(env.get(name)).filter(value -> !value.isEmpty());
  }

  /** Says one sentence to people, on stderr. */
  void say(String sentence) {
    err.println(Printable.text(sentence));
  }
}
