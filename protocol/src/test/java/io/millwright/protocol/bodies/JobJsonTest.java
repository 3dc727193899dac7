package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import io.millwright.protocol.vocabulary.job.MigProfile;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON of jobs: what is read, what is filled in, and how a mistake is told. */
class JobJsonTest {
  private static final String LEAST = "\"name\":\"a\",\"argv\":[\"/bin/true\"]";

  private static final Usage USED = new Usage(5_000, 10, OptionalDouble.of(700), "gpu");

  private static JobSpec spec(int devices, int nodes) {
    return new JobSpec(
        "train",
        List.of("/bin/true", "-x"),
        Map.of("B", "2", "A", "1"),
        Optional.of("/data"),
        "alice",
        "llm",
        50,
        new DeviceRequest(DeviceKind.GPU, devices),
        nodes,
        OptionalLong.of(60_000),
        10_000,
        OptionalLong.of(1L << 30),
        OptionalInt.of(4),
        LeaseRule.STOP);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JobSpec submitted(String text) {
    return JobJson.submitted(bytes(text), "alice");
  }

  @Test
  void whatIsLeftOutIsFilledIn() {
    assertThat(submitted("{" + LEAST + "}"))
        .isEqualTo(
            new JobSpec(
                "a",
                List.of("/bin/true"),
                Map.of(),
                Optional.empty(),
                "alice",
                "",
                50,
                new DeviceRequest(DeviceKind.GPU, 0),
                1,
                OptionalLong.empty(),
                10_000,
                OptionalLong.empty(),
                OptionalInt.empty(),
                LeaseRule.KEEP));
  }

  @Test
  void whatIsGivenIsTaken() {
    JobSpec given =
        submitted(
            """
            {"name": "a", "argv": ["/bin/true", "-x"], "env": {"A": "1", "B": "2"}, "cwd": "/data",
             "user": "bob", "project": "llm", "priority": 7, "devices": {"count": 4, "kind": "neuron"},
             "nodes": 3, "time_limit_ms": 60000, "stop_grace_ms": 0, "memory_bytes": 1073741824,
             "cpus": 4, "lease": "stop"}\
            """);
    assertThat(given.user()).isEqualTo("bob");
    assertThat(given.devices()).isEqualTo(new DeviceRequest(DeviceKind.NEURON, 4));
    assertThat(given.memoryBytes()).hasValue(1L << 30);
    assertThat(given.lease()).isEqualTo(LeaseRule.STOP);
    assertThat(JobJson.spec(JobJson.of(given))).isEqualTo(given);
  }

  /** They choose the devices, which the node is told by their names. */
  @Test
  void whatChoosesDevicesIsKeptAndNotToldToTheNode() {
    JobSpec given =
        submitted("{" + LEAST + ",\"devices\":{\"count\":2,\"mig\":\"1g.23gb\",\"rdma\":true}}");
    assertThat(given.devices())
        .isEqualTo(new DeviceRequest(DeviceKind.GPU, 2, MigProfile.ofText("1g.23gb"), true));
    assertThat(JobJson.spec(JobJson.of(given))).isEqualTo(given);
    assertThat(given.forNode().devices()).isEqualTo(new DeviceRequest(DeviceKind.GPU, 2));
    assertThat(new String(JobJson.of(given.forNode()), StandardCharsets.UTF_8))
        .contains("\"devices\":{\"kind\":\"gpu\",\"count\":2}");
  }

  /** The node is told that one is wanted, and which. */
  @Test
  void theChannelOfAnAssignmentIsReadBack() {
    JobSpec given =
        submitted("{" + LEAST + ",\"devices\":{\"count\":1,\"rdma\":true,\"imex\":true}}");
    assertThat(JobJson.spec(JobJson.of(given))).isEqualTo(given);
    assertThat(given.forNode().devices())
        .isEqualTo(new DeviceRequest(DeviceKind.GPU, 1, Optional.empty(), false, true));
    DeviceSet one = new DeviceSet(DeviceKind.GPU, List.of("GPU-1"));
    Assignment assignment =
        new Assignment(
            new RunId(given.name(), 1),
            "n1",
            Term.NONE,
            17,
            given.forNode(),
            one,
            Optional.empty(),
            Optional.of(new ImexChannel(2047)));
    assertThat(JobJson.assignment(JobJson.of(assignment))).isEqualTo(assignment);
    assertThat(assignment.withoutGroup()).isEqualTo(assignment);
    String text = new String(JobJson.of(assignment), StandardCharsets.UTF_8);
    assertThat(text).endsWith(",\"channel\":2047}");
    for (String number : List.of("0", "2048", "-1")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              JobJson.assignment(text.replace("2047", number).getBytes(StandardCharsets.UTF_8)))
          .withMessage("channel: '" + number + "' is refused; allowed is from 1 to 2047");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            JobJson.assignment(text.replace(",\"imex\":true", "").getBytes(StandardCharsets.UTF_8)))
        .withMessage("channel: '2047' is refused; allowed is none without devices.imex");
  }

