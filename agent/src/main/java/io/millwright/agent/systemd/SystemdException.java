package io.millwright.agent.systemd;

/** Systemd did not do what was asked: one sentence with the operation and its subject. */
public final class SystemdException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean answered;
  private final String reason;

  SystemdException(String operation, boolean answered, String reason) {
    super(operation + ": " + reason);
    this.answered = answered;
    this.reason = reason;
  }

  SystemdException(String operation, Throwable cause) {
    super(operation, cause);
    this.answered = false;
    this.reason = String.valueOf(cause.getMessage());
  }

  /** Whether systemd said no; otherwise nobody answered, and it may have been done. */
  public boolean answered() {
    return answered;
  }

  /** What systemd said. */
  public String reason() {
    return reason;
  }
}
