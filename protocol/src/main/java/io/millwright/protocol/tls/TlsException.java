package io.millwright.protocol.tls;

/** Keys or certificates cannot be used: one sentence with the subject and the remedy. */
public final class TlsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TlsException(String message) {
    super(message);
  }

  public TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
