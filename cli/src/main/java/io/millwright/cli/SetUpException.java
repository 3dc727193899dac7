package io.millwright.cli;

/** The user's own set-up is broken; the message is one sentence with the remedy. Exit code 78. */
final class SetUpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SetUpException(String message) {
    super(message);
  }

  SetUpException(String message, Throwable cause) {
    super(message, cause);
  }
}
