package io.millwright.agent.dialect;

import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import java.util.List;

/**
 * Renders a snapshot as the page of another exporter, in text format 0.0.4:
 *
 * <pre>
 * # HELP DCGM_FI_DEV_SM_CLOCK SM clock right now (MHz)
 * # TYPE DCGM_FI_DEV_SM_CLOCK gauge
 * DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-...",pci_bus_id="00000000:1B:00.0",...} 1965
 * </pre>
 *
 * <p>A family whose series are not measured is absent, headers and all. On simulated hardware the
 * page begins with a comment that says so.
 *
 * <p><i>Lifecycle:</i> one for the life of a page; names and labels are made once for each set of
 * tables, and a page of the same tables allocates nothing. What a rate is reckoned from is kept
 * from one page to the next. <i>Threading:</i> one owner thread. <i>Failure:</i> none.
 */
public final class DialectWriter {
  private final Dialect dialect;
  private Layout layout = Layout.none();

  public DialectWriter(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * Appends the page.
   *
   * @return the number of series written
   */
  public int write(NodeSnapshot snapshot, PageBuffer page) {
    List<Sample> samples = snapshot.samples();
    layout =
        switch (dialect) {
          case DcgmDialect dcgm ->
              layout.fits(samples, dcgm) ? layout : Layout.of(samples, dcgm, layout);
          case NeuronDialect neuron -> {
            NeuronIdentity identity = neuron.identity().get();
            yield layout.fits(samples, identity)
                ? layout
                : NeuronLayout.of(samples, identity, layout);
          }
        };
    page.append(layout.heading());
    int written = 0;
    List<Layout.Family> families = layout.families();
    for (int i = 0; i < families.size(); i++) {
      written += write(families.get(i), samples, page);
    }
    return written;
  }

  private static int write(Layout.Family family, List<Sample> samples, PageBuffer page) {
    int written = 0;
    for (Cell cell : family.cells()) {
      double value = cell.value(samples) * family.factor();
      if (Double.isFinite(value)) {
        if (written++ == 0) {
          page.append(family.header());
        }
        page.append(family.name());
        page.append(cell.labels());
        family.form().write(value, page);
        page.append('\n');
      }
    }
    return written;
  }
}
