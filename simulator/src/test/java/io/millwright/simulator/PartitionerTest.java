package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UP;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.drivers.nvml.actuator.Outcome;
import io.millwright.drivers.nvml.actuator.PartitionChange;
import io.millwright.drivers.nvml.actuator.Partitioner;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A device is divided through the library itself. */
class PartitionerTest {

  private static Partitioner open(SimulatedNode simulated) {
    if (NvmlLibrary.open(simulated.library().toString())
            instanceof NvmlLibrary.Result.Opened(NvmlLibrary library)
        && Partitioner.open(library) instanceof Partitioner.Opened.Ready(Partitioner ready)) {
      return ready;
    }
    throw new AssertionError("the simulated library was not loaded");
  }

  private static String uuid(SimulatedNode simulated, int device) throws IOException {
    return simulated.get(device).getOrDefault("uuid", "");
  }

  private static void needsRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "the driver lets root do this");
  }

  @Test
  void whatItMakesIsAnAcceleratorOfTheRunningAgentAndGoesAgain() throws IOException {
    needsRoot();
    try (WatchedNode node = WatchedNode.start("devices 2", "set 1 mig_mode 1").awaitUp(2);
        Partitioner partitioner = open(node.simulated())) {
      String device = uuid(node.simulated(), 1);
      if (!(partitioner.create(device, "3g.90gb", OptionalInt.of(4))
          instanceof PartitionChange.Created(int number, int start, int size, String uuid))) {
        throw new AssertionError("it was refused");
      }
      assertThat(List.of(number, start, size)).containsExactly(2, 4, 4);
      soon().until(() -> node.upByUuid().contains(uuid));
      assertThat(node.measured(ACCELERATOR_UP)).hasSize(3);

      node.simulated().command("process 1 add 4711 4096 gi2");
      assertThat(partitioner.destroy(device, number)).isEqualTo(new PartitionChange.InUse());
      assertThat(node.simulated().command("mig 1 list")).hasSize(1);
      node.simulated().command("process 1 clear");
      assertThat(partitioner.destroy(device, number))
          .isEqualTo(new PartitionChange.Destroyed(number));
      soon().until(() -> node.upByUuid().size() == 2);
    }
  }

  @Test
  void severalComputeInstancesGoWithTheirGpuInstance() throws IOException {
    needsRoot();
    SimulatedNode simulated =
        WatchedNode.simulated(
            "profile h100", "set 0 mig_mode 1", "mig 0 create 4g.40gb 0 1c 1c 2c");
    try (Partitioner partitioner = open(simulated)) {
      assertThat(simulated.command("mig 0 list")).hasSize(3);
      assertThat(partitioner.destroy(uuid(simulated, 0), 1))
          .isEqualTo(new PartitionChange.Destroyed(1));
      assertThat(simulated.command("mig 0 list")).isEmpty();
    }
  }

  @Test
  void whatCannotBeIsSaidAndNothingIsTouched() throws IOException {
    needsRoot();
    SimulatedNode simulated = WatchedNode.simulated("profile b200", "set 0 mig_mode 1");
    try (Partitioner partitioner = open(simulated)) {
      String device = uuid(simulated, 0);
      OptionalInt anywhere = OptionalInt.empty();
      assertThat(partitioner.create(device, "9g.1gb", anywhere))
          .isEqualTo(
              new PartitionChange.NoSuchProfile(
                  List.of(
                      "1g.23gb",
                      "2g.45gb",
                      "3g.90gb",
                      "4g.90gb",
                      "7g.180gb",
                      "1g.23gb+me",
                      "1g.45gb")));
      assertThat(partitioner.create(device, "3g.90gb", OptionalInt.of(3)))
          .isEqualTo(new PartitionChange.NoSuchPlace(List.of(0, 4)));
      assertThat(partitioner.create(device, "7g.180gb", anywhere))
          .isInstanceOf(PartitionChange.Created.class);
      assertThat(partitioner.create(device, "1g.23gb", anywhere))
          .isEqualTo(new PartitionChange.NoRoom());
      assertThat(partitioner.destroy(device, 9)).isEqualTo(new PartitionChange.NoSuchInstance());
      assertThat(partitioner.create(uuid(simulated, 1), "1g.23gb", anywhere))
          .isEqualTo(new PartitionChange.ModeOff());
      assertThat(partitioner.create("GPU-none", "1g.23gb", anywhere))
          .isEqualTo(new Outcome.NoDevice());
      simulated.fault(0, "lost");
      assertThat(partitioner.destroy(device, 0)).isEqualTo(new Outcome.Lost());
    }
  }

  /** Without its compute instance nobody could use it: the GPU instance is taken back. */
  @Test
  void nothingIsLeftOfAnInstanceThatCannotBeCompleted() throws IOException {
    needsRoot();
    SimulatedNode simulated = WatchedNode.simulated("profile b200", "set 0 mig_mode 1");
    try (Partitioner partitioner = open(simulated)) {
      simulated.fault(0, "code nvmlGpuInstanceCreateComputeInstance 999");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(0)))
          .isEqualTo(new Outcome.Refused(999));
      simulated.fault(0, "code nvmlGpuInstanceCreateComputeInstance 0");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(0)))
          .isInstanceOf(PartitionChange.Created.class);
    }
  }

  @Test
  void aGpuInstanceThatCannotBeTakenBackIsSaid() throws IOException {
    needsRoot();
    SimulatedNode simulated = WatchedNode.simulated("profile b200", "set 0 mig_mode 1");
    try (Partitioner partitioner = open(simulated)) {
      simulated.fault(0, "code nvmlGpuInstanceCreateComputeInstance 3");
      simulated.fault(0, "code nvmlGpuInstanceDestroy 19");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(0)))
          .isEqualTo(new PartitionChange.LeftBehind(3, 19));
      simulated.fault(0, "code nvmlGpuInstanceDestroy 0");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(1)))
          .as("the device can be divided: it was, and only the rest is refused")
          .isEqualTo(new Outcome.Refused(3));
    }
  }

  @Test
  void whatIsLostOrGoneMeanwhileIsNotLeftBehind() throws IOException {
    needsRoot();
    SimulatedNode simulated = WatchedNode.simulated("profile b200", "set 0 mig_mode 1");
    try (Partitioner partitioner = open(simulated)) {
      simulated.fault(0, "code nvmlGpuInstanceCreateComputeInstance 15");
      simulated.fault(0, "code nvmlGpuInstanceDestroy 999");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(0)))
          .isEqualTo(new Outcome.Lost());
      simulated.fault(0, "code nvmlGpuInstanceCreateComputeInstance 999");
      simulated.fault(0, "code nvmlGpuInstanceDestroy 6");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.of(1)))
          .isEqualTo(new Outcome.Refused(999));
    }
  }

  /** What could not be asked is no answer: neither "no such profile", nor "in use", nor "gone". */
  @Test
  void aQuestionThatFailsIsToldAsThat() throws IOException {
    needsRoot();
    SimulatedNode simulated =
        WatchedNode.simulated("profile b200", "set 0 mig_mode 1", "mig 0 create 1g.23gb 0");
    try (Partitioner partitioner = open(simulated)) {
      String device = uuid(simulated, 0);
      simulated.fault(0, "code nvmlDeviceGetGpuInstanceProfileInfoV 999");
      assertThat(partitioner.create(device, "1g.23gb", OptionalInt.empty()))
          .isEqualTo(new Outcome.Refused(999));
      simulated.fault(0, "code nvmlDeviceGetComputeRunningProcesses_v3 4");
      assertThat(partitioner.destroy(device, 7)).isEqualTo(new Outcome.NeedsRoot());
      simulated.fault(0, "code nvmlDeviceGetComputeRunningProcesses_v3 3");
      assertThat(partitioner.destroy(device, 7)).isEqualTo(new PartitionChange.InUse());
      assertThat(simulated.command("mig 0 list")).hasSize(1);
      simulated.fault(0, "code nvmlDeviceGetComputeRunningProcesses_v3 0");
      simulated.fault(0, "code nvmlGpuInstanceGetComputeInstanceProfileInfoV 999");
      assertThat(partitioner.destroy(device, 7)).isEqualTo(new Outcome.Refused(999));
      assertThat(simulated.command("mig 0 list")).hasSize(1);
      simulated.set(0, "mig_mode", 2);
      assertThat(partitioner.destroy(device, 7)).isEqualTo(new PartitionChange.ModeUnknown());
    }
  }

  @Test
  void rootIsNeededAndThatIsAValue() throws IOException {
    SimulatedNode simulated = WatchedNode.simulated("profile b200", "set 0 mig_mode 1");
    try (Partitioner partitioner = open(simulated)) {
      simulated.fault(0, "code nvmlDeviceCreateGpuInstance 4");
      assertThat(partitioner.create(uuid(simulated, 0), "1g.23gb", OptionalInt.empty()))
          .isEqualTo(new Outcome.NeedsRoot());
    }
  }

  @Test
  void aProductThatCannotBeDividedSaysSo() throws IOException {
    SimulatedNode simulated = WatchedNode.simulated("profile l40s");
    try (Partitioner partitioner = open(simulated)) {
      assertThat(partitioner.create(uuid(simulated, 0), "1g.6gb", OptionalInt.empty()))
          .isEqualTo(new Outcome.Unsupported());
    }
  }
}
