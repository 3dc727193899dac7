package io.millwright.agent.dialect;

import java.util.List;

/** A table of names that cannot be used; one sentence for each problem. */
public final class DialectException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DialectException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
