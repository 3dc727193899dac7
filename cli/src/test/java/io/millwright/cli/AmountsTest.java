package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
  @ParameterizedTest
  @CsvSource({
    "0,0.0s",
    "59999,59.9s",
    "60000,1m00s",
    "245000,4m05s",
    "7380000,2h03m",
    "86399999,23h59m",
    "273600000,3d04h"
  })
  void writesSpans(long ms, String text) {
    assertThat(Amounts.span(OptionalLong.of(ms))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0J", "999.4,999J", "12300,12.3kJ", "4.56e9,4.6GJ", "1e20,100000.0PJ"})
  void writesEnergy(double joules, String text) {
    assertThat(Amounts.joules(OptionalDouble.of(joules))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0B", "1024,1.0KiB", "206158430208,192.0GiB"})
  void writesBytes(double bytes, String text) {
    assertThat(Amounts.bytes(OptionalDouble.of(bytes))).isEqualTo(text);
  }

  @Test
  void writesNothingForWhatIsNotKnown() {
    assertThat(Amounts.span(OptionalLong.empty())).isEmpty();
    assertThat(Amounts.joules(OptionalDouble.empty())).isEmpty();
  }
}
