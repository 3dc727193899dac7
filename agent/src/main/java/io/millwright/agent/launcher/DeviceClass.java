package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Kinds of device nodes that a policy may let jobs have, by the kernel's name of their driver. */
public enum DeviceClass {
  NVIDIA("nvidia"),
  NEURON("neuron"),
  INFINIBAND("infiniband"),
  IMEX("nvidia-caps-imex-channels");

  private final String word;

  DeviceClass(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** Whether a driver, as {@code /proc/devices} names it, is of this class. */
  public boolean owns(String driver) {
    return driver.startsWith(word);
  }

  /** The class of a job's accelerators. */
  static DeviceClass of(DeviceKind kind) {
    return switch (kind) {
      case GPU -> NVIDIA;
      case NEURON -> NEURON;
    };
  }

  static Optional<DeviceClass> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
  }

  /** All words, for a sentence. */
  static String words() {
    return Arrays.stream(values()).map(DeviceClass::word).collect(Collectors.joining(", "));
  }
}
