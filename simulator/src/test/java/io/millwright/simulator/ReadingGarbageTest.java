package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.CallLedger;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.drivers.nvml.NvmlDriver;
import io.millwright.drivers.nvml.NvmlDriver.Attached;
import io.millwright.drivers.nvml.NvmlDriver.Opened;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Reading a device leaves no garbage behind, so that a second is as cheap as the one before. */
class ReadingGarbageTest {
  private static final int ROUNDS = 1000;
  private long pretendedNanos;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** With all tiers: what is read of each link too. */
  @ParameterizedTest
  @CsvSource({
    "b200, FAST",
    "b200, MEDIUM",
    "b200, SLOW",
    "h100, SLOW",
    "gb200, FAST",
    "gb200, SLOW",
  })
  void aTickOfADeviceAllocatesNothing(String profile, Cadence cadence) throws Exception {
    allocatesNothing(
        cadence,
        0,
        "profile " + profile,
        "load 0.7",
        "confidential feature 1",
        "set all accounting_mode 1",
        "set all processes 3");
  }

  /** With instances, which are read in the rounds of their device. */
  @ParameterizedTest
  @EnumSource(
      value = Cadence.class,
      names = {"FAST", "MEDIUM", "SLOW"})
  void aTickOfADividedDeviceAllocatesNothing(Cadence cadence) throws Exception {
    allocatesNothing(
        cadence,
        2,
        "load 0.7",
        "set 0 mig_mode 1",
        "mig 0 create 3g.90gb 0",
        "mig 0 create 1g.23gb 6");
  }

  private void allocatesNothing(Cadence cadence, int instances, String... scenario)
      throws Exception {
    SimulatedNode simulated = AgentProcess.simulated(scenario);
    NvmlDriver driver = driver(simulated);
    if (!(driver.attach(CallWatch.NONE) instanceof Attached.Ready ready)) {
      throw new AssertionError("the simulated driver refused");
    }
    String uuid = driver.uuidAt(0, CallWatch.NONE).orElseThrow();
    if (!(driver.open(uuid, ready.driverVersion(), new CallClock(Clock.system(), new CallLedger()))
        instanceof Opened.Device(NvmlDevice device))) {
      throw new AssertionError("the simulated device refused");
    }
    try (device) {
      assertThat(device.instances()).hasSize(instances);
      read(device, cadence); // warms up
      double least = Double.MAX_VALUE; // of five: the JVM's own one-off work is not ours
      for (int i = 0; i < 5; i++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        read(device, cadence);
        least =
            Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) ROUNDS);
      }
      System.out.println("garbage of a %s read of a device: %.2f B".formatted(cadence, least));
      assertThat(least).isZero();
    } finally {
      driver.detach(CallWatch.NONE);
    }
  }

  private static NvmlDriver driver(SimulatedNode simulated) {
    if (NvmlLibrary.open(simulated.library().toString())
        instanceof NvmlLibrary.Result.Opened(NvmlLibrary library)) {
      return new NvmlDriver(library, "node1", Metric.Tier.OPTIONAL);
    }
    throw new AssertionError("the simulated library was not loaded");
  }

  /** A second apart to the readers, because some leave a tick out that comes too soon. */
  private void read(NvmlDevice device, Cadence cadence) {
    for (int i = 0; i < ROUNDS; i++, pretendedNanos += 1_000_000_000) {
      if (device.read(cadence, pretendedNanos) != Source.Outcome.ANSWERED) {
        throw new AssertionError("the device did not answer");
      }
    }
  }
}
