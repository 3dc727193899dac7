package io.millwright.protocol.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The word that was meant. */
class SpellingTest {
  private static final List<String> WORDS = List.of("call_deadline", "library", "listen", "rack");

  @ParameterizedTest
  @CsvSource({
    "libary, library",
    "lisetn, listen",
    "Call-Dedline, call_deadline",
    "rakc, rack",
    "listn, listen"
  })
  void isFoundWhereOneIsNear(String given, String meant) {
    assertThat(Spelling.nearest(given, WORDS)).hasValue(meant);
  }

  @Test
  void isNoneWhereNoneIsNear() {
    assertThat(Spelling.nearest("temperature", WORDS)).isEmpty();
    assertThat(Spelling.nearest("", WORDS)).isEmpty();
    assertThat(Spelling.nearest("x".repeat(10_000), WORDS)).isEmpty();
    assertThat(Spelling.nearest("listen", List.of())).isEmpty();
  }
}
