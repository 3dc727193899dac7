package io.millwright.packages;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the caches with which the shipped JVMs start: a collector, an agent over simulated
 * accelerators that reports to it, and the command line run for some seconds, are scraped and
 * asked, and end in order. Everything is on loopback.
 *
 * <pre>
 * Training AGENT_HOME COLLECTOR_HOME NVML_LIBRARY WORK
 * </pre>
 *
 * <p>The homes hold {@code runtime/}, {@code lib/} and get {@code agent.aot}, {@code cli.aot} and
 * {@code collector.aot}. What a JVM notes of a run is never twice the same to the byte, so that
 * these are what a package has that another build of the same sources has not.
 */
public final class Training {
  private static final int SCRAPES = 40;

  private final Trained.Recipe agent;
  private final Trained.Recipe commandLine;
  private final Trained.Recipe collector;
  private final Path library;
  private final Path work;
  private final int page = freePort();
  private final int http = freePort();
  private final int uplink = freePort();
  private final int join = freePort();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private Training(Path agentHome, Path collectorHome, Path library, Path work) throws IOException {
    agent =
        new Trained.Recipe(agentHome, work.resolve("agent.options"), "io.millwright.agent.Main");
    commandLine =
        new Trained.Recipe(agentHome, work.resolve("cli.options"), "io.millwright.cli.Main");
    collector =
        new Trained.Recipe(
            collectorHome, work.resolve("collector.options"), "io.millwright.collector.Main");
    this.library = library;
    this.work = work;
  }

  public static void main(String[] arguments) throws IOException {
    new Training(
            Path.of(arguments[0]),
            Path.of(arguments[1]),
            Path.of(arguments[2]),
            Path.of(arguments[3]))
        .run();
  }

  private void run() throws IOException {
    site();
    try (Trained serving =
        collector.start("collector", work, noted("collector"), collectorWords())) {
      serving.until("serving", () -> status(http, "/readyz") == 200);
      join(serving);
      try (Trained watching = agent.start("agent", work, noted("agent"), agentWords())) {
        watching.until("watching eight devices", () -> devicesUp() == 8);
        serving.until("told of the node", () -> text(http, "/v1/nodes").contains("\"connected\""));
        ask();
        commandLine
            .start(
                "cli",
                work,
                noted("cli"),
                List.of("nodes", "--collector", "http://127.0.0.1:" + http))
            .await();
        watching.stop();
      }
      serving.stop();
    }
    for (Made made :
        List.of(
            new Made(agent, "agent"),
            new Made(commandLine, "cli"),
            new Made(collector, "collector"))) {
      made.create(work);
    }
  }

  /** A cache of one program. */
  private record Made(Trained.Recipe recipe, String name) {
    void create(Path work) throws IOException {
      Path cache = recipe.home().resolve(name + ".aot");
      List<String> jvm =
          List.of(
              "-XX:AOTMode=create",
              "-XX:AOTConfiguration=" + work.resolve(name + ".aotconf"),
              "-XX:AOTCache=" + cache);
      try (Trained making = recipe.start(name + "-aot", work, jvm, List.of())) {
        making.await();
        if (!Files.exists(cache)) {
          throw making.failed("made no " + cache);
        }
      }
    }
  }

  private List<String> noted(String name) {
    return List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + work.resolve(name + ".aotconf"));
  }

  private void site() throws IOException {
    one(
        "ca-init",
        collector,
        "collector",
        "ca",
        "init",
        "--dir",
        work.resolve("ca").toString(),
        "--site",
        "training");
    one(
        "ca-token",
        collector,
        "collector",
        "ca",
        "token",
        "--dir",
        work.resolve("ca").toString(),
        "--node",
        "training",
        "--token-file",
        work.resolve("token").toString());
  }

  private void join(Trained serving) throws IOException {
    one(
        "join",
        agent,
        "agent",
        "join",
        "--collector",
        "127.0.0.1:" + join,
        "--token-file",
        work.resolve("token").toString(),
        "--credentials",
        work.resolve("credentials").toString());
    if (!serving.runs()) {
      throw serving.failed("ended while a node joined");
    }
  }

  private void one(String name, Trained.Recipe recipe, String... words) throws IOException {
    try (Trained run = recipe.start(name, work, List.of(), List.of(words))) {
      run.await();
    }
  }

  private List<String> collectorWords() {
    List<String> words = new ArrayList<>(List.of("collector", "run"));
    words.addAll(List.of("--credentials", work.resolve("ca/collector").toString()));
    words.addAll(List.of("--data", work.resolve("data").toString()));
    words.addAll(List.of("--http", "127.0.0.1:" + http, "--uplink", "127.0.0.1:" + uplink));
    words.addAll(List.of("--join", "127.0.0.1:" + join));
    words.addAll(List.of("--authority", work.resolve("ca").toString()));
    return words;
  }

  private List<String> agentWords() throws IOException {
    Path config = work.resolve("agent.yaml");
    Files.writeString(
        config,
        """
        node: {name: training}
        listen: "127.0.0.1:%d"
        collector: {address: "127.0.0.1:%d", credentials: "%s"}
        nvidia: {library: "%s"}
        jobs: {directory: "%s"}
        """
            .formatted(page, uplink, work.resolve("credentials"), library, work.resolve("jobs")));
    return List.of("agent", "run", "--config", config.toString());
  }

  private int devicesUp() throws IOException {
    return (int)
        text(page, "/metrics")
            .lines()
            .filter(line -> line.startsWith("millwright_accelerator_up{") && line.endsWith(" 1"))
            .count();
  }

  /** As Prometheus and people do. */
  private void ask() throws IOException {
    for (int i = 0; i < SCRAPES; i++) {
      get(page, "/metrics", i % 2 == 0 ? "gzip" : "identity");
      get(http, "/metrics", i % 2 == 0 ? "gzip" : "identity");
    }
    for (String path : List.of("/livez", "/readyz", "/v1/snapshot")) {
      text(page, path);
    }
    for (String path :
        List.of(
            "/",
            "/metrics/fleet",
            "/sd/targets",
            "/v1/fleet",
            "/v1/nodes",
            "/v1/accelerators",
            "/v1/jobs")) {
      text(http, path);
    }
  }

  private int status(int port, String path) throws IOException {
    return get(port, path, "identity").statusCode();
  }

  private String text(int port, String path) throws IOException {
    return get(port, path, "identity").body();
  }

  private HttpResponse<String> get(int port, String path, String encoding) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(10))
            .header("Accept-Encoding", encoding)
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PackagingException("asking " + request.uri(), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
