package io.millwright.agent.launcher.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
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
  private static final String SIGNATURE = "A".repeat(86) + "==";
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
        new Verb.StartSigned(
            new StartOrder(
                "{\"job\":\"a\"}", "store-1", 1_790_000_000, "0123456789abcdef", SIGNATURE)),
        new Verb.HookBefore(
            new Verb.StartSigned(
                new StartOrder(
                    "{\"job\":\"a\"}", "store-1", 1_790_000_000, "0123456789abcdef", SIGNATURE)),
            List.of()),
        new Verb.HookAfter(RUN),
        new Verb.StartInstances(
            new Verb.Start(assignment()),
            List.of(
                new Verb.Instance("MIG-1", "GPU-1", "gi1"),
                new Verb.Instance("MIG-2", "GPU-1", "gi2ci1"))),
        new Verb.Stop(RUN, 1500),
        new Verb.Kill(RUN),
        new Verb.Note(RUN),
        new Verb.Settle(),
        new Verb.Forget(RUN),
        new Verb.Renew(RUN, 123_456),
        new Verb.Power(List.of("GPU-1", "GPU-2"), OptionalLong.of(600)),
        new Verb.Power(List.of("GPU-1"), OptionalLong.empty()),
        new Verb.ReadNvme(),
        new Verb.ReadRapl(),
        new Verb.ReadDcmi(),
        new Verb.ReadHolders(),
        new Verb.ReadStuck(RUN));
  }

  private static final Answer.Holder HOLDER = new Answer.Holder(42, "python3 é", 1000, 77);

  private static List<Answer> told() {
    return List.of(
        new Answer.Disks(
            List.of(
                new Answer.Disk(
                    "nvme0",
                    Optional.of(
                        new Answer.DiskHealth(
                            1, OptionalInt.of(310), OptionalInt.empty(), 120, OptionalLong.of(3))),
                    Optional.empty()),
                new Answer.Disk("nvme1", Optional.empty(), Optional.of(Fault.TIMEOUT)))),
        new Answer.Energy(
            List.of(
                new Answer.Zone("0", "dram", OptionalLong.of(5), 9, Optional.empty()),
                new Answer.Zone(
                    "1-die-0", "package", OptionalLong.empty(), 0, Optional.of(Fault.PARSE)))),
        new Answer.Disks(List.of(new Answer.Disk("nvme9", Optional.empty(), Optional.empty()))),
        new Answer.NodePower(OptionalInt.of(1234), Optional.empty()),
        new Answer.NodePower(OptionalInt.empty(), Optional.of(Fault.PERMISSION)),
        new Answer.NodePower(OptionalInt.empty(), Optional.empty()),
        new Answer.Holdings(
            List.of(
                new Answer.Holding("neuron3", 1, List.of(HOLDER)),
                new Answer.Holding("nvidia0", 70, List.of())),
            true));
  }

  @Test
  void whatIsToldComesBackAsItWas() throws Verb.Unreadable {
    for (Answer answer : told()) {
      assertThat(VerbJson.answer(VerbJson.bytes(answer))).isEqualTo(answer);
    }
  }

  /** The agent believes the launcher no more than the launcher the agent. */
  @Test
  void whatIsToldIsBounded() {
    String many = "{\"device\":\"neuron1\",\"count\":0,\"holders\":[]},".repeat(300);
    for (String bad :
        List.of(
            "{\"answer\":\"disks\",\"disks\":[{\"device\":\"../sda\",\"health\":null,\"fault\":\"OTHER\"}]}",
            "{\"answer\":\"disks\",\"disks\":[{\"device\":\"nvme0\",\"health\":{\"warnings\":0,\"kelvin\":null,\"spare_percent\":null,\"used_percent\":0,\"media_errors\":null},\"fault\":\"OTHER\"}]}",
            "{\"answer\":\"disks\",\"disks\":[{\"device\":\"nvme0\",\"health\":null,\"fault\":3}]}",
            "{\"answer\":\"disks\",\"disks\":[{\"device\":\"nvme0\",\"health\":null,\"fault\":\"BAD\"}]}",
            "{\"answer\":\"energy\",\"zones\":[{\"processor\":\"0\",\"zone\":\"gpu\",\"microjoules\":1,\"range_microjoules\":2,\"fault\":null}]}",
            "{\"answer\":\"node-power\",\"watts\":\"many\",\"fault\":null}",
            "{\"answer\":\"holdings\",\"devices\":[{\"device\":\"neuron1\",\"count\":1,\"holders\":[{\"pid\":1,\"command\":\"a\\nb\",\"uid\":0,\"start_ticks\":1}]}],\"whole\":true}",
            "{\"answer\":\"holdings\",\"devices\":[{\"device\":\"neuron1\",\"count\":0,\"holders\":[{\"pid\":1,\"command\":\"a\",\"uid\":0,\"start_ticks\":1}]}],\"whole\":true}",
            "{\"answer\":\"holdings\",\"devices\":["
                + many.substring(0, many.length() - 1)
                + "],\"whole\":true}",
            "{\"answer\":\"holdings\",\"devices\":[]}")) {
      assertThatThrownBy(() -> VerbJson.answer(bad.getBytes(StandardCharsets.UTF_8)))
          .as(bad)
          .isInstanceOf(Verb.Unreadable.class);
    }
  }

  private static Verb read(String json) throws Verb.Unreadable {
    return VerbJson.verb(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPlaceOfAnInstanceIsNoPath() {
    for (String bad :
        List.of(
            "{\"uuid\":\"MIG-1\",\"gpu\":\"GPU-1\",\"place\":\"../gi1\"}",
            "{\"uuid\":\"MIG-1\",\"gpu\":\"../1\",\"place\":\"gi1\"}",
            "{\"uuid\":\"\",\"gpu\":\"GPU-1\",\"place\":\"gi1\"}",
            "{\"uuid\":\"MIG-1\",\"gpu\":\"GPU-1\"}")) {
      String start =
          "{\"verb\":\"start-instances\",\"start\":%s,\"instances\":[%s]}"
              .formatted(
                  new String(VerbJson.bytes(new Verb.Start(assignment())), StandardCharsets.UTF_8),
                  bad);
      assertThatThrownBy(() -> read(start)).as(bad).isInstanceOf(Verb.Unreadable.class);
    }
  }

  @Test
  void everyVerbComesBackAsItWas() throws Verb.Unreadable {
    assertThat(verbs()) // Power is twice; Begin and Read stand for their own
        .hasSize(
            Verb.class.getPermittedSubclasses().length
                - 1
                + Verb.Begin.class.getPermittedSubclasses().length
                + Verb.Read.class.getPermittedSubclasses().length);
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
            "{\"verb\":\"read\"}",
            "{\"verb\":\"read-nvme\",\"device\":\"/dev/sda\"}",
            "{\"verb\":\"read-dcmi\",\"command\":2}",
            "{\"verb\":\"read-holders\",\"path\":\"/dev/mem\"}",
            "{\"verb\":\"renew\",\"run\":{\"job\":\"a\",\"run\":1}}",
            "{\"verb\":\"renew\",\"run\":{\"job\":\"a\",\"run\":1},\"until_ms\":0}",
            "{\"verb\":\"renew\",\"run\":{\"job\":\"../a\",\"run\":1},\"until_ms\":9}",
            "{\"verb\":\"renew\",\"run\":{\"job\":\"a\",\"run\":1},\"until_ms\":9,\"file\":\"x\"}",
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
