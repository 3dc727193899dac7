package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One MIG instance, an accelerator of its own: its memory, its processes, and where it has its GPU
 * instance for itself what its engines do and the errors that the driver counts of it. Everything
 * else belongs to the device it is a part of.
 *
 * <p><i>Lifecycle:</i> as long as its device is open and it is not destroyed. <i>Threading:</i> the
 * lane of its device, whose locks its calls take. <i>Failure:</i> what it does not answer is its
 * own fault and never its device's.
 */
public final class NvmlInstance {
  private final Accelerator accelerator;
  private final Division.Part part;
  private final NativeBlock block;
  private final Readings readings;
  private final DeviceCalls own;
  private final DeviceCalls within;
  private final List<Reader> readers;
  private final List<Reader> engines;
  private boolean answers;

  /**
   * @param nvml with room of its own in the admission of its device
   * @param device the handle of its device, by which the counters of a GPU instance are read
   * @param alone whether it has its GPU instance for itself, so that those counters and errors are
   *     its own
   */
  NvmlInstance(
      Nvml nvml,
      long device,
      Division.Part part,
      boolean alone,
      Accelerator accelerator,
      String driverVersion,
      String[] infoLabels,
      Metric.Tier tier,
      BooleanSupplier counters) {
    this.accelerator = accelerator;
    this.part = part;
    this.block = new NativeBlock(DeviceCalls.OUT + DeviceCalls.OUT_SIZE);
    SeriesTable.Builder table = SeriesTable.builder(tier);
    int info = table.add(Cadence.ONCE, Series.of(Metric.ACCELERATOR_INFO, accelerator, infoLabels));
    List<Reader> reading = new ArrayList<>();
    reading.add(new MemoryReader(table, accelerator));
    reading.add(new ProcessReader(driverVersion, table, accelerator));
    List<Reader> measuring = new ArrayList<>();
    if (alone) {
      reading.add(new InstanceErrorReader(table, accelerator));
      measuring.add(ActivityReader.ofInstance(counters, table, accelerator, part.gpuInstance()));
    }
    this.readers = List.copyOf(reading);
    this.engines = List.copyOf(measuring);
    this.readings = new Readings(table.build());
    readings.measured(info, 1);
    this.own = new DeviceCalls(nvml, part.handle(), block, readings);
    this.within = new DeviceCalls(nvml, device, block, readings);
  }

  /** Who this is; its index is that of its device with its own number: {@code 3:gi1}. */
  public Accelerator accelerator() {
    return accelerator;
  }

  public Readings readings() {
    return readings;
  }

  /** Whether it answered when it was asked last. */
  public boolean answers() {
    return answers;
  }

  /** Nothing of it can be read: its device is lost. */
  public void lose(long nowNanos, Fault fault) {
    answers = false;
    readings.at(nowNanos);
    readings.allUnavailable(fault);
  }

  boolean is(Division.Part other, Accelerator named) {
    return part.equals(other) && accelerator.equals(named);
  }

  /** By which the books of cost tell its calls from those of its device, which has 0. */
  int number() {
    return number(part);
  }

  static int number(Division.Part part) {
    return 1 + part.number();
  }

  /** Whether its handle was refused in the last round: it is probably there no more. */
  boolean gone() {
    return own.handleRefused();
  }

  /** Within the round of its device. */
  void read(Cadence cadence, long nowNanos) {
    readings.at(nowNanos);
    own.join(cadence, nowNanos);
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).read(cadence, own);
    }
    if (own.answered() || own.failed()) {
      answers = own.answered();
    }
    within.join(cadence, nowNanos);
    for (int i = 0; i < engines.size(); i++) {
      engines.get(i).read(cadence, within);
    }
  }

  void askAnew() {
    readers.forEach(Reader::askAnew);
    engines.forEach(Reader::askAnew);
  }

  void close() {
    readers.forEach(reader -> reader.close(own));
    engines.forEach(reader -> reader.close(within));
    block.close();
  }
}
