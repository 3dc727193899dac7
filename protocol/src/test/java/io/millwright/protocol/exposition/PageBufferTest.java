package io.millwright.protocol.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageBufferTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "-17, -17",
    "0.5, 0.5",
    "-0.05, -0.05",
    "0.001, 0.001",
    "512.123, 512.123",
    "1000000, 1000000",
    "9007199254740992, 9007199254740992",
    "-9007199254740992, -9007199254740992",
    "1e300, 1.0E300",
    "0.0001, 1.0E-4",
    "NaN, NaN",
    "Infinity, +Inf",
    "-Infinity, -Inf"
  })
  void spellsNumbersAsTheFormatsDo(double value, String text) {
    assertThat(written(value)).isEqualTo(text);
  }

  @Test
  void readsBackAsTheSameNumberAndNoFractionIsLongerThanTheShortest() {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      double value =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(2_000_000) / 1000.0 - 1000;
            case 2 -> random.nextLong() / 1e3;
            default -> random.nextGaussian() * 1e6;
          };
      if (Double.isFinite(value)) {
        String text = written(value);
        assertThat(Double.parseDouble(text)).as("-Dseed=%d", seed).isEqualTo(value + 0.0);
        assertThat(value == Math.rint(value) || text.length() <= Double.toString(value).length())
            .as("-Dseed=%d %s", seed, text)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.000000",
    "512.345, 512.345000",
    "-3, -3.000000",
    "-0.25, -0.250000",
    "0.0000005, 0.000000",
    "0.0000015, 0.000002",
    "0.0078125, 0.007812",
    "0.9999999, 1.000000",
    "1e18, 1000000000000000000.000000",
    "Infinity, +Inf"
  })
  void spellsSixDecimalsAsCDoes(double value, String text) {
    assertThat(decimal(value)).isEqualTo(text);
  }

  @Test
  void sixDecimalsAreThoseOfTheExactValue() {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      double value =
          switch (i % 5) {
            case 0 -> random.nextInt(2_000_000) / 1000.0 - 1000;
            case 1 -> random.nextGaussian() * Math.pow(10, random.nextInt(18));
            case 2 -> (random.nextInt(2_000_000) + 0.5) / 1e6; // next to half-way
            case 3 -> (random.nextInt(2_000_000) + 0.5) / (1 << 20); // some of them half-way
            default -> (2 * random.nextInt(1 << 20) + 1) / 128.0; // seven binary digits: half-way
          };
      assertThat(decimal(value))
          .as("-Dseed=%d", seed)
          .isEqualTo(new BigDecimal(value).setScale(6, RoundingMode.HALF_EVEN).toPlainString());
    }
  }

  @Test
  void spellsAllDigitsOfAWholeNumber() {
    PageBuffer buffer = new PageBuffer(1);
    buffer.appendWhole(9_123_456_789_012_345_678L);
    assertThat(new String(buffer.toByteArray(), StandardCharsets.US_ASCII))
        .isEqualTo("9123456789012345678");
  }

  private static String decimal(double value) {
    PageBuffer buffer = new PageBuffer(1);
    buffer.appendDecimal(value);
    return new String(buffer.toByteArray(), StandardCharsets.US_ASCII);
  }

  @Test
  void keepsItsRoomAndForgetsItsText() {
    PageBuffer buffer = new PageBuffer(1);
    buffer.append("räume");
    assertThat(buffer.length()).isEqualTo(6);
    buffer.clear();
    buffer.append('x');
    assertThat(buffer.toByteArray()).containsExactly('x');
  }

  private static String written(double value) {
    PageBuffer buffer = new PageBuffer(1);
    buffer.append(value);
    return new String(buffer.toByteArray(), StandardCharsets.US_ASCII);
  }
}
