package io.millwright.agent.health;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.List;
import java.util.Optional;

/**
 * One device as a snapshot shows it.
 *
 * @param labels the five of every series of an accelerator
 * @param up whether it answers
 * @param lost whether its readings say that it is lost
 * @param stuck the native call in flight, in words
 * @param pci its address, once its identity was read
 * @param energyJoules NaN where it was not read
 * @param action the recovery action that the driver asks for; empty where it was not read
 * @param load how it is at work
 */
record DeviceView(
    List<String> labels,
    boolean up,
    boolean lost,
    Optional<String> stuck,
    Optional<String> pci,
    double energyJoules,
    Optional<String> action,
    Work load) {
  private static final int INDEX = 1;
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final int MODEL = 4;
  private static final String AWS = DeviceKind.NEURON.vendor();

  /** What the uuid of a Neuron device has before its serial number. */
  static final String NEURON = "neuron-";

  /** Between the index of a device and the number of an instance of it. */
  private static final char WITHIN = ':';

  /**
   * How a device is at work.
   *
   * @param utilization from 0 to 1; NaN where it was not read
   * @param limited whether something limits its clocks, be it that it has nothing to do
   * @param divided whether it is split into instances
   */
  record Work(double utilization, boolean limited, boolean divided) {
    private static final double BUSY = 0.5;

    boolean busy() {
      return utilization >= BUSY;
    }
  }

  String index() {
    return labels.get(INDEX);
  }

  /** Whether it is a part of this one: a MIG instance has its device's index and its own. */
  boolean partOf(DeviceView other) {
    String whole = other.index();
    return index().length() > whole.length()
        && index().charAt(whole.length()) == WITHIN
        && index().startsWith(whole);
  }

  /** Whether it is a part of another device. */
  boolean isPart() {
    return index().indexOf(WITHIN) >= 0;
  }

  /** The native call in flight, in words; empty where none is. */
  String callInFlight() {
    return stuck.orElse("");
  }

  String vendor() {
    return labels.get(VENDOR);
  }

  boolean isNeuron() {
    return vendor().equals(AWS);
  }

  /**
   * Whether it is the one that the Neuron runtime wrote of: by its serial number, if it said it.
   */
  boolean is(Event.Place.Neuron place) {
    return isNeuron()
        && (place.serial().isEmpty()
            ? place.number().stream().anyMatch(own -> index().equals(Integer.toString(own)))
            : uuid().equals(NEURON + place.serial()));
  }

  String model() {
    return labels.get(MODEL);
  }

  String uuid() {
    return labels.get(UUID);
  }
}
