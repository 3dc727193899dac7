package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that is held to one core, so that what two of them take can be told apart.
 *
 * <p><i>Lifecycle:</i> started by {@link #start}, {@link #close} ends it by SIGTERM. The pid stays
 * that of the program: every word before it replaces itself.
 */
final class Pinned implements AutoCloseable {
  private static final Clock CLOCK = Clock.system();
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final int LAST_WORDS = 2000;

  private final Process process;
  private final Path log;
  private final long startedNanos;

  private Pinned(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.startedNanos = CLOCK.nanos();
  }

  /**
   * @param core that it may use
   * @param log where what it says goes
   */
  static Pinned start(int core, Path log, Map<String, String> more, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
    command.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(more);
    return new Pinned(builder.start(), log);
  }

  Watched watched() {
    return new Watched(process.pid());
  }

  boolean alive() {
    return process.isAlive();
  }

  String said() throws IOException {
    return Files.readString(log);
  }

  String lastWords() throws IOException {
    String said = said();
    return said.substring(Math.max(0, said.length() - LAST_WORDS));
  }

  /** Seconds from its start until this address answers with 200. */
  double awaitAnswer(URI address) throws InterruptedException, IOException {
    long until = CLOCK.nanos() + PATIENCE.toNanos();
    while (CLOCK.nanos() - until < 0 && alive()) {
      if (answers(address)) {
        return (CLOCK.nanos() - startedNanos) / 1e9;
      }
      CLOCK.parkUntil(CLOCK.nanos() + Duration.ofMillis(5).toNanos());
    }
    throw new BenchmarkException(
        "nothing answers at %s, and the process %s; it said last:%n%s"
            .formatted(address, alive() ? "is alive" : "has ended", lastWords()));
  }

  private static boolean answers(URI address) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** What it answers, which must be 200. */
  static String get(URI address) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofMinutes(1)).build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new BenchmarkException(address + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  /** Waits for its end; its exit code. */
  int await() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new BenchmarkException("it did not end; see " + log);
    }
    return process.exitValue();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
