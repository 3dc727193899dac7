package io.millwright.simulator;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.NodeView;
import io.millwright.protocol.views.Problem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The collector as REST shows it. <i>Threading:</i> the main thread. <i>Failure:</i> an {@link
 * IOException}, in bounded time.
 */
final class FleetClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int UNAVAILABLE = 503;
  private static final int FAILURES = 400;
  private static final String ENDED = "ended";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final URI collector;
  private final String token;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  FleetClient(URI collector, String token) {
    this.collector = collector;
    this.token = token;
  }

  /** The fleet at one moment. */
  record Picture(List<NodeView> nodes, List<AcceleratorView> accelerators, List<JobView> jobs) {
    Picture {
      nodes = List.copyOf(nodes);
      accelerators = List.copyOf(accelerators);
      jobs = List.copyOf(jobs);
    }

    static Picture empty() {
      return new Picture(List.of(), List.of(), List.of());
    }

    /** Connected nodes that have told of all their accelerators. */
    long whole() {
      return nodes.stream()
          .filter(node -> node.link().equals("connected"))
          .filter(node -> node.accelerators() > 0 && node.acceleratorsUp() == node.accelerators())
          .count();
    }
  }

  Picture picture() throws IOException {
    return new Picture(
        list("/v1/nodes", NodeView[].class),
        list("/v1/accelerators", AcceleratorView[].class),
        list("/v1/jobs", JobView[].class));
  }

  /** Runs that go on. */
  List<JobView> liveJobs() throws IOException {
    List<JobView> live = new ArrayList<>(list("/v1/jobs", JobView[].class));
    live.removeIf(job -> job.state().equals(ENDED));
    return live;
  }

  /**
   * Submits a job, of which there is no earlier run.
   *
   * @throws Refusal where the collector does not take it; others may pass
   */
  void submit(Map<String, Object> job) throws IOException {
    HttpResponse<String> answer =
        send(
            request("/v1/jobs?run=1") // asked twice it is one job
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(job))));
    if (answer.statusCode() == UNAVAILABLE) {
      throw new IOException(detail(answer));
    }
    if (answer.statusCode() >= FAILURES) {
      throw new Refusal(detail(answer));
    }
  }

  /** Asks for the end of a run; that it has ended already is no trouble. */
  void cancel(JobView job) throws IOException {
    send(
        request("/v1/jobs/" + job.job() + "/cancel?run=" + job.run())
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  /** What the collector said to a request that it did not take. */
  static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;

    Refusal(String sentence) {
      super(sentence);
    }
  }

  private <T> List<T> list(String path, Class<T[]> type) throws IOException {
    HttpResponse<String> answer = send(request(path).GET());
    if (answer.statusCode() >= FAILURES) {
      throw new Refusal(path + ": " + detail(answer));
    }
    return List.of(JSON.readValue(answer.body(), type));
  }

  private static String detail(HttpResponse<String> answer) {
    try {
      return JSON.readValue(answer.body(), Problem.class).detail();
    } catch (IOException noProblem) {
      return "HTTP status " + answer.statusCode();
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(collector.resolve(path))
        .header("Authorization", "Bearer " + token);
  }

  /** The limit is of the whole exchange: a request's own timeout ends with the headers. */
  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    try {
      return answer.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no whole answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(reason(e), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the collector", e);
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = Optional.ofNullable(e.getCause()).orElse(e);
    return Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
