package io.millwright.agent.dialect;

import io.millwright.protocol.health.XidTable;
import java.util.List;

/**
 * A page of dcgm-exporter, as a value.
 *
 * @param name which one
 * @param hostLabel how it spells the label with the name of the node
 * @param ofInfo its labels that come from {@code millwright_accelerator_info}, in order
 * @param fields its families, in order
 * @param xids what the Xids mean
 */
public record DcgmDialect(
    Dialect.Name name, String hostLabel, List<OfInfo> ofInfo, List<Field> fields, XidTable xids)
    implements Dialect {
  public DcgmDialect {
    ofInfo = List.copyOf(ofInfo);
    fields = List.copyOf(fields);
  }

  /**
   * A label that the info family has a value for.
   *
   * @param label its name on the page
   * @param source its name in the info family
   */
  public record OfInfo(String label, String source) {}
}
