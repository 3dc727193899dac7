package io.millwright.simulator.fleet;

import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The values of one simulated node of eight accelerators, and what is wrong with it.
 *
 * <p><i>Threading:</i> one owner thread; samples and snapshots are immutable.
 */
final class ModelledNode {
  private static final int OF_DEVICE = ModelSeries.OF_DEVICE.size();
  private static final int NODE_AT = ModelSeries.DEVICES * OF_DEVICE;
  private static final int UP = place(Metric.ACCELERATOR_UP, List.of());
  private static final int DEVICE_OK = verdictPlace(Verdict.OK);
  private static final int DEVICE_FAILED = verdictPlace(Verdict.FAILED);
  private static final double FALLEN = 0.1;
  private static final double DECIMALS = 1000;

  private final String name;
  private final RandomGenerator random;
  private final Readings readings;
  private final double[] values = new double[ModelSeries.COUNT];
  private final boolean[] lost = new boolean[ModelSeries.DEVICES];
  private boolean fallen;
  private volatile Optional<Sample> last = Optional.empty();

  /**
   * @param random shared by the nodes of a fleet
   */
  ModelledNode(String name, RandomGenerator random) {
    this.name = name;
    this.random = random;
    SeriesTable.Builder table = SeriesTable.builder();
    for (int device = 0; device < ModelSeries.DEVICES; device++) {
      Accelerator accelerator =
          new Accelerator(name, "" + device, uuid(device), "nvidia", "NVIDIA B200", true);
      for (ModelSeries one : ModelSeries.OF_DEVICE) {
        table.add(
            Cadence.FAST, Series.of(one.metric(), accelerator, one.own().toArray(String[]::new)));
      }
    }
    for (ModelSeries one : ModelSeries.OF_NODE) {
      List<String> labels = new ArrayList<>(List.of(name));
      labels.addAll(one.own());
      table.add(Cadence.FAST, new Series(one.metric(), labels, false));
    }
    readings = new Readings(table.build());
    for (int i = 0; i < values.length; i++) {
      values[i] = kind(i).first(random);
    }
  }

  private static ValueKind kind(int place) {
    return place < NODE_AT
        ? ModelSeries.OF_DEVICE.get(place % OF_DEVICE).kind()
        : ModelSeries.OF_NODE.get(place - NODE_AT).kind();
  }

  private static int verdictPlace(Verdict verdict) {
    return place(Metric.ACCELERATOR_HEALTH_STATE, List.of(verdict.word()));
  }

  private static int place(Metric metric, List<String> own) {
    for (int i = 0; i < OF_DEVICE; i++) {
      ModelSeries one = ModelSeries.OF_DEVICE.get(i);
      if (one.metric() == metric && one.own().equals(own)) {
        return i;
      }
    }
    throw new IllegalStateException("the model has no series " + metric + " " + own);
  }

  String name() {
    return name;
  }

  String uuid(int device) {
    return "GPU-simulated-%s-%d".formatted(name, device);
  }

  // ---- a second passes

  /** The values of the next second; the first sample has the values that the node began with. */
  Sample next(long nowNanos) {
    boolean first = last.isEmpty();
    readings.at(nowNanos);
    for (int device = 0; device < ModelSeries.DEVICES; device++) {
      int from = device * OF_DEVICE;
      for (int i = 0; i < OF_DEVICE; i++) {
        if (!first) {
          advance(from + i, ModelSeries.OF_DEVICE.get(i).kind());
        }
        if (lost[device]) {
          readings.unavailable(from + i, Fault.DEVICE_LOST);
        } else {
          readings.measured(from + i, values[from + i]);
        }
      }
      if (lost[device]) {
        readings.measured(from + UP, 0);
        readings.measured(from + DEVICE_OK, 0);
        readings.measured(from + DEVICE_FAILED, 1);
      }
    }
    for (int i = NODE_AT; i < values.length; i++) {
      if (!first) {
        advance(i, ModelSeries.OF_NODE.get(i - NODE_AT).kind());
      }
      readings.measured(i, values[i]);
    }
    Sample made = readings.sample();
    last = Optional.of(made);
    return made;
  }

  private void advance(int place, ValueKind kind) {
    double next = kind.next(values[place], random);
    values[place] =
        fallen && kind == ValueKind.NOISE ? Math.rint(next * FALLEN * DECIMALS) / DECIMALS : next;
  }

  /** The last sample once more. */
  Optional<Sample> last() {
    return last;
  }

  // ---- faults

  /** The device answers no more, or again. */
  void lose(int device, boolean gone) {
    lost[device] = gone;
  }

  /** UUIDs of those that its last sample shows as lost. */
  List<String> lostDevices() {
    return IntStream.range(0, ModelSeries.DEVICES)
        .filter(
            device -> last.filter(sample -> sample.value(device * OF_DEVICE + UP) == 0).isPresent())
        .mapToObj(this::uuid)
        .toList();
  }

  /** Power of all devices falls to a tenth, or is what it was. */
  void fall(boolean low) {
    fallen = low;
  }

  void count(int device, String xid) {
    values[
        device * OF_DEVICE
            + place(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, List.of("xid", xid, "warning"))]++;
  }

  /** How everything is: each lost device failed, all else ok. */
  HealthReport report(long atMs) {
    List<Judgement> judgements = new ArrayList<>();
    judgements.add(new Judgement(new Subject.Node(), Verdict.OK, List.of()));
    for (int device = 0; device < ModelSeries.DEVICES; device++) {
      Subject subject = new Subject.Device("" + device, uuid(device));
      judgements.add(
          lost[device]
              ? new Judgement(subject, Verdict.FAILED, List.of(lostAt(atMs)))
              : new Judgement(subject, Verdict.OK, List.of()));
    }
    return new HealthReport(atMs, judgements);
  }

  private static Evidence lostAt(long atMs) {
    return new Evidence(
        "device-lost",
        1,
        Verdict.FAILED,
        Advice.REBOOT_NODE,
        Scope.DEVICE,
        "The simulated device does not answer.",
        atMs,
        "the device answers for 10 s",
        Optional.empty(),
        false);
  }

  // ---- the end

  /**
   * SHA-256 of the node's page as of its last sample, in hexadecimal digits: what a collector that
   * has the same values serves at {@code /metrics/node/NAME}.
   */
  Optional<String> digest() {
    return last.map(sample -> {
      PageBuffer page = new PageBuffer(256 * 1024);
      new PageWriter().write(new NodeSnapshot(1, 0, List.of(sample)), TextFormat.PROMETHEUS, page);
      return digest(page.toByteArray());
    });
  }

  static String digest(byte[] page) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(page));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
