package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector as a process of its own that may open few files, asked over HTTP. */
class SelfMetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern QUEUE =
      Pattern.compile("(?m)^millwright_collector_queue_length\\{queue=\"([a-z_]+)\"} ");

  @TempDir private Path directory = Path.of("");

  @Test
  void allQueuesAreToldAndALimitThatIsTooLowIsSaid() throws Exception {
    assertThat(Main.run("collector", "ca", "init", "--dir", path("ca"), "--site", "test")).isZero();
    write(
        "remote-write.yaml", "url: http://127.0.0.1:1/api/v1/write\ninterval: 1s\nbackfill: 1h\n");
    write("otlp.yaml", "url: http://127.0.0.1:1/v1/metrics\ninterval: 1s\nbackfill: 1h\n");
    write("secret", "0123456789abcdef0123\n");
    Process process = started();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String page = "http://127.0.0.1:" + port();
      HttpResponse<String> ready = get(http, page + "/readyz");
      assertThat(ready.statusCode()).isEqualTo(200);
      assertThat(ready.body())
          .startsWith("ready; ")
          .contains(
              "the limit of open files is 700 and 1000 nodes need 2032, so that some could not connect; set LimitNOFILE=2032");
      assertThat(Files.readString(directory.resolve("err")))
          .as("said at the start")
          .contains("WARN Collector - the limit of open files is 700");
      String metrics = get(http, page + "/metrics").body();
      assertThat(queues(metrics)).as("as the catalogue has them").isEqualTo(catalogued());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(get(http, page + "/metrics").body())
                  .containsPattern("(?m)^millwright_collector_over_budget\\{resource=\"files\"} 0")
                  .containsPattern("budget_used_ratio\\{resource=\"heap\"} 0\\.[0-9]")
                  .containsPattern("budget_used_ratio\\{resource=\"cpu\"} [01]")
                  .containsPattern("budget_used_ratio\\{resource=\"queues\"} 0")
                  .containsPattern("(?m)^millwright_collector_storage_used_bytes [1-9][0-9]{4,}")
                  .containsPattern(
                      "(?m)^millwright_collector_build_info\\{version=\"[0-9][^$\"]*\",revision=\"[^$\"]+\",jvm_version=\"25[^\"]*\"} 1")
                  .contains("millwright_collector_queue_capacity{queue=\"store\"} 1024\n")
                  .contains("millwright_collector_queue_lag_seconds{queue=\"inbox\"} ")
                  .contains(
                      "millwright_collector_dropped_total{queue=\"requests\",reason=\"rate\"} 0\n"));
    } finally {
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Set<String> queues(String page) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = QUEUE.matcher(page);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  /** A queue that the page has and the catalogue has not, or the other way round, fails. */
  private static Set<String> catalogued() {
    String help = Metric.COLLECTOR_QUEUE_LENGTH.help();
    return new TreeSet<>(List.of(help.substring(help.indexOf("queue=") + 6).split("\\|", -1)));
  }

  private Process started() throws IOException {
    String command =
        "ulimit -n 700 && exec \"$0\" -XX:-UsePerfData -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp \"$1\" "
            + Main.class.getName()
            + " collector run --http 127.0.0.1:0 --uplink 127.0.0.1:0 --join 127.0.0.1:0"
            + " --authority %1$s --credentials %1$s/collector --data %2$s --remote-write %3$s --otlp %4$s"
                .formatted(path("ca"), path("data"), path("remote-write.yaml"), path("otlp.yaml"))
            + " --webhook https://127.0.0.1:1/x --webhook-secret "
            + path("secret");
    return new ProcessBuilder(
            "bash",
            "-c",
            command,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            System.getProperty("java.class.path"))
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private String port() {
    return await().atMost(PATIENCE).until(this::said, Optional::isPresent).orElseThrow();
  }

  private Optional<String> said() throws IOException {
    return Files.readString(directory.resolve("out"))
        .lines()
        .filter(line -> line.startsWith("fleet: "))
        .map(line -> line.replaceAll(".*:([0-9]+)/$", "$1"))
        .findFirst();
  }

  private static HttpResponse<String> get(HttpClient http, String uri)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
    Files.setPosixFilePermissions(
        directory.resolve(name), PosixFilePermissions.fromString("rw-------"));
  }
}
