package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults at random over eight devices, then everything mended: all must come back by themselves,
 * with no thread more than there are devices. {@code -Dstorm.seed} repeats the faults of one, not
 * how they meet the threads; {@code -Dlong=yes} makes more of them.
 */
class FaultStormTest {
  private static final int DEVICES = 8;
  private static final int FAULTS = 120;
  private static final List<String> FUNCTIONS =
      List.of(
          "nvmlDeviceGetFieldValues",
          "nvmlDeviceGetUtilizationRates",
          "nvmlDeviceGetTemperatureV",
          "nvmlDeviceGetMemoryInfo_v2",
          "nvmlDeviceGetUUID",
          "nvmlDeviceRegisterEvents",
          "nvmlDeviceGetComputeRunningProcesses_v3");
  private static final List<Integer> XIDS = List.of(13, 31, 48, 63, 64, 79, 94, 119, 154);
  private static final List<Integer> CODES = List.of(1, 2, 3, 9, 10, 15, 16, 18, 28, 999);

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private WatchedNode node;

  static List<Long> seeds() {
    Long given = Long.getLong("storm.seed");
    if (given != null) {
      return List.of(given);
    }
    int storms = System.getProperty("long", "no").equals("yes") ? 12 : 2;
    return new Random().longs(storms).boxed().toList();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyDeviceComesBackOnceAllIsMended(long seed) throws IOException {
    System.out.println("fault storm, -Dstorm.seed=" + seed);
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> threads().isEmpty());
    node = WatchedNode.start();
    node.awaitUp(DEVICES);
    Random random = new Random(seed);
    for (int i = 0; i < FAULTS; i++) {
      node.simulated().command(fault(random));
      LockSupport.parkNanos(Duration.ofMillis(random.nextInt(120)).toNanos());
      assertThat(threads().size()).isLessThanOrEqualTo(DEVICES + 2);
    }
    mend();
    long mended = System.nanoTime();
    Awaitility.await("seed " + seed)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(node.upByUuid()).as("devices up").hasSize(DEVICES));
    System.out.println(
        "%d faults; all back after %d ms"
            .formatted(FAULTS, Duration.ofNanos(System.nanoTime() - mended).toMillis()));
    assertThat(threads())
        .containsExactlyInAnyOrderElementsOf(expectedThreads())
        .hasSize(DEVICES + 2);
    staysUp();
  }

  /** A device that comes back must not go down again by what is left of the storm. */
  private void staysUp() {
    long sequence = node.snapshot().sequence();
    int misses = 0;
    while (node.snapshot().sequence() < sequence + 40) {
      misses += node.upByUuid().size() == DEVICES ? 0 : 1;
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    assertThat(misses).as("looks of about 200 that did not see all").isLessThan(40);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> node.upByUuid().size() == DEVICES);
  }

  private static String fault(Random random) {
    int device = random.nextInt(DEVICES);
    String function = one(random, FUNCTIONS);
    return switch (random.nextInt(20)) {
      case 0, 1 -> "fault " + device + " hang";
      case 2 -> "fault " + device + " hang " + function;
      case 3, 4, 5 -> "fault " + device + " release";
      case 6 -> "fault " + device + " lost";
      case 7 -> "fault " + device + " gone";
      case 8, 9 -> "fault " + device + " return";
      case 10 -> "fault " + device + " slow " + random.nextInt(30_000);
      case 11 -> "fault " + device + " slow 0";
      case 12 -> "fault " + device + " code " + function + " " + one(random, CODES);
      case 13 -> "fault " + device + " code " + function + " 0";
      case 14 -> "driver unload";
      case 15, 16 -> "driver load";
      case 17 -> "load " + random.nextDouble();
      case 18 -> "fault all hang";
      default -> "fault " + device + " xid " + one(random, XIDS);
    };
  }

  private static <T> T one(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private void mend() throws IOException {
    node.simulated().command("fault all release");
    for (String function : FUNCTIONS) {
      node.simulated().command("fault all code " + function + " 0");
      for (int device = 0; device < DEVICES; device++) {
        node.simulated().fault(device, "code " + function + " 0");
      }
    }
    node.simulated().command("fault all slow 0");
    for (int device = 0; device < DEVICES; device++) {
      node.simulated().fault(device, "release");
      node.simulated().fault(device, "slow 0");
      node.simulated().fault(device, "return");
    }
    node.simulated().command("driver load");
  }

  private static Set<String> expectedThreads() {
    Set<String> names = new TreeSet<>(Set.of("lane-nvidia-driver", "events-nvml"));
    for (int device = 0; device < DEVICES; device++) {
      names.add("lane-nvidia-" + device);
    }
    return names;
  }

  /** Names, doubled ones too. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("lane-nvidia-") || name.equals("events-nvml"))
        .collect(Collectors.toList());
  }
}
