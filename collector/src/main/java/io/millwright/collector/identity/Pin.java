package io.millwright.collector.identity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * On which hardware a node was seen.
 *
 * @param hardware words as in {@code nic:b8:59:9f:00:00:01}; {@code machine-id:} is of the disk
 * @param accelerators their serial numbers, as far as they were told, the latest first
 * @param atMs when, by the collector's wall clock
 */
record Pin(List<String> hardware, List<String> accelerators, long atMs) {
  private static final String OF_THE_DISK = "machine-id:";
  private static final String ACCELERATOR = "accelerator:";

  /** More than any machine has, with those that were exchanged. */
  static final int MOST_ACCELERATORS = 128;

  Pin {
    hardware = List.copyOf(hardware);
    accelerators = List.copyOf(accelerators);
  }

  /** One whose accelerators are not known. */
  Pin(List<String> hardware, long atMs) {
    this(hardware, List.of(), atMs);
  }

  /**
   * Whether this can be the same machine: it shares a piece of hardware, as a repair leaves at
   * least one. Where either side tells of no hardware, as in a container, the disk's own id
   * decides.
   */
  boolean canBe(List<String> told) {
    Set<String> ours = machine(hardware);
    Set<String> theirs = machine(told);
    if (!ours.isEmpty() && !theirs.isEmpty()) {
      return theirs.stream().anyMatch(ours::contains);
    }
    List<String> disks = told.stream().filter(Pin::isOfTheDisk).toList();
    return disks.isEmpty()
        || hardware.stream().noneMatch(Pin::isOfTheDisk)
        || disks.stream().anyMatch(hardware::contains);
  }

  /** What is known from now on; hardware that was told once is not forgotten by silence. */
  Pin next(List<String> told, long nowMs) {
    boolean silent = machine(told).isEmpty() && !machine(hardware).isEmpty();
    return silent || told.isEmpty() ? this : new Pin(told, accelerators, nowMs);
  }

  /**
   * Whether the same machine can have these accelerators. They decide only where either side tells
   * of no card and no board, as in a container or a guest: one in common is enough, as those of a
   * machine are not exchanged all at once.
   *
   * @param told hardware of the session
   */
  boolean canHave(List<String> told, List<String> serials) {
    boolean known = !machine(hardware).isEmpty() && !machine(told).isEmpty();
    return known
        || accelerators.isEmpty()
        || serials.isEmpty()
        || serials.stream().anyMatch(accelerators::contains);
  }

  /**
   * With these accelerators too; one that is not told, as it is sick for a while, is not forgotten
   * before {@link #MOST_ACCELERATORS} others were told since.
   */
  Pin with(List<String> serials) {
    if (accelerators.containsAll(serials)) {
      return this;
    }
    List<String> all =
        Stream.concat(serials.stream(), accelerators.stream())
            .distinct()
            .limit(MOST_ACCELERATORS)
            .toList();
    return new Pin(hardware, all, atMs);
  }

  private static Set<String> machine(List<String> words) {
    return words.stream().filter(word -> !isOfTheDisk(word)).collect(Collectors.toSet());
  }

  private static boolean isOfTheDisk(String word) {
    return word.startsWith(OF_THE_DISK);
  }

  /** A line each: the time, then the words. */
  String text() {
    List<String> words = new ArrayList<>(hardware);
    accelerators.forEach(serial -> words.add(ACCELERATOR + serial));
    return atMs + "\n" + String.join("\n", words);
  }

  /** Empty where this is none. */
  static Optional<Pin> parse(String text) {
    List<String> lines = Arrays.asList(text.split("\n", -1));
    try {
      List<String> words = lines.stream().skip(1).filter(line -> !line.isEmpty()).toList();
      return Optional.of(
          new Pin(
              words.stream().filter(word -> !word.startsWith(ACCELERATOR)).toList(),
              words.stream()
                  .filter(word -> word.startsWith(ACCELERATOR))
                  .map(word -> word.substring(ACCELERATOR.length()))
                  .toList(),
              Long.parseLong(lines.getFirst())));
    } catch (NumberFormatException none) {
      return Optional.empty();
    }
  }
}
