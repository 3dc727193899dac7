package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.simulator.SimulatedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How long it takes until the collector knows what befell a device, and until evidence is there: a
 * real agent and a real collector over simulated GPUs, asked every ten milliseconds. Prints a table
 * with what was to be reached.
 *
 * <pre>
 * JudgementLatency LAUNCHER LIBRARY [LINES [ROUNDS [BUNDLES]]]
 * </pre>
 *
 * <p>What befalls a device does so at a random moment between the looks of the agent; the seed is
 * printed.
 */
public final class JudgementLatency {
  private static final Clock CLOCK = Clock.system();
  private static final Duration LOOK = Duration.ofMillis(10);
  private static final long LINE_SECONDS = 5;
  private static final long BUNDLE_SECONDS = 120;
  private static final long RESTART_SECONDS = 90;
  private static final int PERIODS = 2;
  private static final Duration MEDIUM = Periods.STANDARD.medium();
  private static final Duration SLOW = Periods.STANDARD.slow();

  /** That fail a device by the line alone until it is reset. */
  private static final int[] CODES = {
    46, 61, 62, 64, 95, 109, 110, 119, 120, 140, 143, 150, 155, 158, 167, 169, 171, 172
  };

  private final JudgedSite site;
  private final Random random;

  private JudgementLatency(JudgedSite site, Random random) {
    this.site = site;
    this.random = random;
  }

  public static void main(String[] arguments) throws Exception {
    int lines = number(arguments, 2, 104);
    int rounds = number(arguments, 3, 4);
    int bundles = number(arguments, 4, 10);
    long seed = CLOCK.wall().toEpochMilli();
    System.out.printf("%s, seed %d, load %s%n", CLOCK.wall(), seed, load());
    try (JudgedSite site = JudgedSite.start(Path.of(arguments[0]), Path.of(arguments[1]))) {
      JudgementLatency benchmark = new JudgementLatency(site, new Random(seed));
      benchmark.lines(lines);
      benchmark.read("recovery_action", "recovery action, told by an event", MEDIUM, rounds);
      benchmark.read("remap_failed", "remap failure, read every 30 s", SLOW, (rounds + 1) / 2);
      benchmark.restarts(rounds * JudgedSite.DEVICES / 2);
      benchmark.bundles(bundles);
    }
    try (JudgedSite site = JudgedSite.start(Path.of(arguments[0]), Path.of(arguments[1]))) {
      new JudgementLatency(site, new Random(seed)).spares(rounds * JudgedSite.DEVICES / 2);
    }
    System.out.printf("%s, load %s%n", CLOCK.wall(), load());
  }

  private static int number(String[] arguments, int place, int usual) {
    return arguments.length > place ? Integer.parseInt(arguments[place]) : usual;
  }

