package io.millwright.collector.store;

/** The store cannot be opened, or could not do what it was asked; the message is one sentence. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String sentence;

  public StoreException(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  StoreException(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
  }

  /** The same trouble with the stack of the thread that waited for it. */
  StoreException again() {
    return new StoreException(sentence, this);
  }
}
