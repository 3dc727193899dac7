package io.millwright.protocol.vocabulary.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of jobs, and what is refused with which sentence. */
class JobWordsTest {
  private static final JobSpec GOOD = spec("hello", List.of("/bin/true"), Map.of(), "alice");

  private static JobSpec spec(
      String name, List<String> argv, Map<String, String> env, String user) {
    return new JobSpec(
        name,
        argv,
        env,
        Optional.empty(),
        user,
        "",
        50,
        new DeviceRequest(DeviceKind.GPU, 2),
        1,
        OptionalLong.empty(),
        10_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        LeaseRule.KEEP);
  }

  @Test
  void statesAreThoseOfTheTable() {
    assertThat(Arrays.stream(JobState.values()).map(s -> s.word() + " " + s.metricWord()))
        .containsExactly(
            "queued pending",
            "placed starting",
            "accepted starting",
            "preparing starting",
            "ready starting",
            "starting starting",
            "running running",
            "stopping completing",
            "cleaning completing",
            "stuck stuck",
            "ended ");
    assertThat(JobState.ofWord("running")).hasValue(JobState.RUNNING);
    assertThat(JobState.ofWord("sprinting")).isEmpty();
  }

  private static DeviceAccount device(double seconds, double watts, double peakWatts) {
    return new DeviceAccount(
        "GPU-1",
        seconds,
        OptionalDouble.empty(),
        "",
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.of(watts),
        OptionalDouble.of(peakWatts),
        Map.of());
  }

  /** One account of a node must not hide all others in a sum. */
  @Test
  void whatNoAcceleratorCanUseIsRefused() {
    assertThat(device(1e10, 1e6, 1e6).seconds()).isEqualTo(1e10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device(2e10, 1, 1))
        .withMessage("seconds: '2.0E10' is refused; allowed is a number from 0 to 10000000000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device(1, 2e6, 1))
        .withMessage("watts: '2000000.0' is refused; allowed is a number from 0 to 1000000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device(1, 1, 1e300))
        .withMessageStartingWith("peak_watts: '1.0E300' is refused; ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> device(Double.NaN, 1, 1))
        .withMessageStartingWith("seconds: 'NaN' is refused; ");
  }

  @ParameterizedTest
  @EnumSource(Outcome.Kind.class)
  void anOutcomeIsReadBackFromItsText(Outcome.Kind kind) {
    Outcome outcome = new Outcome(kind, kind.detailed() ? "7" : "");
    assertThat(Outcome.ofText(outcome.text())).hasValue(outcome);
  }

  /** The words of millwright_jobs_finished_total in the catalogue, and of its states. */
  @Test
  void eachWordStandsInTheCatalogue() {
    List<String> results = List.of(words(Metric.JOBS_FINISHED_TOTAL, "result="));
    assertThat(Arrays.stream(Outcome.Kind.values()).map(Outcome.Kind::result).distinct())
        .containsExactlyInAnyOrderElementsOf(results);
    assertThat(
            Arrays.stream(JobState.values())
                .map(JobState::metricWord)
                .filter(word -> !word.isEmpty())
                .distinct())
        .containsExactly(words(Metric.JOBS, "state="));
  }

  private static String[] words(Metric metric, String label) {
    String help = metric.help();
    String list = help.substring(help.indexOf(label) + label.length());
    return list.split("[ ]")[0].split("\\|");
  }

  @Test
  void resultsAreThoseOfTheTable() {
    assertThat(Arrays.stream(Outcome.Kind.values()).map(kind -> kind.word() + " " + kind.result()))
        .containsExactly(
            "completed completed",
            "exit failed",
            "signal failed",
            "oom oom",
            "time-limit timeout",
            "stopped-by-request cancelled",
            "preempted cancelled",
            "device-fault node_fail",
            "node-rebooted node_fail",
            "node-lost node_fail",
            "lease-expired node_fail",
            "untracked node_fail",
            "prepare-failed refused",
            "start-failed refused",
            "refused refused",
            "group-failed group_failed");
  }

  @Test
  void outcomesHaveTheirWords() {
    assertThat(Outcome.exit(0).text()).isEqualTo("completed");
    assertThat(Outcome.exit(7).text()).isEqualTo("exit(7)");
    assertThat(Outcome.signal(9).text()).isEqualTo("signal(9)");
    assertThat(Outcome.exit(7).kind().result()).isEqualTo("failed");
    assertThat(Outcome.refused("user (root)\nis not allowed").text())
        .isEqualTo("refused(user  root  is not allowed)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "exit",
        "exit()",
        "exit(banana)",
        "completed(1)",
        "exit(7",
        "Exit(7)",
        "won(1)",
        "refused(\u0007)"
      })
  void noOutcomeIsEmpty(String text) {
    assertThat(Outcome.ofText(text)).isEmpty();
  }

  static Stream<List<Object>> mistakes() {
    return Stream.of(
        List.of(
            "name: 'Hello World'",
            (Runnable) () -> spec("Hello World", GOOD.argv(), Map.of(), "a")),
        List.of("name: ''", (Runnable) () -> spec("", GOOD.argv(), Map.of(), "a")),
        List.of("argv: '0 words'", (Runnable) () -> spec("a", List.of(), Map.of(), "a")),
        List.of("argv: 'true'", (Runnable) () -> spec("a", List.of("true"), Map.of(), "a")),
        List.of(
            "argv: 'x\\u009b'",
            (Runnable) () -> spec("a", List.of("/x", "x\u009b"), Map.of(), "a")),
        List.of("env: '1A'", (Runnable) () -> spec("a", GOOD.argv(), Map.of("1A", ""), "a")),
        List.of(
            "env.A: 'b\\u000a'", (Runnable) () -> spec("a", GOOD.argv(), Map.of("A", "b\n"), "a")),
        List.of("user: 'a b'", (Runnable) () -> spec("a", GOOD.argv(), Map.of(), "a b")),
        List.of("devices.count: '65'", (Runnable) () -> new DeviceRequest(DeviceKind.GPU, 65)),
        List.of("run: '0'", (Runnable) () -> new RunId("a", 0)));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsOneSentenceThatNamesTheField(List<Object> mistake) {
    assertThatIllegalArgumentException()
        .isThrownBy(((Runnable) mistake.get(1))::run)
        .withMessageStartingWith(mistake.getFirst() + " is refused; allowed is ");
  }

  @Test
  void aTermOfAnotherStartContradicts() {
    Term first = new Term(1, 5, 77);
    assertThat(first).isLessThan(new Term(1, 6, 1)).isLessThan(new Term(2, 1, 1));
    assertThat(first.contradicts(new Term(1, 5, 78))).isTrue();
    assertThat(first.contradicts(first)).isFalse();
    assertThat(first.contradicts(new Term(1, 6, 78))).isFalse();
  }

  @Test
  void anAssignmentHasTheDevicesThatWereAskedFor() {
    RunId id = new RunId("hello", 1);
    DeviceSet one = new DeviceSet(DeviceKind.GPU, List.of("GPU-1"));
    DeviceSet two = new DeviceSet(DeviceKind.GPU, List.of("GPU-1", "GPU-2"));
    assertThat(new Assignment(id, "n1", Term.NONE, 1, GOOD, two).devices()).isEqualTo(two);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Assignment(id, "n1", Term.NONE, 1, GOOD, one))
        .withMessageContaining("the 2 asked for");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeviceSet(DeviceKind.GPU, List.of("GPU-1", "GPU-1")));
  }
}
