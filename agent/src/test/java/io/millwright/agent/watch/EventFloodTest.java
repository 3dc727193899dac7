package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Entry;
import io.millwright.agent.events.Limits;
import io.millwright.agent.events.Pending;
import io.millwright.agent.health.Engine;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Observation;
import io.millwright.agent.page.StillClock;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 800,000 lines of 29 distinct events within a minute: some tens of records, which add up. */
class EventFloodTest {
  private static final int LINES = 800_000;
  private static final int DISTINCT = 29;
  private static final int TICKS = 50;

  @TempDir private Path directory;

  @Test
  void becomesSomeTensOfRecordsThatAddUp() {
    StillClock clock = new StillClock();
    Engine engine = new Engine(RuleCatalogue.load(), "/data/health", Memory.none("boot"), "boot");
    Chronicle chronicle =
        new Chronicle(new Chronicle.Settings("n1", "boot", directory, Limits.USUAL, true), clock);
    chronicle.open(Pending.NOTHING, true, false);
    Backlog backlog = new Backlog();
    Map<Long, Entry> told = new TreeMap<>();
    long sequence = 0;
    for (int tick = 1; tick <= TICKS; tick++) {
      for (int i = 0; i < LINES / TICKS; i++) {
        sequence++;
        assertThat(backlog.offer(new KernelLog.Line(sequence, event(sequence)))).isTrue();
      }
      clock.advance(Duration.ofSeconds(1));
      List<Event> events = new ArrayList<>();
      backlog.drain(line -> events.add(line.event()));
      HealthReport report =
          engine.judge(
              new Observation(
                  clock.nanos(),
                  clock.wall().toEpochMilli(),
                  new NodeSnapshot(tick, clock.nanos(), List.of()),
                  events,
                  Map.of(),
                  Set.of(),
                  Set.of(),
                  ""));
      chronicle.observe(engine.news(), report);
      take(chronicle.pending(), told);
      chronicle.keep(chronicle.pending());
    }
    take(chronicle.ended(), told);
    List<Entry> errors =
        told.values().stream().filter(entry -> entry.event().kind().equals("error-code")).toList();
    assertThat(errors.stream().mapToLong(entry -> entry.event().count()).sum()).isEqualTo(LINES);
    assertThat(errors).hasSize(2 * DISTINCT);
    assertThat(told.size()).isLessThan(80);
    chronicle.close();
  }

  private static void take(Pending pending, Map<Long, Entry> told) {
    pending.outgoing().forEach(entry -> told.put(entry.sequence(), entry));
  }

  private static Event event(long number) {
    return KernelWords.event(
            "NVRM: Xid (PCI:0000:%02x:00): 95, Uncontained: LTC TAG".formatted(number % DISTINCT),
            number)
        .orElseThrow();
  }
}
