package io.millwright.protocol.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageWriterTest {
  private static final Accelerator FIRST =
      new Accelerator("n1", "0", "GPU-a", "nvidia", "B200", true);
  private static final Accelerator SECOND =
      new Accelerator("n1", "1", "GPU-b", "nvidia", "B200", false);

  @Test
  void writesThePageOfTheGoldenFile() throws IOException {
    NodeSnapshot snapshot = node();
    String pages =
        Rendered.page(snapshot, TextFormat.PROMETHEUS)
            + "---\n"
            + Rendered.page(snapshot, TextFormat.OPENMETRICS);
    Path golden = Path.of("src/test/resources/golden/page.txt");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, pages);
    }
    assertThat(pages).isEqualTo(Files.readString(golden, UTF_8));
  }

  @Test
  void keepsAFamilyInOnePieceAndInTheOrderOfTheCatalogue() {
    List<String> families =
        ParsedPage.of(Rendered.page(node(), TextFormat.PROMETHEUS)).familiesInOrder();
    List<String> catalogue = List.of(Metric.values()).stream().map(Metric::familyName).toList();
    assertThat(families)
        .isSortedAccordingTo((a, b) -> catalogue.indexOf(a) - catalogue.indexOf(b))
        .hasSizeGreaterThan(5);
  }

  @Test
  void isEmptyWhereNothingIsMeasured() {
    Readings readings = new Readings(table(Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "1m")));
    assertThat(Rendered.page(snapshot(readings.sample()), TextFormat.OPENMETRICS)).isEmpty();
    readings.unavailable(0, Fault.TIMEOUT);
    assertThat(Rendered.page(snapshot(readings.sample()), TextFormat.PROMETHEUS)).isEmpty();
    assertThat(Rendered.page(snapshot(), TextFormat.PROMETHEUS)).isEmpty();
  }

  @Test
  void showsTheFirstOfTwoSeriesWithTheSameLabelsAndNeverTheOther() {
    SeriesTable table = table(Series.of(Metric.NODE_CORDONED, "n1"));
    Readings first = new Readings(table);
    Readings second = new Readings(table);
    first.measured(0, 1);
    second.measured(0, 0);
    assertThat(Rendered.page(snapshot(first.sample(), second.sample()), TextFormat.PROMETHEUS))
        .endsWith("\nmillwright_node_cordoned{node=\"n1\"} 1\n")
        .doesNotContain("} 0");
    first.unsupported(0);
    assertThat(Rendered.page(snapshot(first.sample(), second.sample()), TextFormat.PROMETHEUS))
        .isEmpty();
  }

  @Test
  void followsWhenASourceMakesANewTable() {
    PageWriter writer = new PageWriter();
    Readings one = new Readings(table(Series.of(Metric.NODE_NETWORK_UP, "n1", "eth0")));
    one.measured(0, 1);
    Readings other = new Readings(table(Series.of(Metric.NODE_NETWORK_UP, "n1", "eth1")));
    other.measured(0, 0);
    assertThat(Rendered.page(writer, snapshot(one.sample()), TextFormat.PROMETHEUS))
        .contains("eth0\"} 1");
    assertThat(Rendered.page(writer, snapshot(other.sample()), TextFormat.PROMETHEUS))
        .contains("eth1\"} 0")
        .doesNotContain("eth0");
    assertThat(Rendered.page(writer, snapshot(one.sample(), other.sample()), TextFormat.PROMETHEUS))
        .contains("eth0\"} 1", "eth1\"} 0");
  }

  @Test
  void refusesAHistogramInATable() {
    Sample sample =
        new Readings(table(Series.of(Metric.AGENT_SCRAPE_DURATION_SECONDS, "n1"))).sample();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rendered.page(snapshot(sample), TextFormat.PROMETHEUS))
        .withMessageContaining("AGENT_SCRAPE_DURATION_SECONDS");
  }

  @Test
  void countsWhatItWrites() {
    assertThat(new PageWriter().write(node(), TextFormat.OPENMETRICS, new PageBuffer(16)))
        .isEqualTo(ParsedPage.of(Rendered.page(node(), TextFormat.OPENMETRICS)).values().size());
  }

  /** Two accelerators and the host, with each kind of family and of reading. */
  private static NodeSnapshot node() {
    return snapshot(accelerator(FIRST, 511.75), accelerator(SECOND, 498), host());
  }

  private static Sample accelerator(Accelerator accelerator, double watts) {
    Readings readings =
        new Readings(
            table(
                Series.of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, accelerator, "gpu"),
                Series.of(Metric.ACCELERATOR_POWER_WATTS, accelerator, "gpu"),
                Series.of(Metric.ACCELERATOR_POWER_WATTS, accelerator, "module"),
                Series.of(
                    Metric.ACCELERATOR_INFO,
                    accelerator,
                    "00000000:1B:00.0",
                    "1650",
                    "2G1",
                    "610.1",
                    "97.00",
                    "blackwell",
                    "0",
                    "0"),
                Series.of(Metric.ACCELERATOR_HEALTH_STATE, accelerator, "ok"),
                Series.of(Metric.ACCELERATOR_HEALTH_STATE, accelerator, "failed"),
                Series.of(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, accelerator, "memory")));
    readings.measured(0, 9_876_543_210.125);
    readings.measured(1, watts);
    readings.unsupported(2);
    readings.measured(3, 1);
    readings.measured(4, 1);
    readings.measured(5, 0);
    readings.unavailable(6, Fault.DEVICE_LOST);
    return readings.sample();
  }

  private static Sample host() {
    Readings readings =
        new Readings(
            table(
                Series.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "n1", "/data \"a\"", "C:\\x", "ext4"),
                Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "1m"),
                Series.of(Metric.NODE_NETWORK_ERRORS_TOTAL, "n1", "eth\n0", "receive"),
                Series.of(Metric.NODE_CLOCK_OFFSET_SECONDS, "n1")));
    readings.measured(0, 1.5e12);
    readings.measured(1, 0.1 + 0.2);
    readings.measured(2, 7);
    readings.measured(3, -1.25e-7);
    return readings.sample();
  }

  private static SeriesTable table(Series... series) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Series next : series) {
      table.add(Cadence.FAST, next);
    }
    return table.build();
  }

  private static NodeSnapshot snapshot(Sample... samples) {
    return new NodeSnapshot(1, 1, List.of(samples));
  }
}
