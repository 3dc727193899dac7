package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other rules while the agent runs. */
class WatchRulesTest {
  private static final RuleCatalogue PACKAGED = RuleCatalogue.load();

  @TempDir private Path directory = Path.of("");
  private long tick;

  private static final class Nobody implements ProbeLedger {
    @Override
    public void succeeded(String probe, Duration took, Instant at) {}

    @Override
    public void failed(String probe, Duration took, Fault fault) {}

    @Override
    public void overran(String probe) {}
  }

  private static SeriesTable table() {
    List<String> labels = List.of("n1", "0", "GPU-0", "nvidia", "B200");
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UP, labels, false));
    table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_MEMORY_REMAP_PENDING, labels, false));
    table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_MEMORY_REMAP_FAILED, labels, false));
    return table.build();
  }

  private List<Evidence> judged(Watch watch, Readings readings) {
    tick++;
    watch.apply(new NodeSnapshot(tick, tick, List.of(readings.sample())));
    return watch.report().judgements().stream()
        .map(Judgement::evidence)
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void whatStandsGoesOnWhatIsOffIsSilentAndWhatIsTunedSaysSo() {
    Chronicle chronicle =
        new Chronicle(
            new Chronicle.Settings("n1", "boot", directory.resolve("events"), Limits.USUAL, false),
            Clock.system());
    Watch watch =
        new Watch(
            new Watch.Settings("n1", "boot", Optional.empty(), directory.resolve("health")),
            new Nobody(),
            Map::of,
            () -> "",
            report -> {},
            chronicle,
            Clock.system());
    watch.start();
    Readings readings = new Readings(table());
    readings.measured(0, 1);
    readings.measured(1, 1);
    readings.measured(2, 1);
    List<Evidence> before = judged(watch, readings);
    assertThat(before).extracting(Evidence::rule).containsExactly("remap-failed", "remap-pending");
    watch.follow(PACKAGED.with(Map.of(), Set.of("remap-failed")));
    assertThat(judged(watch, readings)).containsExactly(before.getLast());
    Rule tuned =
        PACKAGED.row("remap-pending").orElseThrow().tuned(Map.of("verdict", "failed")).rule();
    watch.follow(PACKAGED.with(Map.of("remap-pending", tuned), Set.of("remap-failed")));
    assertThat(judged(watch, readings))
        .singleElement()
        .extracting(Evidence::clears)
        .isEqualTo("no row waits for a reset; tuned by the site");
    Rule milder =
        PACKAGED.row("xid-reboot").orElseThrow().tuned(Map.of("verdict", "degraded")).rule();
    watch.follow(PACKAGED.with(Map.of("xid-reboot", milder), Set.of()));
    watch.occurred("GPU-0", Optional.empty(), 79, Instant.now());
    judged(watch, readings);
    assertThat(chronicle.pending().outgoing())
        .filteredOn(entry -> entry.event().kind().equals("error-code"))
        .singleElement()
        .extracting(entry -> entry.event().severity())
        .isEqualTo(Severity.WARNING); // the events follow the rules too
    watch.follow(PACKAGED);
    assertThat(judged(watch, readings))
        .extracting(Evidence::rule)
        .contains("remap-failed", "remap-pending");
    watch.stop();
  }
}
