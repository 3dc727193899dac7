package io.millwright.collector.join;

/** The port for joining could not be served. */
public final class JoinException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JoinException(String message, Throwable cause) {
    super(message, cause);
  }
}
