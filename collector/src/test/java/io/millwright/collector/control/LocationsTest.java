package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Location;
import io.millwright.collector.racks.Place;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Where a node stands, by its driver's word and the site's. */
class LocationsTest {
  private final Locations locations = new Locations();

  private static NodeState node(boolean measured, String... place) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.AGENT_PROBE_UP, "n1", "neuron"));
    if (place.length > 0) {
      String[] labels = new String[place.length + 1];
      labels[0] = "n1";
      System.arraycopy(place, 0, labels, 1, place.length);
      table.add(Cadence.SLOW, Series.of(Metric.NODE_ULTRASERVER_INFO, labels));
    }
    Readings readings = new Readings(table.build());
    if (measured) {
      readings.measured(place.length > 0 ? 1 : 0, 1);
    }
    return new NodeState(
        "n1", "0.1", 1, 1, 1, 0, readings.sample(), Optional.empty(), List.of(), Findings.NONE);
  }

  private Location location(NodeState node) {
    return locations.location(node, Place.unknown("n1"));
  }

  private static Location at(String server, int position) {
    return new Location(Optional.of(server), OptionalInt.of(position), Optional.empty());
  }

  @Test
  void trn3IsKnownByItsReservation() {
    assertThat(location(node(true, "2", "4", "00000000000000c3", "x4", "", "", "", "")))
        .isEqualTo(at("00000000000000c3", 2));
  }

  @Test
  void trn2IsKnownByTheFourElseTheTwoThatAreJoined() {
    assertThat(location(node(true, "", "", "", "", "0", "00a2", "3", "00a4")))
        .isEqualTo(at("00a4", 3));
    assertThat(location(node(true, "", "", "", "", "1", "00a2", "", ""))).isEqualTo(at("00a2", 1));
  }

  @Test
  void whatIsNotSeenIsNotKnown() {
    assertThat(location(node(true))).isEqualTo(Location.UNKNOWN);
    assertThat(location(node(false, "2", "4", "c3", "x4", "", "", "", "")))
        .isEqualTo(Location.UNKNOWN);
    assertThat(location(node(true, "", "", "", "x4", "", "", "", ""))).isEqualTo(Location.UNKNOWN);
  }

  @Test
  void aNodeThatMovedIsFoundAtItsNewPlace() {
    assertThat(location(node(true, "2", "4", "c3", "x4", "", "", "", ""))).isEqualTo(at("c3", 2));
    assertThat(location(node(true, "0", "4", "c4", "x4", "", "", "", ""))).isEqualTo(at("c4", 0));
    assertThat(location(node(true))).isEqualTo(Location.UNKNOWN);
  }

  @Test
  void theSitesMapHasTheLastWord() {
    Place said =
        new Place(
            "n1",
            Optional.of("r1"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("ultra-7"),
            Optional.empty());
    assertThat(locations.location(node(true, "2", "4", "c3", "x4", "", "", "", ""), said))
        .isEqualTo(new Location(Optional.of("ultra-7"), OptionalInt.of(2), Optional.of("r1")));
  }

  // ---- NVLink domains

  /** Each GPU by cluster, clique and tray. */
  private static NodeState gpus(String... places) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = 0; i < places.length; i += 3) {
      String index = Integer.toString(i / 3);
      Accelerator gpu = new Accelerator("n1", index, "GPU-" + index, "nvidia", "GB200", true);
      table.add(
          Cadence.MEDIUM, Series.of(Metric.ACCELERATOR_FABRIC_INFO, gpu, places[i], places[i + 1]));
      table.add(
          Cadence.SLOW,
          Series.of(Metric.ACCELERATOR_SLOT_INFO, gpu, "c", "9", places[i + 2], "1", "1", "2"));
    }
    Readings readings = new Readings(table.build());
    for (int i = 0; i < places.length / 3 * 2; i++) {
      readings.measured(i, 1);
    }
    return new NodeState(
        "n1", "0.1", 1, 1, 1, 0, readings.sample(), Optional.empty(), List.of(), Findings.NONE);
  }

  @Test
  void aNodeOfAnNvlinkDomainIsKnownByItsClique() {
    assertThat(location(gpus("6e8f", "1", "4", "6e8f", "1", "4"))).isEqualTo(at("6e8f/1", 4));
  }

  @Test
  void gpusOfTwoCliquesAreOfNone() {
    assertThat(location(gpus("6e8f", "1", "4", "6e8f", "2", "4")))
        .isEqualTo(new Location(Optional.empty(), OptionalInt.of(4), Optional.empty()));
  }
}
