package io.millwright.agent.launcher.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any bytes are a verb or one sentence. */
class VerbJsonTest {
  private static final RunId RUN = new RunId("train", 3);

  static Assignment assignment() {
    JobSpec spec =
        new JobSpec(
            "train",
            List.of("/usr/bin/env", "a \"b\" \\ $x"),
            Map.of("K", "v"),
            Optional.of("/data"),
            "anna",
            "llm",
            7,
            new DeviceRequest(DeviceKind.GPU, 1),
            1,
            OptionalLong.of(1000),
            500,
            OptionalLong.empty(),
            OptionalInt.of(4),
            JobSpec.LeaseRule.KEEP);
    return new Assignment(
        RUN, "n17", new Term(1, 2, 3), 9, spec, new DeviceSet(DeviceKind.GPU, List.of("GPU-1")));
  }

  private static List<Verb> verbs() {
    return List.of(
        new Verb.Start(assignment()),
        new Verb.Stop(RUN, 1500),
        new Verb.Kill(RUN),
        new Verb.Note(RUN),
        new Verb.Settle(),
        new Verb.Forget(RUN),
        new Verb.Power(List.of("GPU-1", "GPU-2"), OptionalLong.of(600)),
        new Verb.Power(List.of("GPU-1"), OptionalLong.empty()));
  }

  private static Verb read(String json) throws Verb.Unreadable {
    return VerbJson.verb(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everyVerbComesBackAsItWas() throws Verb.Unreadable {
    assertThat(verbs()).hasSize(Verb.class.getPermittedSubclasses().length + 1); // Power is twice
    for (Verb verb : verbs()) {
      assertThat(VerbJson.verb(VerbJson.bytes(verb))).isEqualTo(verb);
    }
    for (Answer answer :
        List.of(
            new Answer.Done(),
            new Answer.Refused("a"),
            new Answer.Later("c"),
            new Answer.Failed("b"),
            new Answer.Capped(
                List.of(
                    new Answer.Cap(
                        "GPU-1", "done", OptionalLong.of(1000), OptionalLong.empty()))))) {
      assertThat(VerbJson.answer(VerbJson.bytes(answer))).isEqualTo(answer);
    }
  }

  /** A limit that was left out is not the device's default: that is said by null. */
  @Test
  void wattsLeftOutAreRefused() throws Verb.Unreadable {
    assertThatThrownBy(() -> read("{\"verb\":\"power\",\"devices\":[\"GPU-1\"]}"))
        .isInstanceOf(Verb.Unreadable.class)
        .hasMessageContaining("watts");
    assertThat(read("{\"verb\":\"power\",\"devices\":[\"GPU-1\"],\"watts\":null}"))
        .isEqualTo(new Verb.Power(List.of("GPU-1"), OptionalLong.empty()));
  }

  @Test
  void theSetIsClosed() {
    for (String bad :
        List.of(
            "{\"verb\":\"exec\",\"run\":{\"job\":\"a\",\"run\":1}}",
            "{\"verb\":\"power\",\"watts\":600}",
            "{\"verb\":\"power\",\"devices\":[],\"watts\":600}",
            "{\"verb\":\"power\",\"devices\":[\"../x\"],\"watts\":600}",
            "{\"verb\":\"power\",\"devices\":[\"GPU-1\",\"GPU-1\"],\"watts\":600}",
            "{\"verb\":\"power\",\"devices\":[\"GPU-1\"],\"watts\":0}",
            "{\"verb\":\"power\",\"devices\":[\"GPU-1\"],\"watts\":1.5e9}",
            "{\"verb\":\"power\",\"devices\":[\"GPU-1\"],\"library\":\"/tmp/x\"}",
            "{\"verb\":\"kill\"}",
            "{\"verb\":\"kill\",\"run\":null}",
            "{\"verb\":\"kill\",\"run\":{\"job\":\"a\",\"run\":1},\"property\":\"User=root\"}",
            "{\"verb\":\"kill\",\"verb\":\"stop\",\"run\":{\"job\":\"a\",\"run\":1}}",
            "{\"verb\":\"kill\",\"run\":{\"job\":\"../x\",\"run\":1}}",
            "{\"verb\":\"kill\",\"run\":{\"job\":\"a\\nb\",\"run\":1}}",
            "{\"verb\":\"stop\",\"run\":{\"job\":\"a\",\"run\":1},\"grace_ms\":-1}",
            "{\"verb\":\"settle\"} {\"verb\":\"settle\"}",
            "null",
            "[]",
            "")) {
      assertThatThrownBy(() -> read(bad)).as(bad).isInstanceOf(Verb.Unreadable.class);
    }
  }

  @Test
  void aSpecIsRefusedAsItsVocabularyRefusesIt() {
    String start = new String(VerbJson.bytes(new Verb.Start(assignment())), StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(start.replace("/usr/bin/env", "bin/env")))
        .hasMessageContaining("argv: 'bin/env' is refused");
    assertThatThrownBy(() -> read(start.replace("\"v\"", "\"v\\u0000\"")))
        .hasMessageContaining("env.K")
        .hasMessageContaining("no control character");
  }

  @Test
  void anyBytesAreAVerbOrOneSentence() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = VerbJson.bytes(verbs().get(random.nextInt(verbs().size())));
      for (int n = random.nextInt(1, 6); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt()
                : (byte) "{}[]\",:\\0e".charAt(random.nextInt(10));
      }
      try {
        VerbJson.verb(bytes);
      } catch (Verb.Unreadable sentence) {
        assertThat(sentence.sentence()).as("seed %d", seed).isNotBlank().doesNotContain("\n");
      } catch (RuntimeException | Error other) {
        throw new AssertionError(
            "seed %d: %s".formatted(seed, new String(bytes, StandardCharsets.UTF_8)), other);
      }
    }
  }
}
