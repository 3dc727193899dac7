package io.millwright.agent.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.dialect.DcgmFields;
import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.page.Caller.Response;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.XidTable;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in the names of other exporters, as a scraper gets them. */
class DialectPagesTest {
  private static final XidTable XIDS = RuleCatalogue.load().xids();
  private static final DcgmFields FIELDS = DcgmFields.packaged();

  private static NodeFixture serving(Dialect... dialects) {
    NodeFixture node =
        NodeFixture.started(
            new PageOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                16,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                List.of(dialects)),
            Clock.system());
    node.snapshot.set(halfBusy());
    return node;
  }

  private static NodeFixture servingBoth() {
    return serving(FIELDS.classic("Hostname", XIDS), FIELDS.release49(Map.of(), XIDS));
  }

  private static NodeSnapshot halfBusy() {
    Accelerator gpu = new Accelerator("n1", "0", "GPU-1", "nvidia", "B200", false);
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UTILIZATION_RATIO, gpu));
    Readings readings = new Readings(table.build());
    readings.at(1);
    readings.measured(0, 0.5);
    return new NodeSnapshot(1, 1, List.of(readings.sample()));
  }

  @Test
  void eachIsServedUnderItsOwnPath() throws IOException {
    try (NodeFixture node = servingBoth()) {
      assertThat(Caller.get(node.port(), "/metrics/dcgm").text())
          .contains("\nDCGM_FI_DEV_GPU_UTIL{gpu=\"0\",")
          .contains("Hostname=\"n1\"")
          .endsWith(" 50\n");
      assertThat(Caller.get(node.port(), "/metrics/dcgm49").text())
          .contains("\nDCGM_FI_DEV_GPU_UTIL_RATIO{gpu=\"0\",")
          .contains("hostname=\"n1\"")
          .endsWith(" 0.500000\n");
      assertThat(Caller.get(node.port(), "/metrics").text())
          .contains("\nmillwright_accelerator_utilization_ratio{")
          .doesNotContain("DCGM");
    }
  }

  @Test
  void whatIsOffSaysHowToSwitchItOn() throws IOException {
    try (NodeFixture node = serving(FIELDS.release49(Map.of(), XIDS))) {
      Response off = Caller.get(node.port(), "/metrics/dcgm");
      assertThat(off.status()).isEqualTo(404);
      assertThat(off.text())
          .isEqualTo(
              "This page is off: add dcgm to page.dialects in the configuration and restart the"
                  + " agent.\n");
      assertThat(Caller.get(node.port(), "/metrics/dcgm49").status()).isEqualTo(200);
    }
  }

  /** Names that end in _COUNTER could not be counters of OpenMetrics. */
  @ParameterizedTest
  @ValueSource(strings = {"/metrics/dcgm", "/metrics/dcgm49"})
  void itIsPlainTextWhateverIsAccepted(String path) throws IOException {
    try (NodeFixture node = servingBoth()) {
      Response response =
          Caller.get(node.port(), path, "Accept: application/openmetrics-text;version=1.0.0");
      assertThat(response.header("content-type"))
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
      assertThat(response.header("vary")).isEqualTo("accept-encoding");
      assertThat(response.text()).doesNotContain("# EOF");
      Response gzip = Caller.get(node.port(), path, "Accept-Encoding: gzip");
      assertThat(gzip.header("content-encoding")).isEqualTo("gzip");
      assertThat(gzip.unzipped()).isEqualTo(response.text());
    }
  }

  @Test
  void itCanOnlyBeRead() throws IOException {
    try (NodeFixture node = servingBoth();
        Caller caller = Caller.to(node.port())) {
      caller.ask("DELETE", "/metrics/dcgm");
      assertThat(caller.response().status()).isEqualTo(405);
      caller.ask("HEAD", "/metrics/dcgm");
      assertThat(caller.headResponse().status()).isEqualTo(200);
    }
  }

  @Test
  void aNodeWithoutDevicesHasAnEmptyPage() throws IOException {
    try (NodeFixture node = servingBoth()) {
      node.snapshot.set(NodeFixture.EMPTY);
      Response response = Caller.get(node.port(), "/metrics/dcgm");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).isEmpty();
    }
  }
}
