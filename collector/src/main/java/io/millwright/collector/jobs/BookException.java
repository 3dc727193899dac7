package io.millwright.collector.jobs;

/** The book cannot be opened, or must not be written any more; the message is one sentence. */
public final class BookException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BookException(String sentence) {
    super(sentence);
  }

  BookException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
