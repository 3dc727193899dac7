package io.millwright.agent.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real lane over an invented source that is read at the slow period alone. */
@SuppressWarnings("NullAway.Init") // set before each test
class SourceProbeTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Slow source = new Slow();
  private SourceProbe probe;
  private long sequence;
  private long nanos;

  /** Fails until it is told otherwise; what it reads at each tick, if anything, does not. */
  private static final class Slow implements Source {
    private final Readings readings = new Readings(SeriesTable.builder().build());
    private final List<Cadence> asked = new CopyOnWriteArrayList<>();
    private volatile Outcome outcome = Outcome.FAILED;
    private volatile boolean readsFast;

    @Override
    public Readings readings() {
      return readings;
    }

    @Override
    public boolean reads(Cadence cadence) {
      return cadence == Cadence.SLOW || (readsFast && cadence == Cadence.FAST);
    }

    @Override
    public Outcome read(Cadence cadence, long nowNanos) {
      asked.add(cadence);
      readings.at(nowNanos);
      return cadence == Cadence.FAST ? Outcome.ANSWERED : outcome;
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void begin() {
    Clock clock = Clock.system();
    nanos = clock.nanos() - Duration.ofHours(1).toNanos(); // ticks that are over wait for nothing
    probe = new SourceProbe("slow", "slow", clock, Periods.STANDARD, calls -> source);
    probe.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    probe.stop();
    assertThat(probe.ended(DEADLINE)).isTrue();
  }

  /** A lane takes a request where the round before has ended. */
  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      Tick tick = new Tick(++sequence, nanos);
      await().atMost(DEADLINE).until(() -> probe.request(tick));
      nanos += Periods.STANDARD.fast().toNanos();
    }
  }

  @Test
  void aFailedRoundIsToldOfUntilTheNextOne() {
    ticks(2);
    List<Sample> samples = probe.samples(new Tick(sequence, nanos));
    assertThat(probe.last()).isInstanceOf(RoundResult.Failed.class);
    RoundResult failed = probe.last();
    ticks(5);
    assertThat(probe.last()).isEqualTo(failed);
    assertThat(probe.samples(new Tick(sequence, nanos)).getFirst()).isSameAs(samples.getFirst());
    source.outcome = Source.Outcome.ANSWERED;
    nanos += Periods.STANDARD.slow().toNanos();
    ticks(2);
    assertThat(probe.last())
        .isInstanceOfSatisfying(
            RoundResult.Succeeded.class, done -> assertThat(done.round()).isEqualTo(2));
    assertThat(source.asked).containsExactly(Cadence.SLOW, Cadence.SLOW);
  }

  @Test
  void aSlowReadingThatFailedIsNotHiddenByAFastOne() {
    source.readsFast = true;
    ticks(5);
    assertThat(probe.last()).isInstanceOf(RoundResult.Failed.class);
    assertThat(source.asked).filteredOn(Cadence.SLOW::equals).hasSize(1);
    source.outcome = Source.Outcome.ANSWERED;
    nanos += Periods.STANDARD.slow().toNanos();
    ticks(2);
    assertThat(probe.last()).isInstanceOf(RoundResult.Succeeded.class);
  }
}
