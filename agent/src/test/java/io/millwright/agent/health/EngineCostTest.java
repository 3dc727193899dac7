package io.millwright.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What judging leaves behind and allocates. What it takes is measured in {@code benchmarks}. */
class EngineCostTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int DEVICES = 8;

  /** Readings that are made before, and judged in turn. */
  private static final int DIFFERENT = 1_000;

  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final Calm calm = new Calm(RULES);
  private final Engine engine = new Engine(RULES, "/data", Memory.none("boot"), "boot");
  private final List<Readings> devices = new ArrayList<>();
  private long tick;

  EngineCostTest() {
    for (int i = 0; i < DEVICES; i++) {
      devices.add(new Readings(table(i)));
    }
  }

  /** All that the rules of devices look at. */
  private static SeriesTable table(int device) {
    List<String> labels = List.of("n1", "" + device, "GPU-" + device, "nvidia", "B200");
    SeriesTable.Builder table = SeriesTable.builder();
    Set<Series> there = new HashSet<>();
    there.add(new Series(Metric.ACCELERATOR_UP, labels, false));
    there.add(series(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, labels, "gpu"));
    for (Rule rule : RULES.all()) {
      Optional<Match> match = rule.condition().lookedAt();
      if (match.isPresent() && match.get().metric().scope() == Metric.Scope.ACCELERATOR) {
        List<String> own = new ArrayList<>();
        Metric metric = match.get().metric();
        for (String label : metric.labels().subList(labels.size(), metric.labels().size())) {
          own.add(match.get().labels().getOrDefault(label, Set.of("any")).iterator().next());
        }
        there.add(series(metric, labels, own.toArray(String[]::new)));
      }
    }
    there.forEach(one -> table.add(Cadence.FAST, one));
    return table.build();
  }

  private static Series series(Metric metric, List<String> device, String... own) {
    List<String> values = new ArrayList<>(device);
    values.addAll(List.of(own));
    return new Series(metric, values, false);
  }

  /** All readings anew; now and then one that a rule speaks of, where something is to happen. */
  private List<List<Sample>> readings(boolean eventful) {
    List<List<Sample>> all = new ArrayList<>();
    for (int k = 0; k < DIFFERENT; k++) {
      List<Sample> samples = new ArrayList<>(DEVICES);
      for (Readings readings : devices) {
        for (int i = 0; i < readings.table().size(); i++) {
          readings.measured(i, value(readings.table().series(i), eventful, k));
        }
        samples.add(readings.sample());
      }
      all.add(samples);
    }
    return all;
  }

  private Observation now(List<List<Sample>> readings, boolean eventful) {
    tick++;
    List<Sample> samples = readings.get((int) (tick % DIFFERENT));
    List<Event> events =
        eventful && random.nextInt(50) == 0 ? List.of(error(random.nextInt(DEVICES))) : List.of();
    return new Observation(
        tick * SECOND,
        tick * 1000,
        new NodeSnapshot(tick, tick * SECOND, samples),
        events,
        Map.of(),
        Set.of(),
        Set.of(),
        "");
  }

  private double value(Series series, boolean eventful, int k) {
    return switch (series.metric()) {
      case ACCELERATOR_UP -> 1;
      case ACCELERATOR_ENERGY_JOULES_TOTAL -> k; // goes back now and then, as by a reset
      case ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS ->
          eventful && k % 500 < 150 ? random.nextInt(4) : 30;
      default -> eventful && random.nextInt(5000) == 0 ? 1 : calm.of(series);
    };
  }

  private Event error(int device) {
    int[] codes = {13, 31, 43, 45, 48, 63, 79, 94, 149, 4242};
    return new Event.DeviceError(
        new Event.Place.Uuid("GPU-" + device),
        Optional.empty(),
        ErrorCode.xid(codes[random.nextInt(codes.length)]),
        Event.Origin.DRIVER,
        tick * 1000,
        Event.Gravity.UNSAID,
        "some words");
  }

  private void judge(List<List<Sample>> readings, int ticks, boolean eventful) {
    for (int i = 0; i < ticks; i++) {
      engine.judge(now(readings, eventful));
      engine.memory(0);
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      runtime.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** A day and more of ticks, with errors and figures that come and go. */
  @Test
  void nothingGrowsWithUptime() {
    List<List<Sample>> readings = readings(true);
    judge(readings, 20_000, true);
    long before = used();
    judge(readings, 100_000, true);
    long grown = used() - before;
    assertThat(grown)
        .as("bytes that 100000 ticks left behind, seed %d", seed)
        .isLessThan(256 * 1024);
    assertThat(readings).hasSize(DIFFERENT);
    assertThat(engine.memory(0).tallies()).hasSizeLessThanOrEqualTo(DEVICES * 10);
  }

  /** Some kilobytes of views and judgements; the rules themselves allocate nothing. */
  @Test
  void aHealthyTickAllocatesLittle() {
    List<List<Sample>> readings = readings(false);
    judge(readings, 5_000, false);
    long allocated = 0;
    long thread = Thread.currentThread().threadId();
    for (int i = 0; i < 1000; i++) {
      Observation now = now(readings, false);
      long before = THREAD.getThreadAllocatedBytes(thread);
      engine.judge(now);
      engine.memory(0);
      allocated += THREAD.getThreadAllocatedBytes(thread) - before;
    }
    assertThat(allocated / 1000).as("bytes a tick").isBetween(1L, 8_000L);
  }
}
