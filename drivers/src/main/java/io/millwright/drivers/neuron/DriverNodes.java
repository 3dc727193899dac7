package io.millwright.drivers.neuron;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The device files of the driver, {@code /dev/neuron<N>}, whose major number is another on each
 * boot: {@code /proc/devices} says it.
 *
 * @param root {@code /} but in tests
 */
public record DriverNodes(Path root) {
  private static final int KIND = 0170000;
  private static final int CHARACTER = 0020000;

  public Path path(int device) {
    return root.resolve("dev/neuron" + device);
  }

  /** The driver's major number; empty where it is not loaded. */
  public OptionalLong major() {
    boolean characters = false;
    for (String line : lines()) {
      if (line.endsWith(":")) {
        characters = line.startsWith("Character");
      }
      String[] words = line.strip().split(" +", -1);
      if (characters
          && words.length == 2
          && words[1].equals("neuron")
          && words[0].matches("[0-9]{1,9}")) {
        return OptionalLong.of(Long.parseLong(words[0]));
      }
    }
    return OptionalLong.empty();
  }

  /** Whether the file of this device is there and is a character device of the driver's. */
  boolean owns(int device) {
    OptionalLong major = major();
    try {
      Map<String, Object> facts =
          Files.readAttributes(path(device), "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
      long number = number(facts, "rdev");
      return major.isPresent()
          && (number(facts, "mode") & KIND) == CHARACTER
          && majorOf(number) == major.getAsLong();
    } catch (IOException absent) {
      return false;
    }
  }

  private static long number(Map<String, Object> facts, String name) {
    return facts.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** As the C library splits a device's number. */
  private static long majorOf(long number) {
    return ((number >> 8) & 0xfff) | ((number >> 32) & ~0xfffL);
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(root.resolve("proc/devices"));
    } catch (IOException unreadable) {
      return List.of();
    }
  }
}
