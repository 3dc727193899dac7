package io.millwright.agent.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.collector.trust.Enrolment;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.MutualTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node makes of collectors that answer oddly, or not at all. */
@SuppressWarnings("NullAway.Init") // set before each test
class JoinCallTest {
  private static final int PATIENCE_MS = 20_000;
  private static final Duration PATIENT = Duration.ofMillis(PATIENCE_MS);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private DemoTrust trust;
  private JoinToken token;
  private ServerSocket listening;

  /** What the collector does with one connection. */
  private interface Talk {
    void with(SSLSocket socket) throws IOException;
  }

  @BeforeEach
  void listen() throws IOException {
    trust = DemoTrust.create(directory.resolve("site"), "hall-a", List.of("gpu-08"), clock);
    Authority authority = Authority.open(trust.authority(), clock);
    token = Enrolment.of(trust.authority(), authority, clock).invite("gpu-07", Duration.ofHours(1));
    listening = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    listening.setSoTimeout(PATIENCE_MS);
  }

  @AfterEach
  void end() throws IOException {
    listening.close();
  }

  @Test
  void aCollectorThatDiesAfterTheRequestLeavesADoubtAboutTheToken() throws Exception {
    assertThat(refused(PATIENT, request -> JoinFrame.read(request.getInputStream())))
        .startsWith(address() + " ended the connection before it answered")
        .endsWith("try again, and ask for a new token where it says that this one was used");
  }

  @Test
  void halfAnAnswerIsNone() throws Exception {
    assertThat(
            refused(
                PATIENT,
                socket -> {
                  JoinFrame.read(socket.getInputStream());
                  socket.getOutputStream().write(new byte[] {1, 0, 'm'});
                }))
        .startsWith(address() + " ended the connection before it answered");
  }

  @Test
  void aCollectorThatNeverAnswersIsNotWaitedForForEver() throws Exception {
    assertThat(refused(Duration.ofSeconds(2), socket -> drain(socket)))
        .startsWith(address() + " did not answer within 2 s: try again");
  }

  @Test
  void aPortThatSaysNothingIsNotWaitedForForEver() throws Exception {
    JoinCall call = call(Duration.ofSeconds(1));

    assertThat(((JoinCall.Outcome.Refused) call.ask()).sentence())
        .isEqualTo(address() + " did not answer within 1 s: is it a collector's port for joining?");
  }

  @Test
  void anAnswerOfNoSenseIsRefused() throws Exception {
    assertThat(
            refused(
                PATIENT,
                socket -> {
                  JoinFrame.read(socket.getInputStream());
                  socket.getOutputStream().write(JoinFrame.of(new byte[100]));
                  drain(socket);
                }))
        .startsWith("the answer is none to a join");
  }

  /** The collector of the site gives away another node's certificate. */
  @Test
  void aCertificateOfAnotherIsRefused() throws Exception {
    Credentials other = Credentials.read(trust.node("gpu-08"));
    assertThat(
            refused(
                PATIENT,
                socket -> {
                  JoinFrame.read(socket.getInputStream());
                  byte[] answer =
                      new JoinAnswer.Issued(other.certificate(), other.authority()).bytes();
                  socket.getOutputStream().write(JoinFrame.of(answer));
                  drain(socket);
                }))
        .isEqualTo(
            "the answer was refused: it holds a certificate of another key; ask for a new token");
  }

  private String refused(Duration patience, Talk talk) throws Exception {
    MutualTls tls = new MutualTls(Credentials.read(trust.collector()), clock);
    FutureTask<Boolean> serving =
        new FutureTask<>(() -> {
          try (Socket raw = listening.accept();
              SSLSocket socket =
                  (SSLSocket) tls.context().getSocketFactory().createSocket(raw, null, true)) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.setSSLParameters(tls.joinParameters());
            talk.with(socket);
          }
          return true;
        });
    Threads.platform("collector", serving).start();
    String sentence = ((JoinCall.Outcome.Refused) call(patience).ask()).sentence();
    assertThat(serving.get(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
    return sentence;
  }

  private JoinCall call(Duration patience) {
    return new JoinCall(token, "127.0.0.1", listening.getLocalPort(), patience, clock);
  }

  private String address() {
    return "the collector at 127.0.0.1:" + listening.getLocalPort();
  }

  /** Until the node hangs up, however it does. */
  private static void drain(SSLSocket socket) {
    try {
      assertThat(socket.getInputStream().readNBytes(100_000)).hasSizeLessThan(100_000);
    } catch (IOException cut) {
      assertThat(cut).isNotNull();
    }
  }
}
