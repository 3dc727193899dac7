package io.millwright.protocol.vocabulary.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names are those that NVIDIA's driver gives profiles of the A100, H100, B200 and RTX PRO. */
class MigProfileTest {
  private static MigProfile of(String text) {
    return MigProfile.ofText(text).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1g.5gb",
        "7g.180gb",
        "1g.10gb+me",
        "1g.24gb+gfx",
        "2g.48gb-me",
        "1g.24gb+me.all",
        "1c.3g.40gb"
      })
  void namesOfTheDriverAreRead(String text) {
    assertThat(of(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1g", "0g.5gb", "1g.0gb", "8c.gb", "1g.5gb ", "1G.5GB", "MIG 1g.5gb"})
  void otherWordsAreNone(String text) {
    assertThat(MigProfile.ofText(text)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MigProfile.wanted(text))
        .withMessageStartingWith("devices.mig: '" + text + "' is refused; allowed is ");
  }

  @ParameterizedTest
  @CsvSource({
    "1g.23gb, 1g.23gb, true",
    "3g.90gb, 1g.23gb, true",
    "1g.45gb, 1g.23gb, true",
    "1g.23gb, 1g.45gb, false",
    "1g.45gb, 2g.45gb, false",
    "1g.23gb+me, 1g.23gb, true",
    "1g.23gb, 1g.23gb+me, false",
    "2g.45gb-me, 1g.23gb, false",
    "2g.45gb-me, 2g.45gb-me, true",
    "1c.3g.90gb, 1g.23gb, false",
    "1c.3g.90gb, 1c.3g.90gb, true",
    "2c.3g.90gb, 1c.3g.90gb, true",
    "3g.90gb, 1c.3g.90gb, true",
  })
  void whatHasAsMuchServes(String has, String wanted, boolean serves) {
    assertThat(of(has).serves(of(wanted))).isEqualTo(serves);
  }

  @Test
  void theSmallestIsFirst() {
    assertThat(
            Stream.of("7g.180gb", "3g.90gb", "1g.45gb", "1g.23gb", "2g.45gb", "1c.3g.90gb")
                .map(MigProfile::ofText)
                .flatMap(Optional::stream)
                .sorted(MigProfile.ORDER)
                .map(MigProfile::text))
        .containsExactly("1g.23gb", "1g.45gb", "2g.45gb", "1c.3g.90gb", "3g.90gb", "7g.180gb");
  }

  @Test
  void onlyGpusAreDivided() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new DeviceRequest(DeviceKind.NEURON, 1, MigProfile.ofText("1g.23gb"), false))
        .withMessageStartingWith("devices.mig: '1g.23gb' is refused; allowed is ");
  }
}
