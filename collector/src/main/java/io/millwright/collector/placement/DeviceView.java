package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;

/**
 * A whole accelerator as the planner sees it.
 *
 * @param index its number on the node, from 0
 */
public record DeviceView(
    String uuid, int index, DeviceKind kind, Condition condition, Traits traits) {
  private static final int MOST = 1023;

  public DeviceView {
    if (index < 0 || index > MOST) {
      throw new IllegalArgumentException(
          "index of %s: '%d' is refused; allowed is from 0 to %d".formatted(uuid, index, MOST));
    }
  }

  /** One of which nothing more is told. */
  public DeviceView(String uuid, int index, DeviceKind kind, Condition condition) {
    this(uuid, index, kind, condition, Traits.UNTOLD);
  }

  /** The same in another condition. */
  public DeviceView with(Condition other) {
    return new DeviceView(uuid, index, kind, other, traits);
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
