package io.millwright.protocol.vocabulary;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a divided device (MIG) is meant: a GPU instance, or one compute instance of it.
 *
 * @param gpuInstance its number on the device
 * @param computeInstance its number in the GPU instance; empty for all of that
 */
public record InstanceId(int gpuInstance, OptionalInt computeInstance) {
  private static final Pattern FORM = Pattern.compile("gi([0-9]{1,6})(?:ci([0-9]{1,6}))?");

  public InstanceId {
    if (gpuInstance < 0 || computeInstance.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "instance: %d and %s are refused; numbers begin at 0"
              .formatted(gpuInstance, computeInstance));
    }
  }

  /** What {@link #text} made; empty for anything else. */
  public static Optional<InstanceId> of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    OptionalInt compute =
        form.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(form.group(2)));
    return Optional.of(new InstanceId(Integer.parseInt(form.group(1)), compute));
  }

  /** {@code gi1}, or {@code gi1ci0}. */
  public String text() {
    return gpuInstanceText()
        + (computeInstance.isPresent() ? "ci" + computeInstance.getAsInt() : "");
  }

  /** {@code gi1}. */
  public String gpuInstanceText() {
    return "gi" + gpuInstance;
  }

  /** Whether both may be the same: one that says less contradicts nothing. */
  public boolean fits(InstanceId other) {
    return gpuInstance == other.gpuInstance
        && (computeInstance.isEmpty()
            || other.computeInstance.isEmpty()
            || computeInstance.equals(other.computeInstance));
  }
}
