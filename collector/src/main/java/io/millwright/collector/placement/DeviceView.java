package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.MigProfile;
import java.util.Optional;

/**
 * An accelerator as the planner sees it, whole or an instance of a divided one.
 *
 * @param index its number on the node, from 0; of an instance that of its GPU
 * @param traits of an instance those of its GPU
 * @param profile of an instance; empty for a whole one
 */
public record DeviceView(
    String uuid,
    int index,
    DeviceKind kind,
    Condition condition,
    Traits traits,
    Optional<MigProfile> profile) {
  private static final int MOST = 1023;

  public DeviceView {
    if (index < 0 || index > MOST) {
      throw new IllegalArgumentException(
          "index of %s: '%d' is refused; allowed is from 0 to %d".formatted(uuid, index, MOST));
    }
  }

  /** A whole one. */
  public DeviceView(String uuid, int index, DeviceKind kind, Condition condition, Traits traits) {
    this(uuid, index, kind, condition, traits, Optional.empty());
  }

  /** One of which nothing more is told. */
  public DeviceView(String uuid, int index, DeviceKind kind, Condition condition) {
    this(uuid, index, kind, condition, Traits.UNTOLD);
  }

  /** The same in another condition. */
  public DeviceView with(Condition other) {
    return new DeviceView(uuid, index, kind, other, traits, profile);
  }

  /** Whether it is what a job asks for, in whatever condition. */
  public boolean serves(DeviceRequest wanted) {
    return kind == wanted.kind()
        && (wanted.mig().isPresent()
            ? profile.filter(own -> own.serves(wanted.mig().get())).isPresent()
            : profile.isEmpty());
  }

  /** Whether work may be placed on it, as far as its health goes. */
  public boolean fit() {
    return switch (condition) {
      case Condition.Fit() -> true;
      case Condition.Unfit unfit -> false;
      case Condition.Unknown() -> false;
    };
  }
}
