package io.millwright.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A real HTTP server on loopback in the place of a collector. It can go away and come back. */
final class StandIn implements AutoCloseable {
  private final Map<String, Function<Asked, Reply>> replies = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;

  /** {@code target} is path and query. */
  record Asked(
      String method,
      String target,
      Optional<String> authorization,
      boolean wantsStream,
      String body) {
    /** {@code GET /v1/jobs?run=1}. */
    String line() {
      return method + " " + target;
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  record Reply(int status, Map<String, String> headers, byte[] body) {
    static Reply json(int status, String text) {
      return new Reply(
          status,
          Map.of("Content-Type", "application/json"),
          text.getBytes(StandardCharsets.UTF_8));
    }

    /** Server-sent events, after which the stream breaks. */
    static Reply stream(String text) {
      return new Reply(
          200, Map.of("Content-Type", "text/event-stream"), text.getBytes(StandardCharsets.UTF_8));
    }

    static Reply problem(int status, String detail) {
      return new Reply(
          status,
          Map.of("Content-Type", "application/problem+json"),
          "{\"type\":\"about:blank\",\"title\":\"No\",\"status\":%d,\"detail\":\"%s\"}"
              .formatted(status, detail)
              .getBytes(StandardCharsets.UTF_8));
    }

    static Reply output(long offset, long next, boolean ended, byte[] bytes) {
      return new Reply(
          200,
          Map.of(
              "millwright-offset",
              Long.toString(offset),
              "millwright-next",
              Long.toString(next),
              "millwright-ended",
              Boolean.toString(ended)),
          bytes);
    }
  }

  StandIn() {
    server = begun(0);
  }

  private HttpServer begun(int port) {
    try {
      HttpServer begun =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      begun.createContext("/", this::answer);
      begun.start();
      return begun;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Asked one =
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
              "text/event-stream".equals(exchange.getRequestHeaders().getFirst("Accept")),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      asked.add(one);
      Reply reply =
          replies
              .getOrDefault(
                  one.method() + " " + exchange.getRequestURI().getRawPath(),
                  unknown -> Reply.problem(404, "There is nothing here."))
              .apply(one);
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
      exchange.getResponseBody().write(reply.body());
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /**
   * What is answered.
   *
   * @param route method and path, as in {@code GET /v1/jobs}
   */
  void on(String route, Function<Asked, Reply> reply) {
    replies.put(route, reply);
  }

  void on(String route, String json) {
    on(route, one -> Reply.json(200, json));
  }

  List<Asked> asked() {
    return asked;
  }

  /** Requests as lines. */
  List<String> lines() {
    return asked.stream().map(Asked::line).toList();
  }

  void goAway() {
    server.stop(0);
  }

  void comeBack() {
    server = begun(server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