  private static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }

  // ---- a line of the kernel log

  private void lines(int count) throws Exception {
    List<Double> told = new ArrayList<>();
    List<Double> refused = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int device = i % JudgedSite.DEVICES;
      if (device == 0 && i > 0) {
        reset();
      }
      line(device, CODES[i % CODES.length], told, refused);
    }
    reset();
    row("kernel-log line -> REST says that the device failed", told, LINE_SECONDS);
    row("kernel-log line -> the planner places no job there", refused, LINE_SECONDS);
  }

  /** Those before this one have failed already, so that all that are left are wanted. */
  private void line(int device, int code, List<Double> told, List<Double> refused)
      throws Exception {
    String address = site.address(device);
    int left = JudgedSite.DEVICES - device;
    site.await("a place for " + left + " devices", () -> site.placeable(left));
    JudgedSite.pause(upTo(Periods.STANDARD.fast()));
    long begun = CLOCK.nanos();
    site.kernelLine(address, code);
    double[] seen = {0, 0};
    site.await(
        "what follows from Xid " + code + " of device " + device,
        () -> {
          if (seen[0] == 0 && site.verdicts().get(device).equals("failed")) {
            seen[0] = since(begun);
          }
          if (seen[1] == 0 && !site.placeable(left)) {
            seen[1] = since(begun);
          }
          return seen[0] > 0 && seen[1] > 0;
        });
    told.add(seen[0]);
    refused.add(seen[1]);
  }

  private void reset() throws Exception {
    for (int device = 0; device < JudgedSite.DEVICES; device++) {
      site.hardware().fault(device, "reset");
    }
    site.await("eight devices that are well after a reset", () -> site.all("ok"));
  }

  // ---- what is read by and by

  /** A reading that is 0 in order, and 1 where the device is to be taken out of use. */
  private void read(String key, String what, Duration period, int rounds) throws Exception {
    List<Double> told = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      round(key, period, told);
      for (int device = 0; device < JudgedSite.DEVICES; device++) {
        site.hardware().set(device, key, 0);
      }
      site.await("eight devices that are well after " + key, () -> site.all("ok"));
    }
    row(what + " -> REST", told, PERIODS * period.toSeconds());
  }

  /** Each device breaks at a moment of its own within a period. */
  private void round(String key, Duration period, List<Double> told) throws Exception {
    long[] at = new long[JudgedSite.DEVICES];
    boolean[] begun = new boolean[JudgedSite.DEVICES];
    double[] took = new double[JudgedSite.DEVICES];
    for (int device = 0; device < at.length; device++) {
      at[device] = CLOCK.nanos() + upTo(period).toNanos();
    }
    site.await(
        "all devices failed by " + key,
        () -> {
          List<String> verdicts = site.verdicts();
          for (int device = 0; device < at.length; device++) {
            if (begun[device] && took[device] == 0 && verdicts.get(device).equals("failed")) {
              took[device] = since(at[device]);
            }
            if (!begun[device] && CLOCK.nanos() - at[device] >= 0) {
              at[device] = CLOCK.nanos();
              begun[device] = true;
              site.hardware().set(device, key, 1);
            }
          }
          return Arrays.stream(took).allMatch(seconds -> seconds > 0);
        });
    Arrays.stream(took).forEach(told::add);
  }

  // ---- a job that a fault ends

  /** The program fails as its device does; its next run has another device of the node. */
  private void restarts(int count) throws Exception {
    List<Double> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String job = "restarted-" + i;
      site.submit(job, 1);
      site.await("a running program of " + job, () -> site.runs(job, 1));
      int device = site.deviceOf(job);
      JudgedSite.pause(upTo(Periods.STANDARD.fast()));
      long begun = CLOCK.nanos();
      site.kernelLine(site.address(device), CODES[i % CODES.length]);
      site.fail(job);
      site.await("the second run of " + job, () -> site.runs(job, 2));
      running.add(since(begun));
      site.cancel(job);
      reset();
    }
    row("fault, its program fails -> it runs on another device", running, RESTART_SECONDS);
  }

  /** It has all devices of its node, so that its next run has to be on the other. */
  private void spares(int count) throws Exception {
    site.addSpare();
    List<Double> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String job = "moved-" + i;
      site.submit(job, JudgedSite.DEVICES);
      site.await("a running program of " + job, () -> site.runs(job, 1));
      String node = site.nodeOf(job);
      SimulatedNode broken = site.hardwareOf(node);
      int device = random.nextInt(JudgedSite.DEVICES);
      JudgedSite.pause(upTo(Periods.STANDARD.fast()));
      long begun = CLOCK.nanos();
      JudgedSite.kernelLine(broken, JudgedSite.address(broken, device), CODES[i % CODES.length]);
      site.fail(job);
      site.await("the second run of " + job, () -> site.runs(job, 2));
      running.add(since(begun));
      if (site.nodeOf(job).equals(node)) {
        throw new BenchmarkException("the second run of " + job + " is on " + node + " as well");
      }
      site.cancel(job);
      for (int each = 0; each < JudgedSite.DEVICES; each++) {
        broken.fault(each, "reset");
      }
      site.await("two nodes that are well", () -> site.placeable(JudgedSite.DEVICES, 2));
    }
    row("fault, its program fails -> it runs on another node", running, RESTART_SECONDS);
  }

  // ---- evidence

  private void bundles(int count) throws Exception {
    taken("evidence wanted -> ready, all devices well", count);
    for (int device = 0; device < JudgedSite.DEVICES; device++) {
      site.hardware().fault(device, "hang");
    }
    site.await("no device that answers", () -> site.up() == 0);
    taken("evidence wanted -> ready, all devices hung", count);
    site.reportToolHangs();
    taken("the same, and the report tool never ends", Math.max(1, count / 5));
  }

  private void taken(String what, int count) throws Exception {
    List<Double> ready = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long begun = CLOCK.nanos();
      if (site.bundle()) {
        ready.add(since(begun));
      }
    }
    System.out.printf("%s: %d of %d are ready%n", what, ready.size(), count);
    if (!ready.isEmpty()) {
      row(what, ready, BUNDLE_SECONDS);
    }
  }

  // ---- figures

  private Duration upTo(Duration longest) {
    return Duration.ofNanos(random.nextLong(longest.toNanos()) + LOOK.toNanos());
  }

  private static double since(long nanos) {
    return (CLOCK.nanos() - nanos) / 1e9;
  }

  private static void row(String what, List<Double> seconds, long longest) {
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double p99 = rank(sorted, 0.99);
    System.out.printf(
        Locale.ROOT,
        "%-52s %4d  p50 %7.3f s  p99 %7.3f s  max %7.3f s  p99 <= %d s: %s%n",
        what,
        sorted.length,
        rank(sorted, 0.5),
        p99,
        sorted[sorted.length - 1],
        longest,
        p99 <= longest ? "holds" : "misses");
  }

  private static double rank(double[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
