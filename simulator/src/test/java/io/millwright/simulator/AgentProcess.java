package io.millwright.simulator;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The agent as a process of its own, as a site runs it: the launcher's flags, this test's class
 * path, output in files of its own directory. Closing it ends the process, the hard way at last.
 */
final class AgentProcess implements AutoCloseable {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final String MAIN = "io.millwright.agent.Main";
  private static final String SIMULATOR = "io.millwright.simulator.Main";

  /** A test that was started in the background inherits ignored signals, and so would its child. */
  private static final List<String> DEFAULT_SIGNALS = List.of("env", "--default-signal=INT,HUP");

  /** Options of whoever runs the tests are not the agent's. */
  private static final List<String> JVM_WORDS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  private static final Pattern SERVED = Pattern.compile("page is served address=\\S+ port=(\\d+)");
  private static final Pattern GREETED =
      Pattern.compile("metrics: (http://127\\.0\\.0\\.1:\\d+/metrics)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path directory;
  private final long startedNanos;
  private Optional<URI> served = Optional.empty();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private AgentProcess(Process process, Path directory, long startedNanos) {
    this.process = process;
    this.directory = directory;
    this.startedNanos = startedNanos;
  }

  /** {@code millwright} with these words. */
  static AgentProcess start(String... words) throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), MAIN, words);
  }

  /** {@code millwright up} over simulated devices, quickly sampled, on a port of its own. */
  static AgentProcess up(SimulatedNode node, String... more) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "up",
                "--listen",
                "127.0.0.1:0",
                "--set",
                "node.name=node1",
                "--set",
                "nvidia.library=" + node.library(),
                "--set",
                "health.kernel_log=" + node.kernelLog(),
                "--set",
                "health.directory=" + node.library().resolveSibling("health")));
    words.addAll(List.of(more));
    return start(words.toArray(String[]::new));
  }

  /** The simulator's own verbs. */
  static AgentProcess simulator(String... words) throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), SIMULATOR, words);
  }

  /** The simulator's verbs for the same user as this one's. */
  AgentProcess besides(String... words) throws IOException {
    List<String> environment = List.of("env", "XDG_RUNTIME_DIR=" + directory);
    return start(environment, System.getProperty("java.class.path"), SIMULATOR, words);
  }

  /** A simulated node in a directory of its own. */
  static SimulatedNode simulated(String... scenario) throws IOException {
    return SimulatedNode.create(
        WatchedNode.builtLibrary(), Scratch.directory("mw-sim"), List.of(scenario));
  }

  /**
   * @param prefix words before {@code java}, as of another user
   */
  static AgentProcess start(List<String> prefix, String classPath, String main, String... words)
      throws IOException {
    Path directory = Files.createTempDirectory("mw-agent");
    List<String> command = new ArrayList<>(DEFAULT_SIGNALS);
    command.addAll(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MILLWRIGHT_"));
    builder.environment().keySet().removeAll(JVM_WORDS);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("MILLWRIGHT_HOME", HOME.toString());
    builder.environment().put("XDG_RUNTIME_DIR", directory.toString());
    long started = System.nanoTime();
    return new AgentProcess(builder.start(), directory, started);
  }

  /** The launcher's own, so that a test runs what a site runs. */
  static List<String> flags() throws IOException {
    Matcher quoted =
        Pattern.compile("agent_flags=\"([^\"]+)\"")
            .matcher(Files.readString(HOME.resolve("millwright")));
    if (!quoted.find()) {
      throw new AssertionError("the launcher has no agent_flags");
    }
    return List.of(quoted.group(1).strip().split("\\s+"));
  }

  static ConditionFactory within(Duration longest) {
    return Awaitility.await().atMost(longest).pollInterval(Duration.ofMillis(50));
  }

  static ConditionFactory soon() {
    return within(PATIENCE);
  }

  /** Its own directory, where the files of a test may lie too. */
  Path directory() {
    return directory;
  }

  String output() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  String errors() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  /** Waits until the log has this. */
  void awaitLog(String part) {
    soon()
        .untilAsserted(() -> {
          if (!errors().contains(part)) {
            throw new AssertionError("not logged: '" + part + "' in\n" + errors());
          }
        });
  }

  /** Where the page is, once it is served. */
  URI url() {
    if (served.isEmpty()) {
      served =
          Optional.of(
              awaitServed(SERVED, port -> URI.create("http://127.0.0.1:" + port + "/metrics")));
    }
    return served.get();
  }

  /** The address that a person was told. */
  URI greeted() {
    soon().until(() -> !alive() || GREETED.matcher(output()).find());
    return awaitServed(GREETED, URI::create);
  }

  private URI awaitServed(Pattern pattern, Function<String, URI> uri) {
    soon().until(() -> !alive() || found(pattern).isPresent());
    return found(pattern)
        .map(uri)
        .orElseThrow(() -> new AssertionError("ended without serving a page: " + said()));
  }

  private Optional<String> found(Pattern pattern) {
    Matcher matcher = pattern.matcher(said());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private String said() {
    try {
      return output() + errors();
    } catch (IOException e) {
      throw new UncheckedIOException("reading what the agent said", e);
    }
  }

  /** One scrape; anything but 200 fails. */
  LivePage scrape() throws IOException, InterruptedException {
    HttpResponse<String> answer = get("/metrics");
    if (answer.statusCode() != 200) {
      throw new AssertionError("the page answered " + answer.statusCode() + ": " + answer.body());
    }
    return LivePage.of(answer.body());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url().resolve(path)).timeout(Duration.ofSeconds(10)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Waits until a page is as wanted, and gives it. */
  LivePage awaitPage(Predicate<LivePage> wanted) {
    LivePage[] seen = {LivePage.of("")};
    try {
      soon()
          .pollInterval(
              Duration.ofMillis(100)) // a page costs its agent more than it is sampled for
          .until(() -> {
            seen[0] = scrape();
            return wanted.test(seen[0]);
          });
    } catch (ConditionTimeoutException never) {
      throw new AssertionError("never as wanted; log:\n" + said() + "\n" + seen[0].text(), never);
    }
    return seen[0];
  }

  /** Since the process was begun. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  boolean alive() {
    return process.isAlive();
  }

  /** TERM, INT or HUP, to this process alone. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill -" + name + " failed");
    }
  }

  /** Its exit code, once it has ended by itself. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running: " + said());
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    http.shutdownNow();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }
}
