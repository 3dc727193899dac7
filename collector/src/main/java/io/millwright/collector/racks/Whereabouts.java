package io.millwright.collector.racks;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Optional;

/**
 * Where a node's own accelerators say that it stands, in the words of their driver.
 *
 * @param chassis serial number; empty where no accelerator tells it
 * @param domain cluster UUID and clique, as in {@code 6e8f…/32766}; empty where it is none, or
 *     where the accelerators of the node do not agree
 */
public record Whereabouts(
    Optional<String> chassis,
    Optional<String> slot,
    Optional<String> tray,
    Optional<String> domain) {
  public static final Whereabouts UNTOLD =
      new Whereabouts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** As the measured series of a sample tell it. */
  public static Whereabouts of(Readout sample) {
    SeriesTable table = sample.table();
    Whereabouts found = UNTOLD;
    boolean split = false;
    for (int i = 0; i < table.size(); i++) {
      Metric metric = table.series(i).metric();
      if (!sample.measured(i)) {
        continue;
      }
      List<String> labels = table.series(i).labelValues();
      if (metric == Metric.ACCELERATOR_SLOT_INFO && found.slot.isEmpty()) {
        found =
            new Whereabouts(
                label(metric, labels, "chassis_serial"),
                label(metric, labels, "slot"),
                label(metric, labels, "tray"),
                found.domain);
      } else if (metric == Metric.ACCELERATOR_FABRIC_INFO) {
        Optional<String> domain = domain(metric, labels);
        split |= found.domain.isPresent() && !found.domain.equals(domain);
        found = new Whereabouts(found.chassis, found.slot, found.tray, domain);
      }
    }
    return split ? new Whereabouts(found.chassis, found.slot, found.tray, Optional.empty()) : found;
  }

  private static Optional<String> domain(Metric metric, List<String> labels) {
    return label(metric, labels, "cluster_uuid")
        .map(cluster -> cluster + "/" + label(metric, labels, "clique_id").orElse(""));
  }

  private static Optional<String> label(Metric metric, List<String> labels, String name) {
    return Optional.of(labels.get(metric.labels().indexOf(name))).filter(text -> !text.isEmpty());
  }
}
