package io.millwright.collector.store;

import java.sql.SQLException;

/** The store cannot be opened, or could not do what it was asked; the message is one sentence. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String sentence;
  private final boolean damage;

  public StoreException(String sentence) {
    super(sentence);
    this.sentence = sentence;
    this.damage = false;
  }

  private StoreException(String sentence, boolean damage) {
    super(sentence);
    this.sentence = sentence;
    this.damage = damage;
  }

  StoreException(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
    this.damage =
        cause instanceof StoreException same
            ? same.damage
            : cause instanceof SQLException e && StoreFile.isDamage(e);
  }

  static StoreException damage(String sentence) {
    return new StoreException(sentence, true);
  }

  /** Whether the file itself is no longer whole. */
  public boolean isDamage() {
    return damage;
  }

  /** The same trouble with the stack of the thread that waited for it. */
  StoreException again() {
    return new StoreException(sentence, this);
  }
}
