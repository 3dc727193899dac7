package io.millwright.drivers.nvml;

import io.millwright.drivers.Source;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One NVIDIA device that answered when it was opened.
 *
 * <p><i>Lifecycle:</i> made by {@link NvmlDriver#open}; of no use any more once a round ended as
 * lost or without driver: close it and open anew. <i>Threading:</i> its lane's thread only.
 * <i>Failure:</i> as {@link Source} says; a call may block for ever, and the lane's watch knows
 * which.
 */
public final class NvmlDevice implements Source {
  private static final int FAST_FIELDS = DeviceCalls.OUT + DeviceCalls.OUT_SIZE;
  private static final int MEDIUM_FIELDS = FAST_FIELDS + FieldBatch.size(FastFields.COUNT);
  private static final int BLOCK_SIZE = MEDIUM_FIELDS + FieldBatch.size(MediumFields.COUNT);

  private final Accelerator accelerator;
  private final Readings readings;
  private final DeviceCalls calls;
  private final List<Reader> readers;

  /**
   * @param counters whether the performance counters are ours to use now
   */
  NvmlDevice(
      Nvml nvml,
      long device,
      NvmlIdentity identity,
      String driverVersion,
      BooleanSupplier counters) {
    this.accelerator = identity.accelerator();
    NativeBlock block = new NativeBlock(BLOCK_SIZE);
    SeriesTable.Builder table = SeriesTable.builder();
    int info =
        table.add(
            Cadence.ONCE,
            Series.of(Metric.ACCELERATOR_INFO, accelerator, identity.infoLabels(driverVersion)));
    this.readers = readers(block, table, driverVersion, counters);
    this.readings = new Readings(table.build());
    this.calls = new DeviceCalls(nvml, device, block, readings);
    readings.measured(info, 1);
  }

  /** Readers of fields come before those that take entries from them. */
  private List<Reader> readers(
      NativeBlock block,
      SeriesTable.Builder table,
      String driverVersion,
      BooleanSupplier counters) {
    FastFields fast = new FastFields(block, FAST_FIELDS, FieldIds.of(driverVersion));
    MediumFields medium = new MediumFields(block, MEDIUM_FIELDS);
    PowerReader power = new PowerReader(fast, medium, table, accelerator);
    ActivityReader activity = new ActivityReader(counters, table, accelerator);
    return List.of(
        fast,
        medium,
        power,
        new EnergyReader(fast, table, accelerator),
        new PowerWindowReader(fast, power, table, accelerator),
        activity,
        new FabricReader(table, accelerator),
        new ThermalReader(fast, table, accelerator),
        new ClockReader(fast, table, accelerator),
        new LoadReader(activity, table, accelerator),
        new ErrorReader(medium, table, accelerator));
  }

  /** Who this is, for as long as it is open. */
  public Accelerator accelerator() {
    return accelerator;
  }

  /** The {@code nvmlDevice_t}, by which events name their device. */
  public long handle() {
    return calls.device();
  }

  /** The calls that are made less often than they should be; another instance when that changed. */
  public List<Demotion> demotions() {
    return calls.nvml().admission().demotions();
  }

  /** Something happened to the device: what it refused is asked for once more. */
  public void askAnew() {
    calls.nvml().admission().forgetRefusals();
    for (Reader reader : readers) {
      reader.askAnew();
    }
  }

  /** What came of registering. */
  public enum Registered {
    WATCHED,
    /** The device has no events. */
    UNSUPPORTED,
    /** Not now; to be tried again. */
    REFUSED
  }

  /** Asks the driver to put this device's events into a set; events before this are lost. */
  public Registered register(NvmlEvents events) {
    int code = calls.nvml().supportedEvents(calls.device(), calls.out(0));
    if (code == NvmlCode.SUCCESS) {
      long types = calls.block().getLong(DeviceCalls.OUT) & NvmlEvents.WANTED;
      code = calls.nvml().registerEvents(calls.device(), types, events.set());
    }
    if (code == NvmlCode.SUCCESS) {
      return Registered.WATCHED;
    }
    return NvmlCode.absent(code) ? Registered.UNSUPPORTED : Registered.REFUSED;
  }

  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    readings.at(nowNanos);
    calls.begin(cadence, nowNanos);
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).read(cadence, calls);
    }
    return calls.outcome();
  }

  @Override
  public void close() {
    readers.forEach(reader -> reader.close(calls));
    calls.block().close();
  }
}
