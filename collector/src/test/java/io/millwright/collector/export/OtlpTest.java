package io.millwright.collector.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a receiver of OTLP gets, over a socket, whatever it answers; OpenTelemetry's classes read.
 */
class OtlpTest {
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final Series POWER =
      Series.of(Metric.ACCELERATOR_POWER_WATTS, "n1", "0", "GPU-0", "nvidia", "B200", "gpu");
  private static final Series MODULE =
      Series.of(Metric.ACCELERATOR_POWER_WATTS, "n1", "0", "GPU-0", "nvidia", "B200", "module");
  private static final Series ENERGY =
      Series.of(
          Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, "n1", "0", "GPU-0", "nvidia", "B200", "gpu");
  private static final Series MEMORY =
      Series.of(Metric.ACCELERATOR_MEMORY_USED_BYTES, "n1", "0", "GPU-0", "nvidia", "B200");
  private static final Series LOAD = Series.of(Metric.NODE_LOAD_AVERAGE, "n1", "1m");

  private final Clock clock = Clock.system();
  private final AtomicReference<FleetState> fleet = new AtomicReference<>(FleetState.EMPTY);
  private Optional<Exporter> running = Optional.empty();

  @TempDir private Path directory;

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  private static Endpoint endpoint() throws IOException {
    return new Endpoint(0, "gzip");
  }

  private static List<OtlpPoint> taken(Endpoint endpoint) {
    return endpoint.takenBodies().stream().flatMap(body -> OtlpPoint.of(body).stream()).toList();
  }

