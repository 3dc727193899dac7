package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verdicts as series: of the states exactly one is 1. */
class NodeVerdictTest {
  private static final List<String> STATES = List.of("ok", "degraded", "failed", "unknown");
  private static final Accelerator DEVICE =
      new Accelerator("n1", "0", "GPU-0", "nvidia", "B200", true);

  /** A dash is a state that was not read. */
  @ParameterizedTest
  @CsvSource({
    "1 0 0 0, ok",
    "0 1 0 0, degraded",
    "0 0 1 0, failed",
    "0 0 0 1, unknown",
    "- - 1 -, failed",
    "- - - -, ''",
    "0 0 0 0, unknown",
    "1 0 1 0, unknown",
    "0.5 0 0 0, unknown",
  })
  void exactlyOneStateIsOne(String values, String verdict) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String state : STATES) {
      table.add(Cadence.FAST, Series.of(Metric.NODE_HEALTH_STATE, "n1", state));
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_HEALTH_STATE, DEVICE, state));
    }
    SeriesTable built = table.build();
    Readings readings = new Readings(built);
    List<String> given = List.of(values.split(" "));
    for (int i = 0; i < given.size(); i++) {
      if (!given.get(i).equals("-")) {
        readings.measured(2 * i, Double.parseDouble(given.get(i)));
        readings.measured(2 * i + 1, Double.parseDouble(given.get(i)));
      }
    }
    Optional<Verdict> told = Verdict.ofWord(verdict);
    assertThat(new NodeVerdict(built).of(readings.sample())).isEqualTo(told);
    assertThat(new Accelerators(readings.sample()).now().getFirst().told()).isEqualTo(told);
  }
}
