package io.millwright.protocol.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Two thirds of a life. */
class RenewalTest {
  private static final Instant BEGINS = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant DUE = Instant.parse("2026-03-02T00:00:00Z");
  private final Renewal renewal = new Renewal(BEGINS, BEGINS.plus(Duration.ofDays(90)));

  @Test
  void isDueAtTwoThirds() {
    assertThat(renewal.due()).isEqualTo(DUE);
    assertThat(renewal.isDue(DUE.minusMillis(1))).isFalse();
    assertThat(renewal.isDue(DUE)).isTrue();
  }

  @Test
  void saysHowLongIsLeft() {
    assertThat(renewal.left(DUE.minusSeconds(60))).isEqualTo(Duration.ofMinutes(1));
    assertThat(renewal.left(DUE.plusSeconds(60))).isZero();
  }

  @Test
  void aLifeEndsAfterItBegins() {
    assertThatThrownBy(() -> new Renewal(DUE, BEGINS)).hasMessageStartingWith("notAfter: ");
  }
}
