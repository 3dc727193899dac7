package io.millwright.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * From the moment in which a job is sent to REST to the moment that its program tells, by the same
 * machine's wall clock; one job after the other. Arguments: URL of a collector, file of a token,
 * user, count.
 */
public final class JobLaunch {
  private static final Clock CLOCK = Clock.system();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI collector;
  private final String token;

  private JobLaunch(URI collector, String token) {
    this.collector = collector;
    this.token = token;
  }

  public static void main(String[] arguments) throws Exception {
    JobLaunch launch =
        new JobLaunch(URI.create(arguments[0]), Files.readString(Path.of(arguments[1])).strip());
    int count = Integer.parseInt(arguments[3]);
    String series = Long.toHexString(CLOCK.wall().toEpochMilli());
    List<Double> starts = new ArrayList<>();
    List<Double> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      launch.one("launch-" + series + "-" + i, arguments[2], starts, answers);
    }
    System.out.printf(
        "%d jobs: answered p50 %.1f p95 %.1f ms; program started p50 %.1f p95 %.1f ms%n",
        count,
        quantile(answers, 0.5),
        quantile(answers, 0.95),
        quantile(starts, 0.5),
        quantile(starts, 0.95));
  }

  private void one(String name, String user, List<Double> starts, List<Double> answers)
      throws IOException, InterruptedException {
    ObjectNode job = JSON.createObjectNode().put("name", name).put("user", user);
    job.putArray("argv").add("/bin/date").add("+%s%N");
    Instant sent = CLOCK.wall();
    long begun = CLOCK.nanos();
    String answer =
        send(request("/v1/jobs").POST(HttpRequest.BodyPublishers.ofString(job.toString())), 201);
    answers.add((CLOCK.nanos() - begun) / 1e6);
    String said = "";
    long until = CLOCK.nanos() + Duration.ofSeconds(30).toNanos();
    while (said.isBlank()) {
      if (CLOCK.nanos() - until > 0) {
        throw new BenchmarkException("it never printed anything: " + answer);
      }
      CLOCK.parkUntil(CLOCK.nanos() + Duration.ofMillis(20).toNanos());
      if (send(request("/v1/jobs/" + name).GET(), 200).contains("\"state\":\"ended\"")) {
        said = send(request("/v1/jobs/" + name + "/logs").GET(), 200);
      }
    }
    long sentNanos = sent.getEpochSecond() * 1_000_000_000L + sent.getNano();
    starts.add((Long.parseLong(said.strip()) - sentNanos) / 1e6);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(collector.resolve(path))
        .header("authorization", "Bearer " + token);
  }

  private String send(HttpRequest.Builder request, int wanted)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != wanted) {
      throw new BenchmarkException(answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  private static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, (int) (share * sorted.size())));
  }
}
