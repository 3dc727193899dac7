package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The last samples, kept until the collector has them. */
class RingTest {
  private static final long INCARNATION = 42;
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(List.of(Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, "n1")));

  private final List<Long> beyond = new ArrayList<>();
  private boolean writable = true;
  private final Ring ring =
      new Ring(INCARNATION, kept -> beyond.add(kept.at().sequence()), () -> writable);

  private void add(long sequence) {
    Row row = new Row(1);
    row.set(0, (double) sequence);
    ring.add(SCHEMA, sequence, new Moment(sequence, sequence), row);
  }

  private static Position at(long sequence) {
    return new Position(INCARNATION, sequence);
  }

  @Test
  void eachSampleStandsAlone() {
    add(1);
    add(2);
    ring.next().ifPresent(ring::sentAsBackfill);
    Ring.Kept second = ring.next().orElseThrow();
    FrameReader reader = new FrameReader(Side.AGENT);
    reader.open();
    assertThat(reader.next(second.sample().frames().buffer()))
        .isInstanceOfSatisfying(
            Frame.Key.class,
            key -> {
              assertThat(key.backfill()).isTrue();
              SampleDecoder decoder = new SampleDecoder(SCHEMA);
              assertThat(decoder.apply(key)).isInstanceOf(SampleResult.Complete.class);
              assertThat(decoder.row().value(0)).isEqualTo(2);
            });
  }

  @Test
  void whatIsAcknowledgedIsLetGoOf() {
    for (int i = 1; i <= 4; i++) {
      add(i);
    }
    ring.sentLive(4);
    Ring.Kept first = ring.next().orElseThrow();
    ring.sentAsBackfill(first);
    assertThat(ring.underWay()).isEqualTo(2);
    ring.acknowledged(at(4));
    assertThat(ring.size())
        .as("an acknowledged live sample says nothing of older ones")
        .isEqualTo(3);
    ring.letGo(first);
    assertThat(ring.range()).isEqualTo(new SpoolRange(at(2), at(3)));
    assertThat(ring.underWay()).isZero();
  }

  @Test
  void aNewSessionSendsAgainWhatTheCollectorDoesNotHave() {
    add(1);
    ring.sentLive(1);
    add(2);
    ring.sentLive(2);
    add(3);
    ring.resumed(at(1));
    ring.sentLive(1); // gone already: marks nothing
    assertThat(ring.size()).isEqualTo(2);
    assertThat(ring.underWay()).isZero();
    assertThat(ring.next()).isPresent();
    ring.acknowledged(new Position(7, 99));
    assertThat(ring.size()).as("another start's acknowledgement").isEqualTo(2);
  }

  @Test
  void anEmptyRingTakesAMarkWithoutHarm() {
    ring.sentLive(7);
    ring.resumed(at(7));
    assertThat(ring.next()).isEmpty();
  }

  @Test
  void theOldestGoesToTheSpoolBeyondTheBound() {
    ring.resumed(Position.NONE);
    for (int i = 1; i <= Ring.MOST + 3; i++) {
      add(i);
    }
    assertThat(ring.size()).isEqualTo(Ring.MOST);
    assertThat(beyond).containsExactly(1L, 2L, 3L);
    assertThat(ring.range().oldest()).isEqualTo(at(4));
  }

  @Test
  void withoutASessionFewAreHeld() {
    for (int i = 1; i <= Ring.MOST_AWAY + 3; i++) {
      add(i);
    }
    assertThat(ring.waiting()).isEqualTo(Ring.MOST_AWAY);
    assertThat(beyond).containsExactly(1L, 2L, 3L);
  }

  /** What the disk does not take is worth more here, from where it can be sent. */
  @Test
  void withoutASessionAndADiskAllThatFitsIsHeld() {
    writable = false;
    for (int i = 1; i <= Ring.MOST + 3; i++) {
      add(i);
    }
    assertThat(ring.waiting()).isEqualTo(Ring.MOST);
    assertThat(beyond).containsExactly(1L, 2L, 3L);
    writable = true;
    add(Ring.MOST + 4);
    assertThat(ring.waiting()).isEqualTo(Ring.MOST_AWAY);
  }

  /** The next WELCOME says whether they have come; they need not be sent again for nothing. */
  @Test
  void whatWasSentLiveStaysUntilTheNextSession() {
    ring.resumed(Position.NONE);
    for (int i = 1; i <= 5; i++) {
      add(i);
      ring.sentLive(i);
    }
    ring.left();
    for (int i = 6; i <= 5 + Ring.MOST_AWAY + 1; i++) {
      add(i);
    }
    assertThat(beyond).containsExactly(6L);
    ring.resumed(at(4));
    assertThat(ring.range().oldest()).isEqualTo(at(5));
  }

  @Test
  void theEndOfTheAgentLeavesNothing() {
    add(1);
    add(2);
    ring.sentLive(1);
    ring.flush();
    assertThat(beyond).containsExactly(1L, 2L);
    assertThat(ring.size()).isZero();
  }
}
