package io.millwright.collector.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a receiver gets, over a socket, whatever it answers. */
class RemoteWriteTest {
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final SeriesTable TABLE =
      SeriesTable.builder().build(); // of a node before its first sample

  private final Clock clock = Clock.system();
  private final AtomicReference<FleetState> fleet = new AtomicReference<>(FleetState.EMPTY);
  private Optional<Exporter> running = Optional.empty();

  @TempDir private Path directory;

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  private static SeriesTable table(int devices) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = 0; i < devices; i++) {
      table.add(
          Cadence.FAST,
          Series.of(
              Metric.ACCELERATOR_POWER_WATTS, "n1", "" + i, "GPU-" + i, "nvidia", "B200", "board"));
    }
    return table.build();
  }

  private Sample sample(SeriesTable table, double... values) {
    Readings readings = new Readings(table);
    readings.at(heard());
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        readings.unsupported(i);
      } else {
        readings.measured(i, values[i]);
      }
    }
    return readings.sample();
  }

  private void arrives(String node, Sample sample) {
    arrives(node, sample, clock.wall().toEpochMilli());
  }

  private void arrives(String node, Sample sample, long wallMs) {
    arrives(node, sample, wallMs, sample.takenNanos());
  }

  /** With a state of another moment than the sample that is in it. */
  private void arrives(String node, Sample sample, long wallMs, long heard) {
    fleet.updateAndGet(before ->
        FleetReducer.apply(
            before,
            List.of(
                new Fact.Connected(node, 1, "1.0", heard, wallMs),
                new Fact.Sampled(node, 1, heard, wallMs, 0, sample, Optional.empty(), List.of()))));
  }

  /** A node that was heard in an hour stays connected however slow the machine is. */
  private long heard() {
    return clock.nanos() + Duration.ofHours(1).toNanos();
  }

  private void leaves(String node) {
    fleet.updateAndGet(before ->
        FleetReducer.apply(
            before,
            List.of(
                new Fact.Disconnected(
                    node, 1, clock.nanos(), clock.wall().toEpochMilli(), "gone"))));
  }

  private ExportOptions options(URI url, Duration timeout, long queueBytes) {
    return new ExportOptions(
        Format.REMOTE_WRITE,
        url,
        Optional.of(new ExportOptions.Secret("Bearer abc")),
        Optional.empty(),
        Map.of("site", "north", "node", "overruled"),
        OFTEN,
        timeout,
        queueBytes,
        Optional.empty());
  }

  private Exporter start(URI url) throws IOException {
    return start(options(url, Duration.ofSeconds(60), 1 << 20));
  }

  private Exporter start(ExportOptions options) throws IOException {
    Exporter made = new Exporter(options, directory, fleet::get, clock, Duration.ofMillis(10));
    made.start();
    running = Optional.of(made);
    return made;
  }

  @AfterEach
  void stop() {
    running.ifPresent(Exporter::close);
    running = Optional.empty();
  }

  private static double own(Exporter of, Metric metric, String... labels) {
    Sample sample = of.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).equals(Series.of(metric, labels))) {
        return sample.value(i);
      }
    }
    throw new AssertionError("it does not tell " + metric);
  }

  /** Those of the receiver of this test, whose port the label has. */
  private static void inOrder(List<Received> all) {
    Map<Map<String, String>, Long> last = new HashMap<>();
    for (Received one : all) {
      Long before = last.put(one.labels(), one.wallMs());
      assertThat(before == null || before < one.wallMs())
          .as("%s at %d after %d", one.labels(), one.wallMs(), before)
          .isTrue();
    }
  }

  @Test
  void aSampleArrivesWithSortedLabelsAndTheTimeOfItsArrival() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(2), 512.25, Double.NaN), at);
      Exporter write = start(endpoint.url());
      soon().until(() -> !endpoint.taken().isEmpty());
      Received one = endpoint.taken().getFirst();
      assertThat(endpoint.taken()).hasSize(1);
      assertThat(one.labels())
          .containsEntry("__name__", "millwright_accelerator_power_watts")
          .containsEntry("node", "n1")
          .containsEntry("uuid", "GPU-0")
          .containsEntry("site", "north");
      assertThat(one.names()).isSorted();
      assertThat(one.value()).isEqualTo(512.25);
      assertThat(one.wallMs()).isEqualTo(at);
      assertThat(endpoint.authorization()).isEqualTo("Bearer abc");
      soon()
          .until(
              () -> own(write, Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL, "taken"),
              is -> is == 1);
      assertThat(own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write")).isZero();
    }
  }

  @Test
  void theSameSampleIsSentOnce() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      arrives("n1", sample(table(1), 1));
      arrives("n2", sample(TABLE));
      start(endpoint.url());
      soon().until(() -> !endpoint.taken().isEmpty());
      arrives("n1", sample(table(1), 2), clock.wall().toEpochMilli() + 1);
      soon().until(() -> endpoint.taken().size() > 1);
      assertThat(endpoint.taken().stream().map(Received::value)).containsExactly(1.0, 2.0);
    }
  }

  /** Its row changes in place: what waits in the inbox is seen before its state comes. */
  @Test
  void aSampleThatIsNewerThanItsStateIsSentOnceAndWithItsOwnTime() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      long at = clock.wall().toEpochMilli() - 5000;
      Sample newer = sample(table(1), 7);
      long taken = newer.takenNanos();
      arrives("n1", newer, at, taken - Duration.ofMillis(250).toNanos());
      start(endpoint.url());
      soon().until(() -> endpoint.taken().size() == 1);
      assertThat(endpoint.taken().getFirst().wallMs()).isEqualTo(at + 250);
      arrives("n1", newer, at + 251, taken); // by a clock that counts in whole milliseconds
      arrives("n2", sample(table(1), 8));
      soon().until(() -> endpoint.taken().size() > 1);
      assertThat(endpoint.taken().stream().map(Received::value)).containsExactly(7.0, 8.0);
    }
  }

  @Test
  void whatIsNoLongerMeasuredOrHeardGetsTheStaleMarker() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      long at = clock.wall().toEpochMilli() - 1000;
      arrives("n1", sample(table(3), 1, 2, 3), at);
      start(endpoint.url());
      soon().until(() -> endpoint.taken().size() == 3);
      SeriesTable two = table(2);
      arrives("n1", sample(two, 1, 2), at + 1);
      soon().until(() -> endpoint.taken().size() == 6);
      arrives("n1", sample(two, Double.NaN, 2), at + 2);
      soon().until(() -> endpoint.taken().size() == 8);
      leaves("n1");
      soon().until(() -> endpoint.taken().size() == 9);
      List<String> ended =
          endpoint.taken().stream()
              .filter(Received::stale)
              .map(one -> one.labels().get("uuid"))
              .toList();
      assertThat(ended).containsExactly("GPU-2", "GPU-0", "GPU-1");
      inOrder(endpoint.taken());
    }
  }

  @Test
  void aClockThatStepsBackSendsNothingOutOfOrder() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(1), 1), at);
      start(endpoint.url());
      soon().until(() -> endpoint.taken().size() == 1);
      arrives("n1", sample(table(1), 2), at - 5000);
      arrives("n2", sample(table(1), 3), at - 5000);
      soon().until(() -> endpoint.taken().size() == 2);
      assertThat(endpoint.taken().get(1).value()).isEqualTo(3);
      arrives("n1", sample(table(1), 4), at + 1);
      soon().until(() -> endpoint.taken().size() == 3);
      assertThat(endpoint.taken().getLast().value()).isEqualTo(4);
    }
  }

  @Test
  void whatIsRefusedIsDroppedAndTheNextGoesOn() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      endpoint.then(Endpoint.status(400), Endpoint.status(422));
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(2), 1, 1), at);
      Exporter write = start(endpoint.url());
      soon().until(() -> endpoint.requests() == 1);
      arrives("n1", sample(table(2), 2, 2), at + 1);
      soon().until(() -> endpoint.requests() == 2);
      arrives("n1", sample(table(2), 3, 3), at + 2);
      soon().until(() -> endpoint.taken().size() == 2);
      assertThat(endpoint.taken().stream().map(Received::value)).containsExactly(3.0, 3.0);
      assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL, "refused")).isEqualTo(4);
    }
  }

  @Test
  void theVerySameRequestIsSentAgainUntilItIsTaken() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      endpoint.then(
          Endpoint.status(500),
          Endpoint.status(503, "Retry-After", "0"),
          Endpoint.status(429, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"),
          Endpoint.status(401),
          Endpoint.status(302, "Location", "http://127.0.0.1:9/"),
          Endpoint.takeAndBreak());
      arrives("n1", sample(table(1), 1));
      Exporter write = start(endpoint.url());
      soon().until(() -> endpoint.taken().size() == 2);
      List<byte[]> bodies = endpoint.bodies();
      assertThat(bodies).hasSize(7).allMatch(body -> Arrays.equals(body, bodies.get(0)));
      soon()
          .until(
              () -> own(write, Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL, "taken"),
              is -> is == 1);
      assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_RETRIES_TOTAL, "limited")).isEqualTo(1);
      assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_RETRIES_TOTAL, "failed")).isEqualTo(5);
    }
  }

  /** A receiver that asks for an hour gets five minutes: nothing comes while we look. */
  @Test
  void aReceiverThatAsksForLessIsLeftAlone() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      endpoint.then(Endpoint.status(429, "Retry-After", "3600"));
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(1), 1), at);
      Exporter write = start(endpoint.url());
      soon()
          .until(
              () -> own(write, Metric.COLLECTOR_REMOTE_WRITE_RETRIES_TOTAL, "limited"),
              is -> is == 1);
      for (int i = 1; i <= 5; i++) { // each is an interval and more
        arrives("n1", sample(table(1), i), at + i);
        int waiting = i + 1;
        soon()
            .until(
                () -> own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write"),
                is -> is == waiting);
      }
      assertThat(endpoint.requests()).isEqualTo(1);
      assertThat(
              own(write, Metric.COLLECTOR_REMOTE_WRITE_LAG_SECONDS, "127.0.0.1:" + endpoint.port()))
          .isPositive();
    }
  }

  @Test
  void aReceiverThatHangsIsGivenUpAndAskedAgain() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      endpoint.then(Endpoint.hang(), Endpoint.hang());
      arrives("n1", sample(table(1), 1));
      start(options(endpoint.url(), Duration.ofSeconds(1), 1 << 20));
      soon().until(() -> endpoint.taken().size() == 1);
      assertThat(endpoint.requests()).isEqualTo(3);
    }
  }

  /** The receiver is away, then the collector, then both are back. */
  @Test
  void whatWaitsOutlivesTheCollectorAndArrivesInOrder() throws Exception {
    int port;
    URI url;
    try (Endpoint endpoint = new Endpoint()) {
      port = endpoint.port();
      url = endpoint.url();
    }
    long at = clock.wall().toEpochMilli();
    Exporter first = start(url);
    for (int i = 0; i < 5; i++) {
      arrives("n1", sample(table(1), i), at + i);
      int waiting = i + 1;
      soon()
          .until(
              () -> own(first, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write"), is -> is == waiting);
    }
    stop();
    fleet.set(FleetState.EMPTY);
    try (Endpoint endpoint = new Endpoint(port)) {
      start(url);
      soon().until(() -> endpoint.taken().size() == 5);
      assertThat(endpoint.taken().stream().map(Received::value))
          .containsExactly(0.0, 1.0, 2.0, 3.0, 4.0);
      inOrder(endpoint.taken());
    }
  }

  @Test
  void beyondItsBytesTheOldestGoAndAreCounted() throws Exception {
    URI url;
    try (Endpoint endpoint = new Endpoint()) {
      url = endpoint.url();
    }
    long at = clock.wall().toEpochMilli();
    Exporter write = start(options(url, Duration.ofSeconds(60), 2000));
    int i = 0;
    while (own(write, Metric.COLLECTOR_DROPPED_TOTAL, "remote_write", "full") < 3) {
      double before = own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write");
      double dropped = own(write, Metric.COLLECTOR_DROPPED_TOTAL, "remote_write", "full");
      arrives("n1", sample(table(1), i), at + i);
      soon()
          .until(() ->
              own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write")
                      + own(write, Metric.COLLECTOR_DROPPED_TOTAL, "remote_write", "full")
                  == before + dropped + 1);
      i++;
    }
    assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_QUEUE_BYTES))
        .isPositive()
        .isLessThanOrEqualTo(2000);
    stop();
    try (Endpoint endpoint = new Endpoint(url.getPort())) {
      fleet.set(FleetState.EMPTY);
      start(options(url, Duration.ofSeconds(60), 2000));
      int last = i - 1;
      soon().until(() -> endpoint.taken().stream().anyMatch(received -> received.value() == last));
      List<Double> values = endpoint.taken().stream().map(Received::value).toList();
      assertThat(values).isSorted().doesNotContain(0.0);
    }
  }

  /** A fleet's worth of series goes out in requests that a receiver takes. */
  @Test
  void aLargeNodeIsSentInSeveralRequests() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      double[] values = new double[20_000];
      Arrays.setAll(values, i -> i);
      arrives("n1", sample(table(values.length), values));
      start(options(endpoint.url(), Duration.ofSeconds(60), 64 << 20));
      soon().until(() -> endpoint.taken().size() == values.length);
      assertThat(endpoint.requests()).isBetween(3, 10);
      assertThat(endpoint.taken().stream().map(Received::value).collect(Collectors.toSet()))
          .hasSize(values.length);
      assertThat(Collections.max(endpoint.bodies().stream().map(body -> body.length).toList()))
          .isLessThan(1 << 20);
    }
  }
}
