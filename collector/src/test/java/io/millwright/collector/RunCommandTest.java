package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class RunCommandTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "65537"})
  void aHistoryThatDoesNotFitTheHeapIsRefused(String given) {
    StringWriter said = new StringWriter();
    CommandLine command = new CommandLine(new RunCommand()).setErr(new PrintWriter(said));
    assertThat(command.execute("--history-mebibytes", given)).isEqualTo(2);
    assertThat(said.toString())
        .contains("--history-mebibytes: '%s' is refused; allowed is 1 to ".formatted(given))
        .contains("half of this heap");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65"})
  void aNumberOfSparesOutOfItsBoundsIsRefused(String given) {
    StringWriter said = new StringWriter();
    CommandLine command = new CommandLine(new RunCommand()).setErr(new PrintWriter(said));
    assertThat(command.execute("--spare-trays", given)).isEqualTo(2);
    assertThat(said.toString())
        .contains(
            "--spare-trays: '%s' is refused; allowed is 0 to 64, and 0 keeps none"
                .formatted(given));
  }
}
