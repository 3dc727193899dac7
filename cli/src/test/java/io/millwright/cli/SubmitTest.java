package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmitTest {
  private static final String TEXT = "{ \"name\":\"hello\",  \"argv\":[\"/bin/ü\"] }\n";

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("POST /v1/jobs", one -> Reply.json(201, Samples.job("hello", 3, "placed", "")));
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(home.resolve("job.json"), text);
  }

  @Test
  void postsAFileAsItIs() throws IOException {
    assertThat(shell.run("submit", file(TEXT).toString())).isZero();
    assertThat(shell.out()).isEqualTo("hello-r3 placed\n");
    assertThat(collector.asked().getFirst().body()).isEqualTo(TEXT);
  }

  @Test
  void postsWhatComesOnStdin() {
    shell.in = TEXT.getBytes(UTF_8);
    assertThat(shell.run("submit", "-")).isZero();
    assertThat(collector.asked().getFirst().body()).isEqualTo(TEXT);
  }

  @Test
  void refusesWhatNoJobIs() throws IOException {
    assertThat(shell.run("submit", file(" ".repeat(60_000)).toString())).isZero();
    assertThat(shell.run("submit", file(" ".repeat(60_001)).toString())).isEqualTo(1);
    assertThat(shell.err()).contains("job.json is longer than 60000 bytes");
    assertThat(collector.asked()).hasSize(1);
  }

  @Test
  void saysThatAFileIsNotThere() {
    assertThat(shell.run("submit", "/no/such.json")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("/no/such.json is not there\n");
    assertThat(shell.run("submit", home.toString())).isEqualTo(1);
    assertThat(shell.err()).contains("cannot be read");
  }

  @Test
  void passesTheCollectorsSentence() throws IOException {
    collector.on("POST /v1/jobs", one -> Reply.problem(400, "nmae: no such field; name is."));
    assertThat(shell.run("submit", file("{\"nmae\":1}").toString())).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("nmae: no such field; name is.\n");
  }
}
