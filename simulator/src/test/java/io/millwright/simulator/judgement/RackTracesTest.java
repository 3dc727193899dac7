package io.millwright.simulator.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Traces of whole racks: what an expert would call for how often. */
class RackTracesTest {
  @Test
  void eachSaysWhereItIsFromAndWhatIsWanted() {
    List<RackTrace> traces = Corpus.racks();
    assertThat(traces).hasSizeGreaterThanOrEqualTo(20);
    assertThat(traces.stream().map(RackTrace::name)).doesNotHaveDuplicates();
    for (RackTrace trace : traces) {
      assertThat(trace.source()).as(trace.name()).matches("(?s)(invented: |https://).+");
      assertThat(trace.why()).as(trace.name()).isNotBlank();
      assertThat(trace.steps()).as(trace.name()).isNotEmpty();
      assertThat(trace.wanted().mostPages())
          .as(trace.name())
          .isGreaterThanOrEqualTo(trace.wanted().leastPages());
    }
  }
}
