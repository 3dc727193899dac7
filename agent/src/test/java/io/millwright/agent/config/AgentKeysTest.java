package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AgentKeysTest {
  private static final Path REFERENCE = Path.of("..", "docs", "configuration.md");

  @Test
  void eachKeyHasItsOwnPathVariableAndValue() {
    assertThat(AgentKeys.ALL).extracting(Key::path).doesNotHaveDuplicates().hasSize(52);
    assertThat(AgentKeys.ALL).extracting(Key::variable).doesNotHaveDuplicates();
    assertThat(AgentKeys.ALL).allMatch(key -> key.path().matches("[a-z_]+(\\.[a-z][a-z0-9_]*)?"));
    assertThat(AgentKeys.ALL).extracting(Key::setBy).noneMatch(String::isBlank);
    assertThat(AgentKeys.NVIDIA_CALL_DEADLINE.variable())
        .isEqualTo("MILLWRIGHT_NVIDIA_CALL_DEADLINE");
  }

  @Test
  void keysOfASectionStandTogether() {
    assertThat(AgentKeys.names(""))
        .containsExactly(
            "node",
            "mode",
            "listen",
            "sampling",
            "metrics",
            "page",
            "collector",
            "jobs",
            "health",
            "power",
            "nvidia",
            "neuron",
            "evidence",
            "host");
    assertThat(
            AgentConfigText.of(AgentConfig.standard("a")).lines().filter(l -> !l.startsWith(" ")))
        .hasSize(14);
  }

  @Test
  void everyValueOfTheFullFileIsNotTheDefault() {
    AgentConfig full = Reads.config(Reads.file(ConfigReaderTest.FULL));
    AgentConfig standard = AgentConfig.standard("node-17");
    assertThat(AgentKeys.ALL)
        .filteredOn(key -> key.shown(full).equals(key.shown(standard)))
        .extracting(Key::path)
        .containsExactly("host.enabled");
  }

  @Test
  void referenceIsWhatTheTableSays() throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(REFERENCE.getParent());
      Files.writeString(REFERENCE, ConfigReference.markdown());
    }
    assertThat(REFERENCE)
        .as("run with -Dgolden.update=true to rewrite, and read the difference")
        .exists();
    assertThat(Files.readString(REFERENCE)).isEqualTo(ConfigReference.markdown());
  }
}
