package io.millwright.drivers.neuron;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The neighbours of a device, from {@code connected_devices}, as in {@code 12, 1, 3, 4}. Only where
 * the devices do form a torus: on a Trn3 host of sixteen the driver shows one that is not there.
 * Its buffer has 20 bytes; where the list does not fit, the file is empty, and nothing is known.
 */
final class Torus {
  private static final Set<String> FAMILIES = Set.of("Trn1", "Trn2");
  private static final Pattern LIST = Pattern.compile("[0-9]{1,2}(?:, ?[0-9]{1,2}){0,7}\\n");

  private Torus() {}

  /** The numbers of the neighbours; none where the list is empty, cut, or not to be believed. */
  static List<String> neighbours(NeuronFacts facts, String family) {
    if (!FAMILIES.contains(family)) {
      return List.of();
    }
    String list = facts.raw("connected_devices").orElse("");
    if (!LIST.matcher(list).matches()) {
      return List.of();
    }
    List<String> neighbours = new ArrayList<>();
    for (String number : list.strip().split(",", -1)) {
      if (!neighbours.contains(number.strip())) {
        neighbours.add(number.strip());
      }
    }
    return neighbours;
  }
}
