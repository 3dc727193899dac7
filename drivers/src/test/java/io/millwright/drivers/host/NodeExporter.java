package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A running prometheus-node-exporter, on a loopback port of its own choice. */
final class NodeExporter implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("address=(127\\.0\\.0\\.1:\\d+)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Upstream's default; Debian's build also leaves out /run, /mnt and /media, where data lives. */
  private static final String NOT_WATCHED =
      "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";

  /** The option that makes it watch the mounts that we do. */
  static final String WATCHED_MOUNTS = "--collector.filesystem.mount-points-exclude=" + NOT_WATCHED;

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Process process;
  private final HttpClient client;
  private final URI page;

  private NodeExporter(Process process, HttpClient client, URI page) {
    this.process = process;
    this.client = client;
    this.page = page;
  }

  /** The program: the system property {@code node.exporter}, or one on the path. */
  static Optional<Path> program() {
    String given = System.getProperty("node.exporter", "");
    Stream<Path> candidates =
        given.isEmpty()
            ? Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "prometheus-node-exporter"))
            : Stream.of(Path.of(given));
    return candidates.filter(Files::isExecutable).findFirst();
  }

  static NodeExporter started(Path program, Path log, String... options) throws IOException {
    Process process =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of(program.toString(), "--web.listen-address=127.0.0.1:0"),
                        Stream.of(options))
                    .toList())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      String address =
          await().atMost(DEADLINE).until(() -> address(log), Optional::isPresent).get();
      URI page = URI.create("http://" + address + "/metrics");
      return new NodeExporter(process, HttpClient.newHttpClient(), page);
    } catch (RuntimeException failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  private static Optional<String> address(Path log) throws IOException {
    Matcher listening = LISTENING.matcher(Files.readString(log, UTF_8));
    return listening.find() ? Optional.of(listening.group(1)) : Optional.empty();
  }

  /** One series of a page: its family and its labels. */
  record Line(String family, Map<String, String> labels) {
    Line {
      labels = Map.copyOf(labels);
    }

    static Line of(String family, String... labels) {
      Map<String, String> pairs = new TreeMap<>();
      for (int i = 0; i < labels.length; i += 2) {
        pairs.put(labels[i], labels[i + 1]);
      }
      return new Line(family, pairs);
    }
  }

  /** One scrape. */
  record Page(Map<Line, Double> values) {

    /** The sum of a family's series that have these labels. */
    Optional<Double> sum(Line wanted) {
      return values.entrySet().stream()
          .filter(each -> each.getKey().family().equals(wanted.family()))
          .filter(each -> each.getKey().labels().entrySet().containsAll(wanted.labels().entrySet()))
          .map(Map.Entry::getValue)
          .reduce(Double::sum);
    }

    /** How many series of a family have these labels. */
    long count(Line wanted) {
      return values.keySet().stream()
          .filter(each -> each.family().equals(wanted.family()))
          .filter(each -> each.labels().entrySet().containsAll(wanted.labels().entrySet()))
          .count();
    }
  }

  Page scrape() {
    HttpRequest request = HttpRequest.newBuilder(page).timeout(DEADLINE).build();
    try {
      return parsed(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  private static Page parsed(String text) {
    Map<Line, Double> values = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      Matcher sample = SAMPLE.matcher(line);
      if (!line.startsWith("#") && sample.matches()) {
        String labels = sample.group(2) == null ? "" : sample.group(2);
        values.put(
            new Line(sample.group(1), labels(labels)),
            Double.parseDouble(sample.group(3).replace("Inf", "Infinity")));
      }
    }
    return new Page(values);
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2).replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    return labels;
  }

  /** Stops this process and no other. */
  @Override
  public void close() {
    client.close();
    process.destroy();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
