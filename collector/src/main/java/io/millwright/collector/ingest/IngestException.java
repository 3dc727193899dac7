package io.millwright.collector.ingest;

/** The agents' port could not be served. */
public final class IngestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IngestException(String message, Throwable cause) {
    super(message, cause);
  }
}