  /** Where its members are is the collector's to see to. */
  @Test
  void spreadIsKeptAndNotToldToTheNode() {
    JobSpec given = submitted("{" + LEAST + ",\"spread\":\"rack\"}");
    assertThat(given.spread()).hasValue(FailureDomain.RACK);
    assertThat(JobJson.spec(JobJson.of(given))).isEqualTo(given);
    assertThat(given.forNode()).isEqualTo(submitted("{" + LEAST + "}"));
  }

  @Test
  void eachChannelComesOnceFromWhereverItBegins() {
    for (long n : List.of(0L, 5L, 2046L, Long.MAX_VALUE - 3000)) {
      assertThat(ImexChannel.from(n).boxed())
          .hasSize(2047)
          .doesNotHaveDuplicates()
          .doesNotContain(0);
    }
    assertThat(ImexChannel.from(2046).limit(2).boxed()).containsExactly(2047, 1);
  }

  @Test
  void howLongALeaseLastsIsTaken() {
    JobSpec given = submitted("{" + LEAST + ",\"lease\":\"stop\",\"lease_ms\":45000}");
    assertThat(given.lease()).isEqualTo(LeaseRule.stop(45_000));
    assertThat(JobJson.spec(JobJson.of(given))).isEqualTo(given);
    assertThat(submitted("{" + LEAST + "}").lease()).isEqualTo(LeaseRule.KEEP);
  }

  @Test
  void aNullIsLeftOut() {
    assertThat(submitted("{" + LEAST + ",\"cwd\":null,\"priority\":null,\"devices\":null}"))
        .isEqualTo(submitted("{" + LEAST + "}"));
  }

