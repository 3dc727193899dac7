package io.millwright.agent.power;

import java.util.Optional;

/** A cap that stands until it is taken away. On the disk {@code 600:600000}. */
sealed interface Wish {

  /** What the device is to be held to. */
  Limit limit();

  String text();

  /** A device was set to it. */
  record Agreed(Limit limit) implements Wish {
    @Override
    public String text() {
      return limit.text();
    }
  }

  /**
   * The launcher was asked, or was about to be, and it is not known what it said. On the disk
   * {@code 600:600000?500:500000}, or {@code 600:600000?} where there was none before.
   *
   * @param before what holds again should it be refused
   */
  record Asked(Limit limit, Optional<Limit> before) implements Wish {
    @Override
    public String text() {
      return limit.text() + "?" + before.map(Limit::text).orElse("");
    }
  }

  /** What was agreed on last; empty where nothing was. */
  default Optional<Limit> agreed() {
    return switch (this) {
      case Agreed(Limit limit) -> Optional.of(limit);
      case Asked asked -> asked.before();
    };
  }

  /** Empty for what is none. */
  static Optional<Wish> of(String text) {
    int mark = text.indexOf('?');
    return mark < 0
        ? Limit.of(text).map(Agreed::new)
        : Limit.of(text.substring(0, mark))
            .map(limit -> new Asked(limit, Limit.of(text.substring(mark + 1))));
  }
}
