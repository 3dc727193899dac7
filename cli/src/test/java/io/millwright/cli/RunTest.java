package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.StandIn.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("POST /v1/jobs", one -> Reply.json(201, Samples.job("hello", 1, "queued", "")));
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private JsonNode posted() throws IOException {
    return Json.read(collector.asked().getFirst().body().getBytes(UTF_8));
  }

  @Test
  void asksForInstancesAndForAdapters() throws IOException {
    assertThat(shell.run("run", "--gpus=2", "--mig=1g.23gb", "--rdma", "/bin/true"))
        .as(shell.err())
        .isZero();
    assertThat(posted().get("devices").toString())
        .isEqualTo("{\"kind\":\"gpu\",\"count\":2,\"mig\":\"1g.23gb\",\"rdma\":true}");
  }

  @Test
  void asksForAChannelAndForRacksOfItsOwn() throws IOException {
    assertThat(shell.run("run", "--gpus=4", "--imex", "--spread=rack", "/bin/true"))
        .as(shell.err())
        .isZero();
    assertThat(posted().get("devices").toString())
        .isEqualTo("{\"kind\":\"gpu\",\"count\":4,\"imex\":true}");
    assertThat(posted().get("spread").asText()).isEqualTo("rack");
  }

  @Test
  void makesTheJobOfAllOptions() throws IOException {
    int code =
        shell.run(
            "run",
            "--gpus=2",
            "--nodes=3",
            "--user=anna",
            "--project=llm",
            "--name=hello",
            "--priority=70",
            "--env=A=b=c",
            "--env",
            "EMPTY=",
            "--cwd=/data",
            "--time=90s",
            "--mem=4G",
            "--cpus=16",
            "--",
            "/bin/echo",
            "",
            "@file",
            "--gpus",
            "--",
            "a \"b\" $c");
    assertThat(shell.err()).isEmpty();
    assertThat(code).isZero();
    assertThat(shell.out()).isEqualTo("hello-r1 queued\n");
    assertThat(collector.lines()).containsExactly("POST /v1/jobs");
    assertThat(posted())
        .isEqualTo(
            Json.read(
                """
                {"name":"hello","argv":["/bin/echo","","@file","--gpus","--","a \\"b\\" $c"],
                 "env":{"A":"b=c","EMPTY":""},"cwd":"/data","user":"anna","project":"llm",
                 "priority":70,"devices":{"kind":"gpu","count":2},"nodes":3,
                 "time_limit_ms":90000,"memory_bytes":4294967296,"cpus":16}\
                """
                    .getBytes(UTF_8)));
  }

  @Test
  void leavesToTheCollectorWhatIsNotSaid() throws IOException {
    assertThat(shell.run("run", "/opt/Train_v2.sh", "-x", "--", "y")).isZero();
    assertThat(posted().propertyStream().map(field -> field.getKey()))
        .containsExactlyInAnyOrder("name", "argv", "env", "devices");
    assertThat(posted().path("name").asText()).matches("train-v2-sh-[0-9a-f]{4}");
    assertThat(posted().path("argv").toString())
        .isEqualTo("[\"/opt/Train_v2.sh\",\"-x\",\"--\",\"y\"]");
  }

  /** What there is on this machine says nothing of what is in a container. */
  @Test
  void aContainersProgramIsNotLookedForHere() throws IOException {
    assertThat(shell.run("run", "--container=/srv/roots/llm", "--", "/opt/none-such", "-v"))
        .isZero();
    assertThat(posted().path("container").asText()).isEqualTo("/srv/roots/llm");
    assertThat(posted().path("argv").toString()).isEqualTo("[\"/opt/none-such\",\"-v\"]");
  }

  @Test
  void asksForNeuronDevices() throws IOException {
    assertThat(shell.run("run", "--neuron-devices", "4", "--", "/bin/true")).isZero();
    assertThat(posted().path("devices").toString()).isEqualTo("{\"kind\":\"neuron\",\"count\":4}");
  }

  @Test
  void looksForTheProgramAsAShellWould() throws IOException {
    Path rooms = Files.createDirectories(home.resolve("rooms/a"));
    Files.createFile(rooms.resolve("tool")); // not executable
    Path second = Files.createDirectories(home.resolve("rooms/b"));
    Path tool =
        Files.createFile(
            second.resolve("tool"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    shell.env.put("PATH", ":" + rooms + ":" + second);
    assertThat(shell.run("run", "tool")).isZero();
    assertThat(posted().path("argv").path(0).asText()).isEqualTo(tool.toString());
    assertThat(shell.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"./train.sh", "bin/train", "no-such-program-anywhere"})
  void refusesAProgramThatNodesCouldNotFind(String program) {
    assertThat(shell.run("run", "--", program)).isEqualTo(64);
    assertThat(shell.err()).contains("CMD: '" + program + "'").contains("absolute path");
    assertThat(collector.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--time=90,--time,90,'s, m, h or d'",
    "--time=90sec,--time,90sec,'s, m, h or d'",
    "--time=-1s,--time,-1s,'s, m, h or d'",
    "--mem=4GiB,--mem,4GiB,M or G",
    "--mem=512,--mem,512,M or G",
    "--gpus=two,--gpus,two,int"
  })
  void saysWhatAnOptionTakes(String given, String option, String value, String allowed) {
    assertThat(shell.run("run", given, "--", "/bin/true")).isEqualTo(64);
    assertThat(shell.err().lines().findFirst().orElseThrow())
        .contains(option)
        .contains("'" + value + "'")
        .contains(allowed);
    assertThat(collector.asked()).isEmpty();
  }

  @Test
  void refusesOptionsThatDoNotGoTogether() {
    assertThat(shell.run("run", "--env=A", "/bin/true")).isEqualTo(64);
    assertThat(shell.err()).contains("'--env'").contains("KEY=VALUE format but was A");
    assertThat(shell.run("run", "--gpus=1", "--neuron-devices=1", "/bin/true")).isEqualTo(64);
    assertThat(shell.err()).contains("--gpus and --neuron-devices: give one of them");
    assertThat(shell.run("run", "--dry-run", "--wait", "/bin/true")).isEqualTo(64);
    assertThat(shell.run("run")).isEqualTo(64);
    assertThat(shell.err()).contains("CMD");
  }

  @Test
  void passesTheCollectorsSentence() {
    collector.on(
        "POST /v1/jobs",
        one -> Reply.problem(400, "priority: '700' is refused; allowed is from 0 to 100"));
    assertThat(shell.run("run", "--priority=700", "/bin/true")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("priority: '700' is refused; allowed is from 0 to 100\n");
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void tellsWhereItWouldRun() {
    collector.on(
        "POST /v1/placements/explain",
        """
        {"schema_version":1,"placed":true,"summary":"It would run on node2.","shares":[
         {"node":"node2","devices":["GPU-1","GPU-2"],"marks":[
          {"term":"packing","weight":0.6,"value":1.0}]}],"refusals":[
         {"node":"node1","reason":"cordoned: new pumps"}]}\
        """);
    assertThat(shell.run("run", "--gpus=2", "--dry-run", "/bin/true")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            It would run on node2.
            NODE   DEVICES      FOR-IT
            node2  GPU-1,GPU-2  packing 0.60*1.00
            NODE   AGAINST-IT
            node1  cordoned: new pumps
            """);
    assertThat(collector.lines()).containsExactly("POST /v1/placements/explain");
  }

  @Test
  void tellsWhyItWouldRunNowhere() {
    collector.on(
        "POST /v1/placements/explain",
        """
        {"schema_version":1,"placed":false,"summary":"No node has room.","shares":[],"refusals":[
         {"node":"node1","reason":"2 of 8 devices are free"}]}\
        """);
    assertThat(shell.run("run", "--gpus=4", "--dry-run", "/bin/true")).isEqualTo(1);
    assertThat(shell.out())
        .isEqualTo(
            """
            No node has room.
            NODE   AGAINST-IT
            node1  2 of 8 devices are free
            """);
  }

  /** Answers one after the other, and the last again and again. */
  private void answers(Reply... replies) {
    Iterator<Reply> left = List.of(replies).iterator();
    collector.on(
        "GET /v1/jobs/hello", one -> left.hasNext() ? left.next() : replies[replies.length - 1]);
  }

  private static Reply running() {
    return Reply.json(200, Samples.job("hello", 1, "running", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "completed,0",
    "exit(7),7",
    "exit(255),255",
    "exit(256),1",
    "signal(9),137",
    "oom,1",
    "stopped-by-request,1",
    "device-fault(xid 79),1",
    "what-a-newer-collector-says,1"
  })
  void passesTheJobsOwnExitCode(String outcome, int code) {
    answers(running(), Reply.json(200, Samples.ended(outcome)));
    assertThat(shell.run("run", "--wait", "/bin/true")).isEqualTo(code);
    assertThat(shell.out())
        .isEqualTo("hello-r1 queued\nhello-r1  ended  " + outcome + "  1.2s  345J\n");
    assertThat(collector.lines())
        .containsExactly("POST /v1/jobs", "GET /v1/jobs/hello?run=1", "GET /v1/jobs/hello?run=1");
  }

  @Test
  void asksNoMoreOfAJobThatHasEndedAlready() {
    collector.on("POST /v1/jobs", one -> Reply.json(200, Samples.ended("completed")));
    assertThat(shell.run("run", "--wait", "/bin/true")).isZero();
    assertThat(collector.lines()).containsExactly("POST /v1/jobs");
  }

  @Test
  void waitsForACollectorThatIsAway() {
    answers(running());
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("run", "--wait", "/bin/true"));
    await().atMost(LONG).until(() -> collector.asked().size() > 2);
    collector.goAway();
    await().atMost(LONG).until(() -> shell.err().contains("is away; waiting for it"));
    answers(
        Reply.problem(503, "The store is not open yet."),
        running(),
        Reply.json(200, Samples.ended("exit(3)")));
    collector.comeBack();
    await().atMost(LONG).until(code::isDone);
    assertThat(code).isCompletedWithValue(3);
    assertThat(shell.err().lines()).hasSize(3);
    assertThat(shell.err())
        .contains("waiting for it: The store is not open yet.")
        .contains("is back");
  }

  @Test
  void endsTheWaitWhenTheRunIsNotThereAnyMore() {
    answers(Reply.problem(404, "No job 'hello' is known."));
    assertThat(shell.run("run", "--wait", "/bin/true")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("No job 'hello' is known.\n");
  }

  @Test
  void leavesTheJobRunningAndSaysHowToEndIt() throws Exception {
    answers(running());
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "run",
            "--wait",
            "/bin/true");
    builder.environment().put("MILLWRIGHT_COLLECTOR", collector.url());
    builder.environment().put("XDG_RUNTIME_DIR", home.toString());
    Process process = builder.start();
    try {
      await().atMost(LONG).until(() -> collector.lines().contains("GET /v1/jobs/hello?run=1"));
      process.toHandle().destroy(); // SIGTERM; Ctrl-C goes the same way
      assertThat(new String(process.getErrorStream().readAllBytes(), UTF_8))
          .isEqualTo("hello-r1 goes on; 'millwright cancel hello --run 1' ends it\n");
      assertThat(process.waitFor()).isEqualTo(143);
      assertThat(collector.lines()).doesNotContain("POST /v1/jobs/hello/cancel?run=1");
    } finally {
      process.destroyForcibly();
    }
  }
}
