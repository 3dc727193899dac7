package io.millwright.collector.audit;

/** The log of changes could not be written; the message is one sentence. */
public final class AuditException extends RuntimeException {
  private static final long serialVersionUID = 1;

  AuditException(String sentence) {
    super(sentence);
  }
}
