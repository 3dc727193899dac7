package io.millwright.collector.self;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The file descriptors of this process, as the kernel tells them in /proc/self (proc_pid_limits(5),
 * proc_pid_fd(5)). The JVM raises the soft limit to the hard one before it begins.
 */
public final class Descriptors {
  /** Requests to the http port at once, and what is not yet greeted at the agents' and joining. */
  private static final int CONNECTIONS = 512 + 256 + 64;

  /** Jars, stores, logs, and connections to others. */
  private static final int OTHERS = 200;

  private final Path process;

  public Descriptors(Path process) {
    this.process = process;
  }

  /** Of this process. */
  public static Descriptors own() {
    return new Descriptors(Path.of("/proc/self"));
  }

  /** The most that may be open; empty where there is no limit or it is not told. */
  public OptionalLong most() {
    try {
      return Files.readAllLines(process.resolve("limits")).stream()
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.substring("Max open files".length()).strip().split("\\s+", -1)[0])
          .filter(soft -> soft.matches("[0-9]{1,15}"))
          .mapToLong(Long::parseLong)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Those that are open; empty where it is not told. */
  public OptionalLong open() {
    long open = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path ignored : all) {
        open++;
      }
      return OptionalLong.of(open);
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * What is wrong with the limit, in one sentence; empty where it suffices.
   *
   * @param nodes that are expected
   */
  public Optional<String> tooFew(int nodes) {
    long needed = (long) nodes + CONNECTIONS + OTHERS;
    OptionalLong most = most();
    return most.isEmpty() || most.getAsLong() >= needed
        ? Optional.empty()
        : Optional.of(
            "the limit of open files is %d and %d nodes need %d, so that some could not connect; set LimitNOFILE=%d in the unit ('systemctl edit millwright-collector') or 'ulimit -n %d' before the start"
                .formatted(most.getAsLong(), nodes, needed, needed, needed));
  }
}
