package io.millwright.collector.hot;

import static io.millwright.collector.hot.Nodes.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the columns and the last minutes hold, against lists of all that was put in. */
class HotFleetTest {
  private static final long PLENTY = 1L << 30;
  private static final long TEN_MINUTES = Duration.ofMinutes(10).toNanos();

  /** One node as the test knows it. */
  private static final class Told {
    final String name;
    List<String> uuids;
    Readings readings;
    long heard;

    /** By UUID and reading, all that it ever told. */
    final Map<String, List<Point>> all = new HashMap<>();

    Told(String name, List<String> uuids) {
      this.name = name;
      this.uuids = uuids;
      this.readings = new Readings(Nodes.table(name, "r1", uuids));
    }

    void changed(List<String> others) {
      uuids = others;
      readings = new Readings(Nodes.table(name, "r1", others));
    }

    static String key(String uuid, HotMetric metric) {
      return uuid + " " + metric;
    }
  }

  private static double value(Random random, HotMetric metric) {
    return switch (random.nextInt(40)) {
      case 0 -> random.nextDouble();
      case 1 -> -0.0;
      case 2 -> Double.POSITIVE_INFINITY;
      case 3 -> Double.MIN_VALUE;
      case 4 -> Double.NaN;
      default -> (1 + metric.column()) * 100 + random.nextInt(3) / 1000.0;
    };
  }

  private static void step(HotFleet hot, Told node, long now, Random random) {
    for (int device = 0; device < node.uuids.size(); device++) {
      for (HotMetric metric : HotMetric.all()) {
        int place = Nodes.place(device, metric);
        if (random.nextInt(20) == 0) {
          node.readings.unavailable(place, Fault.TIMEOUT);
        } else if (random.nextInt(3) > 0) {
          node.readings.measured(place, value(random, metric));
        }
      }
    }
    node.heard = now;
    NodeState state = Nodes.heard(node.name, 1, now, node.readings);
    for (int device = 0; device < node.uuids.size(); device++) {
      for (HotMetric metric : HotMetric.all()) {
        int place = Nodes.place(device, metric);
        if (state.sample().measured(place)) {
          node.all
              .computeIfAbsent(Told.key(node.uuids.get(device), metric), k -> new ArrayList<>())
              .add(new Point(Nodes.wallMs(now), state.sample().value(place)));
        }
      }
    }
    hot.look(state, now);
  }

