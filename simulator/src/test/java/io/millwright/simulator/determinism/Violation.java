package io.millwright.simulator.determinism;

import org.jspecify.annotations.Nullable;

/**
 * Something came about that must never be. The first of a thread is kept, because what is thrown
 * inside an agent or a collector is caught there.
 */
final class Violation extends AssertionError {
  private static final long serialVersionUID = 1;
  private static final ThreadLocal<@Nullable Violation> FIRST = new ThreadLocal<>();

  private Violation(String invariant, String sentence) {
    super(invariant + ": " + sentence);
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotation is not among the dependencies
  static void unless(boolean holds, String invariant, String sentence, Object... facts) {
    if (holds) {
      return;
    }
    Violation found = new Violation(invariant, sentence.formatted(facts));
    if (FIRST.get() == null) {
      FIRST.set(found);
    }
    throw found;
  }

  /** A history begins. */
  static void forget() {
    FIRST.remove();
  }

  /** Throws the first since {@link #forget}. */
  static void check() {
    Violation found = FIRST.get();
    if (found != null) {
      throw found;
    }
  }
}
