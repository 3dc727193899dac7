package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home);
  }

  @ParameterizedTest
  @CsvSource({
    "jbos,jobs",
    "acelerators,accelerators",
    "simulte,simulate",
    "benchmarks,benchmark",
    "cancle,cancel",
    "staus,status",
    "--hepl,--help"
  })
  void saysWhichVerbWasMeant(String given, String meant) {
    assertThat(shell.run(given)).isEqualTo(64);
    assertThat(shell.err())
        .startsWith("'%s' is not known here; did you mean %s?\n".formatted(given, meant));
  }

  @ParameterizedTest
  @CsvSource({
    "run,--gpu=4,--gpus",
    "run,--wiat,--wait",
    "jobs,--al,--all",
    "logs,--folow,--follow"
  })
  void saysWhichOptionWasMeant(String verb, String given, String meant) {
    assertThat(shell.run(verb, given, "x")).isEqualTo(64);
    assertThat(shell.err()).contains("did you mean " + meant + "?");
  }

  /** A verb of the launcher is none of a verb's own. */
  @Test
  void offersNoVerbWhereAnOptionIsMeant() {
    assertThat(shell.run("jobs", "simulat")).isEqualTo(64);
    assertThat(shell.err()).startsWith("'simulat' is not known here\n");
  }

  /** The launcher of a source checkout tells of each verb and passes it on. */
  @Test
  void theLauncherKnowsEachVerb() throws IOException {
    String launcher = Files.readString(Path.of("..", "millwright"));
    String usage = launcher.substring(launcher.indexOf("<<'END'"), launcher.indexOf("\nEND\n"));
    String passed =
        launcher
            .lines()
            .filter(line -> line.endsWith(") find_jdk && run_cli \"$@\" ;;"))
            .collect(Collectors.joining());
    assertThat(Main.verbs().getSubcommands().keySet())
        .contains("jobs", "returns")
        .filteredOn(verb -> !verb.equals("help"))
        .allSatisfy(verb -> {
          assertThat(usage).containsPattern("(?m)(^  |\\| )" + verb + "\\b");
          assertThat(passed).containsPattern("(^|\\| )" + verb + "( |\\))");
        });
    assertThat(usage).contains("  incidents close ID");
  }

  @Test
  void saysWhichFormatWasMeant() {
    assertThat(shell.run("jobs", "-o", "jsn")).isEqualTo(64);
    assertThat(shell.err())
        .contains("--output")
        .contains("'jsn' is refused; allowed is table, wide, json, yaml, csv; did you mean json?");
    assertThat(shell.run("jobs", "--color=sometimes")).isEqualTo(64);
  }

  @Test
  void saysThatAVerbOrAParameterIsMissing() {
    assertThat(shell.run()).isEqualTo(64);
    assertThat(shell.err()).startsWith("a verb is missing\n");
    assertThat(shell.run("job")).isEqualTo(64);
    assertThat(shell.run("job", "a", "b")).isEqualTo(64);
    assertThat(shell.run("job", "a", "--run", "0x")).isEqualTo(64);
    assertThat(shell.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "submit",
        "jobs",
        "job",
        "logs",
        "cancel",
        "status",
        "nodes",
        "node",
        "accelerators",
        "events",
        "incidents"
      })
  void hasHelpForEachVerb(String verb) {
    assertThat(shell.run(verb, "--help")).isZero();
    assertThat(shell.out())
        .contains("millwright " + verb)
        .contains("--collector=URL")
        .contains("--token-file=FILE");
    assertThat(shell.err()).isEmpty();
  }
}
