package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a unit of systemd may hold at all, before the launcher looks at each device. */
class DeviceClassTest {

  private static Assignment wants(DeviceKind kind, String... uuids) {
    JobSpec spec =
        new JobSpec(
            "a",
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            "anna",
            "",
            50,
            new DeviceRequest(kind, uuids.length),
            1,
            OptionalLong.empty(),
            0,
            OptionalLong.empty(),
            OptionalInt.empty(),
            JobSpec.LeaseRule.KEEP);
    return new Assignment(
        new RunId("a", 1),
        "n",
        new Term(1, 1, 1),
        1,
        spec,
        new DeviceSet(kind, Arrays.asList(uuids)));
  }

  @ParameterizedTest
  @EnumSource
  void bothVendorsDevicesAreGivenWhereThePolicyNamesTheirClass(DeviceKind kind) {
    Assignment one = wants(kind, "one");
    DeviceClass needed = DeviceClass.of(kind);
    assertThat(SystemdUnits.devices(one, Set.of(needed))).isEmpty();
    assertThat(SystemdUnits.devices(one, EnumSet.complementOf(EnumSet.of(needed))))
        .hasValue(
            "devices: this node's policy gives jobs no device of class %s; add it to device_classes"
                .formatted(needed.word()));
    assertThat(SystemdUnits.devices(wants(kind), Set.of())).as("none is wanted").isEmpty();
  }

  @Test
  void aMigInstanceIsGivenWhereItsGpuWouldBe() {
    Assignment one = wants(DeviceKind.GPU, "MIG-1");
    assertThat(SystemdUnits.devices(one, Set.of(DeviceClass.NVIDIA))).isEmpty();
    assertThat(SystemdUnits.devices(one, Set.of(DeviceClass.NEURON))).isPresent();
  }
}
