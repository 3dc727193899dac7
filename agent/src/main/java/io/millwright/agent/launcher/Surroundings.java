package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a job: a few words of the node, of a run over several nodes where it meets,
 * what the job asked for, and last what only the node sets. Nothing of the agent's own.
 */
public record Surroundings(Map<String, String> variables) {

  /** Where the processes of a run on one node meet, unless the job says where. */
  private static final String ROOT_ADDRESS = "NEURON_RT_ROOT_COMM_ID";

  /** Above the ports that Linux gives out by itself, 32768 to 60999 (ip(7)). */
  private static final int FIRST_ROOT_PORT = 61_000;

  /** As the node's Neuron runtime and its tools cut it. */
  private static final int LONGEST_TAG = 31;

  /** Of a run that has no Neuron devices. */
  public static Surroundings of(Launch launch) {
    return of(launch, Map.of());
  }

  /** Of a run that has these Neuron devices. */
  public static Surroundings of(Launch launch, NeuronGrant.Given neuron) {
    Map<String, String> variables = new LinkedHashMap<>(neuron.variables());
    String run = launch.run().text();
    variables.put(
        "NEURON_PROCESS_TAG", run.length() > LONGEST_TAG ? run.substring(0, LONGEST_TAG) : run);
    JobSpec spec = launch.assignment().spec();
    if (!spec.env().containsKey(ROOT_ADDRESS)) {
      root(launch.assignment(), neuron).ifPresent(at -> variables.put(ROOT_ADDRESS, at));
    }
    return of(launch, variables);
  }

  /** Of members that do not know each other there is none. */
  private static Optional<String> root(Assignment assignment, NeuronGrant.Given neuron) {
    return assignment.spec().nodes() == 1
        ? Optional.of("127.0.0.1:" + (FIRST_ROOT_PORT + neuron.numbers().getFirst()))
        : assignment.group().map(group -> group.rendezvous().runtime());
  }

  private static Surroundings of(Launch launch, Map<String, String> neuron) {
    Assignment assignment = launch.assignment();
    Map<String, String> all = new LinkedHashMap<>();
    boolean contained = assignment.spec().container().isPresent();
    if (!contained) { // podman has one for a container
      all.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    }
    all.put("LANG", "C.UTF-8");
    all.put(
        "HOME",
        contained
            ? launch.policy().directoryOf(assignment.spec()).toString()
            : launch.user().home());
    all.put("USER", launch.user().name());
    all.put("LOGNAME", launch.user().name());
    assignment
        .group()
        .map(Group::rendezvous)
        .ifPresent(meeting -> {
          all.put("MASTER_ADDR", meeting.address());
          all.put("MASTER_PORT", Integer.toString(meeting.port()));
        });
    all.putAll(assignment.spec().env());
    assignment
        .group()
        .ifPresent(group -> {
          all.put("NNODES", Integer.toString(group.size()));
          all.put("NODE_RANK", Integer.toString(group.rank()));
        });
    all.put("MW_JOB", assignment.id().job());
    all.put("MW_RUN", Integer.toString(assignment.id().run()));
    all.put("MW_FENCE", Integer.toString(assignment.id().run()));
    if (contained) { // no hook of NVIDIA's older toolkit is to add devices
      all.put("NVIDIA_VISIBLE_DEVICES", "void");
      if (!assignment.spec().secrets().isEmpty()) {
        all.put("CREDENTIALS_DIRECTORY", Layout.credentials(assignment.id()).toString());
      }
    }
    all.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    all.put("CUDA_VISIBLE_DEVICES", gpus(assignment));
    all.putAll(neuron);
    return new Surroundings(all);
  }

  /** By UUID; empty hides them all, which is right for a job that asked for none. */
  private static String gpus(Assignment assignment) {
    return assignment.devices().kind() == DeviceKind.GPU
        ? String.join(",", assignment.devices().uuids())
        : "";
  }

  /** One {@code NAME=value} a line; no value holds a line break, the vocabulary refuses that. */
  List<String> lines() {
    return variables.entrySet().stream().map(v -> v.getKey() + "=" + v.getValue()).toList();
  }
}
