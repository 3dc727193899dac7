package io.millwright.agent.downlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A lease dates from the heartbeat that it names, and from no other. */
class SentPingsTest {
  private final SentPings pings = new SentPings();

  private void sent(long from, long to, long offset) {
    for (long number = from; number <= to; number++) {
      pings.sent(number, Duration.ofSeconds(offset + number));
    }
  }

  @Test
  void theLastOnesAreKnown() {
    assertThat(pings.when(0)).isEmpty();
    assertThat(pings.when(1)).isEmpty();
    sent(1, 20, 0);
    assertThat(pings.when(20)).hasValue(Duration.ofSeconds(20));
    assertThat(pings.when(5)).hasValue(Duration.ofSeconds(5));
    assertThat(pings.when(4)).as("long past").isEmpty();
    assertThat(pings.when(21)).as("never sent").isEmpty();
    assertThat(pings.when(-1)).isEmpty();
    assertThat(pings.when(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void anotherSessionBeginsAnew() {
    sent(1, 20, 0);
    sent(1, 2, 100);
    assertThat(pings.when(2)).hasValue(Duration.ofSeconds(102));
    assertThat(pings.when(3)).as("of the session before").isEmpty();
    assertThat(pings.when(20)).isEmpty();
  }
}
