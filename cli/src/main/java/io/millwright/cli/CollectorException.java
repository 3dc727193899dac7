package io.millwright.cli;

/** A collector did not do what it was asked for; the message is one sentence for people. */
final class CollectorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is. */
  enum Kind {
    /** It cannot be reached, or cannot answer now; asking again may help. */
    AWAY,
    /** It answers that it cannot do this now, and says why; asking again may help. */
    UNABLE,
    /** There is no such thing. */
    NOT_FOUND,
    /** It does not allow that; another token may help. */
    FORBIDDEN,
    /** It refuses, or says what is not understood. */
    REFUSED
  }

  private final Kind kind;

  CollectorException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  CollectorException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** The sentence. */
  String sentence() {
    return String.valueOf(getMessage());
  }
}
