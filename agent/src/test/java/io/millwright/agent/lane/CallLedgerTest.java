package io.millwright.agent.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallLedgerTest {
  private final CallLedger ledger = new CallLedger();

  @Test
  void keepsDurationsAndCodesOfEachFunction() {
    ledger.count("b", 0, 10_000);
    ledger.count("b", 3, 10_001);
    ledger.count("a", 999, 2_000_000_000L);
    ledger.count("a", 77, 0);
    ledger.count("a", -5, 0);
    assertThat(ledger.counted())
        .containsExactly(
            new CallLedger.Counted(
                "a", List.of(2L, 0L, 0L, 0L, 0L, 0L, 1L), 2, Map.of(999, 1L, -1, 2L)),
            new CallLedger.Counted(
                "b", List.of(1L, 1L, 0L, 0L, 0L, 0L, 0L), 20_001 / 1e9, Map.of(0, 1L, 3, 1L)));
  }

  @Test
  void hasOneBucketMoreThanBounds() {
    ledger.count("a", 0, 1);
    assertThat(ledger.counted().getFirst().buckets()).hasSize(CallLedger.bounds().length + 1);
  }

  @Test
  void losesNoCallOfFunctionsBeyondTheMost() {
    for (int i = 0; i < 400; i++) {
      ledger.count("function" + i, 0, 1);
    }
    List<CallLedger.Counted> counted = ledger.counted();
    assertThat(counted).hasSize(193).extracting(CallLedger.Counted::call).contains("other");
    assertThat(counted.stream().mapToLong(account -> account.results().getOrDefault(0, 0L)).sum())
        .isEqualTo(400);
  }
}
