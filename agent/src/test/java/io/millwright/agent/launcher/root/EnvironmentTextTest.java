package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The module systemd's own tests show that the values arrive; these are the rules. */
class EnvironmentTextTest {

  @Test
  void escapesWhatHasAMeaningBetweenQuotes() {
    assertThat(EnvironmentText.of(Map.of("A", "q\" b\\ d$x ${y} `id` 'z' # ; %h ü")))
        .isEqualTo("A=\"q\\\" b\\\\ d\\$x \\${y} \\`id\\` 'z' # ; %h ü\"\n");
  }

  @Test
  void aContainersVariablesStandAsTheyAre() {
    assertThat(EnvironmentText.plain(Map.of("A", " q\" b\\ $x=# ")))
        .isEqualTo("A= q\" b\\ $x=# \n");
    assertThatThrownBy(() -> EnvironmentText.plain(Map.of("A", "x\nB=y")))
        .hasMessageContaining("control character");
  }

  @Test
  void refusesALineBreak() {
    assertThatThrownBy(() -> EnvironmentText.of(Map.of("A", "x\nB=y")))
        .hasMessageContaining("control character");
  }
}
