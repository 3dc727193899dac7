package io.millwright.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.PlacementView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * {@code run}: makes the JSON of a job from options and submits it. What an amount may be, the
 * collector says; here only what it could not know is refused.
 */
@Command(
    name = "run",
    description = "Runs a program on nodes with the accelerators that it wants.",
    footer = "The exit code of --wait is the job's own: n of exit(n), 128+n of signal(n).")
final class RunCommand implements Callable<Integer> {
  private final Surroundings around;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConnectionOptions connection;

  @Option(names = "--gpus", paramLabel = "N", description = "GPUs on each node.")
  private @Nullable Integer gpus;

  @Option(names = "--neuron-devices", paramLabel = "N", description = "Or Neuron devices.")
  private @Nullable Integer neuronDevices;

  @Option(
      names = "--mig",
      paramLabel = "P",
      description = "The GPUs are MIG instances of this profile or more, as in 1g.23gb.")
  private @Nullable String mig;

  @Option(
      names = "--rdma",
      description = "Prefers devices near a fabric adapter, as jobs over several nodes do.")
  private boolean rdma;

  @Option(
      names = "--imex",
      description = "Gives it an IMEX channel, by which GPUs share memory over NVLink.")
  private boolean imex;

  @Option(names = "--nodes", paramLabel = "N", description = "How many nodes; one.")
  private @Nullable Integer nodes;

  @Option(names = "--user", paramLabel = "U", description = "The unix user it runs as.")
  private @Nullable String user;

  @Option(names = "--project", paramLabel = "P", description = "What its use is booked on.")
  private @Nullable String project;

  @Option(names = "--name", paramLabel = "J", description = "The job's name; else one is made.")
  private @Nullable String name;

  @Option(names = "--priority", paramLabel = "N", description = "0 to 100, higher first; 50.")
  private @Nullable Integer priority;

  @Option(names = "--env", paramLabel = "K=V", description = "A variable of its environment.")
  private Map<String, String> env = new LinkedHashMap<>();

  @Option(names = "--cwd", paramLabel = "D", description = "Where it starts, as absolute path.")
  private @Nullable String cwd;

  @Option(
      names = "--time",
      paramLabel = "T",
      converter = SpanOption.class,
      description = "Stops it after this long, as in 90s, 10m, 2h or 1d.")
  private @Nullable Duration time;

  @Option(
      names = "--mem",
      paramLabel = "M",
      converter = MemoryOption.class,
      description = "Memory at most, as in 512M or 4G.")
  private @Nullable Long memory;

  @Option(names = "--cpus", paramLabel = "N", description = "CPUs at most.")
  private @Nullable Integer cpus;

  @Option(
      names = "--check-before",
      paramLabel = "C",
      split = ",",
      description =
          "Checks of its devices before it begins; one that does not pass refuses it: devices,"
              + " memory, links, pcie, firmware, clock, disks, or test:NAME of the node's tests.")
  private List<String> checksBefore = new ArrayList<>();

  @Option(
      names = "--check-after",
      paramLabel = "C",
      split = ",",
      description = "The same once it has ended; what fails is told and marks the device.")
  private List<String> checksAfter = new ArrayList<>();

  @Option(
      names = "--check-deadline",
      paramLabel = "T",
      converter = SpanOption.class,
      description = "How long the checks of each moment may take; 90s.")
  private @Nullable Duration checkDeadline;

