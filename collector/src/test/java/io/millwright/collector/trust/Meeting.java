package io.millwright.collector.trust;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Admission;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * One connection over a real socket: what the server thinks, and what the client learns. After the
 * handshake the server sends one line, as a session would send WELCOME or GOAWAY.
 */
record Meeting(Result server, Result client) {
  private static final int PATIENCE_MS = 10_000;

  sealed interface Result {
    record Admitted(PeerIdentity peer) implements Result {}

    /** By this side, or by the other as this side understands it. */
    record Refused(Refusal refusal) implements Result {}

    /** What a server said after the handshake. */
    record Told(String line) implements Result {}
  }

  /** Opens the client's socket towards a port. */
  interface Dial {
    SSLSocket at(int port) throws IOException;
  }

  static Meeting of(MutualTls server, Function<SSLSession, Admission> door, MutualTls client)
      throws Exception {
    return of(server, door, client, port -> client.connect("localhost", port));
  }

  static Meeting of(
      MutualTls server, Function<SSLSession, Admission> door, MutualTls client, Dial dial)
      throws Exception {
    try (Accepting accepting = Accepting.with(server.context(), server.parameters())) {
      FutureTask<Result> serving =
          new FutureTask<>(() -> accepting.serve(socket -> serve(socket, server, door)));
      Threads.platform("server", serving).start();
      Result learnt = visit(client, dial, accepting.port());
      return new Meeting(served(serving), learnt);
    }
  }

  Refusal serverRefusal() {
    return ((Result.Refused) server).refusal();
  }

  Refusal clientRefusal() {
    return ((Result.Refused) client).refusal();
  }

  String told() {
    return ((Result.Told) client).line();
  }

  private static Result served(FutureTask<Result> serving)
      throws InterruptedException, ExecutionException, TimeoutException {
    return serving.get(PATIENCE_MS, TimeUnit.MILLISECONDS);
  }

  private static Result serve(SSLSocket socket, MutualTls tls, Function<SSLSession, Admission> door)
      throws IOException {
    try {
      socket.startHandshake();
    } catch (IOException failed) {
      return new Result.Refused(tls.explain(failed));
    }
    Result result =
        switch (door.apply(socket.getSession())) {
          case Admission.Admitted(PeerIdentity peer) -> new Result.Admitted(peer);
          case Admission.Refused(Refusal refusal) -> new Result.Refused(refusal);
        };
    socket.getOutputStream().write((line(result) + "\n").getBytes(UTF_8));
    return result;
  }

  private static String line(Result result) {
    return switch (result) {
      case Result.Admitted(PeerIdentity peer) -> "WELCOME " + peer.uri();
      case Result.Refused(Refusal refusal) ->
          "GOAWAY " + refusal.reason().word() + " " + refusal.sentence();
      case Result.Told(String line) -> line;
    };
  }

  private static Result visit(MutualTls tls, Dial dial, int port) throws IOException {
    try (SSLSocket socket = dial.at(port)) {
      socket.setSoTimeout(PATIENCE_MS);
      try {
        socket.startHandshake();
        return new Result.Told(new String(socket.getInputStream().readAllBytes(), UTF_8).strip());
      } catch (IOException failed) {
        return new Result.Refused(tls.explain(failed));
      }
    }
  }
}
