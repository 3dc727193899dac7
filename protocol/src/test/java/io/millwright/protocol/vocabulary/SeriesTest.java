package io.millwright.protocol.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {
  private static final Accelerator SIMULATED =
      new Accelerator("n1", "3:gi1", "MIG-1", "nvidia", "B200", true);

  @Test
  void putsTheLabelsOfTheAcceleratorFirst() {
    assertThat(Series.of(Metric.ACCELERATOR_POWER_WATTS, SIMULATED, "gpu").labelValues())
        .containsExactly("n1", "3:gi1", "MIG-1", "nvidia", "B200", "gpu");
  }

  @Test
  void refusesAWrongNumberOfLabelValues() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Series.of(Metric.NODE_LOAD_AVERAGE, "n1"))
        .withMessageContaining("[node, window]")
        .withMessageContaining("[n1]");
  }

  @Test
  void saysSimulatedOnInfoOnly() {
    assertThat(Series.of(Metric.ACCELERATOR_UP, SIMULATED).simulated()).isFalse();
    assertThat(
            Series.of(Metric.ACCELERATOR_INFO, SIMULATED, "", "", "", "", "", "", "", "")
                .simulated())
        .isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Series(Metric.NODE_CORDONED, List.of("n1"), true));
  }

  @Test
  void boundsWhatComesFromOutside() {
    String long300 = "x".repeat(300);
    assertThat(value(long300)).hasSize(256);
    assertThat(value("a\nb\tc\u007fd\u0085e\u0000")).isEqualTo("a?b?c?d?e?");
    assertThat(value("Küche 厨房 🚀 \"\\")).isEqualTo("Küche 厨房 🚀 \"\\");
  }

  @Test
  void keepsItsValuesWhenTheCallersListChanges() {
    List<String> values = new ArrayList<>(List.of("n1"));
    Series series = new Series(Metric.NODE_CORDONED, values, false);
    values.set(0, "n2");
    assertThat(series.labelValues()).containsExactly("n1");
  }

  private static String value(String given) {
    return Series.of(Metric.NODE_LOAD_AVERAGE, "n1", given).labelValues().getLast();
  }
}
