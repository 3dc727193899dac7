package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where in a row the values of a node's snapshots go. Made anew when a source has a new table; a
 * series that stands twice is taken where it stands first, as on the page.
 */
public final class SnapshotLayout {
  private final List<SeriesTable> tables;
  private final SeriesSchema schema;

  /** For each place of a row the sample that it comes from, and behind it the index in there. */
  private final int[] places;

  private final int leftOut;

  private SnapshotLayout(List<SeriesTable> tables, SeriesSchema schema, int[] places, int leftOut) {
    this.tables = tables;
    this.schema = schema;
    this.places = places;
    this.leftOut = leftOut;
  }

  public static SnapshotLayout of(NodeSnapshot snapshot) {
    List<SeriesTable> tables = snapshot.samples().stream().map(Sample::table).toList();
    SchemaBuilder schema = new SchemaBuilder();
    IntStream.Builder places = IntStream.builder();
    Set<Series> seen = new HashSet<>();
    int leftOut = 0;
    for (int sample = 0; sample < tables.size(); sample++) {
      for (int index = 0; index < tables.get(sample).size(); index++) {
        Series series = tables.get(sample).series(index);
        if (!seen.add(series)) {
          continue;
        }
        if (schema.fits(series)) {
          schema.add(series);
          places.add(sample).add(index);
        } else {
          leftOut++;
        }
      }
    }
    return new SnapshotLayout(tables, schema.build(), places.build().toArray(), leftOut);
  }

  /** Whether this snapshot has the same tables, so that the layout still holds. */
  public boolean fits(NodeSnapshot snapshot) {
    List<Sample> samples = snapshot.samples();
    boolean same = samples.size() == tables.size();
    for (int i = 0; same && i < tables.size(); i++) {
      same = samples.get(i).table() == tables.get(i);
    }
    return same;
  }

  public SeriesSchema schema() {
    return schema;
  }

  /** How many series are beyond what a schema holds and do not travel. */
  public int leftOut() {
    return leftOut;
  }

  /**
   * Writes what was measured into a row, and absence for the rest; allocates nothing.
   *
   * @param snapshot that this layout {@link #fits}
   * @param row of the schema's size
   */
  public void fill(NodeSnapshot snapshot, Row row) {
    for (int i = 0; i < places.length / 2; i++) {
      Sample sample = snapshot.samples().get(places[2 * i]);
      int index = places[2 * i + 1];
      if (sample.measured(index)) {
        row.set(i, sample.value(index));
      } else {
        row.clear(i);
      }
    }
  }
}
