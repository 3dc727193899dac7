package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Zone;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Energy of the processors and their memory, counted from the first reading on. The kernel's
 * counter begins anew at its range, after minutes at full load: once between two readings is made
 * good, more often cannot be known and is missing.
 */
final class ProcessorEnergy implements Question {
  private static final double MICRO = 1e-6;

  private final String node;
  private final Path zones;
  private final Map<Series, Counted> counted = new HashMap<>();

  /** What a counter showed last, and all that was counted. */
  private record Counted(long lastMicrojoules, double joules) {
    Counted next(long microjoules, long range) {
      long grown = microjoules - lastMicrojoules;
      long since = grown < 0 ? grown + range : grown;
      return new Counted(microjoules, joules + Math.max(0, since) * MICRO);
    }
  }

  ProcessorEnergy(String node, Path root) {
    this.node = node;
    this.zones = root.resolve("sys/class/powercap");
  }

  @Override
  public Verb.Read verb() {
    return new Verb.ReadRapl();
  }

  @Override
  public boolean worthAsking() {
    return NvmeHealth.holds(zones, "intel-rapl:*");
  }

  @Override
  public Optional<List<Row>> rows(Answer answer) {
    if (!(answer instanceof Answer.Energy(List<Zone> told))) {
      return Optional.empty();
    }
    List<Row> rows = new ArrayList<>();
    for (Zone zone : told) {
      Series series =
          Series.of(Metric.NODE_CPU_ENERGY_JOULES_TOTAL, node, zone.processor(), zone.zone());
      rows.add(new Row(series, reading(series, zone)));
    }
    return Optional.of(rows);
  }

  private Reading reading(Series series, Zone zone) {
    if (zone.microjoules().isEmpty()) {
      return new Reading.Unavailable(zone.fault().orElse(Fault.OTHER));
    }
    long now = zone.microjoules().getAsLong();
    Counted before = counted.getOrDefault(series, new Counted(now, 0));
    Counted after = before.next(now, zone.rangeMicrojoules());
    counted.put(series, after);
    return new Reading.Measured(after.joules());
  }
}
