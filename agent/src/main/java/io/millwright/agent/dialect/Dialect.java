package io.millwright.agent.dialect;

import io.millwright.protocol.health.XidTable;
import java.util.List;

/**
 * A page of another exporter, as a value.
 *
 * @param name which one
 * @param hostLabel how it spells the label with the name of the node
 * @param ofInfo its labels that come from {@code millwright_accelerator_info}, in order
 * @param fields its families, in order
 * @param xids what the Xids mean
 */
public record Dialect(
    Name name, String hostLabel, List<OfInfo> ofInfo, List<Field> fields, XidTable xids) {
  public Dialect {
    ofInfo = List.copyOf(ofInfo);
    fields = List.copyOf(fields);
  }

  /** The pages that there are, by the word of the configuration. */
  public enum Name {
    /** dcgm-exporter to release 4.8. */
    DCGM("dcgm"),
    /** dcgm-exporter from release 4.9. */
    DCGM49("dcgm49");

    private final String word;

    Name(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /**
   * A label that the info family has a value for.
   *
   * @param label its name on the page
   * @param source its name in the info family
   */
  public record OfInfo(String label, String source) {}
}
