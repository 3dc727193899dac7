package io.millwright.agent.jobs;

/** The journal cannot be opened at all: one sentence with the operation and the path. */
public final class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JournalException(String message) {
    super(message);
  }

  JournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
