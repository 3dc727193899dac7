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
  private static final Duration LONG = Duration.ofSeconds(20);

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
    written = new byte[] {0, 27, '[', '3', (byte) 0xff, (byte) 0xc3, '\r', '\n', 7};
    assertThat(shell.run("logs", "hello")).isZero();
    assertThat(shell.outBytes()).isEqualTo(written);
    assertThat(collector.lines())
        .containsExactly(
            "GET /v1/jobs/hello",
            "GET /v1/jobs/hello/logs?run=3&offset=0",
            "GET /v1/jobs/hello/logs?run=3&offset=4",
            "GET /v1/jobs/hello/logs?run=3&offset=8",
            "GET /v1/jobs/hello/logs?run=3&offset=9");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void asksNoMoreAfterTheEnd() {
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

  /** Nothing is printed again, and nothing is asked for in a hurry for ever. */
  @Test
  void survivesAnAnswerThatDoesNotGoOn() {
    collector.on(
        "GET /v1/jobs/hello/logs", one -> Reply.output(0, 0, false, "again".getBytes(UTF_8)));
    assertThat(shell.run("logs", "hello")).isZero();
    assertThat(shell.out()).isEqualTo("again");
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