  @Test
  void aJobHasOneText() {
    JobSpec spec = spec(4, 2);
    assertThat(new String(JobJson.of(spec), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"name":"train","argv":["/bin/true","-x"],"env":{"A":"1","B":"2"},"cwd":"/data",\
            "user":"alice","project":"llm","priority":50,"devices":{"kind":"gpu","count":4},\
            "nodes":2,"time_limit_ms":60000,"stop_grace_ms":10000,"memory_bytes":1073741824,\
            "cpus":4,"lease":"stop","lease_ms":120000}\
            """);
    assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
  }

  @Test
  void anAssignmentIsReadBack() {
    Assignment assignment =
        new Assignment(
            new RunId("train", 3),
            "n1",
            new Term(1, 5, (1L << 53) - 1),
            17,
            spec(2, 1),
            new DeviceSet(DeviceKind.GPU, List.of("GPU-1", "GPU-0")));
    assertThat(JobJson.assignment(JobJson.of(assignment))).isEqualTo(assignment);
    assertThat(new String(JobJson.of(assignment), StandardCharsets.UTF_8))
        .as("as agents before groups read it")
        .doesNotContain("group");
  }

  @Test
  void theGroupOfAnAssignmentIsReadBack() {
    Assignment assignment =
        new Assignment(
            new RunId("train", 3),
            "n1",
            Term.NONE,
            17,
            spec(1, 2),
            new DeviceSet(DeviceKind.GPU, List.of("GPU-1")),
            Optional.of(new Group(1, 2, new Rendezvous("10.0.0.7", 61_200))));
    assertThat(JobJson.assignment(JobJson.of(assignment))).isEqualTo(assignment);
    String text = new String(JobJson.of(assignment), StandardCharsets.UTF_8);
    assertThat(text)
        .contains("\"group\":{\"rank\":1,\"size\":2,\"address\":\"10.0.0.7\",\"port\":61200}");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            JobJson.assignment(
                text.replace("\"size\":2", "\"size\":3").getBytes(StandardCharsets.UTF_8)))
        .withMessage("group.size: '3' is refused; allowed is the nodes asked for, 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            JobJson.assignment(
                text.replace("10.0.0.7", "n1.site").getBytes(StandardCharsets.UTF_8)))
        .withMessage("group.address: 'n1.site' is refused; allowed is " + Rendezvous.ALLOWED);
  }

  @Test
  void useAndOutcomeAreReadBack() {
    assertThat(JobJson.usage(JobJson.of(USED))).isEqualTo(USED);
    Usage none = new Usage(1, 0.25, OptionalDouble.empty(), "");
    assertThat(JobJson.usage(JobJson.of(none))).isEqualTo(none);
    for (Outcome outcome : List.of(Outcome.exit(7), Outcome.exit(0), Outcome.refused("a \"b\""))) {
      assertThat(JobJson.outcome(JobJson.of(outcome))).isEqualTo(outcome);
    }
    assertThat(new String(JobJson.of(Outcome.exit(7)), StandardCharsets.UTF_8))
        .isEqualTo("\"exit(7)\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{<L>,\"prioritty\":1} | prioritty: no such field; did you mean 'priority'?",
        "{<L>,\"stop-grace-ms\":1} | stop-grace-ms: no such field; did you mean 'stop_grace_ms'?",
        "{<L>,\"gpus\":4} | gpus: no such field; did you mean 'cpus'?",
        "{<L>,\"devices\":{\"cuont\":1}} | devices.cuont: no such field; did you mean 'count'?",
        "{<L>,\"devices\":{\"uuids\":[]}} | devices.uuids: no such field; allowed are kind, count, mig, rdma, imex",
        "{<L>,\"priority\":\"7\"} | priority: '7' is refused; allowed is a whole number",
        "{<L>,\"priority\":7.5} | priority: 7.5 is refused; allowed is a whole number",
        "{<L>,\"priority\":700} | priority: '700' is refused; allowed is from 0 to 100",
        "{<L>,\"nodes\":9999999999} | nodes: 9999999999 is refused; allowed is a whole number from -2147483648 to 2147483647",
        "{<L>,\"time_limit_ms\":1e99} | time_limit_ms: 1.0E99 is refused; allowed is a whole number",
        "{<L>,\"time_limit_ms\":99999999999999999999} | time_limit_ms: 99999999999999999999 is refused; allowed is a whole number",
        "{<L>,\"priority\":true} | priority: true is refused; allowed is a whole number",
        "{<L>,\"project\":5} | project: 5 is refused; allowed is a text",
        "{<L>,\"project\":{}} | project: an object is refused; allowed is a text",
        "{<L>,\"env\":[]} | env: a list is refused; allowed is a JSON object of texts",
        "{<L>,\"env\":{\"A\":1}} | env.A: 1 is refused; allowed is a text",
        "{<L>,\"env\":{\"A\":null}} | env.A: null is refused; allowed is a text",
        "{<L>,\"devices\":4} | devices: 4 is refused; allowed is a JSON object",
        "{<L>,\"devices\":{\"kind\":\"GPU\"}} | devices.kind: 'GPU' is refused; allowed is gpu or neuron",
        "{<L>,\"devices\":{\"count\":1,\"mig\":\"big\"}} | devices.mig: 'big' is refused; allowed is the name of a profile as nvidia-smi mig -lgip tells it, such as 1g.23gb",
        "{<L>,\"devices\":{\"count\":1,\"mig\":\"1g.23gb\"},\"checks\":{\"before\":[\"devices\"]}} | checks: 'with devices.mig' is refused; allowed is checks of whole devices alone",
        "{<L>,\"devices\":{\"mig\":\"1g.23gb\"}} | devices.count: '0' is refused; allowed is from 1 to 64",
        "{<L>,\"devices\":{\"count\":1,\"rdma\":1}} | devices.rdma: 1 is refused; allowed is true or false",
        "{<L>,\"spread\":\"row\"} | spread: 'row' is refused; allowed is rack",
        "{<L>,\"devices\":{\"imex\":true}} | devices.imex: 'true' is refused; allowed is whole devices of kind gpu, at least one",
        "{<L>,\"devices\":{\"count\":1,\"imex\":true,\"mig\":\"1g.23gb\"}} | devices.imex: 'true' is refused; allowed is whole devices of kind gpu, at least one",
        "{<L>,\"devices\":{\"kind\":\"neuron\",\"count\":1,\"imex\":true}} | devices.imex: 'true' is refused; allowed is whole devices of kind gpu, at least one",
        "{<L>,\"lease\":\"hold\"} | lease: 'hold' is refused; allowed is keep or stop",
        "{<L>,\"lease\":\"stop\",\"lease_ms\":29999} | lease_ms: '29999' is refused; allowed is from 30000 to 86400000",
        "{<L>,\"lease\":\"stop\",\"lease_ms\":\"2m\"} | lease_ms: '2m' is refused; allowed is a whole number",
        "{<L>,\"lease\":\"keep\",\"lease_ms\":60000} | lease_ms: 60000 is refused; allowed is none without \"lease\": \"stop\"",
        "{<L>,\"lease_ms\":60000} | lease_ms: 60000 is refused; allowed is none without \"lease\": \"stop\"",
        "{<L>,\"cwd\":\"data\"} | cwd: 'data' is refused; allowed is an absolute path",
        "{<L>,\"cwd\":\"/\\ud800\"} | cwd: '/\\ud800' is refused; allowed is a text of whole characters",
        "{\"argv\":[\"/bin/true\"]} | name: missing; allowed is a text",
        "{\"name\":\"a\"} | argv: missing; allowed is a list",
        "{\"name\":\"a\",\"argv\":\"/bin/true\"} | argv: '/bin/true' is refused; allowed is a list",
        "{\"name\":\"a\",\"argv\":[\"/bin/true\",1]} | argv[1]: 1 is refused; allowed is a text",
        "{\"name\":\"A b\",\"argv\":[\"/bin/true\"]} | name: 'A b' is refused; allowed is 1 to 48 of a-z, 0-9 and '-', with a letter or a digit first and last",
        "[] | the text: a list is refused; allowed is a JSON object",
        "5 | the text: 5 is refused; allowed is a JSON object",
        "null | the text: null is refused; allowed is a JSON object",
      })
  void aMistakeIsOneSentence(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> submitted(text.replace("<L>", LEAST)))
        .withMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"a\",\"name\":\"b\"} | the job: not JSON at line 1, column 19 (Duplicate field 'name'); allowed is one JSON object with each field once",
        "{\"name\":\"a\" | the job: the text ends too early, at line 1, column 12; allowed is one JSON object",
        "{\"name\":'a'} | the job: not JSON at line 1, column 9 (Unexpected character (''' (code 39)): expected a valid value…); allowed is one JSON object with each field once",
      })
  void whatIsNoJsonIsToldWithItsPlace(String text, String sentence) {
    assertThatIllegalArgumentException().isThrownBy(() -> submitted(text)).withMessage(sentence);
  }

  @Test
  void whatFollowsTheJobIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> submitted("{" + LEAST + "}\n{}"))
        .withMessageStartingWith("the job: not JSON at line 2, column ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> submitted(""))
        .withMessageStartingWith("the text: nothing is refused");
  }

  @Test
  void noControlCharacterComesOutOfASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> submitted("{\"\\u001b[2J\":1}"))
        .withMessageStartingWith("\\u001b[2J: no such field");
  }

  @Test
  void deepNestingIsRefusedWithoutHarm() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> submitted("{\"a\":" + "[".repeat(100_000)))
        .withMessageStartingWith("the job: ");
  }

  @Test
  void everyTextIsAJobOrOneSentence() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("JobJsonTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    byte[] good = JobJson.of(spec(4, 2));
    int jobs = 0;
    for (int i = 0; i < 4_000; i++) {
      byte[] text = good.clone();
      for (int flips = random.nextInt(4); flips > 0; flips--) {
        text[random.nextInt(text.length)] = (byte) random.nextInt(256);
      }
      jobs += isJob(text) ? 1 : 0;
    }
    assertThat(jobs).isBetween(200, 3_800);
  }

  private static boolean isJob(byte[] text) {
    try {
      JobSpec spec = JobJson.submitted(text, "alice");
      assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
      return true;
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
      return false;
    }
  }

  @Test
  void checksAreReadBackAndLeftOutWhereThereAreNone() {
    JobSpec spec =
        submitted(
            "{%s,\"checks\":{\"before\":[\"devices\",\"test:diag\"],\"after\":[\"memory\"]}}"
                .formatted(LEAST));
    assertThat(spec.checks())
        .contains(new JobChecks(List.of("devices", "test:diag"), List.of("memory"), 90_000));
    assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
    assertThat(new String(JobJson.of(submitted("{%s}".formatted(LEAST))), StandardCharsets.UTF_8))
        .doesNotContain("checks");
  }

  @Test
  void secretsAreReadBackAndLeftOutWhereThereAreNone() {
    JobSpec spec = submitted("{%s,\"secrets\":[\"hf-token\",\"s3.key\"]}".formatted(LEAST));
    assertThat(spec.secrets()).containsExactly("hf-token", "s3.key");
    assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
    assertThat(spec.forNode()).isEqualTo(spec);
    assertThat(new String(JobJson.of(submitted("{%s}".formatted(LEAST))), StandardCharsets.UTF_8))
        .as("as agents before secrets read it")
        .doesNotContain("secrets");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '@',
      value = {
        "[\"../shadow\"]|secrets: '../shadow' is refused; allowed is names of up to 64 letters",
        "[\"/etc/shadow\"]|secrets: '/etc/shadow' is refused",
        "[\".\"]|secrets: '.' is refused",
        "[\"\"]|secrets: '' is refused",
        "[\"a:b\"]|secrets: 'a:b' is refused",
        "[\"a\",\"a\"]|secrets: 'a,a' is refused; allowed is each name once",
        "\"a\"|secrets: 'a' is refused; allowed is a list",
        "[1]|secrets[0]: 1 is refused; allowed is a text",
      })
  void aWrongSecretIsOneSentence(String secrets, String sentence) {
    assertThatThrownBy(() -> submitted("{%s,\"secrets\":%s}".formatted(LEAST, secrets)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void hooksAreReadBackAndWrongOnesAreOneSentence() {
    JobSpec spec = submitted("{%s,\"hooks\":[\"scrub\"]}".formatted(LEAST));
    assertThat(spec.hooks()).containsExactly("scrub");
    assertThat(spec.forNode().withSecrets(List.of("a")).hooks()).containsExactly("scrub");
    assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
    assertThat(new String(JobJson.of(submitted("{%s}".formatted(LEAST))), StandardCharsets.UTF_8))
        .doesNotContain("hooks");
    assertThatThrownBy(() -> submitted("{%s,\"hooks\":[\"../sh\"]}".formatted(LEAST)))
        .hasMessageContaining("hooks: '../sh' is refused; allowed is names of up to 64 letters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/srv/roots/llm-2.3", "/a", "/srv/_x/a+b@c-d"})
  void containersAreReadBack(String root) {
    JobSpec spec = submitted("{%s,\"container\":\"%s\"}".formatted(LEAST, root));
    assertThat(spec.container()).contains(new Container(root));
    assertThat(JobJson.spec(JobJson.of(spec))).isEqualTo(spec);
    assertThat(spec.forNode().withHooks(List.of("a")).container()).isEqualTo(spec.container());
    assertThat(new String(JobJson.of(submitted("{%s}".formatted(LEAST))), StandardCharsets.UTF_8))
        .as("as agents before containers read it")
        .doesNotContain("container");
  }

  /** None of these reaches a runtime: options, ways out of a root, names to look for. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//srv",
        "/srv/",
        "/srv/../etc",
        "/srv/./a",
        "/srv/a b",
        "/srv/a:O",
        "/srv/a,b",
        "/srv/%h",
        "ubuntu",
        "ubuntu:22.04",
        "library/ubuntu",
        "docker://localhost/a",
        "docker-archive:/srv/a.tar",
        "oci:/srv/a",
        "--privileged",
        "localhost/a",
        "srv/a",
        "/srv/a\\nb"
      })
  void aWrongContainerIsOneSentence(String from) {
    assertThatThrownBy(() -> submitted("{%s,\"container\":\"%s\"}".formatted(LEAST, from)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("container: '")
        .hasMessageContaining("' is refused; allowed is ");
    assertThatThrownBy(() -> submitted("{%s,\"container\":[\"/srv/a\"]}".formatted(LEAST)))
        .hasMessageContaining("container: ")
        .hasMessageContaining(" is refused; allowed is a text");
  }

  @Test
  void aJobNamesSixteenSecretsAtMost() {
    String names =
        IntStream.range(0, 17).mapToObj(i -> "\"s" + i + "\"").collect(Collectors.joining(","));
    assertThatThrownBy(() -> submitted("{%s,\"secrets\":[%s]}".formatted(LEAST, names)))
        .hasMessageContaining("secrets: '17 names' is refused; allowed is at most 16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '@',
      value = {
        "{\"before\":[\"gpus\"]}|checks.before: 'gpus' is refused",
        "{\"after\":[\"test:/bin/sh\"]}|checks.after: 'test:/bin/sh' is refused",
        "{\"before\":[\"links\",\"links\"]}|checks.before: 'links,links' is refused",
        "{\"deadline_ms\":60000}|checks: 'nothing' is refused",
        "{\"before\":[\"links\"],\"deadline_ms\":5}|checks.deadline_ms: '5' is refused",
        "{\"befor\":[\"links\"]}|befor",
      })
  void aWrongCheckIsOneSentence(String checks, String sentence) {
    assertThatThrownBy(() -> submitted("{%s,\"checks\":%s}".formatted(LEAST, checks)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
