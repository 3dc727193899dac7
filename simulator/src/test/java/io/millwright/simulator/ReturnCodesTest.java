package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFOROM_VALID;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlDriver.Attached;
import io.millwright.drivers.nvml.NvmlDriver.Opened;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any return code of any call, in any order, on any device: no reading is ever taken from what a
 * failed call left behind, and no device's fault touches another's readings. A fault of a call of
 * the node touches what that call says, on all of them, and makes no device a lost one.
 *
 * <p>The simulated library fills the out-parameters of failed calls with rubbish, and its world
 * stands still, so that every reading has one right value. {@code -Dcodes.seed} repeats a run.
 */
class ReturnCodesTest {
  private static final int DEVICES = 3;

  /** The target of faults of calls of the node. */
  private static final String NODE = "all";

  private static final int WARM = 3;

  /** Each has met the others: one a round. */
  private static final int MET = WARM + DEVICES - 1;

  private static final int INSUFFICIENT_SIZE = 7;
  private static final Duration STEP = Duration.ofSeconds(1);
  private static final List<Integer> CODES =
      List.of(
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          8,
          9,
          10,
          11,
          12,
          13,
          14,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
          30,
          31,
          77,
          999,
          Integer.MAX_VALUE);
  private static final List<Integer> FIELDS =
      List.of(74, 76, 82, 83, 185, 187, 188, 189, 190, 192, 230, 254, 255, 264, 269, 270, 271);

