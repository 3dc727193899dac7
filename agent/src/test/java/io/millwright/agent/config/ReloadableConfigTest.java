package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReloadableConfigTest {
  private String file = "nvidia: {expected_accelerators: 1}";
  private final ConfigResult.Loaded first = Reads.loaded(Reads.file(file));
  private final ReloadableConfig config = new ReloadableConfig(first, () -> Reads.file(file));

  @Test
  void takesUpAGoodFile() {
    file = "nvidia: {expected_accelerators: 2}";
    ConfigResult.Loaded loaded = Reads.loaded(config.reload());
    assertThat(config.config().nvidia().expectedAccelerators()).hasValue(2);
    assertThat(config.config()).isEqualTo(loaded.config());
    assertThat(config.sha256()).isEqualTo(loaded.sha256()).isNotEqualTo(first.sha256());
  }

  @Test
  void keepsTheOldOneWhenTheFileIsBad() {
    file = "nvidia: {expected_accelerators: 2}\nnode: {rack: \"\\a\"}";
    assertThat(Reads.sentences(config.reload())).hasSize(1);
    assertThat(config.config()).isEqualTo(first.config());
    assertThat(config.sha256()).isEqualTo(first.sha256());
  }

  @Test
  void appliesNothingWhenAKeyNeedsARestart() {
    file =
        """
        page: {max_connections: 2}
        node: {name: other}
        listen: 0.0.0.0:9460
        nvidia: {library: libother.so}
        """;
    assertThat(Reads.sentences(config.reload()))
        .containsExactly(
            restart("node.name changed from \"node-17\" to \"other\""),
            restart("listen changed from \"127.0.0.1:9460\" to \"0.0.0.0:9460\""),
            restart("page.max_connections changed from 16 to 2"),
            restart("nvidia.library changed from \"libnvidia-ml.so.1\" to \"libother.so\""));
    assertThat(config.config()).isEqualTo(first.config());
  }

  @Test
  void recoversWithTheNextGoodFile() {
    file = "listen: nowhere";
    config.reload();
    file = "nvidia: {expected_accelerators: 3}";
    assertThat(config.reload()).isInstanceOf(ConfigResult.Loaded.class);
    assertThat(config.config().nvidia().expectedAccelerators()).hasValue(3);
  }

  private static String restart(String change) {
    return "reload: "
        + change
        + ", which needs a restart; restart the agent, or put the old value back to reload the"
        + " rest";
  }
}