  private static List<String> uuids(String node, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> node + "-" + i).toList();
  }

  @Test
  void whatWasPutInComesOutToTheBit() {
    long seed = new Random().nextLong();
    System.out.println("HotFleetTest seed " + seed);
    Random random = new Random(seed);
    HotFleet hot = new HotFleet(PLENTY);
    List<Told> nodes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      nodes.add(new Told("n" + i, uuids("n" + i, 0, i)));
    }
    long now = 5 * SECOND;
    for (int tick = 0; tick < 900; tick++) {
      now += SECOND / 2 + random.nextLong(SECOND);
      for (Told node : nodes) {
        boolean changes = random.nextInt(200) == 0;
        if (changes) {
          int from = random.nextInt(3);
          node.changed(uuids(node.name, from, from + random.nextInt(4)));
        }
        if (changes || random.nextInt(10) > 0) { // a change is told at once
          step(hot, node, now + random.nextInt(1000), random);
        }
      }
      hot.tidy(now, RackMap.EMPTY);
      if (tick % 50 == 0) {
        for (Told node : nodes) {
          compareNow(hot, node);
          compareHistory(hot, node, now);
        }
        now += random.nextInt(4) == 0 ? 90 * SECOND : 0;
      }
    }
  }

  private static void compareNow(HotFleet hot, Told told) {
    HotColumns columns = hot.columns();
    for (int i = 0; i < columns.nodes(); i++) {
      HotNode node = columns.node(i);
      if (!node.name().equals(told.name) || !columns.connected(i, told.heard)) {
        continue;
      }
      assertThat(node.devices().stream().map(HotDevice::uuid).toList()).isEqualTo(told.uuids);
      for (int device = 0; device < told.uuids.size(); device++) {
        for (HotMetric metric : HotMetric.all()) {
          int place = Nodes.place(device, metric);
          long cell = columns.cell(metric, i, device);
          boolean measured = told.readings.sample().measured(place);
          assertThat(HotColumns.absent(cell)).isEqualTo(!measured);
          if (measured) {
            assertThat(cell)
                .isEqualTo(Double.doubleToRawLongBits(told.readings.sample().value(place)));
          }
        }
      }
    }
  }

  private static void compareHistory(HotFleet hot, Told told, long now) {
    for (String uuid : told.uuids) {
      if (hot.device(uuid).isEmpty()) {
        continue; // its node has new devices and told nothing of them yet
      }
      HotDevice device = hot.device(uuid).orElseThrow();
      for (HotMetric metric : HotMetric.all()) {
        List<Point> found = hot.history(device, metric, 0);
        List<Point> all = told.all.getOrDefault(Told.key(uuid, metric), List.of());
        assertThat(bits(found))
            .as(uuid + " " + metric)
            .isEqualTo(bits(all.subList(all.size() - found.size(), all.size())));
        long young =
            all.stream()
                .filter(p -> p.wallMs() > Nodes.wallMs(now - TEN_MINUTES + 2 * SECOND))
                .count();
        assertThat(found.size()).as("of the last ten minutes").isGreaterThanOrEqualTo((int) young);
        assertThat(found)
            .allSatisfy(p ->
                assertThat(p.wallMs())
                    .isGreaterThan(Nodes.wallMs(now - TEN_MINUTES - 62 * SECOND)));
      }
    }
  }

  private static List<String> bits(List<Point> points) {
    return points.stream()
        .map(p -> p.wallMs() + " " + Double.doubleToRawLongBits(p.value()))
        .toList();
  }

  @Test
  void theHistoryHoldsItsBytesAndLosesTheOldestFirst() {
    long seed = new Random().nextLong();
    System.out.println("HotFleetTest seed " + seed);
    Random random = new Random(seed);
    long most = 100_000;
    HotFleet hot = new HotFleet(most);
    List<Told> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(new Told("n" + i, uuids("n" + i, 0, 4)));
    }
    long now = 5 * SECOND;
    long kept = 0;
    for (int tick = 0; tick < 500; tick++) {
      now += SECOND;
      for (Told node : nodes) {
        step(hot, node, now, random);
        assertThat(hot.historyBytes()).isLessThanOrEqualTo(most);
      }
      kept = Math.max(kept, hot.historyBytes());
    }
    assertThat(kept).as("the room is used").isGreaterThan(most / 2);
    assertThat(hot.evicted()).isPositive();
    long oldest = hot.oldestWallMs().orElseThrow();
    for (Told node : nodes) {
      HotDevice device = hot.device(node.uuids.getFirst()).orElseThrow();
      List<Point> found = hot.history(device, HotMetric.POWER, 0);
      List<Point> all = node.all.getOrDefault(Told.key(device.uuid(), HotMetric.POWER), List.of());
      assertThat(found).isNotEmpty();
      assertThat(bits(found)).isEqualTo(bits(all.subList(all.size() - found.size(), all.size())));
      assertThat(found.getFirst().wallMs()).isGreaterThanOrEqualTo(oldest);
    }
  }

  @Test
  void nodesThatComeAndGoLeaveNothingBehind() {
    HotFleet hot = new HotFleet(PLENTY);
    Random random = new Random(1);
    long now = 5 * SECOND;
    long room = 0;
    for (int round = 0; round < 40; round++) {
      for (int i = 0; i < 50; i++) {
        String name = "n" + round + "-" + i;
        step(hot, new Told(name, uuids(name, 0, 8)), now, random);
      }
      now += 20 * 60 * SECOND;
      hot.tidy(now, RackMap.EMPTY);
      assertThat(hot.historyBytes()).isZero();
      assertThat(hot.oldestWallMs()).isEmpty();
      assertThat(hot.device("n" + round + "-0-0")).isEmpty();
      room = Math.max(room, hot.room());
    }
    assertThat(room).as("rows of 16,000 devices, 400 at a time").isLessThan(4096);
    assertThat(hot.columns().nodes()).isLessThan(500);
  }

  /** A partition is made and taken away, a thousand times. */
  @Test
  void devicesThatComeAndGoLeaveNothingBehind() {
    HotFleet hot = new HotFleet(PLENTY);
    Random random = new Random(2);
    Told node = new Told("n1", uuids("n1", 0, 8));
    Told other = new Told("n2", uuids("n2", 0, 8));
    step(hot, other, 5 * SECOND, random);
    for (int i = 1; i <= 1000; i++) {
      node.changed(uuids("n1", i % 2, 8 + i % 3));
      step(hot, node, (5 + i) * SECOND, random);
      hot.tidy(node.heard, RackMap.EMPTY);
    }
    assertThat(hot.room()).isLessThan(4096);
    assertThat(hot.device("n1-0")).isPresent();
    assertThat(hot.device("n1-9")).isEmpty();
    compareNow(hot, other);
    compareHistory(hot, node, node.heard);
  }

  /** Its row changes in place: what waits in the inbox is seen before its state comes. */
  @Test
  void aRowThatIsNewerThanItsStateStandsOnceAndAtItsOwnTime() {
    HotFleet hot = new HotFleet(PLENTY);
    Readings readings = numbered(1);
    hot.look(Nodes.heard("n1", 1, 5 * SECOND, readings), 5 * SECOND);
    for (int device = 0; device < TWO.size(); device++) {
      readings.at(7 * SECOND + SECOND / 4);
      readings.measured(Nodes.place(device, HotMetric.POWER), 2);
    }
    Sample newer = readings.sample();
    hot.look(Nodes.heard("n1", 1, 6 * SECOND, newer), 7 * SECOND);
    hot.look(Nodes.heard("n1", 1, 7 * SECOND + SECOND / 4, newer), 8 * SECOND);
    assertThat(hot.history(hot.device("n1-0").orElseThrow(), HotMetric.POWER, 0))
        .containsExactly(
            new Point(Nodes.wallMs(5 * SECOND), 1),
            new Point(Nodes.wallMs(7 * SECOND + SECOND / 4), 2));
  }

  @Test
  void aNodeIsShownWhileItIsHeard() {
    HotFleet hot = new HotFleet(PLENTY);
    Told told = new Told("n1", uuids("n1", 0, 1));
    step(hot, told, 5 * SECOND, new Random(3));
    HotColumns columns = hot.columns();
    assertThat(columns.connected(0, 6 * SECOND)).isTrue();
    assertThat(columns.connected(0, 11 * SECOND)).as("stale").isFalse();
    hot.look(Nodes.heard("n1", 0, 6 * SECOND, told.readings), 6 * SECOND);
    assertThat(columns.connected(0, 6 * SECOND)).as("its session has ended").isFalse();
  }

  /** Its last readings stay in the fleet's state; they are not of now. */
  @Test
  void aSessionThatBeginsBringsNoOldReadings() {
    HotFleet hot = new HotFleet(PLENTY);
    Told told = new Told("n1", uuids("n1", 0, 1));
    hot.look(Nodes.heard("n1", 2, 5 * SECOND, told.readings), 500 * SECOND);
    assertThat(hot.columns().nodes()).isZero();
  }

  @Test
  void theSitesMapSaysWhereANodeStandsAndElseTheNode() {
    HotFleet hot = new HotFleet(PLENTY);
    step(hot, new Told("n1", uuids("n1", 0, 1)), 5 * SECOND, new Random(4));
    assertThat(hot.columns().node(0).rack()).isEqualTo("r1");
    hot.tidy(5 * SECOND, RackMap.of(List.of("node,rack", "n1,r7")));
    assertThat(hot.columns().node(0).rack()).isEqualTo("r7");
  }

  @Test
  void theHotSetIsOfAtMostTenReadings() {
    assertThat(HotMetric.all()).hasSizeLessThanOrEqualTo(10);
    assertThat(HotMetric.of("millwright_accelerator_temperature_celsius", Map.of()))
        .hasValue(HotMetric.TEMPERATURE_CORE);
    assertThat(
            HotMetric.of("millwright_accelerator_temperature_celsius", Map.of("sensor", "memory")))
        .hasValue(HotMetric.TEMPERATURE_MEMORY);
    assertThat(HotMetric.of("millwright_accelerator_power_watts", Map.of("scope", "module")))
        .isEmpty();
    assertThat(HotMetric.all())
        .allSatisfy(one -> assertThat(one.metric().scope()).isEqualTo(Metric.Scope.ACCELERATOR))
        .allSatisfy(one -> assertThat(one.ownValues()).hasSameSizeAs(one.ownNames()));
  }

  /** The hot set of two devices, all readings this number and that of the device. */
  private static final List<String> TWO = List.of("n1-0", "n1-1");

  private static Readings numbered(double number) {
    Readings readings = new Readings(Nodes.table("n1", "r1", TWO));
    for (int device = 0; device < TWO.size(); device++) {
      for (HotMetric metric : HotMetric.all()) {
        readings.measured(Nodes.place(device, metric), number + device);
      }
    }
    return readings;
  }

  private static HotLayout layout(List<String> uuids) {
    SeriesTable table = Nodes.table("n1", "r1", uuids);
    return HotLayout.of(
        SeriesSchema.of(IntStream.range(0, table.size()).mapToObj(table::series).toList()));
  }

  private static HotFleet.Filled fill(HotFleet hot, HotLayout layout, long atNanos, double number) {
    Row row = new Row(layout.places().length);
    for (int i = 0; i < row.size(); i++) {
      int device = i / HotMetric.COUNT;
      row.set(i, number + device);
    }
    return hot.fill("n1", layout, row, atNanos, Nodes.wallMs(atNanos));
  }

  /** In whatever order late rows come, and whatever their devices are, each stands in its place. */
  @Test
  void whatComesLateStandsWhereItsTimeIs() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("HotFleetTest seed " + seed);
    Random random = new Random(seed);
    HotFleet hot = new HotFleet(PLENTY);
    List<Integer> late = new ArrayList<>();
    double newest = 0;
    List<HotLayout> layouts =
        List.of(layout(TWO), layout(TWO), layout(List.of("n1-1", "n1-0", "n1-7")));
    int last = 500;
    for (int second = 1; second <= last; second++) {
      if (second == 1 || ((second < 100 || second > 350) && random.nextInt(5) > 0)) {
        newest = second;
        hot.look(Nodes.heard("n1", 1, second * SECOND, numbered(second)), second * SECOND);
      } else {
        late.add(second);
      }
    }
    for (int i = 0; i < 8; i++) { // mostly in their order, with leaps
      Collections.swap(late, random.nextInt(late.size()), random.nextInt(late.size()));
    }
    int which = 0;
    for (int i = 0; i < late.size(); i++) {
      int second = late.get(i);
      which = i % 40 == 0 ? random.nextInt(layouts.size()) : which;
      double first = which == 2 ? second + 1 : second; // there the device comes first
      assertThat(fill(hot, layouts.get(which), second * SECOND, first))
          .isEqualTo(HotFleet.Filled.TAKEN);
    }
    HotDevice device = hot.device("n1-1").orElseThrow();
    List<Point> found = hot.history(device, HotMetric.POWER, 0);
    assertThat(found.stream().map(Point::wallMs))
        .as("seed %d", seed)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, last).mapToObj(at -> Nodes.wallMs(at * SECOND)).toList());
    assertThat(found.stream().map(Point::value))
        .as("seed %d", seed)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, last).mapToObj(at -> at + 1.0).toList());
    assertThat(hot.columns().cell(HotMetric.POWER, 0, 0))
        .as("the present is as it was")
        .isEqualTo(Double.doubleToRawLongBits(newest));
    long all = hot.historyBytes();
    hot.tidy((last + 1200L) * SECOND, RackMap.EMPTY);
    assertThat(all).isPositive();
    assertThat(hot.historyBytes()).as("all of it ages").isZero();
  }

  /** What came late takes no room from what is newer, and is told so. */
  @Test
  void whatComesLateKeepsToTheBytes() {
    long most = 20_000;
    HotFleet hot = new HotFleet(most);
    HotLayout layout = layout(TWO);
    Random random = new Random(5);
    for (int second = 1000; second < 1200; second++) {
      hot.look(
          Nodes.heard("n1", 1, second * SECOND, numbered(random.nextDouble())), second * SECOND);
    }
    HotDevice device = hot.device("n1-0").orElseThrow();
    List<Point> before = hot.history(device, HotMetric.POWER, 0);
    assertThat(hot.evicted()).isPositive();
    for (int second = 700; second < 1000; second++) {
      assertThat(fill(hot, layout, second * SECOND, random.nextDouble()))
          .isEqualTo(HotFleet.Filled.NO_ROOM);
    }
    assertThat(hot.history(device, HotMetric.POWER, 0)).isEqualTo(before);
    for (int second = 1200; second < 1500; second++) {
      hot.look(
          Nodes.heard("n1", 1, second * SECOND, numbered(random.nextDouble())), second * SECOND);
      fill(hot, layout, second * SECOND - SECOND / 2, random.nextDouble());
      assertThat(hot.historyBytes()).isLessThanOrEqualTo(most);
    }
    List<Point> mixed = hot.history(device, HotMetric.POWER, 0);
    assertThat(mixed.stream().map(Point::wallMs)).isSorted();
    assertThat(mixed.getLast().wallMs()).isEqualTo(Nodes.wallMs(1499 * SECOND));
    assertThat(mixed.stream().filter(point -> point.wallMs() % 1000 == 500)).isNotEmpty();
  }

  /** A sixteenth of all, and the rest stays for the others. */
  @Test
  void whatComesLateOfOneNodeTakesAPartOfTheBytes() {
    long most = 160_000;
    HotFleet hot = new HotFleet(most);
    hot.look(Nodes.heard("n1", 1, 1000 * SECOND, numbered(1)), 1000 * SECOND);
    long before = hot.historyBytes();
    Random random = new Random(6);
    int taken = 0;
    for (int second = 500; second < 1000; second++) {
      HotFleet.Filled filled = fill(hot, layout(TWO), second * SECOND, random.nextDouble());
      taken += filled == HotFleet.Filled.TAKEN ? 1 : 0;
    }
    assertThat(taken).isBetween(30, 400);
    assertThat(hot.historyBytes() - before).isBetween(most / 16, most / 8);
    assertThat(hot.evicted()).isZero();
  }

  @Test
  void whatComesLateOfANodeThatIsNotKnownIsNotKept() {
    HotFleet hot = new HotFleet(PLENTY);
    assertThat(fill(hot, layout(TWO), 5 * SECOND, 1)).isEqualTo(HotFleet.Filled.UNKNOWN);
    assertThat(hot.historyBytes()).isZero();
  }

  /** While rows come and go, what readers see was told, whole and in order. */
  @Test
  void readersSeeWhatWasToldWithoutALock() throws Exception {
    HotFleet hot = new HotFleet(200_000);
    Told steady = new Told("n0", uuids("n0", 0, 2));
    CompletableFuture<String> writing =
        CompletableFuture.supplyAsync(() -> {
          for (int i = 1; i <= 20_000; i++) {
            long now = i * SECOND / 10;
            for (HotMetric metric : HotMetric.all()) {
              steady.readings.measured(Nodes.place(0, metric), i);
              steady.readings.measured(Nodes.place(1, metric), -i);
            }
            hot.look(Nodes.heard("n0", 1, now, steady.readings), now);
            if (i % 50 == 0) {
              String passing = "p" + i;
              hot.look(
                  Nodes.heard(
                      passing,
                      1,
                      now,
                      new Readings(Nodes.table(passing, "", uuids(passing, 0, 8)))),
                  now);
            }
            hot.tidy(now, RackMap.EMPTY);
          }
          return "written";
        });
    long seen = 0;
    int read = 0;
    while (!writing.isDone() || read == 0) {
      seen = Math.max(seen, look(hot));
      read +=
          hot.device("n0-0")
              .map(device -> hot.history(device, HotMetric.ENERGY, 0))
              .map(HotFleetTest::rising)
              .orElse(0);
    }
    assertThat(writing.get(60, TimeUnit.SECONDS)).isEqualTo("written");
    assertThat(look(hot)).isEqualTo(20_000).isGreaterThanOrEqualTo(seen);
    assertThat(read).isPositive();
  }

  private static long look(HotFleet hot) {
    HotColumns columns = hot.columns();
    long seen = 0;
    for (int i = 0; i < columns.nodes(); i++) {
      if (columns.node(i).name().equals("n0")) {
        for (HotMetric metric : HotMetric.all()) {
          long first = columns.cell(metric, i, 0);
          long second = columns.cell(metric, i, 1);
          if (!HotColumns.absent(first) && !HotColumns.absent(second)) {
            double value = Double.longBitsToDouble(first);
            assertThat(value).isEqualTo(Math.rint(value)).isPositive();
            assertThat(Double.longBitsToDouble(second)).isNegative();
            seen = (long) value;
          }
        }
      }
    }
    return seen;
  }

  private static int rising(List<Point> points) {
    for (int i = 1; i < points.size(); i++) {
      assertThat(points.get(i).value()).isEqualTo(points.get(i - 1).value() + 1);
    }
    return points.size();
  }
}