  static List<Long> seeds() {
    Long given = Long.getLong("codes.seed");
    if (given != null) {
      return List.of(given);
    }
    int runs = System.getProperty("long", "no").equals("yes") ? 40 : 4;
    return new Random().longs(runs).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noReadingComesFromAFailedCallAndNoFaultFromAnotherDevice(long seed) throws IOException {
    System.out.println("return codes, -Dcodes.seed=" + seed);
    Random random = new Random(seed);
    String profile = random.nextBoolean() ? "profile gb200" : "profile b200";
    SimulatedNode simulated =
        WatchedNode.simulated(
            profile,
            "devices " + DEVICES,
            "load 0.6",
            "noise 0",
            "set 1 power_mw 600000", // whole watts, so that means of them are exact
            "set 1 mig_mode 1",
            "mig 1 create 1g.23gb 0",
            "mig 1 create 1g.23gb 3",
            "confidential feature 1",
            "confidential ready 1",
            "set all accounting_mode 1");
    NvmlDriver driver = driver(simulated);
    try {
      simulated.command("freeze");
      simulated.set(0, "processes", 3);
      Map<Integer, Map<Series, Reading>> right = readings(driver);
      List<String> functions = called(simulated);
      simulated.command("poison on");
      for (int sequence = 0; sequence < 25; sequence++) {
        oneSequence(simulated, driver, functions, right, random);
      }
    } finally {
      driver.detach(CallWatch.NONE);
    }
  }

  /** A driver of its own each time: what it was refused once it does not ask again. */
  private static void oneSequence(
      SimulatedNode simulated,
      NvmlDriver driver,
      List<String> functions,
      Map<Integer, Map<Series, Reading>> right,
      Random random)
      throws IOException {
    List<NvmlDevice> opened = opened(driver);
    Set<Integer> touched = new HashSet<>();
    boolean nodeTouched = false;
    List<String> mending = new ArrayList<>();
    for (int step = MET + 1; step <= MET + 20; step++) {
      int device = random.nextInt(DEVICES - 1); // the last is never touched
      String target = fault(simulated, device, functions, random, mending);
      if (target.equals(NODE)) {
        nodeTouched = true;
      } else {
        touched.add(device);
      }
      for (int i = 0; i < DEVICES; i++) {
        Source.Outcome outcome = rounds(opened.get(i), step * STEP.toNanos());
        List<String> history = mending;
        Map<Series, Reading> expected = right.getOrDefault(i, Map.of());
        boolean unharmed = !touched.contains(i);
        boolean nodeHarmed = nodeTouched;
        if (unharmed) {
          assertThat(outcome).as("%s after %s", i, history).isEqualTo(Source.Outcome.ANSWERED);
        }
        shown(opened.get(i))
            .forEach((series, reading) -> {
              boolean certain = unharmed && !(nodeHarmed && isOfTheNode(series));
              boolean ofTheCode = !unharmed && series.metric() == ACCELERATOR_INFOROM_VALID;
              if (certain || (reading instanceof Reading.Measured && !ofTheCode)) {
                assertThat(reading)
                    .as("%s after %s", series, history)
                    .isEqualTo(expected.get(series));
              }
            });
      }
    }
    for (String mend : mending) {
      simulated.command(mend);
    }
    opened.forEach(NvmlDevice::close);
  }

  /** Depends on what only the node as a whole says. */
  private static boolean isOfTheNode(Series series) {
    return series.metric().name().startsWith("ACCELERATOR_CONFIDENTIAL_");
  }

  /**
   * Half of the faults end at once, so that calls answer, fail and answer again. Returns what they
   * are of: the device or the node.
   */
  private static String fault(
      SimulatedNode simulated,
      int device,
      List<String> functions,
      Random random,
      List<String> mending)
      throws IOException {
    boolean field = random.nextInt(4) == 0;
    String what =
        field
            ? "field " + FIELDS.get(random.nextInt(FIELDS.size()))
            : "code " + functions.get(random.nextInt(functions.size()));
    int code = random.nextInt(4) == 0 ? 0 : CODES.get(random.nextInt(CODES.size()));
    if (code == INSUFFICIENT_SIZE && what.contains("Processes")) {
      code = 0; // by contract the count is told with this code: it is an answer
    }
    String target = what.contains(" nvmlSystem") ? NODE : Integer.toString(device);
    simulated.command("fault " + target + " " + what + " " + code);
    mending.add("fault " + target + " " + what + " 0");
    return target;
  }

  /** The functions that reading has used, as the simulator counted them. */
  private static List<String> called(SimulatedNode simulated) throws IOException {
    List<String> functions =
        simulated.command("calls").stream()
            .map(line -> line.substring(0, line.indexOf('=')))
            .filter(name -> name.matches("nvmlDeviceGet.*|nvmlSystemGetConfCompute.*"))
            .filter(name -> !name.startsWith("nvmlDeviceGetHandleByIndex"))
            .filter(name -> !name.startsWith("nvmlDeviceGetCount"))
            .toList();
    assertThat(functions)
        .hasSizeGreaterThan(10)
        .contains("nvmlSystemGetConfComputeSettings", "nvmlSystemGetConfComputeGpusReadyState")
        .contains("nvmlDeviceGetHandleByUUID");
    return functions;
  }

  private static Map<Integer, Map<Series, Reading>> readings(NvmlDriver driver) {
    Map<Integer, Map<Series, Reading>> readings = new LinkedHashMap<>();
    List<NvmlDevice> opened = opened(driver);
    for (int device = 0; device < DEVICES; device++) {
      readings.put(device, read(opened.get(device), (MET + 1) * STEP.toNanos()));
    }
    opened.forEach(NvmlDevice::close);
    return readings;
  }

  /** All of them, and each has met the others. */
  private static List<NvmlDevice> opened(NvmlDriver driver) {
    List<NvmlDevice> opened = new ArrayList<>();
    for (int device = 0; device < DEVICES; device++) {
      opened.add(warm(device, driver));
    }
    for (int round = WARM + 1; round <= MET; round++) {
      for (NvmlDevice device : opened) {
        read(device, round * STEP.toNanos());
      }
    }
    return opened;
  }

  /** Some readings need two ticks, and what a device has is settled by its first. */
  private static NvmlDevice warm(int device, NvmlDriver driver) {
    NvmlDevice opened = open(device, driver);
    for (int step = 1; step <= WARM; step++) {
      read(opened, step * STEP.toNanos());
    }
    return opened;
  }

  private static Map<Series, Reading> read(NvmlDevice device, long nanos) {
    rounds(device, nanos);
    return shown(device);
  }

  /** What the slow one of them says of the device. */
  private static Source.Outcome rounds(NvmlDevice device, long nanos) {
    device.read(Cadence.FAST, nanos);
    device.read(Cadence.MEDIUM, nanos);
    return device.read(Cadence.SLOW, nanos);
  }

  private static Map<Series, Reading> shown(NvmlDevice device) {
    Map<Series, Reading> readings = new LinkedHashMap<>();
    put(device.readings().sample(), readings);
    device.instances().forEach(instance -> put(instance.readings().sample(), readings));
    return readings;
  }

  private static void put(Sample sample, Map<Series, Reading> readings) {
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).metric() != Metric.ACCELERATOR_POWER_WINDOW_SAMPLES) {
        readings.put(sample.table().series(i), sample.reading(i)); // these count the ticks
      }
    }
  }

  private static NvmlDevice open(int index, NvmlDriver driver) {
    String uuid = driver.uuidAt(index, CallWatch.NONE).orElseThrow();
    if (driver.open(uuid, "580.82.07", CallWatch.NONE)
        instanceof Opened.Device(NvmlDevice opened)) {
      return opened;
    }
    throw new AssertionError("the simulated device refused");
  }

  private static NvmlDriver driver(SimulatedNode simulated) {
    if (NvmlLibrary.open(simulated.library().toString())
        instanceof NvmlLibrary.Result.Opened(NvmlLibrary library)) {
      NvmlDriver driver = new NvmlDriver(library, "node1", Metric.Tier.OPTIONAL);
      if (driver.attach(CallWatch.NONE) instanceof Attached.Ready) {
        return driver;
      }
    }
    throw new AssertionError("the simulated driver refused");
  }
}
