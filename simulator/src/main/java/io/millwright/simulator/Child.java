package io.millwright.simulator;

import java.io.File;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A daemon of the demo as a process of its own. It has a session of its own, so that a Ctrl-C
 * reaches the demo alone, which ends all in order. Where the demo dies without that, the kernel
 * asks the daemon to end (where {@code setpriv} knows how to say so).
 *
 * <p><i>Threading:</i> the main thread, which is the one that the kernel watches.
 */
final class Child {
  /** Options of whoever runs the demo are not the daemons'. */
  private static final List<String> JVM_WORDS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** BusyBox has a {@code setpriv} without it. */
  private static final String TIE =
      "setpriv --pdeathsig TERM true 2>/dev/null && exec setpriv --pdeathsig TERM \"$@\""
          + "; exec \"$@\"";

  /**
   * Ends if the demo was gone before the tie held; writes down which process it is before it
   * becomes the daemon: none is ever unknown.
   */
  private static final String NOTE_AND_RUN =
      "[ \"$PPID\" = \"$1\" ] && read -r line </proc/$$/stat && echo \"$2 $line\" >>\"$3\""
          + " && shift 3 && exec \"$@\"";

  /** What is read of a log, of which a daemon may write much. */
  private static final int MOST_READ = 64 * 1024;

  /** Where no launcher says more. */
  private static final String STANDARD =
      "-XX:+UseSerialGC -Xmx128m -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED";

  private final String name;
  private final Path logs;
  private final Process process;

  private Child(String name, Path logs, Process process) {
    this.name = name;
    this.logs = logs;
    this.process = process;
  }

  /** How a daemon is run, as the launcher says it. */
  record Java(String classes, List<String> flags) {
    /**
     * @param daemon {@code agent} or {@code collector}
     */
    static Java of(String daemon) {
      String property = "millwright.demo." + daemon + ".";
      String flags = System.getProperty(property + "flags", STANDARD);
      return new Java(
          System.getProperty(property + "classes", System.getProperty("java.class.path")),
          List.of(flags.strip().split("\\s+")));
    }
  }

  static Child start(DemoPlace place, String name, Java java, List<String> words)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("setsid", "/bin/sh", "-c", TIE, "millwright-demo"));
    command.addAll(List.of("/bin/sh", "-c", NOTE_AND_RUN, "millwright-demo"));
    command.add(Long.toString(ProcessHandle.current().pid()));
    command.add(name);
    command.add(place.file(Leftovers.PROCESSES).toString());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(java.flags());
    command.addAll(List.of("-cp", java.classes()));
    command.addAll(words);
    Path logs = place.file("logs");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(place.file("").toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(logs.resolve(name + ".out").toFile())
            .redirectError(logs.resolve(name + ".log").toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MILLWRIGHT_"));
    builder.environment().keySet().removeAll(JVM_WORDS);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    return new Child(name, logs, builder.start());
  }

  String name() {
    return name;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** The first group of the pattern in what it said first. */
  Optional<String> said(Pattern pattern) {
    for (String ending : new String[] {".out", ".log"}) {
      Matcher matcher = pattern.matcher(text(ending, false));
      if (matcher.find()) {
        return Optional.of(matcher.group(1));
      }
    }
    return Optional.empty();
  }

  /** Its last line: why it ended, where it has. */
  String lastWords() {
    return text(".log", true)
        .lines()
        .filter(line -> !line.isBlank())
        .reduce((first, last) -> last)
        .orElse("it said nothing");
  }

  /** Its start or its end. */
  private String text(String ending, boolean fromEnd) {
    try (SeekableByteChannel log = Files.newByteChannel(logs.resolve(name + ending))) {
      log.position(fromEnd ? Math.max(0, log.size() - MOST_READ) : 0);
      byte[] bytes = Channels.newInputStream(log).readNBytes(MOST_READ);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException notYet) {
      return "";
    }
  }

  void terminate() {
    process.destroy();
  }

  /** Waits for its end so long, then kills it. */
  void awaitEnd(Duration patience) {
    try {
      if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
