package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words and numbers that {@link Text} finds. */
class TextTest {
  private final Text text = new Text();

  private boolean number(String word) {
    text.fill((word + "\n").getBytes(US_ASCII));
    return text.line() && text.nextNumber();
  }

  @Test
  void readsEveryUnsignedNumberAsJavaDoes() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long expected = random.nextLong() >>> random.nextInt(64);
      String word = Long.toUnsignedString(expected);
      assertThat(number(word)).as(word).isTrue();
      assertThat(text.number()).as(word).isEqualTo(expected);
      assertThat(text.numberAsDouble()).as(word).isEqualTo(new BigInteger(word).doubleValue());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "1.0",
        "0x1",
        "1e3",
        "18446744073709551616",
        "99999999999999999999",
        "184467440737095516150",
        "1a",
        "\u0000"
      })
  void refusesWhatIsNoUnsignedNumber(String word) {
    assertThat(number(word)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0.00,0", "0.04,0.04", "12.75,12.75", "7,7", "65535.99,65535.99", "007.5,7.5"})
  void readsDecimals(String word, double expected) {
    text.fill((word + "\n").getBytes(US_ASCII));
    assertThat(text.line() && text.nextDecimal()).isTrue();
    assertThat(text.decimal()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", ".5", "5.", "1.2.3", "-1.0", "nan", "1e3", "1234567890123456"})
  void refusesWhatIsNoDecimal(String word) {
    text.fill((word + "\n").getBytes(US_ASCII));
    assertThat(text.line() && text.nextDecimal()).isFalse();
  }

  @Test
  void splitsALineAtBlanksAndTabs() {
    text.fill(" a\tbc  12 \nnext\n".getBytes(US_ASCII));
    assertThat(text.line()).isTrue();
    assertThat(text.word()).isTrue();
    assertThat(text.wordText()).isEqualTo("a");
    assertThat(text.word()).isTrue();
    assertThat(text.wordIs("bc".getBytes(US_ASCII))).isTrue();
    assertThat(text.nextNumber()).isTrue();
    assertThat(text.word()).isFalse();
    assertThat(text.line()).isTrue();
    assertThat(text.word()).isTrue();
    assertThat(text.wordText()).isEqualTo("next");
    assertThat(text.line()).isFalse();
  }

  @Test
  void takesNoLineWithoutAnEnd() {
    text.fill("one\ntwo".getBytes(US_ASCII));
    assertThat(text.line()).isTrue();
    assertThat(text.line()).isFalse();
  }
}
