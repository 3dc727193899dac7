package io.millwright.simulator.fleet;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the last values of a frozen fleet with what its collector serves of each node.
 *
 * <p><i>Threading:</i> the caller's. <i>Failure:</i> a node that the collector does not serve, or
 * serves with other values, is asked for again until the patience ends, and told then.
 */
public final class FleetCheck implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);
  private static final int OK = 200;

  private final SimulatedFleet fleet;
  private final URI collector;
  private final Clock clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(LONGEST_ANSWER)
          .build();

  /**
   * @param collector its http port, as in {@code http://127.0.0.1:9461}
   */
  public FleetCheck(SimulatedFleet fleet, URI collector, Clock clock) {
    this.fleet = fleet;
    this.collector = collector;
    this.clock = clock;
  }

  /** Names of the nodes whose values the collector has otherwise, or not, by then. */
  public List<String> differing(Duration patience) throws InterruptedException {
    long until = clock.nanos() + patience.toNanos();
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < fleet.names().size(); i++) {
      left.add(i);
    }
    left.removeIf(this::same);
    while (!left.isEmpty() && clock.nanos() - until < 0) {
      clock.parkUntil(clock.nanos() + PAUSE.toNanos());
      left.removeIf(this::same);
    }
    return left.stream().map(fleet.names()::get).toList();
  }

  private boolean same(int index) {
    URI page = collector.resolve("/metrics/node/" + fleet.names().get(index));
    HttpRequest request = HttpRequest.newBuilder(page).timeout(LONGEST_ANSWER).build();
    try {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return answer.statusCode() == OK
          && ModelledNode.digest(answer.body()).equals(fleet.digest(index));
    } catch (IOException notNow) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
