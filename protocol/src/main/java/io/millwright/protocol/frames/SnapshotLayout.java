package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where in a row the values of a node's snapshots go. Made anew when a source has a new table; a
 * series that stands twice is taken where it stands first, as on the page.
 */
public final class SnapshotLayout {
  private final List<SeriesTable> tables;
  private final SeriesSchema schema;
  private final List<Place> places;
  private final int leftOut;

  /** One place of a row comes from here. */
  private record Place(int sample, int index) {}

  private SnapshotLayout(
      List<SeriesTable> tables, SeriesSchema schema, List<Place> places, int leftOut) {
    this.tables = tables;
    this.schema = schema;
    this.places = List.copyOf(places);
    this.leftOut = leftOut;
  }

  public static SnapshotLayout of(NodeSnapshot snapshot) {
    List<SeriesTable> tables = snapshot.samples().stream().map(Sample::table).toList();
    SchemaBuilder schema = new SchemaBuilder();
    List<Place> places = new ArrayList<>();
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
          places.add(new Place(sample, index));
        } else {
          leftOut++;
        }
      }
    }
    return new SnapshotLayout(tables, schema.build(), places, leftOut);
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
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      Sample sample = snapshot.samples().get(place.sample());
      if (sample.measured(place.index())) {
        row.set(i, sample.value(place.index()));
      } else {
        row.clear(i);
      }
    }
  }
}
