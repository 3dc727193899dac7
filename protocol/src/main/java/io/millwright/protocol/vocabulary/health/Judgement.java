package io.millwright.protocol.vocabulary.health;

import java.util.List;

/**
 * How one thing is, and why.
 *
 * @param evidence the worst first; empty where nothing speaks against it
 */
public record Judgement(Subject subject, Verdict verdict, List<Evidence> evidence) {
  public Judgement {
    evidence = List.copyOf(evidence);
  }
}
