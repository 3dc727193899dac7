package io.millwright.simulator.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Traces of whole racks: what an expert would call for how often. */
class RackTracesTest {
  private static final Path RACKS = Corpus.DIRECTORY.resolve("racks.racks");

  private static List<RackTrace> traces() throws IOException {
    return RackFile.traces(Files.readString(RACKS));
  }

  @Test
  void eachSaysWhereItIsFromAndWhatIsWanted() throws IOException {
    List<RackTrace> traces = traces();
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

  @Test
  void aCauseIsOnePage() {
    Assumptions.abort("the collector does not join verdicts into incidents yet");
  }
}
