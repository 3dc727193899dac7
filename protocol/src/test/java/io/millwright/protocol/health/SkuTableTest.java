package io.millwright.protocol.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SkuTableTest {
  private final SkuTable table = SkuTable.load();

  @ParameterizedTest
  @CsvSource({
    "p5.48xlarge, 8",
    "p5en.48xlarge, 8",
    "p6-b200.48xlarge, 8",
    "p6e-gb200.36xlarge, 4",
    "DGXA100-920-23687-2530-000, 8",
  })
  void aMachineThatIsKnownHasItsAccelerators(String machine, int accelerators) {
    assertThat(table.accelerators(machine)).hasValue(accelerators);
  }

  /** Also one of the same family that has fewer: nothing is guessed. */
  @ParameterizedTest
  @ValueSource(
      strings = {"p5.4xlarge", "p5.48xlargest", "KVM", "PowerEdge XE9680", "NVIDIA B200", ""})
  void ofAnyOtherMachineNothingIsExpected(String machine) {
    assertThat(table.accelerators(machine)).isEmpty();
  }

  @Test
  void everyMachineIsThereOnceAndSaysWhereItsFactsAreFrom() {
    assertThat(table.all())
        .isNotEmpty()
        .noneMatch(sku -> sku.source().isBlank())
        .allMatch(sku -> sku.accelerators() >= 1 && sku.accelerators() <= 16);
    assertThat(table.all().stream().map(Sku::product)).doesNotHaveDuplicates();
  }
}
