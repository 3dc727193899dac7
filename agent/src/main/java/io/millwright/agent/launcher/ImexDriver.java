package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.ImexChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What NVIDIA's driver on this node says of its IMEX channels. Channel N is the character device
 * with the driver's major number, which the kernel chooses, and the minor number N (NVIDIA's IMEX
 * guide, "IMEX Channels").
 *
 * @param devices the kernel's table of drivers
 * @param parameters those of the driver
 */
public record ImexDriver(Path devices, Path parameters) {
  private static final String COUNT = "ImexChannelCount:";

  public static ImexDriver of(Layout.HostFiles host) {
    return new ImexDriver(host.devices(), host.gpus().resolveSibling("params"));
  }

  /** The major number of its channels; empty where it has none. */
  public OptionalLong major() throws IOException {
    boolean characters = false;
    for (String line : Files.readAllLines(devices)) {
      if (line.endsWith(":")) {
        characters = line.startsWith("Character");
      }
      String[] words = line.strip().split(" +");
      if (characters && words.length == 2 && words[1].equals(DeviceClass.IMEX.word())) {
        return OptionalLong.of(Long.parseLong(words[0]));
      }
    }
    return OptionalLong.empty();
  }

  /** Why it has none of these channels to give, in one sentence; empty where it has all. */
  public Optional<String> lack() {
    try {
      if (major().isEmpty()) {
        return Optional.of(
            "NVIDIA's driver on this node has no IMEX channels: %s does not name %s"
                .formatted(devices, DeviceClass.IMEX.word()));
      }
      OptionalInt count = count();
      return count.isPresent() && count.getAsInt() <= ImexChannel.LAST
          ? Optional.of(
              "NVIDIA's driver on this node has %d IMEX channels, needed are %d: leave its parameter NVreg_ImexChannelCount out"
                  .formatted(count.getAsInt(), ImexChannel.LAST + 1))
          : Optional.empty();
    } catch (IOException | NumberFormatException unreadable) {
      return Optional.of("what NVIDIA's driver says of IMEX cannot be read: " + unreadable);
    }
  }

  /** How many it has, the one of number 0 included; empty where it does not say. */
  private OptionalInt count() throws IOException {
    List<String> lines = Files.exists(parameters) ? Files.readAllLines(parameters) : List.of();
    return lines.stream()
        .filter(line -> line.startsWith(COUNT))
        .mapToInt(line -> Integer.parseInt(line.substring(COUNT.length()).strip()))
        .findFirst();
  }
}
