package io.millwright.collector.incidents;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Optional;
import java.util.Set;

/**
 * One rule that holds against one suspect.
 *
 * @param codes of the errors behind it, as in {@code 149}
 * @param follows whether it opens no incident and keeps none open, and only joins one
 * @param job that it touched
 */
public record Symptom(
    Suspect suspect,
    String rule,
    Nature nature,
    Verdict verdict,
    Advice advice,
    String observed,
    Set<String> codes,
    boolean follows,
    Optional<String> job) {
  /** The rule of a node that is not heard. */
  static final String SILENT = "agent-silent";

  /** Of NVLink: where it was seen first, it began. */
  private static final String LINK_DOWN = "149";

  public Symptom {
    codes = Set.copyOf(codes);
  }

  /** A rule speaks once of a suspect. */
  record Key(String node, String uuid, String rule) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byNode = node.compareTo(other.node);
      if (byNode != 0) {
        return byNode;
      }
      int byDevice = uuid.compareTo(other.uuid);
      return byDevice != 0 ? byDevice : rule.compareTo(other.rule);
    }
  }

  Key key() {
    return new Key(suspect.node(), suspect.uuid().orElse(""), rule);
  }

  boolean isLinkDown() {
    return nature == Nature.LINK && codes.contains(LINK_DOWN);
  }

  /** Whether a person is to come: it failed, or it is not known how it is. */
  boolean calls() {
    return !follows && verdict.compareTo(Verdict.UNKNOWN) >= 0;
  }
}
