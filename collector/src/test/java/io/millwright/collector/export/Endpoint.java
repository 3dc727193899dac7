package io.millwright.collector.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A receiver on loopback that does as it is told. */
final class Endpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Behaviour> next = new ArrayDeque<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> taken = new ArrayList<>();
  private final String compression;
  private String authorization = "";

  /** What is done with a request that was read. */
  interface Behaviour {
    /**
     * @return whether the request counts as taken
     */
    boolean answer(HttpExchange exchange) throws IOException;
  }

  static Behaviour status(int status, String... header) {
    return exchange -> {
      if (header.length == 2) {
        exchange.getResponseHeaders().set(header[0], header[1]);
      }
      byte[] said = "out of order sample".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, status == 204 ? -1 : said.length);
      if (status != 204) {
        exchange.getResponseBody().write(said);
      }
      exchange.close();
      return status / 100 == 2;
    };
  }

  /** With a body of so many bytes. */
  static Behaviour status(int status, int length) {
    return exchange -> {
      exchange.sendResponseHeaders(status, length);
      try {
        exchange.getResponseBody().write(new byte[length]);
      } catch (IOException _) { // the client has read enough
      }
      exchange.close();
      return false;
    };
  }

  /** Takes it, with this to say. */
  static Behaviour says(byte[] body) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
      return true;
    };
  }

  /** Says nothing for ever. */
  static Behaviour hang() {
    return exchange -> false;
  }

  /** Takes the request and ends the connection without a word. */
  static Behaviour takeAndBreak() {
    return exchange -> {
      exchange.close();
      return true;
    };
  }

  /** One of remote write. */
  Endpoint() throws IOException {
    this(0);
  }

  /** The same, on a port. */
  Endpoint(int port) throws IOException {
    this(port, "snappy");
  }

  /**
   * @param compression that it takes
   */
  Endpoint(int port, String compression) throws IOException {
    this.compression = compression;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Behaviour behaviour;
    synchronized (this) {
      bodies.add(body);
      authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      behaviour = next.isEmpty() ? status(204) : next.remove();
      if (exchange.getRequestMethod().equals("POST")
          && compression.equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
          && "application/x-protobuf"
              .equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
        if (behaviour.answer(exchange)) {
          taken.add(body);
        }
      } else {
        status(415).answer(exchange);
      }
    }
  }

  synchronized void then(Behaviour... behaviours) {
    next.addAll(List.of(behaviours));
  }

  synchronized int requests() {
    return bodies.size();
  }

  synchronized List<byte[]> bodies() {
    return List.copyOf(bodies);
  }

  synchronized List<byte[]> takenBodies() {
    return List.copyOf(taken);
  }

  /** The samples of what was taken, of remote write. */
  List<Received> taken() {
    return takenBodies().stream().flatMap(body -> Received.of(body).stream()).toList();
  }

  synchronized String authorization() {
    return authorization;
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI url() {
    return URI.create("http://127.0.0.1:%d/api/v1/write".formatted(port()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
