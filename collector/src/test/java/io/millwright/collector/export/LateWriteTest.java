package io.millwright.collector.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.late.LateSink;
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
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a receiver gets of samples that came late, over a socket. */
class LateWriteTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration OLDEST = Duration.ofHours(1);
  private static final int SERIES = 3;
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(IntStream.range(0, SERIES).mapToObj(LateWriteTest::series).toList());
  private static final Position SOME = new Position(1, 1);

  private final Clock clock = Clock.system();
  private final AtomicReference<FleetState> fleet = new AtomicReference<>(FleetState.EMPTY);
  private Optional<Exporter> running = Optional.empty();

  @TempDir private Path directory;

  private static Series series(int device) {
    return Series.of(
        Metric.ACCELERATOR_POWER_WATTS, "n1", "" + device, "GPU-" + device, "nvidia", "B", "gpu");
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  private Exporter start(URI url, Duration interval) throws IOException {
    Exporter made =
        new Exporter(
            new ExportOptions(
                Format.REMOTE_WRITE,
                url,
                Optional.empty(),
                Optional.empty(),
                Map.of("site", "north"),
                interval,
                Duration.ofSeconds(60),
                1 << 20,
                Optional.of(OLDEST)),
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

  /** A row of which the last series was not measured. */
  private static Row row(double value) {
    Row row = new Row(SERIES);
    for (int i = 0; i < SERIES - 1; i++) {
      row.set(i, value);
    }
    return row;
  }

  private void arrives(double value, long wallMs) {
    SeriesTable.Builder table = SeriesTable.builder();
    IntStream.range(0, SERIES).forEach(i -> table.add(Cadence.FAST, series(i)));
    Readings readings = new Readings(table.build());
    long heard = clock.nanos() + Duration.ofHours(1).toNanos();
    readings.at(heard);
    readings.measured(0, value);
    fleet.updateAndGet(before ->
        FleetReducer.apply(
            before,
            List.of(
                new Fact.Connected("n1", 1, "1.0", heard, wallMs),
                new Fact.Sampled(
                    "n1", 1, heard, wallMs, 0, readings.sample(), Optional.empty(), List.of()))));
  }

  private static double own(Exporter of, Metric metric, String label) {
    Sample sample = of.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).equals(Series.of(metric, label))) {
        return sample.value(i);
      }
    }
    throw new AssertionError("it does not tell " + metric + " " + label);
  }

  private static double counted(Exporter of, String result) {
    return own(of, Metric.COLLECTOR_REMOTE_WRITE_BACKFILLED_SAMPLES_TOTAL, result);
  }

  private static List<Long> times(Endpoint endpoint, int device) {
    return endpoint.taken().stream()
        .filter(one -> ("GPU-" + device).equals(one.labels().get("uuid")))
        .map(Received::wallMs)
        .toList();
  }

  private long secondsAgo(int seconds) {
    return Math.floorDiv(clock.wall().toEpochMilli(), 1000) * 1000 - seconds * 1000L;
  }

  /** Four samples a second, a minute long, in any order, twice: one for each second, once. */
  @Test
  void oneOfEachIntervalIsSentWithItsOwnTimeAndOnce() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("LateWriteTest seed " + seed);
    long first = secondsAgo(600);
    List<Long> taken =
        new ArrayList<>(
            LongStream.range(0, 240).mapToObj(quarter -> first + quarter * 250).toList());
    Collections.shuffle(taken, new Random(seed));
    try (Endpoint endpoint = new Endpoint()) {
      Exporter write = start(endpoint.url(), INTERVAL);
      LateSink.Chain chain = write.late().begin("n1", SCHEMA);
      Row shared = row(0);
      for (int again = 0; again < 2; again++) {
        for (long at : taken) {
          shared.set(0, (double) at);
          chain.take(SOME, at, 1500, shared);
        }
        chain = write.late().begin("n1", SCHEMA); // a new session
      }
      soon().until(() -> counted(write, "taken") == 120);
      assertThat(times(endpoint, 0)).doesNotHaveDuplicates().hasSize(60).isSubsetOf(taken);
      assertThat(times(endpoint, 0).stream().map(at -> at / 1000)).doesNotHaveDuplicates();
      assertThat(times(endpoint, SERIES - 1)).as("was not measured").isEmpty();
      for (Received one : endpoint.taken()) {
        assertThat(one.labels()).containsEntry("site", "north").containsEntry("node", "n1");
        assertThat(one.names()).isSorted();
        assertThat(one.value()).isEqualTo(one.labels().containsValue("GPU-0") ? one.wallMs() : 0.0);
      }
    }
  }

  /** An interval of which something was sent as it came gets nothing late. */
  @Test
  void whatWasSentLiveIsNotFilled() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      long at = secondsAgo(60) + 400;
      arrives(7, at);
      Exporter write = start(endpoint.url(), INTERVAL);
      soon().until(() -> times(endpoint, 0).equals(List.of(at)));
      LateSink.Chain chain = write.late().begin("n1", SCHEMA);
      chain.take(SOME, at + 200, 0, row(1));
      chain.take(SOME, at + 1000, 0, row(2));
      soon().until(() -> counted(write, "taken") == 2);
      assertThat(times(endpoint, 0)).containsExactly(at, at + 1000);
    }
  }

  @Test
  void whatIsNotSentIsCountedWithItsReason() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      Exporter write = start(endpoint.url(), INTERVAL);
      LateSink.Chain chain = write.late().begin("n1", SCHEMA);
      chain.take(SOME, secondsAgo(3610), 0, row(1));
      assertThat(counted(write, "too_old")).isEqualTo(2);
      chain.take(SOME, secondsAgo(100), 2001, row(1));
      chain.take(SOME, secondsAgo(90), -2001, row(1));
      assertThat(counted(write, "clock")).isEqualTo(4);
      chain.take(SOME, secondsAgo(80), -2000, row(1));
      soon().until(() -> counted(write, "taken") == 2);
      LateSink.Chain broad =
          write
              .late()
              .begin(
                  "n2",
                  SeriesSchema.of(
                      IntStream.range(0, 30_000)
                          .mapToObj(i ->
                              Series.of(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, "n2", "eth" + i))
                          .toList()));
      Row all = new Row(30_000);
      all.set(5, 5);
      int before = 0;
      while (counted(write, "overload") == 0) {
        before++;
        broad.take(SOME, secondsAgo(3000) + before * 1000L, 0, all);
      }
      assertThat(counted(write, "overload")).isEqualTo(1);
      int handedOver = before - 1;
      soon().until(() -> counted(write, "taken") == 2 + handedOver);
    }
  }

  /** The receiver comes back: what is of now goes first, in its order. */
  @Test
  void thePresentGoesFirst() throws Exception {
    URI url;
    try (Endpoint endpoint = new Endpoint()) {
      url = endpoint.url();
    }
    Exporter write = start(url, Duration.ofMillis(20));
    LateSink.Chain chain = write.late().begin("n1", SCHEMA);
    for (int i = 0; i < 10; i++) {
      chain.take(SOME, secondsAgo(600) + i * 1000L, 0, row(i));
    }
    soon().until(() -> own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write_late") == 20);
    long now = clock.wall().toEpochMilli();
    for (int i = 0; i < 3; i++) {
      arrives(100 + i, now + i);
      int waiting = i + 1;
      soon().until(() -> own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write") == waiting);
    }
    try (Endpoint endpoint = new Endpoint(url.getPort())) {
      soon().until(() -> counted(write, "taken") == 20);
      assertThat(endpoint.taken().stream().limit(3).map(Received::value))
          .containsExactly(100.0, 101.0, 102.0);
      assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL, "taken")).isEqualTo(3);
    }
  }

  /** As Prometheus without a window for what is out of order. */
  @Test
  void aReceiverThatRefusesItGetsThePresent() throws Exception {
    try (Endpoint endpoint = new Endpoint()) {
      endpoint.then(Endpoint.status(400));
      Exporter write = start(endpoint.url(), Duration.ofMillis(20));
      write.late().begin("n1", SCHEMA).take(SOME, secondsAgo(600), 0, row(1));
      soon().until(() -> counted(write, "refused") == 2);
      arrives(7, clock.wall().toEpochMilli());
      soon().until(() -> endpoint.taken().size() == 1);
      assertThat(endpoint.taken().getFirst().value()).isEqualTo(7);
      assertThat(own(write, Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL, "refused")).isZero();
      assertThat(counted(write, "taken")).isZero();
    }
  }

  @Test
  void whatWaitsOutlivesTheCollector() throws Exception {
    URI url;
    try (Endpoint endpoint = new Endpoint()) {
      url = endpoint.url();
    }
    Exporter write = start(url, INTERVAL);
    long at = secondsAgo(600);
    write.late().begin("n1", SCHEMA).take(SOME, at, 0, row(1));
    soon().until(() -> own(write, Metric.COLLECTOR_QUEUE_LENGTH, "remote_write_late") == 2);
    stop();
    try (Endpoint endpoint = new Endpoint(url.getPort())) {
      start(url, INTERVAL);
      soon().until(() -> endpoint.taken().size() == 2);
      assertThat(times(endpoint, 0)).containsExactly(at);
    }
  }
}
