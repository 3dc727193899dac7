package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Facts;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * When the power limit of each device was changed, within the last hour: a file a device, in a
 * directory that is root's alone, so that no start of the launcher or of the node forgets. It keeps
 * so many and no more, for whoever asks may invent their names.
 *
 * <p>A clock that was set back makes changes of the future, which count as of now.
 */
record PowerLedger(Path directory, Clock clock) {
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final String FILES = "changes-";

  /** Devices of four requests of the largest size. */
  static final int MOST_DEVICES = 256;

  /** Forgets the devices that were not changed within the last hour. */
  void tidy() throws IOException {
    for (Path file : files()) {
      if (recent(file).isEmpty()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Notes a change down, on the disk.
   *
   * @return why it may not be made; empty if it may
   */
  Optional<String> claim(String device, int mostAnHour) throws IOException {
    List<Long> recent = recent(file(device));
    if (recent.isEmpty() && files().size() >= MOST_DEVICES) {
      return Optional.of(
          "limits of %d other devices were changed within the last hour, and no more are counted"
              .formatted(MOST_DEVICES));
    }
    if (recent.size() >= mostAnHour) {
      write(device, recent); // those of the future are of now from here on
      return Optional.of(
          "its limit was changed %d times within the last hour, and this node's policy allows no more"
              .formatted(mostAnHour));
    }
    write(device, append(recent, clock.wall().toEpochMilli()));
    return Optional.empty();
  }

  /** The newest change was none. */
  void release(String device) throws IOException {
    List<Long> recent = recent(file(device));
    if (recent.size() > 1) {
      write(device, recent.subList(0, recent.size() - 1));
    } else {
      Files.deleteIfExists(file(device));
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> !file.toString().endsWith(Facts.UNFINISHED))
          .filter(file -> String.valueOf(file.getFileName()).startsWith(FILES))
          .toList();
    }
  }

  private List<Long> recent(Path file) throws IOException {
    long now = clock.wall().toEpochMilli();
    return Facts.read(file).flatMap(facts -> facts.text("changes")).stream()
        .flatMap(text -> Arrays.stream(text.split(",", -1)))
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(Long::parseLong)
        .map(at -> Math.min(at, now))
        .filter(at -> now - at < HOUR_MS)
        .toList();
  }

  private static List<Long> append(List<Long> recent, long at) {
    List<Long> all = new java.util.ArrayList<>(recent);
    all.add(at);
    return all;
  }

  private void write(String device, List<Long> changes) throws IOException {
    String text = changes.stream().map(at -> Long.toString(at)).collect(Collectors.joining(","));
    new Facts(Map.of("changes", text)).write(file(device));
  }

  /** A UUID, as the verb allows one, is the name of a file. */
  private Path file(String device) {
    return directory.resolve(FILES + device);
  }
}
