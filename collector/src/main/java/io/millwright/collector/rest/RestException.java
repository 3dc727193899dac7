package io.millwright.collector.rest;

/** The port could not be served. */
public final class RestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RestException(String message, Throwable cause) {
    super(message, cause);
  }
}
