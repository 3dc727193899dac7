package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.PlainProcesses;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A node's directory, its demo policy, and jobs rooms over both. Jobs run as the user of the tests,
 * or as nobody where that is root; a directory of theirs is open to everybody.
 */
final class JobFixture implements AutoCloseable {
  static final String NODE = "node1";
  static final Term TERM = new Term(1, 1, 42);

  private final Path directory;
  private final List<JobsRoom> rooms = new ArrayList<>();
  final List<Status> told = new CopyOnWriteArrayList<>();
  EnergyMeter meter = (uuid, since) -> Optional.empty();
  DeviceGate gate = devices -> Optional.empty();
  Checker checker = Checker.none();
  Disk disk = Disk.real();
  Clock clock = Clock.system();
  String limits = "";
  private long generation;

  JobFixture() throws IOException {
    this(Files.createTempDirectory("mw-jobs"));
  }

  JobFixture(Path directory) throws IOException {
    this.directory = directory;
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(open());
    Files.setPosixFilePermissions(open(), PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  /** Where jobs may write. */
  Path open() {
    return directory.resolve("open");
  }

  Path policy() {
    return directory.resolve("policy.yaml");
  }

  Path state() {
    return directory.resolve("state");
  }

  static String user() {
    return System.getProperty("user.name").equals("root")
        ? "nobody"
        : System.getProperty("user.name");
  }

  Execution execution() {
    Path file = policy();
    try {
      if (!Files.exists(file)) {
        Files.writeString(
            file,
            """
            users: [%s]
            argv_roots: [/usr, /bin, %s]
            writable_roots: [%s]
            working_directory: %s
            demo: true
            limits: {%s}
            """
                .formatted(user(), open(), open(), open(), limits));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return PolicyFile.read(file);
  }

  JobsRoom room() {
    return room(4L << 20);
  }

  /** A room over the directory: the one before must be closed, which leaves its jobs alone. */
  JobsRoom room(long largestSegment) {
    PlainProcesses units =
        new PlainProcesses(
            state().resolve("runs"),
            NeuronHost.under(state()),
            Clock.system(),
            Duration.ofSeconds(5));
    JobsRoom room =
        new JobsRoom(
            new JobsRoom.Settings(
                NODE,
                state().resolve("journal"),
                this::execution,
                d -> gate.refusal(d),
                (uuid, since) -> meter.read(uuid, since),
                checker),
            units,
            clock,
            told::add);
    rooms.add(room);
    room.start(disk, largestSegment);
    soon().until(room::recovered);
    return room;
  }

  /** Ends a room as an agent's end does: the jobs go on. */
  void kill(JobsRoom room) {
    room.close();
    rooms.remove(room);
  }

  JobSpec spec(String job, String... argv) {
    return new JobSpec(
        job,
        List.of(argv),
        Map.of(),
        Optional.of(open().toString()),
        user(),
        "",
        50,
        new DeviceRequest(DeviceKind.GPU, 0),
        1,
        OptionalLong.empty(),
        500,
        OptionalLong.empty(),
        OptionalInt.empty(),
        JobSpec.LeaseRule.KEEP);
  }

  JobSpec shell(String job, String script) {
    return spec(job, "/bin/sh", "-c", script);
  }

  static JobSpec with(
      JobSpec spec,
      OptionalLong timeLimitMs,
      long stopGraceMs,
      int devices,
      Map<String, String> env) {
    return new JobSpec(
        spec.name(),
        spec.argv(),
        env,
        spec.cwd(),
        spec.user(),
        spec.project(),
        spec.priority(),
        new DeviceRequest(DeviceKind.GPU, devices),
        spec.nodes(),
        timeLimitMs,
        stopGraceMs,
        spec.memoryBytes(),
        spec.cpus(),
        spec.lease());
  }

  static Assignment assignment(JobSpec spec, String... devices) {
    return new Assignment(
        new RunId(spec.name(), 1),
        NODE,
        TERM,
        1,
        spec,
        new DeviceSet(DeviceKind.GPU, List.of(devices)));
  }

  /** The next wish: a difference. */
  Applied want(JobsRoom room, JobSpec spec, String... devices) {
    return want(room, List.of(assignment(spec, devices)), List.of());
  }

  Applied want(JobsRoom room, List<Assignment> assignments, List<Stop> stops) {
    generation = room.head().generation() + 1;
    return ask(room, new Desired(TERM, generation, false, assignments, stops));
  }

  /** What a collector sends again when an agent is back: all, of the same generation. */
  Applied again(JobsRoom room, Assignment... all) {
    return ask(room, new Desired(TERM, room.head().generation(), true, List.of(all), List.of()));
  }

  /** What it was answered is in what the room shows before the next wish is made from that. */
  Applied ask(JobsRoom room, Desired desired) {
    Applied answer;
    try {
      answer = room.desired(desired).get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no answer to " + desired, e);
    }
    soon().until(() -> room.head().generation() >= answer.generation());
    return answer;
  }

  static Stop cancel(String job, long graceMs) {
    return new Stop(
        new RunId(job, 1), Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST), OptionalLong.of(graceMs));
  }

  static ConditionFactory soon() {
    return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  static Optional<Run> run(JobsRoom room, String job) {
    return room.runs().stream().filter(run -> run.id().job().equals(job)).findFirst();
  }

  Run awaitState(JobsRoom room, String job, JobState state) {
    soon()
        .until(() -> run(room, job).filter(run -> run.state() == state || !run.open()).isPresent());
    Run run = run(room, job).orElseThrow();
    if (run.state() != state) {
      throw new AssertionError("never " + state + ": " + run);
    }
    return run;
  }

  Run awaitEnd(JobsRoom room, String job) {
    return awaitState(room, job, JobState.ENDED);
  }

  static String output(JobsRoom room, String job) throws IOException {
    StringBuilder all = new StringBuilder();
    for (OutputPart part : room.output(new RunId(job, 1))) {
      all.append(Files.readString(part.file(), StandardCharsets.UTF_8));
    }
    return all.toString();
  }

  /** Waits until a job has written a file of this name, and reads it. */
  String awaitFile(String name) throws IOException {
    Path file = open().resolve(name);
    soon().until(() -> Files.exists(file) && Files.size(file) > 0);
    return Files.readString(file).strip();
  }

  static boolean alive(long pid) {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
      char state = line.charAt(line.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException gone) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    List.copyOf(rooms).forEach(JobsRoom::close);
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
    }
  }
}