  private static SeriesTable table(Series... series) {
    SeriesTable.Builder table = SeriesTable.builder();
    Arrays.stream(series).forEach(one -> table.add(Cadence.FAST, one));
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

  /** A node that was heard in an hour stays connected however slow the machine is. */
  private long heard() {
    return clock.nanos() + Duration.ofHours(1).toNanos();
  }

  private void arrives(String node, Sample sample, long wallMs) {
    long heard = sample.takenNanos();
    fleet.updateAndGet(before ->
        FleetReducer.apply(
            before,
            List.of(
                new Fact.Connected(node, 1, "1.0", heard, wallMs),
                new Fact.Sampled(node, 1, heard, wallMs, 0, sample, Optional.empty(), List.of()))));
  }

  private void leaves(String node) {
    fleet.updateAndGet(before ->
        FleetReducer.apply(
            before,
            List.of(
                new Fact.Disconnected(
                    node, 1, clock.nanos(), clock.wall().toEpochMilli(), "gone"))));
  }

  private Exporter start(Endpoint endpoint) throws IOException {
    return start(endpoint, Duration.ofSeconds(60), Optional.empty());
  }

  private Exporter start(Endpoint endpoint, Duration timeout, Optional<Duration> backfill)
      throws IOException {
    Exporter made =
        new Exporter(
            new ExportOptions(
                Format.OTLP,
                URI.create("http://127.0.0.1:%d/v1/metrics".formatted(endpoint.port())),
                Optional.of(new ExportOptions.Secret("Bearer abc")),
                Optional.empty(),
                Map.of("site", "north", "host.name", "overruled"),
                OFTEN,
                timeout,
                1 << 20,
                backfill),
            directory,
            fleet::get,
            clock,
            Duration.ofMillis(10));
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

  @Test
  void aSampleArrivesUnderItsHardwareNameOrItsOwn() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(POWER, MODULE, LOAD, ENERGY), 512.25, 900, 0.5, Double.NaN), at);
      start(endpoint);
      soon().until(() -> !endpoint.takenBodies().isEmpty());
      List<OtlpPoint> points = taken(endpoint);
      assertThat(points).hasSize(3).allMatch(point -> point.wallMs() == at);
      assertThat(points)
          .allSatisfy(point ->
              assertThat(point.resource())
                  .isEqualTo(
                      Map.of(
                          "host.name", "n1",
                          "service.name", "millwright-agent",
                          "service.instance.id", "n1",
                          "service.version", "1.0",
                          "site", "north")));
      OtlpPoint power = named(points, "hw.power");
      assertThat(power.attributes())
          .isEqualTo(
              Map.of(
                  "hw.id", "GPU-0",
                  "hw.type", "gpu",
                  "hw.name", "0",
                  "hw.vendor", "nvidia",
                  "hw.model", "B200"));
      assertThat(power.value()).isEqualTo(512.25);
      assertThat(power.metric().getUnit()).isEqualTo("W");
      OtlpPoint module = named(points, "millwright_accelerator_power_watts");
      assertThat(module.attributes()).containsEntry("scope", "module").containsEntry("node", "n1");
      assertThat(module.metric().getUnit()).isEqualTo("W");
      assertThat(module.metric().getDescription()).isEqualTo(Metric.ACCELERATOR_POWER_WATTS.help());
      OtlpPoint load = named(points, "millwright_node_load_average");
      assertThat(load.attributes()).isEqualTo(Map.of("node", "n1", "window", "1m"));
      assertThat(load.metric().getUnit()).isEmpty();
      assertThat(endpoint.authorization()).isEqualTo("Bearer abc");
    }
  }

  private static OtlpPoint named(List<OtlpPoint> points, String name) {
    List<OtlpPoint> found = points.stream().filter(one -> one.name().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  /** A counter says since when; a gauge and what falls, too, say nothing. */
  @Test
  void aCounterSaysSinceWhenItHasCounted() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      long at = clock.wall().toEpochMilli() - 1000;
      SeriesTable table = table(ENERGY, MEMORY, POWER);
      SeriesTable other = table(LOAD, POWER, ENERGY); // elsewhere in the table
      start(endpoint);
      int[] sent = {0};
      step(endpoint, sent, sample(table, 100, 50, 1), at);
      step(endpoint, sent, sample(table, 150, 40, 2), at + 1);
      step(endpoint, sent, sample(table, 150, 30, 3), at + 2);
      step(endpoint, sent, sample(table, 20, 20, 4), at + 3);
      step(endpoint, sent, sample(other, 1, 5, 30), at + 4);
      step(endpoint, sent, sample(other, 1, 6, Double.NaN), at + 5);
      step(endpoint, sent, sample(other, 1, 7, 40), at + 6);
      List<OtlpPoint> energy =
          taken(endpoint).stream().filter(point -> point.name().equals("hw.energy")).toList();
      assertThat(energy).allMatch(point -> point.kind().equals("counter"));
      assertThat(energy.stream().map(point -> point.wallMs() - at))
          .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
      assertThat(
              energy.stream()
                  .filter(point -> !point.ended())
                  .map(point -> point.sinceMs() - at)
                  .toList())
          .containsExactly(0L, 0L, 0L, 2L, 2L, 6L);
      assertThat(energy.get(5).ended()).isTrue();
      for (OtlpPoint point : taken(endpoint)) {
        if (!point.name().equals("hw.energy")) {
          assertThat(point.sinceMs()).as(point.series()).isZero();
          assertThat(point.kind())
              .isEqualTo(point.name().equals("hw.gpu.memory.usage") ? "updowncounter" : "gauge");
        }
      }
    }
  }

  /** One sample, and its request. */
  private void step(Endpoint endpoint, int[] sent, Sample sample, long at) {
    arrives("n1", sample, at);
    sent[0]++;
    soon().until(() -> endpoint.takenBodies().size() == sent[0]);
  }

  @Test
  void whatIsNoLongerMeasuredOrHeardHasNoRecordedValue() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      long at = clock.wall().toEpochMilli() - 1000;
      int[] sent = {0};
      start(endpoint);
      SeriesTable table = table(POWER, ENERGY, LOAD);
      step(endpoint, sent, sample(table, 1, 2, 3), at);
      step(endpoint, sent, sample(table, Double.NaN, 2, 3), at + 1);
      leaves("n1");
      soon().until(() -> endpoint.takenBodies().size() == 3);
      List<OtlpPoint> ended = taken(endpoint).stream().filter(OtlpPoint::ended).toList();
      assertThat(ended.stream().map(OtlpPoint::name))
          .containsExactly("hw.power", "millwright_node_load_average", "hw.energy");
      assertThat(ended).allMatch(point -> !point.point().hasAsDouble());
    }
  }

  @Test
  void eachNodeIsAResource() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      long at = clock.wall().toEpochMilli();
      arrives("n1", sample(table(POWER, LOAD), 1, 2), at);
      arrives("n2", sample(table(POWER), 3), at);
      start(endpoint);
      soon().until(() -> !endpoint.takenBodies().isEmpty());
      assertThat(endpoint.takenBodies()).hasSize(1);
      assertThat(taken(endpoint).stream().map(point -> point.resource().get("host.name")))
          .containsExactlyInAnyOrder("n1", "n1", "n2");
    }
  }

  /** 429, 502, 503 and 504, and what is no answer. */
  @Test
  void theVerySameRequestIsSentAgainUntilItIsTaken() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      endpoint.then(
          Endpoint.status(429, "Retry-After", "0"),
          Endpoint.status(502),
          Endpoint.status(503, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"),
          Endpoint.status(504),
          Endpoint.status(307, "Location", "http://127.0.0.1:9/"),
          Endpoint.hang(),
          Endpoint.takeAndBreak());
      arrives("n1", sample(table(POWER), 1), clock.wall().toEpochMilli());
      Exporter exporter = start(endpoint, Duration.ofSeconds(1), Optional.empty());
      soon()
          .until(() -> own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "taken"), is -> is == 1);
      List<byte[]> bodies = endpoint.bodies();
      assertThat(bodies).hasSize(8).allMatch(body -> Arrays.equals(body, bodies.get(0)));
      assertThat(own(exporter, Metric.COLLECTOR_OTLP_RETRIES_TOTAL, "limited")).isEqualTo(1);
      assertThat(own(exporter, Metric.COLLECTOR_OTLP_RETRIES_TOTAL, "failed")).isEqualTo(6);
      assertThat(own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "refused")).isZero();
    }
  }

  /** Of every other status the specification says that it must not be sent again. */
  @Test
  void whatTheSpecificationForbidsIsNotSentAgain() throws Exception {
    int[] statuses = {400, 401, 403, 404, 408, 413, 415, 422, 500, 501, 505};
    try (Endpoint endpoint = endpoint()) {
      for (int status : statuses) {
        endpoint.then(Endpoint.status(status));
      }
      long at = clock.wall().toEpochMilli() - 1000;
      SeriesTable table = table(POWER);
      Exporter exporter = start(endpoint);
      for (int i = 0; i < statuses.length; i++) {
        arrives("n1", sample(table, i), at + i);
        int refused = i + 1;
        soon()
            .until(
                () -> own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "refused"),
                is -> is == refused);
        assertThat(endpoint.requests()).as("after %d", statuses[i]).isEqualTo(refused);
      }
      assertThat(exporter.trouble().orElseThrow()).contains("OTLP loses samples", "refuses them");
      arrives("n1", sample(table, 100), at + 100);
      soon().until(() -> endpoint.takenBodies().size() == 1);
      soon().until(() -> exporter.trouble().isEmpty());
      assertThat(taken(endpoint).getFirst().value()).isEqualTo(100);
    }
  }

  /** A proxy's page may be of any length; an endless one ends at 64 KiB. */
  @Test
  void theStatusDecidesHoweverLongTheAnswerIs() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      endpoint.then(Endpoint.status(400, FirstBytes.MOST), Endpoint.status(400, 5 << 20));
      long at = clock.wall().toEpochMilli() - 1000;
      Exporter exporter = start(endpoint);
      for (int i = 1; i <= 2; i++) {
        arrives("n1", sample(table(POWER), i), at + i);
        int refused = i;
        soon()
            .until(
                () -> own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "refused"),
                is -> is == refused);
      }
      assertThat(endpoint.requests()).as("none is sent again").isEqualTo(2);
      int[] sent = {0};
      step(endpoint, sent, sample(table(POWER), 3), at + 3);
      assertThat(own(exporter, Metric.COLLECTOR_OTLP_RETRIES_TOTAL, "failed")).isZero();
    }
  }

  @Test
  void aPartOfARequestThatIsRefusedIsCountedAndNotSentAgain() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      endpoint.then(
          Endpoint.says(partial(2, "too many attributes")),
          Endpoint.says(partial(0, "this is a warning")),
          Endpoint.says(partial(1000, "more than there were")),
          Endpoint.says("not a message".getBytes(UTF_8)),
          Endpoint.says(new byte[0]));
      long at = clock.wall().toEpochMilli() - 1000;
      SeriesTable table = table(POWER, MODULE, LOAD);
      Exporter exporter = start(endpoint);
      int[] sent = {0};
      for (int i = 0; i < 5; i++) {
        step(endpoint, sent, sample(table, i, i, i), at + i);
      }
      soon()
          .until(
              () -> own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "taken"),
              is -> is == 1 + 3 + 0 + 3 + 3);
      assertThat(own(exporter, Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "refused")).isEqualTo(2 + 3);
      assertThat(endpoint.requests()).isEqualTo(5);
    }
  }

  private static byte[] partial(long rejected, String why) {
    return ExportMetricsServiceResponse.newBuilder()
        .setPartialSuccess(
            ExportMetricsPartialSuccess.newBuilder()
                .setRejectedDataPoints(rejected)
                .setErrorMessage(why))
        .build()
        .toByteArray();
  }

  /** What an agent kept goes with the node's own time, and nobody says since when it counted. */
  @Test
  void lateSamplesHaveTheirOwnTime() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      long now = clock.wall().toEpochMilli();
      arrives("n1", sample(table(POWER, ENERGY), 1, 2), now);
      Exporter exporter = start(endpoint, Duration.ofSeconds(60), Optional.of(Duration.ofHours(1)));
      soon().until(() -> endpoint.takenBodies().size() == 1);
      SeriesSchema schema = SeriesSchema.of(List.of(ENERGY, LOAD));
      Row row = new Row(2);
      row.set(0, 7);
      exporter.late().begin("n1", schema).take(new Position(1, 1), now - 60_000, 0, row);
      soon().until(() -> endpoint.takenBodies().size() == 2);
      List<OtlpPoint> late = OtlpPoint.of(endpoint.takenBodies().get(1));
      assertThat(late).hasSize(1);
      assertThat(late.getFirst().wallMs()).isEqualTo(now - 60_000);
      assertThat(late.getFirst().sinceMs()).isZero();
      assertThat(late.getFirst().value()).isEqualTo(7);
      assertThat(late.getFirst().resource()).containsEntry("service.version", "1.0");
      assertThat(late.getFirst().series())
          .isEqualTo(named(OtlpPoint.of(endpoint.takenBodies().get(0)), "hw.energy").series());
      soon()
          .until(
              () -> own(exporter, Metric.COLLECTOR_OTLP_BACKFILLED_SAMPLES_TOTAL, "taken"),
              is -> is == 1);
    }
  }

  /** A large node is sent in requests that a receiver takes, each of them whole. */
  @Test
  void aLargeNodeIsSentInSeveralRequests() throws Exception {
    try (Endpoint endpoint = endpoint()) {
      Series[] all =
          IntStream.range(0, 20_000)
              .mapToObj(i -> Series.of(Metric.NODE_NETWORK_UP, "n1", "eth" + i))
              .toArray(Series[]::new);
      double[] values = new double[all.length];
      Arrays.setAll(values, i -> i);
      arrives("n1", sample(table(all), values), clock.wall().toEpochMilli());
      start(endpoint);
      soon().until(() -> taken(endpoint).size() == all.length);
      assertThat(endpoint.requests()).isBetween(2, 10);
      assertThat(taken(endpoint).stream().map(OtlpPoint::series)).doesNotHaveDuplicates();
    }
  }
}
