package io.millwright.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.CallLedger;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one tick of the native readers costs, on one thread over all devices; the counterpart of
 * {@code nvml-loop}.
 *
 * <pre>
 * ReadingCost LIBRARY TICKS fast|medium none|clock
 * </pre>
 *
 * As many ticks again are made before, to be past the compiler.
 */
public final class ReadingCost {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final long SECOND_NANOS = 1_000_000_000;

  private long pretendedNanos;
  private final Clock clock = Clock.system();
  private final Cadence cadence;
  private final List<NvmlDevice> devices;

  private ReadingCost(Cadence cadence, List<NvmlDevice> devices) {
    this.cadence = cadence;
    this.devices = devices;
  }

  public static void main(String[] arguments) {
    if (arguments.length != 4) {
      throw new BenchmarkException("usage: ReadingCost LIBRARY TICKS fast|medium none|clock");
    }
    int ticks = Integer.parseInt(arguments[1]);
    Cadence cadence = Cadence.valueOf(arguments[2].toUpperCase(Locale.ROOT));
    CallWatch watch =
        arguments[3].equals("clock")
            ? new CallClock(Clock.system(), new CallLedger())
            : CallWatch.NONE;
    ReadingCost cost = new ReadingCost(cadence, openDevices(arguments[0], watch));
    cost.ticks(ticks);
    cost.measured(1); // the measuring itself loads classes
    System.out.println(cost.measured(ticks).add("watch", arguments[3]));
  }

  /** All devices of this library, or an exception that says why not. */
  static List<NvmlDevice> openDevices(String path, CallWatch watch) {
    NvmlDriver driver =
        switch (NvmlLibrary.open(path)) {
          case NvmlLibrary.Result.Opened(NvmlLibrary library) ->
              new NvmlDriver(library, "node1", Metric.Tier.BASE);
          case NvmlLibrary.Result.Missing(String sentence) ->
              throw new BenchmarkException(sentence);
          case NvmlLibrary.Result.Unusable(String sentence) ->
              throw new BenchmarkException(sentence);
        };
    return switch (driver.attach(watch)) {
      case NvmlDriver.Attached.Refused(int code, String sentence) ->
          throw new BenchmarkException(sentence + " (" + code + ")");
      case NvmlDriver.Attached.Ready(String version, int count) -> {
        List<NvmlDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          String uuid =
              driver
                  .uuidAt(i, watch)
                  .orElseThrow(() -> new BenchmarkException("a device has no UUID"));
          devices.add(opened(driver.open(uuid, version, watch)));
        }
        yield devices;
      }
    };
  }

  private static NvmlDevice opened(NvmlDriver.Opened opened) {
    return switch (opened) {
      case NvmlDriver.Opened.Device(NvmlDevice device) -> device;
      case NvmlDriver.Opened.Refused refused ->
          throw new BenchmarkException("a device was refused with code " + refused.code());
    };
  }

  private Line measured(int ticks) {
    long thread = Thread.currentThread().threadId();
    long allocated = THREAD.getThreadAllocatedBytes(thread);
    long processCpu = PROCESS.getProcessCpuTime();
    long threadCpu = THREAD.getCurrentThreadCpuTime();
    long began = clock.nanos();
    ticks(ticks);
    long wall = clock.nanos() - began;
    threadCpu = THREAD.getCurrentThreadCpuTime() - threadCpu;
    processCpu = PROCESS.getProcessCpuTime() - processCpu;
    allocated = THREAD.getThreadAllocatedBytes(thread) - allocated;
    return Line.of("reading")
        .add("ticks", ticks)
        .add("devices", devices.size())
        .add("wall_us_per_tick", wall / 1e3 / ticks)
        .add("cpu_us_per_tick", threadCpu / 1e3 / ticks)
        .add("process_cpu_us_per_tick", processCpu / 1e3 / ticks)
        .add("allocated_bytes", allocated)
        .add("bytes_per_tick", (double) allocated / ticks);
  }

  /** Back to back, but a second apart to the readers: some leave a tick out that comes too soon. */
  private void ticks(int ticks) {
    for (int tick = 0; tick < ticks; tick++, pretendedNanos += SECOND_NANOS) {
      for (int i = 0; i < devices.size(); i++) {
        devices.get(i).read(cadence, pretendedNanos);
      }
    }
  }
}
