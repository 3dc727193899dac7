package io.millwright.agent.events;

import io.millwright.agent.records.Disk;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a node without the thread that keeps them: each step is a tick of the sampler and a
 * turn of the keeper. It stands in the package of what it opens.
 */
public final class SteppedChronicle {
  private static final RuleCatalogue RULES = RuleCatalogue.load();

  private final Chronicle chronicle;
  private final Clock clock;

  /** Goes on where an earlier start has ended, by its files alone. */
  public SteppedChronicle(Chronicle.Settings settings, Disk disk, Clock clock) {
    this.clock = clock;
    this.chronicle = new Chronicle(settings, RULES, disk, clock);
    chronicle.open(Pending.NOTHING, true, false);
  }

  public Chronicle chronicle() {
    return chronicle;
  }

  /** What was told is on the disk when this returns, where the disk takes it. */
  public void step() {
    chronicle.observe(List.of(), new HealthReport(clock.wall().toEpochMilli(), List.of()));
    chronicle.keep(chronicle.pending());
    chronicle.answer();
  }

  /** What the node has on its disk, each as whoever keeps it elsewhere would write it. */
  public List<String> kept() {
    List<String> kept = new ArrayList<>();
    chronicle.after(0, Integer.MAX_VALUE, found -> found.forEach(entry -> kept.add(text(entry))));
    chronicle.answer();
    return kept;
  }

  private static String text(Entry entry) {
    return "%d %s %s"
        .formatted(entry.atMs(), entry.event().kind(), Json.text(EventBody.tree(entry.event())));
  }
}
