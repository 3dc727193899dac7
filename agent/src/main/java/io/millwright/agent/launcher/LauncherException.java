package io.millwright.agent.launcher;

/** The store of the units cannot be used: one sentence with the operation and its subject. */
public final class LauncherException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LauncherException(String message) {
    super(message);
  }

  LauncherException(String message, Throwable cause) {
    super(message, cause);
  }
}
