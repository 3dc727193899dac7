package io.millwright.agent.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.page.Caller.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What callers that misbehave get, and that nobody else notices. */
class HostileCallersTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /metr", "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: "})
  void cutsWhoeverDoesNotSendTheRequestInTime(String sent) throws IOException {
    try (NodeFixture node = NodeFixture.started(NodeFixture.options(4, SHORT, LONG));
        Caller slow = Caller.to(node.port())) {
      slow.send(sent);
      assertThat(slow.drained()).isZero();
    }
  }

  @Test
  void cutsWhoeverKeepsAConnectionAndDoesNotUseIt() throws IOException {
    try (NodeFixture node = NodeFixture.started(NodeFixture.options(4, LONG, SHORT));
        Caller idle = Caller.to(node.port())) {
      idle.ask("GET", "/livez");
      assertThat(idle.response().status()).isEqualTo(200);
      assertThat(idle.drained()).isZero();
    }
  }

  @Test
  void turnsAwayWhoeverComesBeyondTheLimitAndTakesTheNextAgain() throws IOException {
    try (NodeFixture node = NodeFixture.started(NodeFixture.options(2, LONG, LONG))) {
      List<Caller> admitted = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Caller caller = Caller.to(node.port());
        caller.ask("GET", "/livez");
        assertThat(caller.response().status()).isEqualTo(200);
        admitted.add(caller);
      }
      try (Caller beyond = Caller.to(node.port())) {
        Response response = beyond.response();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).contains("All connections are taken");
        assertThat(beyond.drained()).isZero();
      }
      assertThat(node.server.refusedConnections()).isEqualTo(1);
      admitted.getFirst().close();
      await().atMost(Duration.ofSeconds(60)).until(() -> livez(node.port()) == 200);
      admitted.getLast().close();
    }
  }

  private static int livez(int port) throws IOException {
    try (Caller caller = Caller.to(port)) {
      caller.ask("GET", "/livez");
      return caller.response().status();
    }
  }

  @Test
  void refusesOversizedLinesAndHeaders() throws IOException {
    try (NodeFixture node = NodeFixture.started()) {
      assertThat(Caller.get(node.port(), "/" + "x".repeat(5000)).status()).isEqualTo(431);
      Response response = Caller.get(node.port(), "/metrics", "X-Big: " + "x".repeat(100_000));
      assertThat(response.status()).isEqualTo(431);
      assertThat(response.text()).contains("8192");
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(Caller.get(node.port(), "/livez").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"Content-Length: 100000", "Transfer-Encoding: chunked"})
  void refusesBodies(String header) throws IOException {
    try (NodeFixture node = NodeFixture.started();
        Caller caller = Caller.to(node.port())) {
      caller.ask("GET", "/metrics", header);
      caller.send("10\r\n" + "x".repeat(50_000));
      Response response = caller.response();
      assertThat(response.status()).isEqualTo(413);
      assertThat(response.text()).contains("has a body");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n\r\n\r\nwhat\r\n\r\n",
        "GET\r\n\r\n",
        "GET /metrics HTTP/1.1\r\n: nameless\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n"
      })
  void answersGarbageWithOneSentence(String garbage) throws IOException {
    try (NodeFixture node = NodeFixture.started();
        Caller caller = Caller.to(node.port())) {
      caller.send(garbage);
      Response response = caller.response();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.text()).isEqualTo("This is no HTTP/1.1 request.\n");
    }
  }

  @Test
  void outlivesRandomBytes() throws IOException {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    try (NodeFixture node = NodeFixture.started(NodeFixture.options(64, SHORT, SHORT))) {
      int delivered = 0;
      for (int round = 0; round < 300; round++) {
        delivered += deliver(node.port(), garbage(random)) ? 1 : 0;
      }
      assertThat(delivered).as("-Dseed=%d", seed).isPositive();
      await("-Dseed=" + seed)
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> livez(node.port()) == 200);
    }
  }

  /** To be refused or reset on the way is a fine answer to garbage. */
  private static boolean deliver(int port, byte[] garbage) {
    try (Caller caller = Caller.to(port)) {
      caller.send(garbage);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Half of it begins like a request, so that it comes further in. */
  private static byte[] garbage(Random random) {
    byte[] bytes = new byte[random.nextInt(20_000)];
    random.nextBytes(bytes);
    byte[] start = "GET /metrics HTTP/1.1\r\nAccept: ".getBytes(StandardCharsets.US_ASCII);
    if (random.nextBoolean() && bytes.length > start.length) {
      System.arraycopy(start, 0, bytes, 0, start.length);
    }
    return bytes;
  }

  /**
   * Two thousand requests sent ahead by one who reads nothing. Each response asks once for the
   * snapshot; only as many may have been begun as the kernel's buffers took, and one more. When it
   * is cut, its place is free for the third caller.
   */
  @Test
  void doesNotPileUpResponsesForASlowReaderAndCutsIt() throws IOException {
    PageOptions two = NodeFixture.options(2, Duration.ofSeconds(2), LONG);
    try (NodeFixture node = NodeFixture.started(two)) {
      node.snapshot.set(NodeFixture.mounts(10_000));
      int before = node.asked.get();
      try (Caller slow = Caller.to(node.port(), 4096);
          Caller other = Caller.to(node.port())) {
        slow.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2000));
        await().atMost(Duration.ofSeconds(60)).until(() -> node.asked.get() > before);
        for (int i = 0; i < 20; i++) {
          other.ask("GET", "/livez");
          assertThat(other.response().status()).isEqualTo(200);
        }
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptions()
            .until(() -> livez(node.port()) == 200);
        assertThat(node.asked.get() - before).isLessThan(20);
      }
    }
  }
}
