package io.millwright.collector.operations;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How far an act has come. */
public enum Stage {
  /** The verdict is too young to be acted on. */
  SETTLING,
  /** It is due and may not be carried out yet. */
  WAITING,
  /** It was carried out and stands; of a dry run, it would have been. */
  DONE,
  /** It cannot be carried out on this node. */
  REFUSED,
  /** A person put the node back to work while the verdict stands. */
  OVERRULED,
  /** A person took the node into his own hands. */
  TAKEN_OVER,
  /** The verdict cleared before it was carried out. */
  LAPSED,
  /** The verdict cleared, and it was taken back. */
  LIFTED,
  /** It is over for another reason, and left nothing behind. */
  CLOSED;

  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Stage> ofWord(String word) {
    return Arrays.stream(values()).filter(stage -> stage.word().equals(word)).findFirst();
  }

  /** Whether the verdict is watched on its behalf. */
  public boolean open() {
    return switch (this) {
      case SETTLING, WAITING, DONE, REFUSED, OVERRULED, TAKEN_OVER -> true;
      case LAPSED, LIFTED, CLOSED -> false;
    };
  }

  /** Whether it was not carried out yet, and may be. */
  boolean ahead() {
    return this == SETTLING || this == WAITING;
  }
}
