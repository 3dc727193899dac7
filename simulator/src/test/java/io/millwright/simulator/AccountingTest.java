package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ACCOUNTING_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_UTILIZATION_RATIO;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver's accounts say of the processes that run, without a series a process. */
class AccountingTest {
  private static final long NOT_AVAILABLE_BYTES = -1;
  private static final long NOT_AVAILABLE_PERCENT = 0xFFFFFFFFL;

  private static WatchedNode node(Metric.Tier tier, String... scenario) throws IOException {
    return WatchedNode.start(WatchedNode.Surroundings.of(tier), WatchedNode.simulated(scenario));
  }

  private static void shows(WatchedNode node, long peak, double least, double most) {
    soon()
        .untilAsserted(() -> {
          assertThat(node.value(1, ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES)).hasValue((double) peak);
          assertThat(node.value(1, ACCELERATOR_PROCESS_UTILIZATION_RATIO, "min")).hasValue(least);
          assertThat(node.value(1, ACCELERATOR_PROCESS_UTILIZATION_RATIO, "max")).hasValue(most);
        });
  }

  private static boolean silent(WatchedNode node) {
    return node.value(1, ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES).isEmpty()
        && node.value(1, ACCELERATOR_PROCESS_UTILIZATION_RATIO, "min").isEmpty()
        && node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS).isEmpty();
  }

  @Test
  void theExtremesOfThoseThatRunAreShownWhileAccountsAreKept() throws IOException {
    double before = Clock.system().wall().toEpochMilli() / 1e3;
    try (WatchedNode node = node(Metric.Tier.OPTIONAL, "devices 2").awaitUp(2)) {
      node.simulated().command("process 1 add 4001 1000");
      node.simulated().command("process 1 account 4001 9000000007 12");
      soon().until(() -> node.value(1, ACCELERATOR_ACCOUNTING_MODE_ENABLED).orElse(-1) == 0);
      soon().until(() -> node.value(1, ACCELERATOR_PROCESSES).orElse(0) == 1);
      assertThat(silent(node)).isTrue();
      node.simulated().set(1, "accounting_mode", 1);
      shows(node, 9_000_000_007L, 0.12, 0.12);
      double began = node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS).orElseThrow();
      assertThat(began).isBetween(before - 1, Clock.system().wall().toEpochMilli() / 1e3 + 1);
      node.simulated().command("process 1 add 4002 2000");
      node.simulated().command("process 1 account 4002 3000 97");
      shows(node, 9_000_000_007L, 0.12, 0.97);
      assertThat(node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS)).hasValue(began);
      assertThat(node.value(0, ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES)).isEmpty();
      node.simulated().command("process 1 clear");
      soon().until(() -> silent(node));
    }
  }

  @Test
  void oneThatBeganBeforeTheAccountsCountsForNone() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.OPTIONAL,
                "devices 2",
                "set 1 accounting_mode 1",
                "process 1 add 4001 70",
                "process 1 account 4001 80 50")
            .awaitUp(2)) {
      shows(node, 80, 0.5, 0.5);
      node.simulated().fault(1, "code nvmlDeviceGetAccountingStats 6");
      soon().until(() -> silent(node));
      assertThat(node.value(1, ACCELERATOR_ACCOUNTING_MODE_ENABLED)).hasValue(1);
      node.simulated().fault(1, "code nvmlDeviceGetAccountingStats 0");
      shows(node, 80, 0.5, 0.5);
      assertThat(node.up(1)).isTrue();
    }
  }

  @Test
  void whatOneDoesNotTellIsNoExtreme() throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.OPTIONAL,
                "devices 2",
                "set 1 accounting_mode 1",
                "process 1 add 4001 70",
                "process 1 add 4002 71",
                "process 1 account 4001 80 50")
            .awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_PROCESS_UTILIZATION_RATIO, "max").isPresent());
      node.simulated()
          .command(
              "process 1 account 4002 %s %d"
                  .formatted(Long.toUnsignedString(NOT_AVAILABLE_BYTES), NOT_AVAILABLE_PERCENT));
      soon()
          .untilAsserted(() -> {
            assertThat(node.value(1, ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES)).isEmpty();
            assertThat(node.value(1, ACCELERATOR_PROCESS_UTILIZATION_RATIO, "max")).isEmpty();
            assertThat(node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS)).isPresent();
          });
    }
  }

  /** It may be 0 or "not available"; all else is told. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "18446744073709551615"})
  void aStartThatIsNoneIsNotTold(String start) throws IOException {
    try (WatchedNode node =
        node(
                Metric.Tier.OPTIONAL,
                "devices 2",
                "set 1 accounting_mode 1",
                "process 1 add 4001 70",
                "process 1 add 4002 71",
                "process 1 account 4001 80 50 1700000000000000",
                "process 1 account 4002 80 50 1600000000000000")
            .awaitUp(2)) {
      shows(node, 80, 0.5, 0.5);
      assertThat(node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS)).hasValue(1.6e9);
      node.simulated().command("process 1 account 4002 90 60 " + start);
      shows(node, 90, 0.5, 0.6);
      assertThat(node.value(1, ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS)).isEmpty();
    }
  }

  /** Extremes of some of them would be wrong, and a call each is dear. */
  @Test
  void moreThanAreAskedAboutAreNotShown() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.OPTIONAL, "devices 2", "set 1 accounting_mode 1", "set 1 processes 64")
            .awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES).isPresent());
      node.simulated().set(1, "processes", 65);
      soon().until(() -> silent(node));
      assertThat(node.value(1, ACCELERATOR_PROCESSES)).hasValue(65);
    }
  }

  @Test
  void theExtendedTierAsksForTheModeAlone() throws IOException {
    try (WatchedNode node =
        node(Metric.Tier.EXTENDED, "devices 2", "set 1 accounting_mode 1", "process 1 add 4001 70")
            .awaitUp(2)) {
      soon().until(() -> node.value(1, ACCELERATOR_ACCOUNTING_MODE_ENABLED).orElse(-1) == 1);
      assertThat(node.measured(ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES)).isEmpty();
      assertThat(node.simulated().command("calls"))
          .noneMatch(line -> line.matches("nvmlDeviceGetAccountingStats=[1-9].*"));
    }
  }
}
