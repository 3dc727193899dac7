package io.millwright.simulator.judgement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.simulator.judgement.Trace.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The engine against the experts. What it gets wrong is in {@code known-misses.txt}, word for word,
 * so that any change is seen; {@code -Dgolden.update=true} rewrites that file and {@code
 * docs/incidents.md}.
 */
@SuppressWarnings("NullAway.Init") // set before all tests
class JudgementTest {
  private static final Path MISSES = Corpus.DIRECTORY.resolve("known-misses.txt");
  private static final Path PAGE = Path.of("..", "docs", "incidents.md");

  private static Score score;
  private static List<RackOutcome> racks;

  @BeforeAll
  static void replayAll() {
    RuleCatalogue rules = RuleCatalogue.load();
    score = new Score(Corpus.traces().stream().map(trace -> Replay.of(rules, trace)).toList());
    racks =
        Corpus.racks().stream()
            .map(trace -> new RackOutcome(trace, RackReplay.of(rules, trace)))
            .toList();
  }

  @Test
  void whatTheEngineGetsWrongIsKnown() throws IOException {
    String misses =
        Stream.concat(score.misses().stream(), racks.stream().flatMap(one -> one.misses().stream()))
            .map(miss -> miss + "\n")
            .collect(Collectors.joining());
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(MISSES, misses);
    }
    assertThat(misses).isEqualTo(Files.readString(MISSES));
  }

  @Test
  void thePageSaysWhatWasMeasured() throws IOException {
    String page = new IncidentsPage(score, racks).text();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page);
  }

  @Test
  void theCorpusIsLargeEnoughAndSaysWhereItIsFrom() {
    List<Trace> traces = score.outcomes().stream().map(Outcome::trace).toList();
    assertThat(traces).hasSizeGreaterThanOrEqualTo(300);
    assertThat(traces.stream().filter(trace -> trace.kind() == Kind.BENIGN))
        .hasSizeGreaterThanOrEqualTo(150);
    assertThat(traces.stream().map(Trace::path)).doesNotHaveDuplicates();
    assertThat(traces)
        .allSatisfy(trace -> assertThat(trace.source()).matches("(?s)(invented: |https://).+"));
    assertThat(traces).allSatisfy(trace -> assertThat(trace.labels()).isNotEmpty());
  }

  /** A benign trace wants nothing removed, and all others want something said. */
  @Test
  void theLabelsFitTheKind() {
    for (Outcome outcome : score.outcomes()) {
      boolean removal = outcome.asked().stream().anyMatch(Outcome.Asked::removal);
      boolean asked = !outcome.asked().isEmpty();
      assertThat(outcome.trace().kind() == Kind.BENIGN ? !removal : asked)
          .as(outcome.trace().path())
          .isTrue();
    }
  }

  /** What holds already must go on holding, whatever rules are added. */
  @Test
  void whatIsUnobservedIsNeverHealthy() {
    assertThat(score.healthyUnseen()).isZero();
  }

  @Test
  void aWrongVerdictOfEachKindIsSeen() {
    String family =
        """
        family wrong
        kind device
        source invented: labels that no engine can fulfil
        why Each label is wrong.
        node b200 2
        10s xid 0 119
        10s xid 1 31
        20s remove device 1
        30s clear device 0
        40s expect device 1 failed
        50s notice node
        """;
    Outcome outcome = Replay.of(RuleCatalogue.load(), TraceFile.traces(family).getFirst());
    assertThat(outcome.misses())
        .containsExactly(
            "wrong: false removal of device 0 at 10 s by xid-reset",
            "wrong: removal of device 1 from 20 s did not come",
            "wrong: notice of node from 50 s did not come",
            "wrong: device 0 was not clear at 30 s but failed",
            "wrong: device 1 was ok at 40 s");
    Score wrong = new Score(List.of(outcome));
    assertThat(wrong.precision()).isEqualTo(new Score.Share(0, 1));
    assertThat(wrong.recallOfFatal()).isEqualTo(new Score.Share(0, 1));
    assertThat(wrong.cleared()).isEqualTo(new Score.Share(0, 1));
  }

  @Test
  void aMistakeInATraceNamesTheTrace() {
    String family =
        """
        family mistaken
        kind benign
        source invented: mistakes
        why A mistake.
        node b200 8
        each word: one | two
        10s set 1 no_such_family 1
        """;
    assertThatThrownBy(() -> TraceFile.traces(family))
        .hasMessage("the trace mistaken/one")
        .cause()
        .hasMessageContaining("no_such_family");
  }
}
