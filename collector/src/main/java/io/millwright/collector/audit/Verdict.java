package io.millwright.collector.audit;

/** What is found of a head that a node kept, the gravest last. */
public enum Verdict {
  /** It is of another store. */
  OTHER_STORE("other-store"),
  /** The log goes through it. */
  AGREES("agrees"),
  /** It was lost when the store was restored from an older backup. */
  RESTORED("restored"),
  /** The log was cut or written anew, or is an older copy. */
  CONTRADICTS("contradicts");

  private final String word;

  Verdict(String word) {
    this.word = word;
  }

  /** As the metric and the JSON have it. */
  public String word() {
    return word;
  }
}
