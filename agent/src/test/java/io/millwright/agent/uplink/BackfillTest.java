package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.spool.Spool;
import io.millwright.agent.spool.Spooled;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file is given up where the collector cannot read something. A real spool. */
@SuppressWarnings("NullAway.Init") // set before each test
class BackfillTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(List.of(Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, "n1")));

  @TempDir private Path directory;
  private Spool spool;
  private Backfill backfill;

  @BeforeEach
  void start() {
    spool =
        new Spool(new Spool.Settings(directory.resolve("spool"), 8 << 20, "n1"), Clock.system());
    spool.start();
    Ring ring = new Ring(42, spool::keep, () -> true);
    backfill = new Backfill(ring, Optional.of(spool));
    for (int i = 1; i <= 20; i++) {
      ring.add(SCHEMA, i, new Moment(i, i), new Row(1));
    }
    ring.flush();
    await().atMost(LONG).until(() -> spool.range().newest().equals(new Position(42, 20)));
  }

  @AfterEach
  void stop() {
    spool.close();
  }

  /** A session that sends some of the file, of which nothing is acknowledged. */
  private void send() throws InterruptedException {
    backfill.begin();
    BlockingQueue<List<Spooled>> answers = new LinkedBlockingQueue<>();
    backfill.fetch(5, answers::add);
    List<Spooled> found = answers.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(found).as("answered").isNotNull();
    backfill.answered(found == null ? List.of() : found, 5);
    assertThat(backfill.send(backfill.next().orElseThrow())).isNotEmpty();
  }

  @Test
  void aFileThatTwiceEndsASessionIsGivenUp() throws InterruptedException {
    send();
    backfill.left(true);
    assertThat(backfill.suspects()).isTrue();
    backfill.begin();
    backfill.left(true); // the live samples: neither says anything of the file nor clears it
    assertThat(backfill.suspects()).isTrue();
    send();
    backfill.left(true);
    await().atMost(LONG).until(() -> spool.range().equals(SpoolRange.EMPTY));
  }

  @Test
  void aFileThatEndsASessionOnceStays() throws InterruptedException {
    send();
    backfill.left(true);
    send();
    backfill.left(false);
    assertThat(backfill.suspects()).isFalse();
    send();
    backfill.left(true);
    send();
  }
}
