package io.millwright.agent.launcher.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Entry;
import io.millwright.agent.events.HolderNews;
import io.millwright.agent.events.Limits;
import io.millwright.agent.events.Pending;
import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.root.Launcher;
import io.millwright.agent.launcher.root.PowerProgram;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Disk;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Answer.Zone;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.agent.privileged.Holders;
import io.millwright.agent.privileged.Privileged;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the launcher's real socket to the program's and back. The program looks at an invented
 * {@code /sys} and {@code /dev} and at some of the real {@code /proc}; its device nodes are real
 * ones, of the kernel's zero and full, and real processes hold them.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class ReadingTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final Clock clock = Clock.system();
  private final List<Process> begun = new ArrayList<>();
  private final List<ServerSocketChannel> sockets = new ArrayList<>();
  private Path root;

  @BeforeEach
  void open() throws Exception {
    boolean isRoot = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    assumeTrue(isRoot, "only root makes device nodes and looks at all processes");
    root = Files.createDirectory(directory.resolve("root"));
    Files.createDirectory(root.resolve("dev"));
    Files.createDirectory(root.resolve("proc"));
    show(ProcessHandle.current().pid());
  }

  /** Of the real table: root of a container may not look at each process of its machine. */
  private void show(long process) throws IOException {
    String number = Long.toString(process);
    Files.createSymbolicLink(root.resolve("proc").resolve(number), Path.of("/proc", number));
  }

  @AfterEach
  void close() throws Exception {
    for (ServerSocketChannel socket : sockets) {
      socket.close();
    }
    for (Process process : begun) {
      process.destroyForcibly().waitFor();
    }
  }

  // ---- the two programs

  @FunctionalInterface
  private interface Serving {
    void go(ServerSocketChannel socket) throws IOException;
  }

  private void serve(String name, Serving program) throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    sockets.add(socket);
    socket.bind(UnixDomainSocketAddress.of(directory.resolve(name)));
    Threads.platform(
            name,
            () -> {
              try {
                program.go(socket);
              } catch (IOException | ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            })
        .start();
  }

  private void serveReader(ReadDesk desk) throws IOException {
    serve("read.sock", socket -> ReadMain.serve(socket, desk, Duration.ofMinutes(5), clock));
  }

  private LauncherCall serveLauncher() throws IOException {
    Layout layout =
        new Layout(
            directory.resolve("policy.yaml"),
            directory.resolve("orders.d"),
            directory.resolve("ledger"),
            directory.resolve("runs"),
            directory.resolve("ended"),
            directory.resolve("env"),
            directory.resolve("launcher.sock"),
            directory.resolve("no-bus"),
            Path.of("/bin/true"),
            List.of(),
            "root",
            new Layout.HostFiles(
                Path.of("/proc/devices"),
                Path.of("/dev"),
                directory,
                NeuronHost.under(directory),
                directory,
                directory,
                ContainerHost.under(directory)));
    Launcher launcher = new Launcher(layout, new NoProgram(), SOON, clock);
    serve("launcher.sock", socket -> launcher.serve(socket, Duration.ofMinutes(5)));
    return new LauncherCall(layout.socket(), clock);
  }

  private record NoProgram() implements PowerProgram {
    @Override
    public boolean busy() {
      return false;
    }

    @Override
    public boolean run(Duration longest) {
      throw new AssertionError("no power limit is set");
    }
  }

  private LauncherCall both() throws IOException {
    serveReader(new ReadDesk(root, clock));
    return serveLauncher();
  }

  // ---- RAPL

  private void zone(String zone, String name, String energy, String range) throws IOException {
    Path files = Files.createDirectories(root.resolve("sys/class/powercap").resolve(zone));
    Files.writeString(files.resolve("name"), name + "\n");
    Files.writeString(files.resolve("energy_uj"), energy);
    Files.writeString(files.resolve("max_energy_range_uj"), range);
  }

  @Test
  void energyIsToldOfPackagesAndTheirMemory() throws Exception {
    zone("intel-rapl:0", "package-0", "123456\n", "262143328850\n");
    zone("intel-rapl:0:0", "core", "1\n", "262143328850\n");
    zone("intel-rapl:0:1", "dram", "77\n", "65712999613\n");
    zone("intel-rapl:1", "package-1-die-1", "12", "");
    zone("intel-rapl:2", "psys", "5\n", "9\n");
    zone("intel-rapl-mmio:0", "package-0", "9\n", "9\n");
    zone("intel-rapl:3", "package-3", "8\n", "9\n");
    Files.delete(root.resolve("sys/class/powercap/intel-rapl:3/energy_uj"));
    assertThat(both().ask(new Verb.ReadRapl()))
        .isEqualTo(
            new Answer.Energy(
                List.of(
                    new Zone("0", "package", OptionalLong.of(123456), 262143328850L, no()),
                    new Zone("0", "dram", OptionalLong.of(77), 65712999613L, no()),
                    new Zone("1-die-1", "package", OptionalLong.empty(), 0, fault(Fault.PARSE)),
                    new Zone("3", "package", OptionalLong.empty(), 0, fault(Fault.NOT_FOUND)))));
  }

  private static Optional<Fault> no() {
    return Optional.empty();
  }

  private static Optional<Fault> fault(Fault fault) {
    return Optional.of(fault);
  }

  @Test
  void whatANodeDoesNotHaveIsAbsent() throws Exception {
    LauncherCall launcher = both();
    assertThat(launcher.ask(new Verb.ReadRapl())).isEqualTo(new Answer.Energy(List.of()));
    assertThat(launcher.ask(new Verb.ReadNvme())).isEqualTo(new Answer.Disks(List.of()));
    assertThat(launcher.ask(new Verb.ReadHolders()))
        .isEqualTo(new Answer.Holdings(List.of(), true));
    assertThat(launcher.ask(new Verb.ReadDcmi()))
        .isEqualTo(new Answer.NodePower(OptionalInt.empty(), no()));
  }

  // ---- devices

  /** Real calls into the kernel, which refuses them: the devices are its zero and full. */
  @Test
  void whatIsNoControllerIsAFaultOfThatOne() throws Exception {
    node("nvme0", 5);
    Files.createDirectories(root.resolve("sys/class/nvme/nvme0"));
    Files.createDirectories(root.resolve("sys/class/nvme/nvme1"));
    node("ipmi0", 5);
    LauncherCall launcher = both();
    assertThat(launcher.ask(new Verb.ReadNvme()))
        .isEqualTo(
            new Answer.Disks(
                List.of(
                    new Disk("nvme0", Optional.empty(), fault(Fault.OTHER)),
                    new Disk("nvme1", Optional.empty(), fault(Fault.NOT_FOUND)))));
    assertThat(launcher.ask(new Verb.ReadDcmi()))
        .isEqualTo(new Answer.NodePower(OptionalInt.empty(), fault(Fault.OTHER)));
  }

  /** A character device of the kernel's own driver for memory. */
  private Path node(String name, int minor) throws Exception {
    Path node = root.resolve("dev").resolve(name);
    assertThat(
            new ProcessBuilder("mknod", node.toString(), "c", "1", Integer.toString(minor))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    return node;
  }

  // ---- holders

  private Process holding(Path file, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectInput(file.toFile())
            .redirectOutput(new File("/dev/null"))
            .start();
    begun.add(process);
    show(process.pid());
    return process;
  }

  /** Until it has become the program that it is to be. */
  private static void awaitProgram(Process process, String name) {
    await()
        .atMost(SOON)
        .until(() ->
            Files.readString(Path.of("/proc/" + process.pid() + "/comm")).strip().equals(name));
  }

  private static long startTicks(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
  }

  @Test
  void aHolderIsSeenAndIsGoneWithItsProcess() throws Exception {
    Path held = node("neuron0", 5);
    node("neuron1", 7);
    Process process = holding(held, "sleep", "600");
    awaitProgram(process, "sleep");
    LauncherCall launcher = both();
    Holder holder = new Holder(process.pid(), "sleep", 0, startTicks(process));
    assertThat(launcher.ask(new Verb.ReadHolders()))
        .isEqualTo(
            new Answer.Holdings(
                List.of(
                    new Holding("neuron0", 1, List.of(holder)),
                    new Holding("neuron1", 0, List.of())),
                true));
    process.destroyForcibly().waitFor();
    assertThat(launcher.ask(new Verb.ReadHolders()))
        .isEqualTo(
            new Answer.Holdings(
                List.of(new Holding("neuron0", 0, List.of()), new Holding("neuron1", 0, List.of())),
                true));
  }

  /**
   * From a process that opens the node of a run's device to the event that is kept. The processes,
   * their descriptors and both programs are real; what control groups they are in is invented,
   * since a test may not make units of this machine's systemd.
   */
  @Test
  void aProcessOutsideARunThatHasItsDeviceOpenIsAnEvent() throws Exception {
    Path held = node("neuron0", 5);
    String slice = "/millwright.slice/millwright-jobs.slice/";
    Process own = grouped(holding(held, "sleep", "604"), "0::" + slice + "mw-job-train-r1.service");
    Process foreign = grouped(holding(held, "sleep", "605"), "0::/system.slice/other.service");
    awaitProgram(own, "sleep");
    awaitProgram(foreign, "sleep");
    Chronicle chronicle =
        new Chronicle(
            new Chronicle.Settings("n1", "boot", directory.resolve("events"), Limits.USUAL, true),
            clock);
    chronicle.open(Pending.NOTHING, true, false);
    AtomicReference<Pending> pending = new AtomicReference<>(chronicle.pending());
    chronicle.start(() -> chronicle.keep(Objects.requireNonNull(pending.get())));
    ForeignHolders watched =
        new ForeignHolders(
            root,
            new Strangers(uid -> true), // all here are root's
            () ->
                List.of(
                    new ForeignHolders.Running(
                        "train-r1", slice + "mw-job-train-r1.service", List.of("neuron0"), true)),
            () -> new NodeSnapshot(1, 1, List.of()),
            one ->
                chronicle.held(
                    new HolderNews(
                        one.run(),
                        one.device(),
                        one.process(),
                        one.holds(),
                        one.sentence(),
                        clock.wall().toEpochMilli())));
    List<String> wanted = new ArrayList<>();
    try (Source source = holders(both(), watched)) {
      wanted.add(
          "foreign-holder-found train-r1: Process %d in /system.slice has neuron0 open"
              + " and is not of the run that has it.");
      told(source, chronicle, pending, foreign, wanted);
      foreign.destroyForcibly().waitFor();
      wanted.add(
          "foreign-holder-gone train-r1: Process %d outside the run has neuron0 open no more.");
      told(source, chronicle, pending, foreign, wanted);
    }
    chronicle.close();
  }

  /** A look at the holders, a tick of the agent, and what is on the disk then. */
  private void told(
      Source source,
      Chronicle chronicle,
      AtomicReference<Pending> pending,
      Process process,
      List<String> wanted) {
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.ANSWERED);
    chronicle.observe(List.of(), new HealthReport(5, List.of()));
    pending.set(chronicle.pending());
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(kept(chronicle))
                .containsExactlyElementsOf(
                    wanted.stream().map(one -> one.formatted(process.pid())).toList()));
  }

  private Source holders(LauncherCall launcher, ForeignHolders watched) {
    return Objects.requireNonNull(
            Privileged.sources(
                    "n1",
                    root,
                    metric -> false,
                    () -> true,
                    Optional.empty(),
                    Optional.of(watched),
                    new Holders(clock),
                    launcher)
                .get("holders"))
        .apply(CallWatch.NONE);
  }

  /** In the place of the link to the real table: the same process in another group. */
  private Process grouped(Process process, String group) throws IOException {
    Path shown = root.resolve("proc").resolve(Long.toString(process.pid()));
    Files.delete(shown);
    Files.createDirectory(shown);
    for (String file : List.of("stat", "status", "fd", "task")) {
      Files.createSymbolicLink(
          shown.resolve(file), Path.of("/proc", Long.toString(process.pid()), file));
    }
    Files.writeString(shown.resolve("cgroup"), group + "\n");
    return process;
  }

  private static List<String> kept(Chronicle chronicle) throws Exception {
    CompletableFuture<List<Entry>> entries = new CompletableFuture<>();
    chronicle.after(0, 100, entries::complete);
    return entries.get(SOON.toSeconds(), TimeUnit.SECONDS).stream()
        .map(Entry::event)
        .filter(event -> event.kind().startsWith("foreign-"))
        .map(event -> "%s %s: %s".formatted(event.kind(), event.job().orElse(""), event.message()))
        .toList();
  }

  /** As in a container, which may call a device's node otherwise, or have deleted it. */
  @Test
  void theNumberCountsAndNotThePath() throws Exception {
    node("neuron0", 5);
    node("neuron1", 7);
    Path renamed = Files.move(node("neuron9", 7), directory.resolve("neuron0"));
    Process other = holding(renamed, "sleep", "601");
    Files.delete(renamed);
    Path file = Files.createFile(directory.resolve("neuron1"));
    Process foreign = holding(file, "sleep", "602");
    awaitProgram(other, "sleep");
    awaitProgram(foreign, "sleep");
    Answer.Holdings told = new HolderScan(root).read();
    assertThat(told.whole()).isTrue();
    assertThat(told.devices()).extracting(Holding::device).containsExactly("neuron0", "neuron1");
    assertThat(told.devices().getFirst().holders()).isEmpty();
    assertThat(told.devices().getLast().holders())
        .extracting(Holder::pid)
        .containsExactly(other.pid());
  }

  @Test
  void aProcessThatEndsMeanwhileIsNoTrouble() throws Exception {
    Path held = node("neuron0", 5);
    Process stays = holding(held, "sleep", "603");
    awaitProgram(stays, "sleep");
    HolderScan scan = new HolderScan(root);
    for (int i = 0; i < 30; i++) {
      List<Process> brief = new ArrayList<>();
      for (int n = 0; n < 5; n++) {
        brief.add(holding(held, "true"));
      }
      Answer.Holdings told = scan.read();
      assertThat(told.whole()).isTrue();
      assertThat(told.devices().getFirst().holders()).extracting(Holder::pid).contains(stays.pid());
      for (Process process : brief) {
        process.waitFor();
      }
    }
    assertThat(scan.read().devices().getFirst().holders())
        .extracting(Holder::pid)
        .containsExactly(stays.pid());
  }

  /** An invented table, as the kernel shows it when the first of two threads has ended. */
  @Test
  void whatOtherThreadsOfAnEndedOneHoldIsSeen() throws Exception {
    Path held = node("nvidia3", 5);
    Files.delete(root.resolve("proc/" + ProcessHandle.current().pid()));
    Path process = Files.createDirectories(root.resolve("proc/77"));
    Files.writeString(
        process.resolve("stat"), "77 (a) b) Z 1 77 77" + " 0".repeat(15) + " 4242 0 0\n");
    Files.writeString(process.resolve("status"), "Name:\ta) b\nUid:\t1000\t0\t0\t0\n");
    Files.createDirectories(process.resolve("task/77"));
    Files.createSymbolicLink(
        Files.createDirectories(process.resolve("task/78/fd")).resolve("5"), held);
    assertThat(new HolderScan(root).read())
        .isEqualTo(
            new Answer.Holdings(
                List.of(new Holding("nvidia3", 1, List.of(new Holder(77, "a) b", 1000, 4242)))),
                true));
  }

  @Test
  void allHoldersAreCountedAndTheFirstNamed() throws Exception {
    Path held = node("neuron0", 5);
    Files.delete(root.resolve("proc/" + ProcessHandle.current().pid()));
    for (int pid = 1; pid <= 70; pid++) {
      Path process = Files.createDirectories(root.resolve("proc/" + pid));
      Files.writeString(
          process.resolve("stat"), pid + " (x) S 1 1 1" + " 0".repeat(15) + " 5 0 0\n");
      Files.writeString(process.resolve("status"), "Name:\tx\nUid:\t1\t1\t1\t1\n");
      Files.createSymbolicLink(Files.createDirectories(process.resolve("fd")).resolve("0"), held);
    }
    Answer.Holdings told = new HolderScan(root).read();
    assertThat(told.whole()).isTrue();
    assertThat(told.devices().getFirst().count()).isEqualTo(70);
    assertThat(told.devices().getFirst().holders()).hasSize(Answer.Bounds.MOST_HOLDERS);
  }

  /** A look that hangs, as at a process that the kernel does not let anybody look at. */
  @Test
  void aLookThatHangsIsToldAndNotBegunTwice() {
    CountDownLatch hang = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    Answer.Holdings none = new Answer.Holdings(List.of(), true);
    HolderReading reading =
        new HolderReading(
            () -> {
              if (looks.incrementAndGet() == 1) {
                released(hang);
              }
              return none;
            },
            Duration.ofMillis(200));
    assertThat(reading.read())
        .isEqualTo(
            new Answer.Later("the processes could not be looked at within 200 ms; ask again"));
    assertThat(reading.read())
        .isEqualTo(new Answer.Later("a look at the processes hangs; ask again"));
    assertThat(looks).hasValue(1);
    hang.countDown();
    await().atMost(SOON).until(() -> reading.read().equals(none));
  }

  private static void released(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- bounds and bad input

  private static final class StandingClock implements Clock {
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public void parkUntil(long nanos) {
      throw new AssertionError("nobody waits");
    }
  }

  @Test
  void onlySoOftenInAMinute() {
    StandingClock standing = new StandingClock();
    ReadDesk desk = new ReadDesk(root, standing);
    for (int i = 0; i < ReadDesk.MOST_A_MINUTE; i++) {
      assertThat(desk.take(new Verb.ReadRapl()).get()).isInstanceOf(Answer.Energy.class);
      standing.nanos += TimeUnit.SECONDS.toNanos(1);
    }
    assertThat(desk.take(new Verb.ReadRapl()).get())
        .isEqualTo(
            new Answer.Later(
                "it was read 30 times within a minute, which is the most; ask again in 31 s"));
    assertThat(desk.take(new Verb.ReadNvme()).get()).isInstanceOf(Answer.Disks.class);
    standing.nanos += TimeUnit.SECONDS.toNanos(31);
    assertThat(desk.take(new Verb.ReadRapl()).get()).isInstanceOf(Answer.Energy.class);
  }

  @Test
  void theProgramDoesNothingElse() throws Exception {
    serveReader(new ReadDesk(root, clock));
    LauncherCall reader = new LauncherCall(directory.resolve("read.sock"), clock);
    assertThat(reader.ask(new Verb.Settle()))
        .isEqualTo(new Answer.Refused("this program reads and does nothing else"));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = VerbJson.bytes(new Verb.ReadHolders());
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      try (SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        caller.connect(UnixDomainSocketAddress.of(directory.resolve("read.sock")));
        Wire.write(caller, bytes, clock, SOON);
        Answer answer = VerbJson.answer(Wire.read(caller, clock, SOON));
        answer
            .refusal()
            .ifPresent(
                why -> assertThat(why).as("seed %d", seed).isNotBlank().doesNotContain("\n"));
      }
    }
    try (SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      caller.connect(UnixDomainSocketAddress.of(directory.resolve("read.sock")));
      Wire.write(
          caller,
          "{\"verb\":\"read-nvme\",\"device\":\"/dev/sda\"}".getBytes(StandardCharsets.UTF_8),
          clock,
          SOON);
      assertThat(VerbJson.answer(Wire.read(caller, clock, SOON)).refusal().orElseThrow())
          .contains("device");
    }
  }

  @Test
  void withoutTheProgramTheLauncherSaysSo() throws Exception {
    LauncherCall launcher = serveLauncher();
    assertThat(launcher.ask(new Verb.ReadRapl()))
        .isEqualTo(
            new Answer.Refused(
                "there is no socket %s of the program that reads; begin it with systemctl start millwright-read.socket"
                    .formatted(directory.resolve("read.sock"))));
    Files.createFile(directory.resolve("read.sock")); // nobody is behind it
    assertThat(launcher.ask(new Verb.ReadRapl()))
        .isInstanceOfSatisfying(
            Answer.Later.class,
            later -> assertThat(later.sentence()).startsWith("it could not be read: "));
  }

  /**
   * Begun by its socket as systemd begins it; of this machine it reads files and asks no device.
   */
  @Test
  void theProcessAnswersBehindItsInheritedSocket() throws Exception {
    Path activate = Path.of("/usr/bin/systemd-socket-activate");
    assumeTrue(Files.isExecutable(activate), "no systemd-socket-activate on this machine");
    Path socket = directory.resolve("read.sock");
    File log = directory.resolve("log").toFile();
    Process process =
        new ProcessBuilder(
                activate.toString(),
                "--inetd",
                "-l",
                socket.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ReadMain.class.getName())
            .redirectError(log)
            .start();
    begun.add(process);
    await().atMost(SOON).until(() -> Files.exists(socket));
    LauncherCall launcher = serveLauncher();
    assertThat(launcher.ask(new Verb.ReadRapl()))
        .as(() -> Files.exists(log.toPath()) ? log.toString() : "")
        .isInstanceOf(Answer.Energy.class);
    assertThat(launcher.ask(new Verb.ReadHolders())).isInstanceOf(Answer.Holdings.class);
  }
}