  @Option(
      names = "--secret",
      paramLabel = "S",
      split = ",",
      description =
          "Gives it a secret of the node's as a file in $CREDENTIALS_DIRECTORY, by its name.")
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = "--hook",
      paramLabel = "H",
      split = ",",
      description = "Has the node's own program of this name run around it.")
  private List<String> hooks = new ArrayList<>();

  @Option(
      names = "--container",
      paramLabel = "C",
      description = "CMD is a program of the root file system at this path of the nodes.")
  private @Nullable String container;

  @Option(
      names = "--restart-on",
      paramLabel = "C",
      split = ",",
      description =
          "Begins it again as its next run after device-fault, node-lost, refused or failure.")
  private List<String> restartOn = new ArrayList<>();

  @Option(names = "--restart-max", paramLabel = "N", description = "How often; 3.")
  private @Nullable Integer restartMax;

  @Option(
      names = "--restart-backoff",
      paramLabel = "T",
      converter = SpanOption.class,
      description = "How long after an end, doubled each time; 10s.")
  private @Nullable Duration restartBackoff;

  @Option(
      names = "--lease",
      paramLabel = "T",
      converter = SpanOption.class,
      description =
          "Stops it once no collector has renewed it for this long, as in 2m; else it goes on.")
  private @Nullable Duration lease;

  @Option(
      names = "--spread",
      paramLabel = "D",
      description = "rack: no two members, and no other open run of its project, in one rack.")
  private @Nullable String spread;

  @Option(names = "--dry-run", description = "Tells where it would run, or why nowhere.")
  private boolean dryRun;

  @Option(names = "--wait", description = "Waits for its end.")
  private boolean wait;

  @Parameters(paramLabel = "CMD", arity = "1..*", description = "The program, and its arguments.")
  private List<String> argv = new ArrayList<>();

  RunCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
  }

  @Override
  public Integer call() throws InterruptedException {
    refuse(gpus != null && neuronDevices != null, "--gpus and --neuron-devices: give one of them");
    refuse(dryRun && wait, "--wait: with --dry-run there is nothing to wait for");
    byte[] job = job().toString().getBytes(StandardCharsets.UTF_8);
    Collector collector = connection.collector();
    if (dryRun) {
      return explained(collector.post("/v1/placements/explain", job, PlacementView.class));
    }
    JobView queued = collector.post("/v1/jobs", job, JobView.class);
    around.out().println(Runs.line(queued));
    return wait ? ended(collector, queued) : ExitCode.DONE;
  }

  private int ended(Collector collector, JobView queued) throws InterruptedException {
    around.out().flush();
    JobView ended = new Waiting(collector, around).untilEnded(queued);
    around.out().println(Runs.endLine(ended));
    return Runs.exitCode(ended);
  }

  private int explained(PlacementView placement) {
    around.out().println(Printable.text(placement.summary()));
    Table shares = Table.titled("NODE", "DEVICES", "FOR-IT");
    placement
        .shares()
        .forEach(share ->
            shares.add(
                Cell.plain(share.node()),
                Cell.plain(String.join(",", share.devices())),
                Cell.plain(Runs.marks(share.marks()))));
    Table others = Table.titled("NODE", "AGAINST-IT");
    placement.refusals().forEach(no -> others.add(Cell.plain(no.node()), Cell.plain(no.reason())));
    if (placement.placed()) {
      shares.lines(false).forEach(around.out()::println);
    }
    if (!placement.refusals().isEmpty()) {
      others.lines(false).forEach(around.out()::println);
    }
    return placement.placed() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private ObjectNode job() {
    String program = program();
    ObjectNode job = Json.object().put("name", name == null ? Program.jobName(program) : name);
    ArrayNode words = job.putArray("argv").add(program);
    argv.subList(1, argv.size()).forEach(words::add);
    ObjectNode variables = job.putObject("env");
    env.forEach(variables::put);
    put(job, "cwd", cwd);
    put(job, "user", user);
    put(job, "project", project);
    put(job, "priority", priority);
    job.set("devices", devices());
    put(job, "nodes", nodes);
    put(job, "time_limit_ms", time == null ? null : time.toMillis());
    put(job, "memory_bytes", memory);
    put(job, "cpus", cpus);
    put(job, "spread", spread);
    put(job, "lease", lease == null ? null : "stop");
    put(job, "lease_ms", lease == null ? null : lease.toMillis());
    if (!checksBefore.isEmpty() || !checksAfter.isEmpty() || checkDeadline != null) {
      job.set("checks", checks());
    }
    names(job, "secrets", secrets);
    names(job, "hooks", hooks);
    put(job, "container", container);
    if (!restartOn.isEmpty() || restartMax != null || restartBackoff != null) {
      ObjectNode restart = job.putObject("restart");
      ArrayNode on = restart.putArray("on");
      restartOn.forEach(on::add);
      put(restart, "max", restartMax);
      put(restart, "backoff_ms", restartBackoff == null ? null : restartBackoff.toMillis());
    }
    return job;
  }

  private static void names(ObjectNode job, String field, List<String> given) {
    if (!given.isEmpty()) {
      ArrayNode names = job.putArray(field);
      given.forEach(names::add);
    }
  }

  private ObjectNode checks() {
    ObjectNode checks = Json.object();
    ArrayNode before = checks.putArray("before");
    checksBefore.forEach(before::add);
    ArrayNode after = checks.putArray("after");
    checksAfter.forEach(after::add);
    put(checks, "deadline_ms", checkDeadline == null ? null : checkDeadline.toMillis());
    return checks;
  }

  /** That of a container is not looked for on this machine. */
  private String program() {
    if (container != null) {
      return argv.getFirst();
    }
    try {
      return Program.absolute(argv.getFirst(), around.variable("PATH").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private ObjectNode devices() {
    ObjectNode devices =
        neuronDevices == null
            ? Json.object().put("kind", "gpu").put("count", gpus == null ? 0 : gpus)
            : Json.object().put("kind", "neuron").put("count", neuronDevices);
    put(devices, "mig", mig);
    put(devices, "rdma", rdma ? Boolean.TRUE : null);
    put(devices, "imex", imex ? Boolean.TRUE : null);
    return devices;
  }

  /** What was not given is left to the collector. */
  private static void put(ObjectNode job, String field, @Nullable Object value) {
    if (value != null) {
      job.putPOJO(field, value);
    }
  }

  private void refuse(boolean wrong, String sentence) {
    if (wrong) {
      throw new ParameterException(spec.commandLine(), sentence);
    }
  }
}
