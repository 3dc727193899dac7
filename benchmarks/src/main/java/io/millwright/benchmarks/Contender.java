package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * One process that serves a page: an agent, or the node exporter.
 *
 * <p><i>Lifecycle:</i> started by a factory, {@link #close} ends it by SIGTERM.
 */
final class Contender implements AutoCloseable {
  private static final int LEAST_PORT = 20_000;
  private static final int LEAST_OUTGOING_PORT = 32_768;
  private static final int MOST_PORTS_TRIED = 100;

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Clock CLOCK = Clock.system();

  private final Process process;
  private final URI uri;
  private final long startedNanos;

  private Contender(Process process, URI uri, long startedNanos) {
    this.process = process;
    this.uri = uri;
    this.startedNanos = startedNanos;
  }

  /**
   * How to start something.
   *
   * @param command with {@code %PORT%} where the port belongs
   */
  record Recipe(List<String> command, Map<String, String> environment) {
    Recipe {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }

    /** The same with these options of the JVM, right behind the program. */
    Recipe with(String... options) {
      List<String> longer = new ArrayList<>(command);
      longer.addAll(1, List.of(options));
      return new Recipe(longer, environment);
    }

    Contender start() throws IOException {
      int port = freePort();
      List<String> filled =
          command.stream().map(word -> word.replace("%PORT%", Integer.toString(port))).toList();
      ProcessBuilder builder = new ProcessBuilder(filled);
      builder.environment().clear();
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      long now = CLOCK.nanos();
      return new Contender(
          builder.start(), URI.create("http://127.0.0.1:" + port + "/metrics"), now);
    }

    /**
     * The program that this launcher becomes, so that what is measured is started without it: its
     * command and environment as the kernel shows them.
     */
    Recipe unwrapped() throws IOException {
      try (Contender launched = start()) {
        launched.awaitPage(page -> true);
        Path proc = Path.of("/proc", Long.toString(launched.process.pid()));
        String port = Integer.toString(launched.uri.getPort());
        List<String> words =
            zeroSeparated(proc.resolve("cmdline")).stream()
                .map(word -> word.replace(":" + port, ":%PORT%"))
                .toList();
        Map<String, String> variables = new HashMap<>();
        for (String variable : zeroSeparated(proc.resolve("environ"))) {
          int equals = variable.indexOf('=');
          variables.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return new Recipe(words, variables);
      }
    }

    private static List<String> zeroSeparated(Path file) throws IOException {
      return Arrays.asList(Files.readString(file).split("\0"));
    }
  }

  /**
   * A port that nobody has now, below those that Linux gives to connections that go out
   * (net.ipv4.ip_local_port_range): of a thousand agents one would take it while the collector is
   * away.
   */
  static int freePort() throws IOException {
    for (int left = MOST_PORTS_TRIED; ; left--) {
      int port = ThreadLocalRandom.current().nextInt(LEAST_PORT, LEAST_OUTGOING_PORT);
      try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return taken.getLocalPort();
      } catch (BindException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  URI uri() {
    return uri;
  }

  Watched watched() {
    return new Watched(process.pid());
  }

  /** Milliseconds from the start of the process to the end of the first scrape that is good. */
  double awaitPage(Predicate<String> good) throws IOException {
    long until = CLOCK.nanos() + PATIENCE.toNanos();
    IOException last = new IOException("never asked");
    while (CLOCK.nanos() - until < 0 && process.isAlive()) {
      try (Connection connection = Connection.open(uri, false)) {
        while (CLOCK.nanos() - until < 0) {
          connection.get();
          if (good.test(connection.text())) {
            return (CLOCK.nanos() - startedNanos) / 1e6;
          }
          CLOCK.parkUntil(CLOCK.nanos() + 1_000_000);
        }
      } catch (IOException e) {
        last = e;
        CLOCK.parkUntil(CLOCK.nanos() + 1_000_000);
      }
    }
    throw new BenchmarkException("no good page at " + uri, last);
  }

  String page() throws IOException {
    try (Connection connection = Connection.open(uri, false)) {
      connection.get();
      return connection.text();
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
