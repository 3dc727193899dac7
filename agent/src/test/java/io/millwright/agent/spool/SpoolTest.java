package io.millwright.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread that keeps, with disks that fail and hang. */
class SpoolTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final long RUN = 7;

  @TempDir private Path directory;
  private final AtomicLong ahead = new AtomicLong();

  /** The system's, whose pauses this test ends. */
  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return Clock.system().nanos() + ahead.get();
        }

        @Override
        public Instant wall() {
          return Instant.ofEpochSecond(1000);
        }

        @Override
        public void parkUntil(long nanos) {
          Clock.system().parkUntil(nanos - ahead.get());
        }
      };

  private final Breakable disk = new Breakable();

  private static final class Breakable extends SegmentStoreTest.Roomy {
    private volatile boolean broken;
    private volatile CountDownLatch hangs = new CountDownLatch(0);

    @Override
    public void write(FileChannel to, ByteBuffer bytes) throws IOException {
      try {
        hangs.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (broken) {
        throw new IOException("No space left on device");
      }
      super.write(to, bytes);
    }
  }

  private Spool open() {
    Spool spool =
        new Spool(new Spool.Settings(directory.resolve("spool"), 8 << 20, "n1"), disk, clock);
    spool.start();
    return spool;
  }

  private static double shown(Spool spool, Metric metric) {
    Sample sample = spool.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).metric() == metric) {
        return sample.value(i);
      }
    }
    throw new AssertionError("no series of " + metric);
  }

  private static void await(Spool spool, Metric metric, double value) {
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(shown(spool, metric)).isEqualTo(value));
  }

  private static void keep(Spool spool, long first, long last) {
    LongStream.rangeClosed(first, last)
        .forEach(sequence -> spool.keep(Numbered.sample(RUN, sequence)));
  }

  private static List<Spooled> next(Spool spool, long session, int most)
      throws InterruptedException {
    BlockingQueue<List<Spooled>> answers = new LinkedBlockingQueue<>();
    spool.next(session, most, answers::add);
    List<Spooled> answer = answers.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(answer).as("answered").isNotNull();
    return answer == null ? List.of() : answer;
  }

  private static List<Spooled> all(Spool spool) throws InterruptedException {
    long session = spool.begin();
    List<Spooled> found = new ArrayList<>();
    List<Spooled> next = next(spool, session, 50);
    while (!next.isEmpty()) {
      found.addAll(next);
      next = next(spool, session, 50);
    }
    return found;
  }

  private static List<Long> numbers(List<Spooled> samples) {
    return new Numbered.Collector().takeAll(samples).stream().map(Position::sequence).toList();
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void whatIsKeptIsGivenAndLetGo() throws InterruptedException {
    try (Spool spool = open()) {
      keep(spool, 1, 100);
      await(spool, Metric.AGENT_SPOOL_SAMPLES, 100);
      assertThat(shown(spool, Metric.AGENT_SPOOL_OLDEST_AGE_SECONDS)).isEqualTo(999);
      assertThat(shown(spool, Metric.AGENT_SPOOL_WRITABLE)).isEqualTo(1);
      List<Spooled> found = all(spool);
      assertThat(numbers(found)).isEqualTo(range(1, 100));
      spool.letGo(found);
      await(spool, Metric.AGENT_SPOOL_SAMPLES, 0);
      await(spool, Metric.AGENT_SPOOL_BYTES, 0);
      assertThat(shown(spool, Metric.AGENT_SPOOL_OLDEST_AGE_SECONDS)).isZero();
    }
  }

  @Test
  void theEndOfTheAgentWritesWhatWaits() throws InterruptedException {
    Spool spool = open();
    keep(spool, 1, 50);
    spool.close();
    try (Spool again = open()) {
      assertThat(numbers(all(again))).isEqualTo(range(1, 50));
    }
  }

  /**
   * Fewer are held for longer, written when there is room, and nothing more is asked of anybody.
   */
  @Test
  void aFullDiskThinsWhatWaitsAndHealsByItself() throws InterruptedException {
    try (Spool spool = open()) {
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 1);
      disk.broken = true;
      keep(spool, 1, 1);
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 0);
      keep(spool, 2, 150);
      await(spool, Metric.AGENT_SPOOL_THINNED_TOTAL, 30);
      assertThat(shown(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL)).isZero();
      assertThat(shown(spool, Metric.AGENT_SPOOL_SAMPLES)).isEqualTo(120);
      assertThat(shown(spool, Metric.AGENT_SPOOL_WRITE_ERRORS_TOTAL)).isPositive();
      disk.broken = false;
      ahead.addAndGet(Duration.ofSeconds(10).toNanos());
      keep(spool, 151, 151);
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 1);
      List<Long> left = numbers(all(spool));
      assertThat(left).startsWith(1L).endsWith(150L, 151L).hasSizeBetween(120, 121).isSorted();
    }
  }

  /** What each sample says of the minute before it covers all that was taken out. */
  @Test
  void noMinuteIsWithoutItsExtremesWhereTheDiskTakesNothingForLong() throws InterruptedException {
    try (Spool spool = open()) {
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 1);
      disk.broken = true;
      keep(spool, 1, 1);
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 0);
      keep(spool, 2, 2500);
      await(spool, Metric.AGENT_SPOOL_THINNED_TOTAL, 2380);
      assertThat(shown(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL)).isZero();
      keep(spool, 2501, 8000);
      await(spool, Metric.AGENT_SPOOL_SAMPLES, 120);
      Awaitility.await()
          .atMost(LONG)
          .until(() ->
              shown(spool, Metric.AGENT_SPOOL_THINNED_TOTAL)
                      + shown(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL)
                  == 7880);
      assertThat(shown(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL)).isPositive();
      disk.broken = false;
      ahead.addAndGet(Duration.ofSeconds(10).toNanos());
      keep(spool, 8001, 8001);
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 1);
      List<Long> left = numbers(all(spool));
      assertThat(left).isSorted().endsWith(8001L);
      assertThat(8001 - left.getFirst()).as("seconds that are kept").isGreaterThan(4000);
      for (int i = 1; i < left.size(); i++) {
        assertThat(left.get(i) - left.get(i - 1)).as("seconds without one").isLessThanOrEqualTo(50);
      }
    }
  }

  /** A chain of one schema ends where the next begins; neither is thinned across that. */
  @Test
  void whatWaitsIsNotThinnedAcrossASchema() throws InterruptedException {
    try (Spool spool = open()) {
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 1);
      disk.broken = true;
      keep(spool, 1, 1);
      await(spool, Metric.AGENT_SPOOL_WRITABLE, 0);
      for (long sequence = 2; sequence <= 122; sequence++) {
        Position at = new Position(RUN, sequence);
        spool.keep(Numbered.sample(at, Numbered.schema((int) (sequence % 2))));
      }
      await(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL, 2);
      assertThat(shown(spool, Metric.AGENT_SPOOL_THINNED_TOTAL)).isZero();
    }
  }

  /** Whoever keeps and asks waits for no disk. */
  @Test
  void aDiskThatHangsHoldsNobodyUp() throws InterruptedException {
    try (Spool spool = open()) {
      disk.hangs = new CountDownLatch(1);
      keep(spool, 1, 1000);
      long session = spool.begin();
      BlockingQueue<List<Spooled>> answers = new LinkedBlockingQueue<>();
      spool.next(session, 10, answers::add);
      assertThat(spool.sample()).isNotNull();
      assertThat(answers).isEmpty();
      disk.hangs.countDown();
      assertThat(answers.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isNotNull();
      keep(spool, 1001, 1001);
      Awaitility.await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(
                      shown(spool, Metric.AGENT_SPOOL_SAMPLES)
                          + shown(spool, Metric.AGENT_SPOOL_THINNED_TOTAL)
                          + shown(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL))
                  .isEqualTo(1001));
      assertThat(numbers(all(spool))).last().isEqualTo(1001L);
    }
  }

  /** A session that is over gets nothing of what the next one is to send. */
  @Test
  void anOlderSessionGetsNoAnswer() throws InterruptedException {
    try (Spool spool = open()) {
      keep(spool, 1, 20);
      long older = spool.begin();
      assertThat(next(spool, older, 10)).hasSize(10);
      long newer = spool.begin();
      spool.next(
          older,
          10,
          found -> {
            throw new AssertionError("answered");
          });
      assertThat(next(spool, newer, 10))
          .first()
          .extracting(Spooled::at)
          .isEqualTo(new Position(RUN, 1));
    }
  }

  @Test
  void aFileThatTheCollectorRefusesIsGivenUp() throws InterruptedException {
    try (Spool spool = open()) {
      keep(spool, 1, 20);
      List<Spooled> found = all(spool);
      spool.refuse(found.getFirst().segment());
      await(spool, Metric.AGENT_SPOOL_DROPPED_TOTAL, 20);
      keep(spool, 21, 30);
      assertThat(numbers(all(spool))).isEqualTo(range(21, 30));
    }
  }
}
