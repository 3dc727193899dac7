package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A real process that was given Neuron devices of a tree that is written here: what it finds in its
 * environment. No driver, no device.
 */
class NeuronJobTest {
  private final JobFixture node;

  NeuronJobTest() throws IOException {
    node = new JobFixture();
    for (int number = 0; number < 4; number++) {
      Path device = node.state().resolve("sys/devices/virtual/neuron_device/neuron" + number);
      Files.createDirectories(device.resolve("info/architecture"));
      Files.writeString(device.resolve("info/serial_number"), "%016x\n".formatted(0xa0 + number));
      Files.writeString(device.resolve("info/architecture/instance_type"), "Trn3\n");
      for (int core = 0; core < 8; core++) {
        Files.createDirectories(device.resolve("neuron_core" + core));
      }
    }
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    node.close();
  }

  private static JobSpec on(JobSpec spec, int devices, Map<String, String> env) {
    return on(spec, devices, 1, env);
  }

  private static JobSpec on(JobSpec spec, int devices, int nodes, Map<String, String> env) {
    return new JobSpec(
        spec.name(),
        spec.argv(),
        env,
        spec.cwd(),
        spec.user(),
        spec.project(),
        spec.priority(),
        new DeviceRequest(DeviceKind.NEURON, devices),
        nodes,
        spec.timeLimitMs(),
        spec.stopGraceMs(),
        spec.memoryBytes(),
        spec.cpus(),
        spec.lease());
  }

  private Run run(JobsRoom room, JobSpec spec, String... serials) {
    return run(room, spec, Optional.empty(), serials);
  }

  private Run run(JobsRoom room, JobSpec spec, Optional<Group> group, String... serials) {
    DeviceSet devices = new DeviceSet(DeviceKind.NEURON, List.of(serials));
    Assignment assignment =
        new Assignment(
            new RunId(spec.name(), 1), JobFixture.NODE, JobFixture.TERM, 1, spec, devices, group);
    assertThat(node.want(room, List.of(assignment), List.of()).refusal()).isEmpty();
    return node.awaitEnd(room, spec.name());
  }

  private static List<String> variables(JobsRoom room, String job) throws IOException {
    return JobFixture.output(room, job)
        .lines()
        .filter(line -> line.startsWith("NEURON_") || line.startsWith("CUDA_VISIBLE"))
        .sorted()
        .toList();
  }

  @Test
  void aJobFindsItsCores() throws IOException {
    JobsRoom room = node.room();
    String job = "a-name-of-more-than-thirty-one-characters";
    Run end =
        run(
            room,
            on(node.spec(job, "/usr/bin/env"), 2, Map.of()),
            "neuron-00000000000000a3",
            "neuron-00000000000000a1");
    assertThat(end.outcome()).contains(Outcome.of(Outcome.Kind.COMPLETED));
    assertThat(variables(room, job))
        .containsExactly(
            "CUDA_VISIBLE_DEVICES=",
            "NEURON_LOGICAL_NC_CONFIG=2",
            "NEURON_PROCESS_TAG=a-name-of-more-than-thirty-one-",
            "NEURON_RT_ROOT_COMM_ID=127.0.0.1:61001",
            "NEURON_RT_VISIBLE_CORES=4-7,12-15");
  }

  @Test
  void aJobMayTakeItsCoresOneByOne() throws IOException {
    JobsRoom room = node.room();
    run(
        room,
        on(
            node.spec("one", "/usr/bin/env"),
            1,
            Map.of("NEURON_LOGICAL_NC_CONFIG", "1", "NEURON_RT_ROOT_COMM_ID", "10.0.0.1:7000")),
        "neuron-00000000000000a1");
    assertThat(variables(room, "one"))
        .contains(
            "NEURON_LOGICAL_NC_CONFIG=1",
            "NEURON_RT_ROOT_COMM_ID=10.0.0.1:7000",
            "NEURON_RT_VISIBLE_CORES=8-15");
  }

  private static List<String> meeting(JobsRoom room, String job) throws IOException {
    return JobFixture.output(room, job)
        .lines()
        .filter(line -> line.matches("(MASTER_|NNODES|NODE_RANK|NEURON_RT_ROOT).*"))
        .sorted()
        .toList();
  }

  private static final Group SECOND = new Group(1, 2, new Rendezvous("10.0.0.7", 61_240));

  @Test
  void aMemberOfARunOverSeveralNodesFindsTheOthers() throws IOException {
    JobsRoom room = node.room();
    run(
        room,
        on(node.spec("gang", "/usr/bin/env"), 1, 2, Map.of("NODE_RANK", "7")),
        Optional.of(SECOND),
        "neuron-00000000000000a1");
    assertThat(meeting(room, "gang"))
        .containsExactly(
            "MASTER_ADDR=10.0.0.7",
            "MASTER_PORT=61240",
            "NEURON_RT_ROOT_COMM_ID=10.0.0.7:61241",
            "NNODES=2",
            "NODE_RANK=1");
  }

  @Test
  void aJobMaySayItselfWhereItMeets() throws IOException {
    JobsRoom room = node.room();
    run(
        room,
        on(
            node.spec("gang", "/usr/bin/env"),
            0,
            2,
            Map.of("MASTER_ADDR", "10.9.0.1", "MASTER_PORT", "29500")),
        Optional.of(SECOND));
    assertThat(meeting(room, "gang"))
        .containsExactly("MASTER_ADDR=10.9.0.1", "MASTER_PORT=29500", "NNODES=2", "NODE_RANK=1");
  }

  /** Of a collector that does not say it. */
  @Test
  void aMemberThatKnowsNoOtherHasNoneOfTheirVariables() throws IOException {
    JobsRoom room = node.room();
    run(room, on(node.spec("gang", "/usr/bin/env"), 1, 2, Map.of()), "neuron-00000000000000a1");
    assertThat(meeting(room, "gang")).isEmpty();
  }

  @Test
  void aDeviceThatIsNotThereIsAStartThatFailed() {
    JobsRoom room = node.room();
    Run end =
        run(room, on(node.spec("gone", "/usr/bin/env"), 1, Map.of()), "neuron-00000000000000ff");
    assertThat(end.outcome().orElseThrow().kind()).isEqualTo(Outcome.Kind.START_FAILED);
    assertThat(end.outcome().orElseThrow().detail())
        .contains("'neuron-00000000000000ff' is refused");
  }

  @Test
  void aJobThatAskedForNoneHasNoneOfTheirVariables() throws IOException {
    JobsRoom room = node.room();
    run(room, on(node.spec("none", "/usr/bin/env"), 0, Map.of()));
    assertThat(variables(room, "none")).containsExactly("CUDA_VISIBLE_DEVICES=");
  }
}
