package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The demo as a process, with all that it starts; and that nothing of it stays. */
class DemoTest {
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Pattern WEB = Pattern.compile("(?m)^web +(http://\\S+)/$");
  private static final Pattern PAGE = Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)/metrics");
  private static final Pattern UP = Pattern.compile("(?m)^node\\d +\\S+ +connected +(\\d)/\\1 ");

  private static AgentProcess demo(String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("demo", "--port", "0"));
    words.addAll(List.of(more));
    return AgentProcess.simulator(words.toArray(String[]::new));
  }

  private static Path place(AgentProcess demo) {
    return demo.directory().resolve("millwright-demo");
  }

  /** The daemons that it has started so far. */
  private static List<ProcessRow> daemons(AgentProcess demo) throws IOException {
    Path noted = place(demo).resolve("processes");
    return Files.exists(noted)
        ? Files.readAllLines(noted).stream()
            .flatMap(line -> ProcessRow.parse(line.substring(line.indexOf(' ') + 1)).stream())
            .toList()
        : List.of();
  }

  private static List<ProcessRow> awaitDaemons(AgentProcess demo, int count) throws IOException {
    AgentProcess.soon().until(() -> daemons(demo).size() == count);
    return daemons(demo);
  }

  /** The sample program, of this demo: it was given the directory of its nodes. */
  private static List<ProcessRow> work(Path nodes) {
    return ProcessRow.all().stream()
        .filter(row -> {
          List<String> words = row.words(); // none of a process that is just ending
          return words.contains(nodes.toString()) && words.getFirst().endsWith("/millwright-load");
        })
        .filter(ProcessRow::alive)
        .toList();
  }

  private static void awaitTable(AgentProcess demo, int nodes) {
    AgentProcess.within(LONGEST)
        .untilAsserted(() ->
            assertThat(UP.matcher(demo.output()).results().count())
                .as(demo.output() + demo.errors())
                .isGreaterThanOrEqualTo(nodes));
  }

  private static int ended(AgentProcess demo) throws InterruptedException {
    AgentProcess.within(LONGEST).until(() -> !demo.alive());
    return demo.exitCode();
  }

  private static void assertNothingLeft(AgentProcess demo, List<ProcessRow> daemons, Path open) {
    assertThat(daemons).isNotEmpty().noneMatch(ProcessRow::alive);
    assertThat(work(open.resolve("nodes"))).isEmpty();
    assertThat(place(demo)).doesNotExist();
    assertThat(open).doesNotExist();
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher.group(1);
  }

  private static void assertClosed(URI url) {
    assertThatThrownBy(() -> new Socket(url.getHost(), url.getPort()).close())
        .isInstanceOf(ConnectException.class);
  }

  /** A Neuron node has a process more, and the job runs where the GPUs are. */
  @Test
  void showsAFleetAndLeavesNothing() throws Exception {
    try (AgentProcess demo = demo("--nodes", "3", "--for", "4s", "--profile", "mixed")) {
      awaitTable(demo, 3);
      List<ProcessRow> daemons = awaitDaemons(demo, 5);
      Path open = place(demo).resolve("open").toRealPath();
      String shown = demo.output();
      assertThat(shown).contains("SIMULATED hardware", "./millwright simulate fault node1 3 hang");
      assertThat(daemons).allMatch(ProcessRow::alive);
      AgentProcess.soon().until(() -> !work(open.resolve("nodes")).isEmpty());
      assertThat(Files.getPosixFilePermissions(place(demo).resolve("cli.json"))).hasSize(2);
      assertThat(Files.readString(place(demo).resolve("cli.json")))
          .contains(first(WEB, shown), "\"token\":\"", "\"pid\":", "\"start\":");
      assertThat(shown).contains(place(demo) + "/cli.json").doesNotContain("#token=");
      try (AgentProcess simulate =
          demo.besides("simulate", "control", "node2", "get", "0", "load")) {
        assertThat(simulate.exitCode()).as(simulate.errors()).isZero();
        assertThat(simulate.output()).contains("load=");
      }
      try (AgentProcess simulate = demo.besides("simulate", "fault", "node3", "3", "reset")) {
        assertThat(simulate.exitCode()).as(simulate.errors()).isZero();
      }

      assertThat(ended(demo)).as(demo.output() + demo.errors()).isZero();
      assertThat(demo.output())
          .containsPattern("(?m)^node3 +trn3 +connected +4/4 ")
          .containsPattern("hello-r1  running  node[12]/")
          .doesNotContain("refused", "ended by itself");
      assertThat(demo.errors()).isEmpty();
      assertNothingLeft(demo, daemons, open);
      assertClosed(URI.create(first(WEB, shown)));
      PAGE.matcher(demo.output())
          .results()
          .map(m -> URI.create(m.group(1)))
          .distinct()
          .forEach(DemoTest::assertClosed);
    }
  }

  @Test
  void endsWithCtrlCAndIsTheOnlyOne() throws Exception {
    try (AgentProcess demo = demo("--nodes", "1")) {
      awaitTable(demo, 1);
      List<ProcessRow> daemons = awaitDaemons(demo, 2);
      Path open = place(demo).resolve("open").toRealPath();
      try (AgentProcess second = demo.besides("demo", "--port", "0")) {
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.errors())
            .startsWith("a demo of yours is running already")
            .hasLineCount(1);
      }
      assertThat(demo.alive()).isTrue();
      AgentProcess.soon().until(() -> !work(open.resolve("nodes")).isEmpty());
      demo.signal("INT");
      assertThat(ended(demo)).isZero();
      assertNothingLeft(demo, daemons, open);
    }
  }

  @Test
  void endsWithCtrlCWhileItStarts() throws Exception {
    try (AgentProcess demo = demo("--nodes", "2")) {
      AgentProcess.soon().until(() -> demo.output().contains("starting"));
      demo.signal("INT");
      assertThat(ended(demo)).isZero();
      assertThat(place(demo)).doesNotExist();
    }
    try (AgentProcess demo = demo("--nodes", "2")) {
      AgentProcess.soon().until(() -> daemons(demo).size() >= 2);
      List<ProcessRow> daemons = daemons(demo);
      demo.signal("TERM");
      assertThat(ended(demo)).isZero();
      assertThat(place(demo)).doesNotExist();
      assertThat(daemons).noneMatch(ProcessRow::alive);
    }
  }

  @Test
  void endsWithItsCollectorAndSaysSo() throws Exception {
    try (AgentProcess demo = demo("--nodes", "1")) {
      awaitTable(demo, 1);
      List<ProcessRow> daemons = awaitDaemons(demo, 2);
      Path open = place(demo).resolve("open").toRealPath();
      daemons.getFirst().kill();
      assertThat(ended(demo)).isEqualTo(1);
      assertThat(demo.errors()).startsWith("the collector ended: ").hasLineCount(1);
      assertNothingLeft(demo, daemons, open);
    }
  }

  @Test
  void filesOfSomebodyElseAreLeftAlone() throws Exception {
    Path base = Files.createTempDirectory("mw-foreign");
    Path kept = Files.createDirectory(base.resolve("millwright-demo")).resolve("kept");
    Files.writeString(kept, "mine");
    try (AgentProcess demo =
        AgentProcess.start(
            List.of("env", "XDG_RUNTIME_DIR=" + base),
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "demo",
            "--port",
            "0")) {
      assertThat(ended(demo)).isEqualTo(1);
      assertThat(demo.errors()).contains("no demo's").hasLineCount(1);
      assertThat(kept.getParent()).isDirectoryContaining(kept::equals);
      assertThat(kept.resolveSibling("lock")).doesNotExist();
    } finally {
      Files.deleteIfExists(kept);
      Files.deleteIfExists(kept.getParent());
      Files.deleteIfExists(base);
    }
  }

  @Test
  void whatAKilledOneLeftIsEndedByTheNext() throws Exception {
    try (AgentProcess demo = demo("--nodes", "1")) {
      awaitTable(demo, 1);
      List<ProcessRow> daemons = awaitDaemons(demo, 2);
      Path open = place(demo).resolve("open").toRealPath();
      AgentProcess.soon().until(() -> !work(open.resolve("nodes")).isEmpty());
      List<ProcessRow> work = work(open.resolve("nodes"));
      demo.signal("KILL");
      AgentProcess.soon().until(() -> !demo.alive());
      try {
        AgentProcess.soon().until(() -> daemons.stream().noneMatch(ProcessRow::alive));
        assertThat(work).allMatch(ProcessRow::alive);
        try (AgentProcess next =
            demo.besides("demo", "--port", "0", "--nodes", "1", "--for", "1s")) {
          assertThat(ended(next)).as(next.errors()).isZero();
        }
        assertNothingLeft(demo, daemons, open);
      } finally {
        daemons.forEach(ProcessRow::kill); // of a test that failed
      }
    }
  }

  @Test
  void aTakenPortIsSaidInTheCollectorsWords() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        AgentProcess demo =
            AgentProcess.simulator("demo", "--port", Integer.toString(taken.getLocalPort()))) {
      assertThat(ended(demo)).isEqualTo(1);
      assertThat(demo.errors())
          .startsWith("the collector ended: ")
          .contains(Integer.toString(taken.getLocalPort()))
          .hasLineCount(1);
      assertThat(Files.exists(place(demo), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
  }

  @Test
  void mistakesAreUsage() {
    assertThat(Main.run("demo", "--nodes", "0")).isEqualTo(64);
    assertThat(Main.run("demo", "--port", "65536")).isEqualTo(64);
    assertThat(Main.run("demo", "--for", "0s")).isEqualTo(64);
    assertThat(Main.run("demo", "--profile", "b999")).isEqualTo(64);
    assertThat(Main.run("demo", "--power-limit", "5W")).isEqualTo(64);
    assertThat(Optional.of(Main.run("demo", "--help"))).contains(0);
  }
}
