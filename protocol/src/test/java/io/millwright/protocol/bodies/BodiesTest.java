package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The bodies of DESIRED, APPLIED and STATUS: one text each, read back as it was. */
class BodiesTest {
  private static final RunId RUN = new RunId("hello", 2);
  private static final DesiredBody DESIRED =
      new DesiredBody(
          List.of(
              new Assignment(
                  RUN,
                  "node1",
                  new Term(1, 5, 9),
                  17,
                  JobJson.submitted(
                      "{\"name\":\"hello\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}}"
                          .getBytes(StandardCharsets.UTF_8),
                      "anna"),
                  new DeviceSet(DeviceKind.GPU, List.of("GPU-1")))),
          List.of(
              new DesiredBody.Stop(new RunId("old", 1), Outcome.Kind.STOPPED_BY_REQUEST, 10_000)));
  private static final AppliedBody APPLIED =
      new AppliedBody(
          Optional.of("no room"),
          List.of(
              new AppliedBody.Result(RUN, JobState.ENDED, Optional.of(Outcome.refused("why"))),
              new AppliedBody.Result(new RunId("a", 1), JobState.RUNNING, Optional.empty())),
          List.of(
              new AppliedBody.Held(new RunId("a", 1), List.of("GPU-1", "GPU-2")),
              new AppliedBody.Held(
                  new RunId("b", 1), List.of("GPU-3"), Optional.of(new ImexChannel(9)))));
  private static final StatusBody STATUS =
      new StatusBody(
          RUN,
          JobState.ENDED,
          Optional.of(Outcome.exit(7)),
          new Usage(5_000, 10, OptionalDouble.of(700.5), "gpu"),
          "it said so");

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  @Test
  void aDesiredStateIsReadBack() {
    assertThat(text(DESIRED.json()))
        .isEqualTo(
            """
            {"assignments":[{"job":"hello","run":2,"node":"node1","term":{"generation":1,"number":5,\
            "start":9},"generation":17,"spec":{"name":"hello","argv":["/bin/true"],"env":{},\
            "user":"anna","project":"","priority":50,"devices":{"kind":"gpu","count":1},"nodes":1,\
            "stop_grace_ms":10000,"lease":"keep"},"devices":{"kind":"gpu","uuids":["GPU-1"]}}],\
            "stops":[{"job":"old","run":1,"why":"stopped-by-request","grace_ms":10000}]}\
            """);
    assertThat(DesiredBody.of(DESIRED.json())).isEqualTo(DESIRED);
  }

  /** Without the wish the text is as it was: older agents read it. */
  @Test
  void theWishToRecallIsReadBack() {
    DesiredBody recall = new DesiredBody(List.of(), List.of(), true);
    assertThat(text(recall.json())).isEqualTo("{\"assignments\":[],\"stops\":[],\"recall\":true}");
    assertThat(DesiredBody.of(recall.json())).isEqualTo(recall);
  }

  private static DesiredBody signed(Assignment assignment, String text) {
    StartOrder order =
        new StartOrder(text, "store-1", 1_790_000_000, "0123456789abcdef", "A".repeat(86) + "==");
    return new DesiredBody(
        List.of(assignment), List.of(), false, List.of(), Map.of(assignment.id(), order));
  }

  /** What was signed travels as it is, also where another would write it otherwise. */
  @Test
  void aSignedOrderIsReadBackToTheLetter() {
    Assignment assignment = DESIRED.assignments().getFirst();
    String spaced = text(JobJson.of(assignment)).replace(",\"run\":2", " , \"run\" : 2");
    DesiredBody body = signed(assignment, spaced);
    DesiredBody read = DesiredBody.of(body.json());
    assertThat(read).isEqualTo(body);
    assertThat(read.orders().values()).extracting(StartOrder::assignment).containsExactly(spaced);
  }

