package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.netty.channel.SelectStrategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatheringTest {
  private static final int READY = 3;
  private static final long NOW = 5;

  @ParameterizedTest
  @CsvSource({"0, 0", "499, 0", "500, 500", "1000, 1000", "10000, 10000", "50000, 10000"})
  void growsWithTheFleetToABound(int sessions, long micros) {
    assertThat(Gathering.gathered(sessions)).isEqualTo(Duration.ofNanos(micros * 1000).toNanos());
  }

  /** Work that waits is done after the look; only a look that finds nothing else may block. */
  @Test
  void asksForWhatIsReadyWhereWorkWaits() throws Exception {
    List<Long> waits = new ArrayList<>();
    Clock clock = new Standing(waits);
    Gathering few = new Gathering(() -> 20, clock);
    assertThat(few.calculateStrategy(() -> READY, false)).isEqualTo(SelectStrategy.SELECT);
    assertThat(few.calculateStrategy(() -> READY, true)).isEqualTo(READY);
    assertThat(waits).isEmpty();

    Gathering many = new Gathering(() -> 2000, clock);
    assertThat(many.calculateStrategy(() -> READY, false)).isEqualTo(SelectStrategy.SELECT);
    assertThat(waits).containsExactly(NOW + 2_000_000);
  }

  /** It stands at {@link #NOW}, and notes until when it was to wait. */
  private record Standing(List<Long> waits) implements Clock {
    @Override
    public long nanos() {
      return NOW;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public void parkUntil(long nanos) {
      waits.add(nanos);
    }
  }
}
