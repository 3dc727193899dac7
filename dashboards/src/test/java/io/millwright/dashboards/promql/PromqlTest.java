package io.millwright.dashboards.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.dashboards.grafana.Query;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an expression is, and what it refuses to become. */
class PromqlTest {
  private static final Promql POWER = Promql.of(Metric.ACCELERATOR_POWER_WATTS, "scope=\"gpu\"");
  private static final Promql JOBS = Promql.of(Metric.ACCELERATOR_JOB_INFO);

  @Test
  void isTheExpressionThatPrometheusReads() {
    assertThat(POWER.sumBy("model").text())
        .isEqualTo("sum by (model) (millwright_accelerator_power_watts{scope=\"gpu\"})");
    assertThat(POWER.sumBy().plus(POWER.sumBy()).dividedBy(POWER.sumBy()).text())
        .startsWith("(sum(")
        .contains(")) / sum(");
    assertThat(Promql.of(Metric.NODE_OOM_KILLS_TOTAL).rate().text())
        .isEqualTo("rate(millwright_node_oom_kills_total[$__rate_interval])");
  }

  @Test
  void refusesALabelThatTheFamilyDoesNotHave() {
    assertThatThrownBy(() -> Promql.of(Metric.NODE_CPUS, "scope=\"gpu\""))
        .hasMessageContaining("millwright_node_cpus has no label 'scope'");
    assertThatThrownBy(() -> POWER.sumBy("link")).hasMessageContaining("no label 'link'");
    assertThatThrownBy(() -> POWER.sumBy("node").maxBy("model"))
        .hasMessageContaining("no label 'model'");
  }

  @Test
  void refusesAWordThatTheLabelDoesNotHave() {
    assertThatThrownBy(() -> Promql.of(Metric.ACCELERATOR_POWER_WATTS, "scope=\"board\""))
        .hasMessageContaining("no scope 'board'");
    assertThatThrownBy(() -> Promql.of(Metric.NODE_HEALTH_STATE, "state=~\"failed|broken\""))
        .hasMessageContaining("no state 'broken'");
    assertThat(Promql.of(Metric.NODE_HEALTH_STATE, "state=~\"failed|unknown\"").labels())
        .contains("state");
  }

  @Test
  void refusesVectorsThatNeverMatch() {
    assertThatThrownBy(() -> POWER.sumBy("node").plus(POWER.sumBy("model")))
        .hasMessageContaining("different labels");
    assertThatThrownBy(() -> POWER.sumBy("node").joined("*", JOBS, List.of("uuid"), List.of()))
        .hasMessageContaining("no label 'uuid'");
    assertThat(POWER.joined("*", JOBS, List.of("node", "uuid"), List.of("job_id")).labels())
        .contains("job_id", "model");
  }

  @Test
  void refusesALegendWithoutItsLabel() {
    assertThatThrownBy(() -> new Query(POWER.sumBy("node"), "{{model}}"))
        .hasMessageContaining("no label 'model'");
  }
}