  /** An agent that judges one job and has another begun would be no gate. */
  @Test
  void whatIsSignedStandsBesideIt() {
    Assignment assignment = DESIRED.assignments().getFirst();
    String other = text(JobJson.of(assignment)).replace("/bin/true", "/bin/false");
    assertThatExceptionOfType(JsonMistake.class)
        .isThrownBy(() -> DesiredBody.of(signed(assignment, other).json()))
        .withMessage(
            "orders: one of hello-r2 is refused; allowed is one of each assignment, as it stands"
                + " there");
  }

  @Test
  void anAnswerThatIsTooLongLosesItsLastResults() {
    int whole = APPLIED.json().length;
    assertThat(APPLIED.within(whole)).isEqualTo(APPLIED);
    AppliedBody cut = APPLIED.within(whole - 1);
    assertThat(cut.results()).containsExactly(APPLIED.results().getFirst());
    assertThat(cut.held()).isEqualTo(APPLIED.held());
    assertThat(cut.json().length).isLessThan(whole);
  }

  @Test
  void anAnswerIsReadBack() {
    assertThat(text(APPLIED.json()))
        .isEqualTo(
            """
            {"refusal":"no room","results":[{"job":"hello","run":2,"state":"ended",\
            "outcome":"refused(why)"},{"job":"a","run":1,"state":"running"}],\
            "held":[{"job":"a","run":1,"devices":["GPU-1","GPU-2"]},\
            {"job":"b","run":1,"devices":["GPU-3"],"channel":9}]}\
            """);
    assertThat(AppliedBody.of(APPLIED.json())).isEqualTo(APPLIED);
  }

  @Test
  void aStatusIsReadBack() {
    assertThat(text(STATUS.json()))
        .isEqualTo(
            """
            {"job":"hello","run":2,"state":"ended","outcome":"exit(7)","usage":{"wall_ms":5000,\
            "device_seconds":10.0,"joules":700.5,"energy_scope":"gpu"},"detail":"it said so"}\
            """);
    assertThat(StatusBody.of(STATUS.json())).isEqualTo(STATUS);
  }

  @Test
  void whatChecksCameToIsReadBack() {
    StatusBody checked =
        new StatusBody(
            STATUS.run(),
            STATUS.state(),
            STATUS.outcome(),
            STATUS.usage(),
            STATUS.detail(),
            List.of(
                new CheckResult(
                    JobChecks.Moment.BEFORE,
                    "links",
                    CheckResult.Result.FAILED,
                    "accelerator 3 has 17 of 18 nvlink up")));
    assertThat(text(checked.json()))
        .contains(
            """
            "checks":[{"moment":"before","check":"links","result":"failed",\
            "found":"accelerator 3 has 17 of 18 nvlink up"}]\
            """);
    assertThat(StatusBody.of(checked.json())).isEqualTo(checked);
  }

  @Test
  void aStopNamesAReasonWithoutANumber() {
    String text = text(DESIRED.json()).replace("stopped-by-request", "exit");
    assertThatExceptionOfType(JsonMistake.class)
        .isThrownBy(() -> DesiredBody.of(text.getBytes(StandardCharsets.UTF_8)))
        .withMessage(
            "stops[0].why: 'exit' is refused; allowed is an outcome without a number, as in"
                + " preempted");
  }

  @Test
  void everyTextIsABodyOrOneSentence() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("BodiesTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    int read =
        readable(random, DESIRED.json(), DesiredBody::of)
            + readable(random, APPLIED.json(), AppliedBody::of)
            + readable(random, STATUS.json(), StatusBody::of);
    assertThat(read).as("some mutants are still bodies").isBetween(1, 5_999);
  }

  private static int readable(Random random, byte[] good, Function<byte[], ?> read) {
    int bodies = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] text = good.clone();
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        text[random.nextInt(text.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(read.apply(text)).isNotNull();
        bodies++;
      } catch (IllegalArgumentException sentence) {
        assertThat(sentence.getMessage()).isNotBlank().doesNotContain("\n");
      }
    }
    return bodies;
  }
}
