package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.fleet.FleetOptions;
import io.millwright.simulator.fleet.SimulatedFleet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A collector's process and an agent's, which must not grow: resident memory, live heap and open
 * descriptors by the median of all slopes (Theil 1950, Sen 1968), once what fills by design is
 * full.
 *
 * <p>{@code -Dsoak=24h}, or 30m and so on, says how long; with {@code -Dlong=yes} alone it is a
 * minute. {@code -Dsoak.nodes=N} (20 otherwise) simulated nodes report beside the real agent, with
 * faults, and with nodes that go and come back. The quick form looks at the collector's live heap
 * alone, over a few hundred samples.
 */
class SoakTest {
  private static final Pattern LENGTH = Pattern.compile("([1-9]\\d{0,4})([smh])");
  private static final long MEBIBYTE = 1 << 20;

  /** Caches, compiled code and what a collection leaves by chance. */
  private static final long SLACK = 6 * MEBIBYTE;

  private final Clock clock = Clock.system();

  /** What was seen of one process, look by look. */
  private record Course(List<Double> heap, List<Double> resident, List<Double> descriptors) {
    Course() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void add(Footprint now) {
      heap.add((double) now.liveBytes());
      resident.add((double) now.residentBytes());
      descriptors.add((double) now.descriptors());
    }
  }

  /** The median of the slopes between all pairs, in units a look. */
  static double slope(List<Double> values) {
    List<Double> slopes = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (int j = i + 1; j < values.size(); j++) {
        slopes.add((values.get(j) - values.get(i)) / (j - i));
      }
    }
    slopes.sort(null);
    return slopes.isEmpty() ? 0 : slopes.get(slopes.size() / 2);
  }

  /** By how much it grew over all looks, as far as the slope says it. */
  private static double growth(List<Double> values) {
    return slope(values) * (values.size() - 1);
  }

  @Test
  void aLeakIsFoundInNoiseAndNoiseIsNone() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Double> still = new ArrayList<>();
    List<Double> leaking = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      double noise = random.nextGaussian() * MEBIBYTE + (i % 37 == 0 ? 20 * MEBIBYTE : 0);
      still.add(100.0 * MEBIBYTE + noise);
      leaking.add(100.0 * MEBIBYTE + noise + i * 64 * 1024.0); // 12.5 MiB in all
    }
    assertThat(growth(still)).isBetween(-SLACK / 2.0, SLACK / 2.0);
    assertThat(growth(leaking)).isGreaterThan((double) SLACK);
  }

  private SimulatedFleet fleet(JobSite site, int nodes, Duration period, boolean restless) {
    return new SimulatedFleet(
        new FleetOptions(
            nodes,
            "127.0.0.1",
            site.uplinkPort(),
            Optional.of(Authority.open(site.authority(), clock)),
            7,
            period,
            restless ? 60 : 0,
            restless ? 12 : 0),
        clock);
  }

  /** A row that stays of each sample would be six kilobytes of each. */
  @Test
  void theLiveHeapOfACollectorDoesNotGrowWithItsSamples() throws Exception {
    try (JobSite site = JobSite.collecting("--history-mebibytes", "1")) {
      site.awaitCollector();
      try (SimulatedFleet fleet = fleet(site, 10, Duration.ofMillis(50), false)) {
        fleet.start();
        ticks(fleet, 400); // more than the history holds
        Footprint before = Footprint.of(site.collectorPid());
        long ticks = fleet.counts().ticks();
        ticks(fleet, ticks + 600);
        Footprint after = Footprint.of(site.collectorPid());
        System.out.printf(
            "live heap %d KiB, and %d KiB %d samples later%n",
            before.liveBytes() >> 10, after.liveBytes() >> 10, fleet.counts().ticks() - ticks);
        assertThat(after.liveBytes() - before.liveBytes()).isLessThan(2 * MEBIBYTE);
      }
    }
  }

  private static void ticks(SimulatedFleet fleet, long count) {
    AgentProcess.within(Duration.ofMinutes(2)).until(() -> fleet.counts().ticks() >= count);
  }

  private static Duration wanted() {
    Matcher given = LENGTH.matcher(System.getProperty("soak", "60s"));
    if (!given.matches()) {
      throw new IllegalArgumentException(
          "soak: '%s' is refused; allowed is a number with s, m or h, as in 24h"
              .formatted(System.getProperty("soak")));
    }
    long number = Long.parseLong(given.group(1));
    return switch (given.group(2)) {
      case "h" -> Duration.ofHours(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofSeconds(number);
    };
  }

  private static void told(String who, Course course) {
    System.out.printf(
        Locale.ROOT,
        "%s: live heap %.1f to %.1f MiB (slope %.1f KiB a look), resident %.1f to %.1f MiB (slope"
            + " %.1f KiB), descriptors %.0f to %.0f%n",
        who,
        course.heap().getFirst() / MEBIBYTE,
        course.heap().getLast() / MEBIBYTE,
        slope(course.heap()) / 1024,
        course.resident().getFirst() / MEBIBYTE,
        course.resident().getLast() / MEBIBYTE,
        slope(course.resident()) / 1024,
        course.descriptors().getFirst(),
        course.descriptors().getLast());
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void neitherCollectorNorAgentGrows() throws Exception {
    Duration length = wanted();
    Duration between = Duration.ofSeconds(Math.clamp(length.toSeconds() / 100, 2, 120));
    Map<String, Course> courses = new LinkedHashMap<>();
    try (JobSite site = JobSite.of("real")) {
      site.killCollector();
      site.collect("--history-mebibytes", "1");
      site.startCollector();
      site.awaitCollector();
      site.startAgent("real");
      site.awaitNodes(1);
      try (SimulatedFleet fleet =
          fleet(site, Integer.getInteger("soak.nodes", 20), Duration.ofSeconds(1), true)) {
        fleet.start();
        long begun = clock.nanos();
        long looks = 0;
        while (clock.nanos() - begun < length.toNanos()) {
          looks++;
          clock.parkUntil(begun + looks * between.toNanos());
          if (clock.nanos() - begun > length.toNanos() / 3) { // what fills by design is full
            look(site, courses);
          }
        }
        courses.forEach(SoakTest::told);
        System.out.printf("%s of %d looks; fleet %s%n", length, looks, fleet.counts());
        fleet.freeze();
        AgentProcess.soon().until(() -> fleet.counts().acknowledged() == fleet.counts().told());
      }
      assertThat(site.said()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK:");
    }
    courses.forEach((who, course) -> {
      assertThat(course.heap()).as("%s: the canary", who).hasSizeGreaterThan(4);
      assertThat(growth(course.heap())).as("%s: live heap", who).isLessThan((double) SLACK);
      assertThat(growth(course.resident())).as("%s: resident", who).isLessThan(4.0 * SLACK);
      assertThat(growth(course.descriptors())).as("%s: descriptors", who).isLessThan(8.0);
    });
  }

  private static void look(JobSite site, Map<String, Course> courses)
      throws IOException, InterruptedException {
    courses
        .computeIfAbsent("collector", first -> new Course())
        .add(Footprint.of(site.collectorPid()));
    courses
        .computeIfAbsent("agent", first -> new Course())
        .add(Footprint.of(site.agentPid("real")));
  }
}
