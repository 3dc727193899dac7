package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Facts;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * When the power limit of each device was changed, within the last hour: a file a device, in a
 * directory that is root's alone, so that no start of the launcher or of the node forgets.
 *
 * <p>A clock that was set back makes changes of the future, which count as of now.
 */
record PowerLedger(Path directory, Clock clock) {
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();

  /** Notes a change down, on the disk, unless it would be one too many. */
  boolean claim(String device, int mostAnHour) throws IOException {
    List<Long> recent = recent(device);
    if (recent.size() >= mostAnHour) {
      write(device, recent); // those of the future are of now from here on
      return false;
    }
    write(device, append(recent, clock.wall().toEpochMilli()));
    return true;
  }

  /** The newest change was none. */
  void release(String device) throws IOException {
    List<Long> recent = recent(device);
    write(device, recent.isEmpty() ? recent : recent.subList(0, recent.size() - 1));
  }

  private List<Long> recent(String device) throws IOException {
    long now = clock.wall().toEpochMilli();
    return Facts.read(file(device)).flatMap(facts -> facts.text("changes")).stream()
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
    return directory.resolve("changes-" + device);
  }
}
