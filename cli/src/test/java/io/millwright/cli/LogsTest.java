package io.millwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.cli.StandIn.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final StandIn collector = new StandIn();

  @TempDir private Path home;
  private Shell shell;

  /** What the job has written, of which the first bytes are not kept any more. */
  private volatile byte[] written = new byte[0];

  private volatile int dropped;
  private volatile boolean ended;
  private volatile int most = 4;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("GET /v1/jobs/hello", Samples.job("hello", 3, "running", ""));
    collector.on("GET /v1/jobs/hello/logs", this::output);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private Reply output(StandIn.Asked asked) {
    boolean last = ended;
    byte[] all = written;
    int offset = Integer.parseInt(asked.target().replaceFirst(".*offset=", ""));
    int from = Math.min(Math.max(offset, dropped), all.length);
    int to = Math.min(from + most, all.length);
    return Reply.output(
        from, to, last && to == all.length, java.util.Arrays.copyOfRange(all, from, to));
  }

  @Test
  void printsWhatThereIsByteForByte() {
    most = 48_000;
    written = new byte[] {0, 27, '[', '3', (byte) 0xff, (byte) 0xc3, '\r', '\n', 7};
    assertThat(shell.run("logs", "hello")).isZero();
    assertThat(shell.outBytes()).isEqualTo(written);
    assertThat(collector.lines())
        .containsExactly("GET /v1/jobs/hello", "GET /v1/jobs/hello/logs?run=3&offset=0");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void asksNoMoreAfterTheEnd() {
    most = 48_000;
    written = "abcd".getBytes(UTF_8);
    ended = true;
    assertThat(shell.run("logs", "hello", "--node", "node 1", "--run=3")).isZero();
    assertThat(collector.lines())
        .containsExactly(
            "GET /v1/jobs/hello?run=3", "GET /v1/jobs/hello/logs?run=3&node=node%201&offset=0");
  }

  @Test
  void followsUntilTheEnd() {
    written = "one\n".getBytes(UTF_8);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("logs", "-f", "hello"));
    await().atMost(LONG).until(() -> shell.out().equals("one\n"));
    written = "one\ntwo\n".getBytes(UTF_8);
    await().atMost(LONG).until(() -> shell.out().equals("one\ntwo\n"));
    assertThat(code).isNotDone();
    collector.goAway();
    await().atMost(LONG).until(() -> shell.err().contains("is away"));
    written = "one\ntwo\nend".getBytes(UTF_8);
    ended = true;
    collector.comeBack();
    await().atMost(LONG).until(code::isDone);
    assertThat(code).isCompletedWithValue(0);
    assertThat(shell.out()).isEqualTo("one\ntwo\nend");
  }

  @Test
  void saysHowMuchIsNotKept() {
    written = "0123456789".getBytes(UTF_8);
    dropped = 7;
    assertThat(shell.run("logs", "hello")).isZero();
    assertThat(shell.out()).isEqualTo("789");
    assertThat(shell.err()).isEqualTo("7 bytes of output are not kept any more\n");
  }

  @Test
  void asksOnAfterAFullPiece() {
    most = 48_000;
    written = new byte[96_001];
    assertThat(shell.run("logs", "hello")).isZero();
    assertThat(shell.outBytes()).isEqualTo(written);
    assertThat(collector.lines()).hasSize(4).last().asString().endsWith("offset=96000");
  }

  @Test
  void refusesAnAnswerWhoseNumbersDoNotFit() {
    collector.on(
        "GET /v1/jobs/hello/logs", one -> Reply.output(0, 0, false, "again".getBytes(UTF_8)));
    assertThat(shell.run("logs", "hello")).isEqualTo(1);
    assertThat(shell.out()).isEmpty();
    assertThat(shell.err()).contains("has 5 bytes from 0 on, and says that 0 is next");
  }

  @Test
  void refusesTooLongAnAnswer() {
    collector.on(
        "GET /v1/jobs/hello/logs", one -> Reply.output(0, 2 << 20, true, new byte[2 << 20]));
    assertThat(shell.run("logs", "hello")).isEqualTo(1);
    assertThat(shell.err()).contains("has more than 1048576 bytes").hasLineCount(1);
  }

  @Test
  void doesNothingToATerminalUnlessItShall() {
    shell.terminal = true;
    most = 2; // within a character
    written = "\u001b[2J\u009b\t\r\nä€😀\u007f\0".getBytes(UTF_8);
    ended = true;
    assertThat(shell.run("logs", "-f", "hello")).isZero();
    assertThat(shell.out()).isEqualTo("?[2J?\t\r\nä€😀??");
    written = new byte[] {(byte) 0x9b, 'm', (byte) 0xe2, (byte) 0x82};
    Shell other = new Shell(home, collector);
    other.terminal = true;
    assertThat(other.run("logs", "-f", "hello")).isZero();
    assertThat(other.out()).isEqualTo("?m?");
    Shell raw = new Shell(home, collector);
    raw.terminal = true;
    assertThat(raw.run("logs", "-f", "--raw", "hello")).isZero();
    assertThat(raw.outBytes()).isEqualTo(written);
  }

  @Test
  void endsWithTheReasonWhenTheNodeIsNotThere() {
    collector.on("GET /v1/jobs/hello/logs", one -> Reply.problem(503, "Node 'a' is away."));
    assertThat(shell.run("logs", "-f", "hello")).isEqualTo(1);
    assertThat(shell.err()).isEqualTo("Node 'a' is away.\n");
  }

  @Test
  void refusesAnAnswerThatSaysNotWhereItIs() {
    collector.on("GET /v1/jobs/hello/logs", one -> Reply.json(200, "{}"));
    assertThat(shell.run("logs", "hello")).isEqualTo(1);
    assertThat(shell.err()).contains("has no header millwright-offset").contains(collector.url());
  }

  @Test
  void saysThatACollectorIsAwayWhenItIsFromTheBeginning() {
    collector.goAway();
    for (String[] words :
        List.of(new String[] {"logs", "hello"}, new String[] {"logs", "-f", "x"})) {
      assertThat(shell.run(words)).isEqualTo(1);
    }
    assertThat(shell.err().lines()).hasSize(2);
  }
}
