package io.millwright.agent.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.DeviceAccount;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Only what was read at both ends, and only grew, is told. */
class CountersTest {
  private static Counters at(String family, Map<String, Double> values) {
    return new Counters(Map.of(family, values));
  }

  @Test
  void growthIsTheDifference() {
    assertThat(
            at("ecc", Map.of("dram corrected", 3.0, "sram corrected", 1.0))
                .until(at("ecc", Map.of("dram corrected", 5.0, "sram corrected", 1.0))))
        .isEqualTo(Map.of("ecc", Map.of("dram corrected", 2.0)));
  }

  @Test
  void whatStoodStillIsKnownToHave() {
    assertThat(at("errors", Map.of("xid 79", 0.0)).until(at("errors", Map.of("xid 79", 0.0))))
        .isEqualTo(Map.of("errors", Map.of()));
  }

  @Test
  void aCounterThatFellOrIsGoneIsUnknown() {
    Counters before = at("ecc", Map.of("dram corrected", 3.0));
    assertThat(before.until(at("ecc", Map.of("dram corrected", 2.0)))).isEmpty();
    assertThat(before.until(at("ecc", Map.of("sram corrected", 9.0)))).isEmpty();
    assertThat(before.until(Counters.NONE)).isEmpty();
    assertThat(Counters.NONE.until(before)).isEmpty();
  }

  @Test
  void anErrorThatWasNeverSeenBeforeCountsFromZero() {
    assertThat(
            at("errors", Map.of("xid 79", 0.0))
                .until(at("errors", Map.of("xid 79", 0.0, "xid 31", 2.0))))
        .isEqualTo(Map.of("errors", Map.of("xid 31", 2.0)));
  }

  @Test
  void joulesHaveTheirScope() {
    Gauges gauges = new Gauges(List.of("GPU-1"), 0);
    DeviceAccount known =
        Accounts.of(
            "GPU-1",
            10,
            at(Counters.ENERGY, Map.of("gpu", 100.0)),
            at(Counters.ENERGY, Map.of("gpu", 700.5)),
            gauges);
    assertThat(known.joules()).hasValue(600.5);
    assertThat(known.energyScope()).isEqualTo("gpu");
    assertThat(known.grew()).isEmpty();
    DeviceAccount anew =
        Accounts.of(
            "GPU-1",
            10,
            at(Counters.ENERGY, Map.of("gpu", 700.0)),
            at(Counters.ENERGY, Map.of("gpu", 5.0)),
            gauges);
    assertThat(anew.joules()).isEqualTo(OptionalDouble.empty());
    assertThat(anew.energyScope()).isEmpty();
    assertThat(anew.utilization()).as("nobody looked").isEmpty();
  }
}
