package io.millwright.agent.page;

/** The page cannot be served: one sentence with the operation, the address and the remedy. */
public final class PageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PageException(String message) {
    super(message);
  }

  PageException(String message, Throwable cause) {
    super(message, cause);
  }
}
