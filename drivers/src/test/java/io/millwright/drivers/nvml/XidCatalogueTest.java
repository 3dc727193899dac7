package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XidCatalogueTest {
  private final XidCatalogue catalogue = XidCatalogue.load();

  @ParameterizedTest
  @CsvSource({
    "79, fatal, 79",
    "48, fatal, 48",
    "119, fatal, 119",
    "13, info, 13",
    "63, warning, 63",
    "149, warning, 149",
    "9999, warning, other",
  })
  void gravityIsTheCataloguesAndUnknownCodesAreWarnings(int code, String severity, String label) {
    assertThat(catalogue.severity(code)).isEqualTo(severity);
    assertThat(catalogue.label(code)).isEqualTo(label);
  }

  @Test
  void fatalCodesAreFewEnoughToStandOnEveryPage() {
    assertThat(catalogue.fatalCodes()).contains(64, 79, 95, 120).hasSizeBetween(15, 40);
  }
}
