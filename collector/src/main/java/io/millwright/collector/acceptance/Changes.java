package io.millwright.collector.acceptance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What differs between two equipments, in words. What either does not know differs in nothing. */
public final class Changes {
  private static final int MOST_NAMED = 16;

  private final Equipment before;
  private final Equipment now;
  private final List<String> words = new ArrayList<>();

  private Changes(Equipment before, Equipment now) {
    this.before = before;
    this.now = now;
  }

  /** One sentence a change, as in {@code 00000000:1b:00.0: serial 165 went, serial 166 came}. */
  public static List<String> between(Equipment before, Equipment now) {
    Changes changes = new Changes(before, now);
    changes.compare();
    return bounded(changes.words);
  }

  private static List<String> bounded(List<String> words) {
    if (words.size() <= MOST_NAMED) {
      return List.copyOf(words);
    }
    List<String> some = new ArrayList<>(words.subList(0, MOST_NAMED));
    some.add("and %d more".formatted(words.size() - MOST_NAMED));
    return List.copyOf(some);
  }

  private void compare() {
    compare("chassis serial (%s)", before.chassis(), now.chassis());
    now.devices().forEach(this::compareSlot);
    compare("driver of %s", before.drivers(), now.drivers());
    compareFirmware();
  }

  private void compare(String of, Map<String, String> then, Map<String, String> told) {
    told.forEach((name, version) -> {
      String was = then.getOrDefault(name, version);
      if (!was.equals(version)) {
        words.add("%s from %s to %s".formatted(of.formatted(name), was, version));
      }
    });
  }

  private void compareSlot(String slot, Device told) {
    Device then = before.devices().get(slot);
    if (then != null && then.is(told)) {
      return;
    }
    String from = slotBefore(told);
    if (!from.isEmpty()) {
      words.add("%s: %s moved here from %s".formatted(slot, told.name(), from));
    } else if (then == null) {
      words.add("%s: %s came".formatted(slot, told.name()));
    } else {
      boolean sameName = then.name().equals(told.name());
      words.add(
          "%s: %s went, %s came"
              .formatted(
                  slot,
                  sameName ? then.uuid() : then.name(),
                  sameName ? told.uuid() : told.name()));
    }
  }

  private String slotBefore(Device told) {
    return before.devices().entrySet().stream()
        .filter(slot -> slot.getValue().is(told))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  /** The same step of several devices is told once. */
  private void compareFirmware() {
    Map<String, List<String>> slotsByStep = new LinkedHashMap<>();
    Map<String, Device> known =
        before.devices().values().stream()
            .collect(Collectors.toMap(Device::uuid, device -> device, (one, other) -> one));
    now.devices()
        .forEach((slot, told) -> {
          Device then = known.get(told.uuid());
          if (then != null && then.is(told)) {
            told.firmware()
                .forEach((component, version) -> {
                  String was = then.firmware().getOrDefault(component, version);
                  if (!was.equals(version)) {
                    slotsByStep
                        .computeIfAbsent(
                            "%s from %s to %s".formatted(component, was, version),
                            step -> new ArrayList<>())
                        .add(slot);
                  }
                });
          }
        });
    slotsByStep.forEach((step, slots) ->
        words.add(
            slots.size() == 1
                ? "%s: %s".formatted(slots.getFirst(), step)
                : "%d accelerators: %s".formatted(slots.size(), step)));
  }
}
