package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParticularsTest {
  private static String set(IntStream numbers) {
    BitSet bits = new BitSet();
    numbers.forEach(bits::set);
    return Particulars.set(bits);
  }

  @Test
  void aSetIsInTheKernelsForm() {
    assertThat(set(IntStream.empty())).isEmpty();
    assertThat(set(IntStream.of(5))).isEqualTo("5");
    assertThat(set(IntStream.of(0, 2))).isEqualTo("0,2");
    assertThat(set(IntStream.rangeClosed(0, 2))).isEqualTo("0-2");
    assertThat(set(IntStream.concat(IntStream.rangeClosed(0, 55), IntStream.rangeClosed(112, 167))))
        .isEqualTo("0-55,112-167");
    assertThat(set(IntStream.of(3, 4, 9, 63, 64, 4095))).isEqualTo("3-4,9,63-64,4095");
  }

  /** As where processors are numbered by socket in turn. */
  @Test
  void everySecondOneIsSaidShortly() {
    assertThat(set(IntStream.range(0, 112).map(i -> 2 * i))).isEqualTo("0-222:1/2");
    assertThat(set(IntStream.range(0, 112).map(i -> 2 * i + 1))).isEqualTo("1-223:1/2");
    assertThat(set(IntStream.of(1, 5, 9))).isEqualTo("1-9:1/4");
    assertThat(set(IntStream.of(1, 5, 10))).isEqualTo("1,5,10");
  }

  @Test
  void halfASetIsNone() {
    assertThat(set(IntStream.range(0, 200).map(i -> i * 3 + i / 2))).isEmpty();
  }
}
