package io.millwright.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken on is read back as it was. */
class RevocationTest {
  private static Revocation because(String reason) {
    return new Revocation(
        Revocation.Kind.NODE, "n1", Instant.parse("2026-11-23T00:00:00Z"), "ann", reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"stolen", "gestohlen: ein Rücken", "a b", "盗まれた", "x\u00a0y", "\ud83d\ude00"})
  void isReadBack(String reason) {
    assertThat(Revocation.parse(because(reason).text())).contains(because(reason));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u0007b"})
  void moreThanOneLineIsRefused(String reason) {
    assertThatThrownBy(() -> because(reason)).hasMessageStartingWith("reason: ");
  }
}
