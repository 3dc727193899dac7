package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The policy that the package brings as an example. */
class ExamplePolicyTest {

  @Test
  void isOne() throws IOException {
    Policy policy = PolicyText.parse(Files.readString(Path.of("../systemd/examples/policy.yaml")));
    assertThat(policy.users()).containsExactlyInAnyOrder("ml-anna", "ml-bert");
    assertThat(policy.deviceClasses()).containsExactly(DeviceClass.NVIDIA);
    assertThat(policy.limits().tasks()).isEqualTo(16_384);
    assertThat(policy.demo()).isFalse();
  }
}
