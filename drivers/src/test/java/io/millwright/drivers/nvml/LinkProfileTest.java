package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkProfileTest {
  @ParameterizedTest
  @CsvSource({
    "NVIDIA B200, 18",
    "NVIDIA B300 SXM6 AC, 18",
    "NVIDIA GB200, 18",
    "NVIDIA GB300, 18",
    "NVIDIA H100 80GB HBM3, 18",
    "NVIDIA H200, 18",
    "NVIDIA A100-SXM4-80GB, 12",
  })
  void aModuleHasAllItsLinksWired(String model, int links) {
    assertThat(LinkProfile.nvlinks(model)).hasValue(links);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NVIDIA H200 NVL",
        "NVIDIA GB200 NVL4",
        "NVIDIA H100 PCIe",
        "NVIDIA L40S",
        "NVIDIA B2000",
        "NVIDIA RTX PRO 6000 Blackwell",
        ""
      })
  void ofABoardWithABridgeOrWithoutAProfileNothingIsExpected(String model) {
    assertThat(LinkProfile.nvlinks(model)).isEmpty();
  }
}
