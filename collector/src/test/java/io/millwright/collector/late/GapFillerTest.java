package io.millwright.collector.late;

import static io.millwright.collector.hot.Nodes.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotMetric;
import io.millwright.collector.hot.Nodes;
import io.millwright.collector.hot.Point;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** From late samples to the last minutes, and what becomes of those that cannot go there. */
class GapFillerTest {
  private static final List<String> UUIDS = List.of("GPU-0");
  private static final SeriesTable TABLE = Nodes.table("n1", "r1", UUIDS);
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(IntStream.range(0, TABLE.size()).mapToObj(TABLE::series).toList());
  private static final Position SOME = new Position(1, 1);

  private final HotFleet hot = new HotFleet(1 << 20);
  private long now = 2000 * SECOND;
  private final GapFiller gaps =
      new GapFiller(
          hot,
          new Clock() {
            @Override
            public long nanos() {
              return now;
            }

            @Override
            public Instant wall() {
              return Instant.ofEpochMilli(Nodes.wallMs(now));
            }

            @Override
            public void parkUntil(long nanos) {
              throw new AssertionError("nobody waits here");
            }
          });

  private static Row row(double value) {
    Row row = new Row(SCHEMA.size());
    row.set(Nodes.place(0, HotMetric.POWER), value);
    return row;
  }

  private void live(double value) {
    Readings readings = new Readings(TABLE);
    readings.measured(Nodes.place(0, HotMetric.POWER), value);
    hot.look(Nodes.heard("n1", 1, now, readings), now);
  }

  private double counted(String result) {
    Sample sample = gaps.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample
          .table()
          .series(i)
          .equals(Series.of(Metric.COLLECTOR_HISTORY_BACKFILLED_SAMPLES_TOTAL, result))) {
        return sample.value(i);
      }
    }
    throw new AssertionError("it does not tell " + result);
  }

  private List<Point> history() {
    return hot.history(hot.device("GPU-0").orElseThrow(), HotMetric.POWER, 0);
  }

  /** The node's clock is ten seconds ahead. */
  @Test
  void aGapIsFilledAtTheTimeByOurClock() {
    live(1);
    now += 60 * SECOND;
    live(61);
    LateSink.Chain chain = gaps.begin("n1", SCHEMA);
    Row shared = row(0);
    for (int second = 1; second < 60; second++) {
      shared.set(Nodes.place(0, HotMetric.POWER), second + 1.0);
      long at = Nodes.wallMs((2000 + second) * SECOND);
      chain.take(SOME, at + 10_000, 10_000, shared);
    }
    gaps.fill();
    assertThat(history()).as("the turn after the node's live sample").hasSize(2);
    gaps.fill();
    assertThat(history())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(0, 60)
                .mapToObj(at -> new Point(Nodes.wallMs((2000 + at) * SECOND), at + 1.0))
                .toList());
    assertThat(counted("taken")).isEqualTo(59);
  }

  @Test
  void whatCannotGoThereIsCountedWithItsReason() {
    LateSink.Chain chain = gaps.begin("n1", SCHEMA);
    chain.take(SOME, Nodes.wallMs(now), 0, row(1));
    gaps.fill();
    gaps.fill();
    assertThat(counted("unknown")).isEqualTo(1);
    live(5);
    chain.take(SOME, Nodes.wallMs(now) - 600_001, 0, row(1));
    assertThat(counted("too_old")).isEqualTo(1);
    chain.take(SOME, Nodes.wallMs(now) - 599_000, 0, row(2));
    now += 2 * SECOND;
    gaps.fill();
    gaps.fill();
    assertThat(counted("too_old")).as("it became so while it waited").isEqualTo(2);
    chain.take(SOME, Nodes.wallMs(now) + 5000, 0, row(3));
    gaps.fill();
    gaps.fill();
    assertThat(history().getLast()).isEqualTo(new Point(Nodes.wallMs(now), 3));
    for (int i = 0; i < 10_000; i++) {
      chain.take(SOME, Nodes.wallMs(now), 0, row(i));
    }
    assertThat(counted("overload")).isEqualTo(10_000 - 8192);
    gaps.begin("n1", SeriesSchema.of(List.of(Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, "n1"))))
        .take(SOME, Nodes.wallMs(now), 0, new Row(1));
    assertThat(counted("overload")).as("without a device there is nothing").isEqualTo(1808);
  }

  /** A turn of the writer takes so many and no more. */
  @Test
  void aFleetThatCatchesUpDoesNotHoldTheWriterUp() {
    live(1);
    LateSink.Chain chain = gaps.begin("n1", SCHEMA);
    for (int i = 0; i < 5000; i++) {
      chain.take(SOME, Nodes.wallMs(now) - 5000 + i, 0, row(i));
    }
    gaps.fill();
    gaps.fill();
    assertThat(counted("taken")).isEqualTo(1024);
  }

  /** A node whose late rows go back in time with each one begins a piece of history with each. */
  @Test
  void aNodeThatGoesToAndFroPushesOutNobodyElse() {
    live(1);
    LateSink.Chain other = gaps.begin("n1", SCHEMA);
    other.take(SOME, Nodes.wallMs(now) - 60_000, 0, row(2));
    gaps.fill();
    gaps.fill();
    long before = hot.historyBytes();
    LateSink.Chain hostile = gaps.begin("n1", SCHEMA);
    for (int i = 0; i < 2_000; i++) {
      hostile.take(SOME, Nodes.wallMs(now) - 100_000 - 10L * i, 0, row(i));
      if (i % 500 == 499) {
        gaps.fill();
        gaps.fill();
      }
    }
    gaps.fill();
    gaps.fill();
    assertThat(counted("no_room")).isGreaterThan(1_800);
    assertThat(hot.historyBytes() - before).as("bytes of some 80 pieces").isLessThan(400_000);
    assertThat(history()).contains(new Point(Nodes.wallMs(now) - 60_000, 2));
  }
}
