package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.fleet.NodeVerdict;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whose an accelerator is, as pages of it say. */
class HardwareTest {
  private final Hardware hardware = new Hardware();

  private static Series owner(String scheduler, String owner) {
    return Series.of(Metric.ACCELERATOR_OWNER_INFO, "n1", "0", "GPU-0", scheduler, owner);
  }

  private static NodeState node(Readings readings) {
    Sample sample = readings.sample();
    return new NodeState(
        "n1",
        "0.1.0",
        1,
        0,
        1_700_000_000_000L,
        0,
        sample,
        new NodeVerdict(sample.table()).of(sample),
        new Accelerators(sample).now(),
        Findings.NONE);
  }

  private static Readings measured(List<Series> series) {
    Readings readings = new Readings(SeriesTable.of(Cadence.SLOW, series));
    IntStream.range(0, series.size()).forEach(i -> readings.measured(i, 1));
    return readings;
  }

  @Test
  void theOwnerGoesWithTheReading() {
    Readings readings = measured(List.of(owner("slurm", "7"), owner("slurm", "8")));
    assertThat(hardware.owners(node(readings), "GPU-0")).hasValue("slurm 7, slurm 8");
    readings.unavailable(0, Fault.TIMEOUT);
    readings.unavailable(1, Fault.TIMEOUT);
    assertThat(hardware.owners(node(readings), "GPU-0"))
        .as("the launcher answers no more; the table is the same")
        .isEmpty();
    readings.measured(1, 1);
    assertThat(hardware.owners(node(readings), "GPU-0")).hasValue("slurm 8");
  }

  @Test
  void aNodeCannotTellMoreOwnersThanAnAgentWould() {
    List<Series> rows = new ArrayList<>();
    rows.add(owner("slurm", "x".repeat(37)));
    rows.add(owner("<b>", "7"));
    rows.add(owner("kubernetes", "1e7a3c52-9b4f-4d0e-8a5b-6f2c1d9e0b34"));
    IntStream.range(0, 5_000).forEach(job -> rows.add(owner("slurm", Integer.toString(job))));
    assertThat(hardware.owners(node(measured(rows)), "GPU-0").orElse("").split(", "))
        .hasSize(16)
        .startsWith("kubernetes 1e7a3c52-9b4f-4d0e-8a5b-6f2c1d9e0b34", "slurm 0")
        .doesNotContain("<b> 7");
  }
}
