package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsTest {
  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    jobs(Samples.running(), Samples.ended("exit(7)"), Samples.job("train", 1, "ended", ""));
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private void jobs(String... jobs) {
    collector.on("GET /v1/jobs", "[" + String.join(",", jobs) + "]");
  }

  private JsonNode json() throws IOException {
    return Json.read(shell.out().getBytes(UTF_8));
  }

  @Test
  void listsTheNewestRunOfEachJob() {
    assertThat(shell.run("jobs")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            JOB    RUN  STATE    NODES        DEVICES  USER  OUTCOME  WALL  ENERGY
            train  2    running  node1,node2  gpu:4    anna  -        -     -
            hello  1    ended    -            gpu:2    anna  exit(7)  1.2s  345J
            """);
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void listsAllRuns() throws IOException {
    assertThat(shell.run("jobs", "--all", "-o", "json")).isZero();
    assertThat(json().path("jobs").findValuesAsText("id"))
        .containsExactly("train-r2", "hello-r1", "train-r1");
  }

  @Test
  void listsTheLatestTwentyOfThoseThatHaveEnded() throws IOException {
    List<String> many = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      many.add(Samples.job("e" + i, 1, "ended", ""));
    }
    many.add(Samples.job("old", 1, "running", ""));
    jobs(many.toArray(String[]::new));
    assertThat(shell.run("jobs", "-o", "json")).isZero();
    assertThat(json().path("jobs").findValuesAsText("job"))
        .hasSize(21)
        .startsWith("e1")
        .endsWith("e20", "old");
  }

  @Test
  void showsAnEmptyFleet() throws IOException {
    jobs();
    assertThat(shell.run("jobs")).isZero();
    assertThat(shell.out().lines()).hasSize(1);
    Shell other = new Shell(home, collector);
    assertThat(other.run("jobs", "-o", "json")).isZero();
    assertThat(Json.read(other.out().getBytes(UTF_8)).toString())
        .isEqualTo("{\"schema_version\":1,\"jobs\":[]}");
  }

  @Test
  void showsMoreWhenThereIsRoom() {
    assertThat(shell.run("jobs", "-o", "wide")).isZero();
    assertThat(shell.out().lines().findFirst().orElseThrow())
        .endsWith("PROJECT  PRIORITY  SUBMITTED             COMMAND              WAITING");
    assertThat(shell.out()).contains("2025-11-21T18:50:00Z  /opt/train.sh --big");
  }

  /** What this version does not know is passed on. */
  @Test
  void passesOnAllFieldsAsJsonAndYaml() throws IOException {
    String job = Samples.job("hello", 1, "running", ",\"new_field\":\"0123\"");
    jobs(job);
    String wanted = "{\"schema_version\":1,\"jobs\":[" + job + "]}";
    assertThat(shell.run("jobs", "-o", "json")).isZero();
    assertThat(json()).isEqualTo(Json.read(wanted.getBytes(UTF_8)));
    Shell other = new Shell(home, collector);
    assertThat(other.run("jobs", "-o", "yaml")).isZero();
    assertThat(other.out()).startsWith("schema_version: 1\njobs:\n- schema_version: 1\n");
    assertThat(new YAMLMapper().readTree(other.out()).toString()).isEqualTo(wanted);
  }

  @Test
  void writesCsvAsRfc4180() {
    jobs(Samples.job("hello", 1, "queued", ",\"waiting\":\"no room, \\\"yet\\\"\\nor so\""));
    assertThat(shell.run("jobs", "-o", "csv")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            "job,run,state,nodes,devices,user,outcome,wall_ms,joules,project,priority,"
                + "submitted_ms,argv,waiting\r\n"
                + "hello,1,queued,,,anna,,,,llm,50,1763751000000,/bin/echo hi,"
                + "\"no room, \"\"yet\"\"\nor so\"\r\n");
  }

  @Test
  void hasColourOnATerminalOnly() {
    shell.terminal = true;
    shell.env.put("TERM", "xterm");
    assertThat(shell.run("jobs")).isZero();
    assertThat(shell.out()).contains("\u001b[32mrunning\u001b[0m  node1").contains("\u001b[1mJOB");
    assertThat(colour("auto", true, "NO_COLOR", "1")).isFalse();
    assertThat(colour("auto", true, "TERM", "dumb")).isFalse();
    assertThat(colour("auto", false, "TERM", "xterm")).isFalse();
    assertThat(colour("never", true, "TERM", "xterm")).isFalse();
    assertThat(colour("always", false, "NO_COLOR", "1")).isTrue();
  }

  private boolean colour(String when, boolean terminal, String variable, String value) {
    Shell other = new Shell(home, collector);
    other.env.put("TERM", "xterm");
    other.env.put(variable, value);
    other.terminal = terminal;
    assertThat(other.run("jobs", "--color=" + when)).isZero();
    return other.out().contains("\u001b[");
  }

  @Test
  void keepsControlCharactersFromATerminal() throws IOException {
    String evil = "\\u001b]0;x\\u0007\\u009b31m\\u202e\\r\\n\\u007f";
    String job =
        Samples.job("hello", 1, "ended", ",\"outcome\":\"refused(%s)\"".formatted(evil))
            .replace("\"anna\"", "\"" + evil + "\"");
    jobs(job);
    collector.on("GET /v1/jobs/hello", job);
    for (String format : List.of("table", "wide", "csv", "yaml", "json")) {
      for (String[] verb : List.of(new String[] {"jobs"}, new String[] {"job", "hello"})) {
        Shell other = new Shell(home, collector);
        other.terminal = true;
        other.env.put("NO_COLOR", "1");
        List<String> words = new ArrayList<>(List.of(verb));
        words.addAll(List.of("-o", format));
        assertThat(other.run(words.toArray(String[]::new))).isZero();
        assertThat(other.out().replace("\r\n", ""))
            .as(format)
            .doesNotContainPattern("[\\p{Cc}&&[^\\n]]");
      }
    }
    assertThat(shell.run("jobs", "-o", "json")).isZero();
    assertThat(json().path("jobs").path(0).path("user").asText())
        .isEqualTo("\u001b]0;x\u0007\u009b31m\u202e\r\n\u007f");
  }

  @Test
  void keepsControlCharactersOfAProblemFromATerminal() {
    collector.on("GET /v1/jobs", one -> Reply.problem(400, "no\\u001b[31m"));
    assertThat(shell.run("jobs")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("no?[31m\n");
  }

  @Test
  void showsARunWithItsShares() {
    collector.on("GET /v1/jobs/train", Samples.running());
    assertThat(shell.run("job", "train")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            run          train-r2
            state        running
            command      /opt/train.sh --big
            user         anna
            project      llm
            priority     50
            nodes        2
            devices      gpu:4
            submitted    2025-11-21T18:50:00Z
            started      2025-11-21T18:50:01Z
            ended        -
            wall         -
            device-time  -
            energy       -

            NODE   STATE    OUTCOME  WALL  ENERGY  SAYS
            node1  running  -        -     -       -
            node2  stuck    -        -     12.3kJ  pid 7 waits in uvm_wait

            NODE   DEVICE
            node1  GPU-1
            node1  GPU-2
            node2  GPU-3
            node2  GPU-4
            """);
  }

  @Test
  void showsWhyARunWaits() {
    collector.on(
        "GET /v1/jobs/hello",
        Samples.job("hello", 1, "queued", ",\"waiting\":\"node1: 0 of 8 devices are free\""));
    assertThat(shell.run("job", "hello", "--run", "1")).isZero();
    assertThat(shell.out()).contains("waiting      node1: 0 of 8 devices are free\n");
    assertThat(collector.lines()).containsExactly("GET /v1/jobs/hello?run=1");
  }

  @Test
  void showsARunInOtherFormats() throws IOException {
    collector.on("GET /v1/jobs/hello", Samples.ended("completed"));
    assertThat(shell.run("job", "hello", "-o", "json")).isZero();
    assertThat(json()).isEqualTo(Json.read(Samples.ended("completed").getBytes(UTF_8)));
    Shell other = new Shell(home, collector);
    assertThat(other.run("job", "hello", "-o", "csv")).isZero();
    assertThat(other.out()).contains("\r\nhello,1,ended,,,anna,completed,1250,345.4,llm,");
  }

  /** As {@code run} prints it. */
  @Test
  void findsARunByItsId() {
    collector.on("GET /v1/jobs/hello", Samples.ended("completed"));
    assertThat(shell.run("job", "hello-r1")).isZero();
    assertThat(collector.lines())
        .containsExactly("GET /v1/jobs/hello-r1", "GET /v1/jobs/hello?run=1");
  }

  @Test
  void saysThatAJobIsNotKnown() {
    collector.on("GET /v1/jobs/no-r7", one -> Reply.problem(404, "No job 'no-r7' is known."));
    assertThat(shell.run("job", "no-r7")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("No job 'no-r7' is known.\n");
    assertThat(shell.run("job", "../x y")).isEqualTo(1);
    assertThat(collector.lines()).endsWith("GET /v1/jobs/..%2Fx%20y");
  }

  @Test
  void cancelsTheRunThatItFound() {
    collector.on("GET /v1/jobs/train", Samples.running());
    collector.on(
        "POST /v1/jobs/train/cancel",
        one -> Reply.json(202, Samples.job("train", 2, "stopping", "")));
    assertThat(shell.run("cancel", "train")).isZero();
    assertThat(shell.out()).isEqualTo("train-r2 stopping\n");
    assertThat(collector.lines())
        .containsExactly("GET /v1/jobs/train", "POST /v1/jobs/train/cancel?run=2");
    assertThat(collector.asked().getLast().body()).isEmpty();
  }

  @Test
  void passesTheSentenceOfACancelThatIsRefused() {
    collector.on("GET /v1/jobs/train", Samples.running());
    collector.on("POST /v1/jobs/train/cancel", one -> Reply.problem(409, "It has ended."));
    assertThat(shell.run("cancel", "train", "--run=2")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("It has ended.\n");
  }
}
