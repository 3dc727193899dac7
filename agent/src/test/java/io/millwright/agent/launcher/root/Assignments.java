package io.millwright.agent.launcher.root;

import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Small jobs. */
final class Assignments {
  private Assignments() {}

  static Assignment of(String job, String... argv) {
    return of(job, Optional.empty(), List.of(), argv);
  }

  static Assignment ofNeuron(String job, Map<String, String> env, String... devices) {
    return of(
        job,
        Optional.empty(),
        new DeviceSet(DeviceKind.NEURON, List.of(devices)),
        env,
        "/bin/true");
  }

  static Assignment of(String job, Optional<String> cwd, List<String> devices, String... argv) {
    return of(job, cwd, new DeviceSet(DeviceKind.GPU, devices), Map.of(), argv);
  }

  /** Asks for no bound of memory and processors. */
  static Assignment unbound(String job, String... argv) {
    DeviceSet none = new DeviceSet(DeviceKind.GPU, List.of());
    return of(
        job, Optional.empty(), none, Map.of(), OptionalLong.empty(), OptionalInt.empty(), argv);
  }

  /** With a GPU of its own, and this IMEX channel. */
  static Assignment channelled(String job, int channel) {
    return channelled(job, Optional.of(new ImexChannel(channel)));
  }

  static Assignment channelled(String job, Optional<ImexChannel> channel) {
    JobSpec spec =
        JobJson.submitted(
            "{\"name\":\"%s\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1,\"imex\":true}}"
                .formatted(job)
                .getBytes(StandardCharsets.UTF_8),
            "anna");
    return new Assignment(
        new RunId(job, 1),
        "n",
        new Term(1, 1, 42),
        1,
        spec,
        new DeviceSet(DeviceKind.GPU, List.of("GPU-" + job)),
        Optional.empty(),
        channel);
  }

  private static Assignment of(
      String job,
      Optional<String> cwd,
      DeviceSet devices,
      Map<String, String> env,
      String... argv) {
    return of(job, cwd, devices, env, OptionalLong.of(64L << 20), OptionalInt.of(2), argv);
  }

  private static Assignment of(
      String job,
      Optional<String> cwd,
      DeviceSet devices,
      Map<String, String> env,
      OptionalLong memoryBytes,
      OptionalInt cpus,
      String... argv) {
    JobSpec spec =
        new JobSpec(
            job,
            List.of(argv),
            env,
            cwd,
            "anna",
            "",
            50,
            new DeviceRequest(devices.kind(), devices.uuids().size()),
            1,
            OptionalLong.empty(),
            5000,
            memoryBytes,
            cpus,
            JobSpec.LeaseRule.KEEP);
    return new Assignment(new RunId(job, 1), "n", new Term(1, 1, 42), 1, spec, devices);
  }
}
