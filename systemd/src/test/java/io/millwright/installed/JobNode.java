package io.millwright.installed;

import io.millwright.agent.OpenRuns;
import io.millwright.agent.jobs.Desired;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.jobs.Status;
import io.millwright.agent.jobs.Stop;
import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.SystemdUnits;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.agent.privileged.Holders;
import io.millwright.agent.privileged.Privileged;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The jobs of an agent without the rest of it: the room of jobs over units of systemd, told by
 * lines of a pipe what a collector would want, and telling its runs in a file. Inside the testbed,
 * as the agent's user.
 */
final class JobNode {
  private static final Term TERM = new Term(1, 1, 42);

  /** Every character that a shell, systemd or its files give a meaning to. */
  static final String HOSTILE =
      "a\"b\\c $HOME ${PATH} `id` 'x' %h %% #z ; & | * ~ \\n \\\\ ü = $$ '";

  private final JobsRoom room;
  private final Path directory;

  private JobNode(JobsRoom room, Path directory) {
    this.room = room;
    this.directory = directory;
  }

  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Layout layout = Layout.installed();
    JobsRoom room =
        new JobsRoom(
            new JobsRoom.Settings(
                "testbed",
                directory.resolve("journal"),
                () -> PolicyFile.read(layout.policy()),
                devices -> Optional.empty(),
                (uuid, since) -> Optional.empty()),
            new SystemdUnits(layout, Clock.system(), Duration.ofSeconds(5)),
            Clock.system(),
            status -> told(directory, status));
    room.start();
    while (!room.recovered()) {
      Clock.system().parkUntil(Clock.system().nanos() + Duration.ofMillis(20).toNanos());
    }
    JobNode node = new JobNode(room, directory);
    io.millwright.protocol.clock.Threads.platform("telling", node::tell).start();
    io.millwright.protocol.clock.Threads.platform("holders", () -> node.holders(layout)).start();
    // Open for both ways the pipe never ends, and no line falls between an end and the next
    // opening.
    try (RandomAccessFile pipe = new RandomAccessFile(directory.resolve("in").toFile(), "rw");
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(new FileInputStream(pipe.getFD()), StandardCharsets.UTF_8))) {
      in.lines().forEach(node::obey);
    }
  }

  /** What is told of a run is on the disk; this file is not, and may be behind after a cut. */
  private static void told(Path directory, Status status) {
    append(
        directory.resolve("told"),
        String.join(
            "\t",
            ProcessTable.open().bootId(),
            Long.toString(status.sequence()),
            status.run().text(),
            status.state().word(),
            status.outcome().map(Outcome::text).orElse("-")));
  }

  private static void append(Path file, String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Who has devices of runs open and is not of them, as an agent looks, and oftener. */
  private void holders(Layout layout) {
    Clock clock = Clock.system();
    ForeignHolders foreign =
        new ForeignHolders(
            Path.of("/"),
            Strangers.to(layout.agent()),
            new OpenRuns(room::runs, new Claims(layout)),
            () -> new NodeSnapshot(1, 1, List.of()),
            one ->
                append(
                    directory.resolve("holders"),
                    "%s\t%d\t%s\t%s"
                        .formatted(one.run(), one.process(), one.holds(), one.sentence())));
    Source source =
        Objects.requireNonNull(
                Privileged.sources(
                        "testbed",
                        Path.of("/"),
                        metric -> false,
                        () -> true,
                        Optional.empty(),
                        Optional.of(foreign),
                        new Holders(clock),
                        new LauncherCall(layout.socket(), clock))
                    .get("holders"))
            .apply(CallWatch.NONE);
    while (true) {
      source.read(Cadence.SLOW, clock.nanos());
      clock.parkUntil(clock.nanos() + Duration.ofSeconds(4).toNanos());
    }
  }

  private void obey(String line) {
    String[] words = line.split("\t");
    if (words[0].equals("renew")) {
      room.leased(room.uptime(), Duration.ofMillis(Long.parseLong(words[1])));
      return;
    }
    RunId run = new RunId(words[1], 1);
    Desired desired =
        words[0].equals("stop")
            ? new Desired(TERM, next(), false, List.of(), List.of(stop(run, words[2])))
            : started(assignment(run, words));
    System.out.println(room.desired(desired).join());
    long until = Clock.system().nanos() + Duration.ofSeconds(1).toNanos();
    while (next() <= desired.generation() && Clock.system().nanos() - until < 0) {
      Clock.system().parkUntil(Clock.system().nanos() + Duration.ofMillis(1).toNanos());
    }
  }

  /** Signed where a key lies in the directory, as by a collector that has it. */
  private Desired started(Assignment assignment) {
    long notAfter = Clock.system().wall().plusSeconds(3600).getEpochSecond();
    Map<RunId, StartOrder> orders =
        OrderSigner.in(directory)
            .map(signer -> Map.of(assignment.id(), signer.sign(assignment, "store-1", notAfter)))
            .orElse(Map.of());
    return new Desired(
        TERM, next(), false, List.of(assignment), List.of(), false, Set.of(), orders);
  }

  private long next() {
    return room.head().generation() + 1;
  }

  private static Stop stop(RunId run, String graceMs) {
    return new Stop(
        run, Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST), OptionalLong.of(Long.parseLong(graceMs)));
  }

  /**
   * start, or start-leased for one that is stopped with its lease, or start-in and a container with
   * a blank between, name, user, directory, grace and time in ms, bytes, devices, secrets, program
   * and arguments.
   */
  private static Assignment assignment(RunId run, String[] words) {
    List<String> devices = list(words[7]);
    boolean neuron = !devices.isEmpty() && devices.getFirst().startsWith("neuron-");
    DeviceKind kind = neuron ? DeviceKind.NEURON : DeviceKind.GPU;
    List<String> argv =
        List.of(words).subList(9, words.length).stream()
            .map(word -> word.equals("HOSTILE") ? HOSTILE : word)
            .toList();
    JobSpec spec =
        new JobSpec(
            run.job(),
            argv,
            Map.of("HOSTILE", HOSTILE),
            Optional.of(words[3]),
            words[2],
            "",
            50,
            new DeviceRequest(kind, devices.size()),
            1,
            number(words[5]),
            Long.parseLong(words[4]),
            number(words[6]),
            OptionalInt.empty(),
            words[0].equals("start-leased") ? JobSpec.LeaseRule.STOP : JobSpec.LeaseRule.KEEP);
    JobSpec plain = spec.withSecrets(list(words[8]));
    JobSpec wanted =
        words[0].startsWith("start-in ")
            ? plain.in(new Container(words[0].substring("start-in ".length())))
            : plain;
    return new Assignment(run, "testbed", TERM, 1, wanted, new DeviceSet(kind, devices));
  }

  private static List<String> list(String word) {
    return word.isEmpty() ? List.of() : List.of(word.split(","));
  }

  private static OptionalLong number(String word) {
    return word.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(word));
  }

  /** What cannot be read now is told the next time. */
  private List<Path> files(RunId run) {
    try {
      return room.output(run).stream().map(OutputPart::file).toList();
    } catch (RuntimeException unreadable) {
      return List.of();
    }
  }

  private void tell() {
    Clock clock = Clock.system();
    while (true) {
      StringBuilder all = new StringBuilder();
      for (Run run : room.runs()) {
        all.append(run.id().job())
            .append('\t')
            .append(run.state().word())
            .append('\t')
            .append(run.outcome().map(Outcome::text).orElse("-"))
            .append('\t')
            .append(run.process().map(process -> Long.toString(process.pid())).orElse("-"))
            .append('\t')
            .append(files(run.id()))
            .append('\n');
      }
      try {
        Path fresh = Files.writeString(directory.resolve("state.new"), all);
        Files.move(fresh, directory.resolve("state"), StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      clock.parkUntil(clock.nanos() + Duration.ofMillis(50).toNanos());
    }
  }
}
