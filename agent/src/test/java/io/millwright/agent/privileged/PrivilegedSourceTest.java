package io.millwright.agent.privileged;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.root.Door;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Disk;
import io.millwright.agent.launcher.verb.Answer.DiskHealth;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Answer.Zone;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.HostSource;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real socket, behind which the launcher's answers are invented. */
@SuppressWarnings("NullAway.Init") // set before each test
class PrivilegedSourceTest {
  @TempDir Path root;
  private final Clock clock = Clock.system();
  private ServerSocketChannel socket;
  private Holders holders;
  private volatile Answer answer = new Answer.Later("not yet");
  private final AtomicInteger asked = new AtomicInteger();

  @BeforeEach
  void open() throws IOException {
    holders = new Holders(clock);
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Files.createDirectory(root.resolve("dev"));
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
  }

  private void serve() throws IOException {
    socket.bind(UnixDomainSocketAddress.of(root.resolve("s")));
    Door door =
        new Door(
            socket,
            Set.of(
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(System.getProperty("user.name"))),
            this::taken,
            Duration.ofMinutes(5),
            clock);
    Threads.platform(
            "door",
            () -> {
              try {
                door.serve();
              } catch (IOException | ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            })
        .start();
  }

  private Supplier<Answer> taken(Verb verb) {
    assertThat(verb).isInstanceOf(Verb.Read.class);
    asked.incrementAndGet();
    return () -> answer;
  }

  private Optional<Supplier<NodeSnapshot>> others = Optional.empty();
  private Optional<ForeignHolders> foreign = Optional.empty();

  private Map<String, Function<CallWatch, Source>> sources(Metric.Tier upTo) {
    return Privileged.sources(
        "n1",
        root,
        metric -> metric.tier().compareTo(upTo) <= 0,
        () -> HostSource.metersNode(root),
        others,
        foreign,
        holders,
        new LauncherCall(root.resolve("s"), clock));
  }

  private Source source(String name, Metric.Tier upTo) {
    return Objects.requireNonNull(sources(upTo).get(name), name).apply(CallWatch.NONE);
  }

  private Source source(String name) {
    return source(name, Metric.Tier.OPTIONAL);
  }

  /** Series by name and own labels; a fault by its word. */
  private Map<String, Object> read(Source source) {
    source.read(Cadence.FAST, clock.nanos());
    source.read(Cadence.SLOW, clock.nanos());
    Sample sample = source.readings().sample();
    Map<String, Object> read = new TreeMap<>();
    for (int i = 0; i < sample.table().size(); i++) {
      String name =
          sample.table().series(i).metric().name()
              + sample
                  .table()
                  .series(i)
                  .labelValues()
                  .subList(1, sample.table().series(i).labelValues().size());
      read.put(name, sample.measured(i) ? (Object) sample.value(i) : sample.reading(i).toString());
    }
    return read;
  }

  private void mkdir(String path) throws IOException {
    Files.createDirectories(root.resolve(path));
  }

  private static Answer.Energy energy(long microjoules) {
    return new Answer.Energy(
        List.of(
            new Zone("0", "package", OptionalLong.of(microjoules), 3_000_000, Optional.empty())));
  }

  @Test
  void energyIsCountedOverTheEndOfTheCountersRange() throws IOException {
    mkdir("sys/class/powercap/intel-rapl:0");
    serve();
    Source source = source("rapl");
    String series = "NODE_CPU_ENERGY_JOULES_TOTAL[0, package]";
    answer = energy(1_000_000);
    assertThat(read(source)).isEqualTo(Map.of(series, 0.0));
    answer = energy(2_500_000);
    assertThat(read(source)).isEqualTo(Map.of(series, 1.5));
    answer = energy(500_000);
    assertThat(read(source)).isEqualTo(Map.of(series, 2.5));
    answer = new Answer.Later("busy");
    assertThat(read(source)).isEqualTo(Map.of(series, "Unavailable[fault=OTHER]"));
    answer = energy(1_000_000);
    assertThat(read(source)).isEqualTo(Map.of(series, 3.0));
    assertThat(read(source("rapl"))).isEqualTo(Map.of(series, 0.0)); // another start of the agent
  }

  @Test
  void disksAreToldWithTheirTemperatureWhereTheKernelShowsNone() throws IOException {
    mkdir("sys/class/nvme/nvme0/hwmon4");
    mkdir("sys/class/nvme/nvme1");
    mkdir("sys/class/nvme/nvme2");
    serve();
    Source source = source("nvme");
    DiskHealth worn =
        new DiskHealth(4, OptionalInt.of(310), OptionalInt.of(9), 103, OptionalLong.of(7));
    DiskHealth virtual =
        new DiskHealth(0, OptionalInt.of(300), OptionalInt.empty(), 0, OptionalLong.empty());
    answer =
        new Answer.Disks(
            List.of(
                new Disk("nvme0", Optional.of(worn), Optional.empty()),
                new Disk("nvme1", Optional.of(virtual), Optional.empty()),
                new Disk("nvme2", Optional.empty(), Optional.of(Fault.TIMEOUT)),
                new Disk("nvme3", Optional.empty(), Optional.empty())));
    Map<String, Object> read = read(source);
    assertThat(read)
        .containsEntry("NODE_NVME_CRITICAL_WARNING[nvme0]", 1.0)
        .containsEntry("NODE_NVME_ENDURANCE_USED_RATIO[nvme0]", 1.03)
        .containsEntry("NODE_NVME_AVAILABLE_SPARE_RATIO[nvme0]", 0.09)
        .containsEntry("NODE_NVME_MEDIA_ERRORS_TOTAL[nvme0]", 7.0)
        .containsEntry("NODE_NVME_CRITICAL_WARNING[nvme1]", 0.0)
        .containsEntry("NODE_NVME_AVAILABLE_SPARE_RATIO[nvme1]", "Unsupported[]")
        .containsEntry("NODE_NVME_MEDIA_ERRORS_TOTAL[nvme1]", "Unsupported[]")
        .containsEntry("NODE_NVME_CRITICAL_WARNING[nvme2]", "Unavailable[fault=TIMEOUT]")
        .containsEntry("NODE_NVME_MEDIA_ERRORS_TOTAL[nvme3]", "Unsupported[]")
        .hasSize(4 + 5 + 4 + 4);
    assertThat(read.get("NODE_TEMPERATURE_CELSIUS[nvme@nvme1, Composite]"))
        .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
        .isBetween(26.849, 26.851);
  }

  @Test
  void powerOfTheNodeIsMeasuredUnsupportedOrAFault() throws IOException {
    Files.createFile(root.resolve("dev/ipmi0"));
    serve();
    Source source = source("dcmi", Metric.Tier.BASE);
    answer = new Answer.NodePower(OptionalInt.of(5400), Optional.empty());
    assertThat(read(source)).isEqualTo(Map.of("NODE_POWER_WATTS[node]", 5400.0));
    answer = new Answer.NodePower(OptionalInt.empty(), Optional.of(Fault.PERMISSION));
    assertThat(read(source))
        .isEqualTo(Map.of("NODE_POWER_WATTS[node]", "Unavailable[fault=PERMISSION]"));
    answer = new Answer.NodePower(OptionalInt.empty(), Optional.empty());
    assertThat(read(source)).isEqualTo(Map.of("NODE_POWER_WATTS[node]", "Unsupported[]"));
    answer = energy(1);
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.FAILED);
  }

  /** One series has one source: the kernel's meter of the whole node goes first. */
  @Test
  void theManagementControllerIsNotAskedBesideAMeterOfTheWholeNode() throws IOException {
    Files.createFile(root.resolve("dev/ipmi0"));
    serve();
    answer = new Answer.NodePower(OptionalInt.of(5400), Optional.empty());
    mkdir("sys/class/hwmon/hwmon0");
    Files.writeString(root.resolve("sys/class/hwmon/hwmon0/name"), "power_meter\n");
    Files.writeString(root.resolve("sys/class/hwmon/hwmon0/power1_average"), "5000000000\n");
    assertThat(read(source("dcmi"))).isEmpty();
    assertThat(asked).hasValue(0);
    Files.writeString(root.resolve("sys/class/hwmon/hwmon0/power1_oem_info"), "CPU Power 0\n");
    assertThat(read(source("dcmi"))).isEqualTo(Map.of("NODE_POWER_WATTS[node]", 5400.0));
  }

  @Test
  void holdersAreCountedAndNamed() throws IOException {
    Files.createFile(root.resolve("dev/neuron0"));
    serve();
    Source source = source("holders");
    Holder holder = new Holder(42, "python3", 1000, 7);
    List<Holding> devices =
        List.of(new Holding("neuron0", 70, List.of(holder)), new Holding("neuron1", 0, List.of()));
    answer = new Answer.Holdings(devices, true);
    assertThat(read(source))
        .isEqualTo(
            Map.of("NODE_DEVICE_HOLDERS[neuron0]", 70.0, "NODE_DEVICE_HOLDERS[neuron1]", 0.0));
    assertThat(held(0)).containsExactly(holder);
    assertThat(held(1)).isEmpty();
    assertThat(holders.holdersOfNeuron(2)).isEqualTo(new Holders.Held.Unknown());

    answer = new Answer.Holdings(devices, false); // somebody may be missing
    assertThat(read(source)).containsValue("Unavailable[fault=OTHER]");
    assertThat(held(0)).containsExactly(holder);
    assertThat(holders.holdersOfNeuron(1)).isEqualTo(new Holders.Held.Unknown());

    answer = new Answer.Refused("no such verb");
    read(source);
    assertThat(holders.holdersOfNeuron(0)).isEqualTo(new Holders.Held.Unknown());
  }

  /** A process of the simulated tree of /proc. */
  private Holder process(long pid, long start, String group) throws IOException {
    mkdir("proc/" + pid);
    Files.writeString(root.resolve("proc/" + pid + "/cgroup"), group + "\n");
    Files.writeString(
        root.resolve("proc/" + pid + "/stat"),
        "%d (a) b) S 1 %s%d 0 0\n".formatted(pid, "0 ".repeat(17), start));
    return new Holder(pid, "python3", 1000, start);
  }

  private static NodeSnapshot seen() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Accelerator device :
        List.of(
            new Accelerator("n1", "0", "GPU-a", "nvidia", "B200", false),
            new Accelerator("n1", "1", "GPU-b", "nvidia", "B200", false),
            new Accelerator("n1", "1:0", "MIG-b", "nvidia", "B200", false))) {
      String minor = device.uuid().equals("GPU-a") ? "3" : "0"; // not in the order of the bus
      table.add(
          Cadence.ONCE,
          Series.of(Metric.ACCELERATOR_INFO, device, "", "", "", "", "", "", "", minor));
    }
    table.add(
        Cadence.ONCE,
        Series.of(
            Metric.ACCELERATOR_INFO,
            new Accelerator("n1", "2", "NEURON-c", "aws", "trn2", false),
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "2"));
    return new NodeSnapshot(1, 1, List.of(new Readings(table.build()).sample()));
  }

  @Test
  void holdersAreAttributedToTheirJobsAndPods() throws IOException {
    Files.createFile(root.resolve("dev/nvidia0"));
    serve();
    others = Optional.of(PrivilegedSourceTest::seen);
    Source source = source("holders", Metric.Tier.BASE);
    String job = "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0";
    String pod =
        "0::/kubepods/burstable/pod1e7a3c52-9b4f-4d0e-8a5b-6f2c1d9e0b34/"
            + "3f0b5b7c2c8d4f5b9a1e6d7c8b9a0f1e";
    Holder first = process(101, 5, job);
    Holder second = process(102, 6, job);
    Holder container = process(103, 7, pod);
    Holder daemon = process(104, 8, "0::/system.slice/nvidia-persistenced.service");
    Holder reused = new Holder(process(105, 9, job).pid(), "python3", 1000, 8);
    Holder gone = new Holder(106, "python3", 1000, 1);
    answer =
        new Answer.Holdings(
            List.of(
                new Holding("nvidia0", 5, List.of(daemon, first, second, reused, gone)),
                new Holding("nvidia3", 2, List.of(container, first)),
                new Holding("nvidia9", 1, List.of(first)),
                new Holding("neuron2", 1, List.of(container))),
            true);
    String owned = "ACCELERATOR_OWNER_INFO[%s, %s, %s]";
    String uid = "1e7a3c52-9b4f-4d0e-8a5b-6f2c1d9e0b34";
    assertThat(read(source))
        .isEqualTo(
            Map.of(
                owned.formatted("1", "GPU-b", "slurm, 7"), 1.0,
                owned.formatted("0", "GPU-a", "slurm, 7"), 1.0,
                owned.formatted("0", "GPU-a", "kubernetes, " + uid), 1.0,
                owned.formatted("2", "NEURON-c", "kubernetes, " + uid), 1.0));
    answer = new Answer.Holdings(List.of(new Holding("nvidia0", 2, List.of(reused, gone))), true);
    assertThat(read(source)).as("the processes have ended").isEmpty();
    answer = new Answer.Later("busy");
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.FAILED);
  }

  @Test
  void ownersOfADeviceAreBounded() throws IOException {
    Files.createFile(root.resolve("dev/nvidia0"));
    serve();
    others = Optional.of(PrivilegedSourceTest::seen);
    List<Holder> many = new ArrayList<>();
    for (int i = 1; i <= Answer.Bounds.MOST_HOLDERS; i++) {
      many.add(process(i, 1, "0::/system.slice/slurmstepd.scope/job_" + i + "/step_0"));
    }
    answer = new Answer.Holdings(List.of(new Holding("nvidia0", 64, many)), true);
    assertThat(read(source("holders", Metric.Tier.BASE))).hasSize(Owners.MOST);
  }

  // ---- whoever is not of a run

  private static final String JOBS = "/millwright.slice/millwright-jobs.slice/";
  private static final String SLICE = "0::" + JOBS;

  private final List<ForeignHolders.Running> running = new ArrayList<>();
  private final List<String> news = new ArrayList<>();

  private Source foreignSource() throws IOException {
    Files.createFile(root.resolve("dev/nvidia0"));
    serve();
    foreign =
        Optional.of(
            new ForeignHolders(
                root,
                new Strangers(uid -> uid >= 1000),
                () -> List.copyOf(running),
                PrivilegedSourceTest::seen,
                one ->
                    news.add(
                        "%s %s: %s%s"
                            .formatted(
                                one.run(),
                                one.device(),
                                one.sentence(),
                                one.holds() ? "" : " (over)"))));
    return source("holders", Metric.Tier.BASE);
  }

  private void goesOn(String run, String... nodes) {
    stands(run, true, nodes);
  }

  private void stands(String run, boolean goes, String... nodes) {
    running.removeIf(one -> one.run().equals(run));
    running.add(
        new ForeignHolders.Running(run, JOBS + "mw-job-" + run + ".service", List.of(nodes), goes));
  }

  private static String found(long process, String group) {
    return "train-r1 GPU-b: Process %d in %s has nvidia0 open and is not of the run that has it."
        .formatted(process, group);
  }

  private static String gone(long process) {
    return "train-r1 GPU-b: Process %d outside the run has nvidia0 open no more. (over)"
        .formatted(process);
  }

  private static String ended(long process) {
    return "train-r1 GPU-b: The run has ended of which process %d had nvidia0 open. (over)"
        .formatted(process);
  }

  private void look(Source source, boolean whole, Holding... devices) {
    answer = new Answer.Holdings(List.of(devices), whole);
    assertThat(read(source)).isEmpty();
  }

  @Test
  void whoHasADeviceOfARunOpenAndIsNotOfItIsToldOnceAndWhenItIsOver() throws IOException {
    Source source = foreignSource();
    Holder own = process(201, 5, SLICE + "mw-job-train-r1.service");
    Holder child = process(202, 6, SLICE + "mw-job-train-r1.service/container");
    Holder service = process(203, 7, "0::/system.slice/ollama.service");
    Holder person = process(204, 8, "0::/user.slice/user-2001.slice/session-3.scope");
    Holder before = process(205, 9, SLICE + "mw-job-train-r10.service");
    Holder monitor = new Holder(process(206, 9, "0::/").pid(), "dcgm", 999, 9);
    Holder reused = new Holder(process(207, 9, "0::/").pid(), "python3", 1000, 8);
    Holding held =
        new Holding("nvidia0", 7, List.of(own, child, service, person, before, monitor, reused));
    assertThat(read(source)).isEmpty();
    assertThat(asked).as("no run goes on").hasValue(0);

    goesOn("train-r1", "nvidia0", "nvidia3");
    look(source, true, held, new Holding("nvidia3", 1, List.of(own)));
    look(source, true, held, new Holding("nvidia3", 1, List.of(own)));
    assertThat(news)
        .containsExactly(
            found(203, "/system.slice"),
            found(204, "/user.slice"),
            found(205, "/millwright.slice"));
    news.clear();

    look(source, false, new Holding("nvidia0", 1, List.of(own)));
    look(source, true, new Holding("nvidia0", 9, List.of(own)));
    assertThat(news).as("somebody may be missing").isEmpty();
    answer = new Answer.Later("busy");
    read(source);
    assertThat(news).as("nobody looked").isEmpty();
    look(source, true, new Holding("nvidia0", 2, List.of(own, person)));
    assertThat(news).containsExactly(gone(203), gone(205));
    news.clear();

    look(source, true, new Holding("nvidia0", 3, List.of(own, person, service)));
    assertThat(news).as("it is back").containsExactly(found(203, "/system.slice"));
    news.clear();
    stands("train-r1", false, "nvidia0", "nvidia3");
    look(source, true, new Holding("nvidia0", 3, List.of(person, service, before)));
    assertThat(news).as("it is cleaned up and has not ended").isEmpty();
    running.clear();
    look(source, true, new Holding("nvidia0", 2, List.of(person, service)));
    assertThat(news).containsExactlyInAnyOrder(ended(203), ended(204));
    int questions = asked.get();
    assertThat(read(source)).isEmpty();
    assertThat(asked).as("no run goes on").hasValue(questions);
  }

  /** As with the instances of one GPU, whose processes have the GPU's own node open too. */
  @Test
  void runsThatShareADeviceAreNotForeignToEachOther() throws IOException {
    Source source = foreignSource();
    goesOn("train-r1", "nvidia0");
    goesOn("serve-r3", "nvidia0");
    Holder first = process(201, 5, SLICE + "mw-job-train-r1.service");
    Holder second = process(202, 6, SLICE + "mw-job-serve-r3.service");
    Holder third = process(203, 7, SLICE + "mw-job-other-r1.service");
    look(source, true, new Holding("nvidia0", 2, List.of(first, second)));
    assertThat(news).isEmpty();
    look(source, true, new Holding("nvidia0", 3, List.of(first, second, third)));
    assertThat(news).hasSize(2).allMatch(one -> one.contains("Process 203 in "));
    news.clear();
    stands("serve-r3", false, "nvidia0"); // as one that is stuck
    look(source, true, new Holding("nvidia0", 3, List.of(first, second, third)));
    stands("serve-r3", false); // of which nothing can be read
    look(source, true, new Holding("nvidia0", 3, List.of(first, second, third)));
    assertThat(news).isEmpty();
  }

  /** As a monitor that opens all devices of the node. */
  @Test
  void aProcessWithManyDevicesOfARunIsToldOnce() throws IOException {
    Source source = foreignSource();
    goesOn("train-r1", "nvidia0", "nvidia3", "nvidia4");
    Holder monitor = process(201, 5, "0::/user.slice/user-2001.slice/session-3.scope");
    List<Holder> all = List.of(monitor);
    look(
        source,
        true,
        new Holding("nvidia0", 1, all),
        new Holding("nvidia3", 1, all),
        new Holding("nvidia4", 1, all));
    look(source, true, new Holding("nvidia3", 1, all));
    look(source, true, new Holding("nvidia0", 0, List.of()), new Holding("nvidia3", 0, List.of()));
    assertThat(news)
        .containsExactly(
            "train-r1 GPU-b: Process 201 in /user.slice has nvidia0 and 2 more open and is not of the run that has them.",
            "train-r1 GPU-b: Process 201 outside the run has nvidia0 and 2 more open no more. (over)");
  }

  /** Whoever makes a control group names it: after a user, or with what ends a line. */
  @Test
  void ofAControlGroupTheEventHasWhatAnAdministratorNamedAlone() throws IOException {
    Source source = foreignSource();
    goesOn("train-r1", "nvidia0");
    List<Holder> all =
        List.of(
            process(201, 5, "0::/system.slice/jupyter-alice-singleuser.service"),
            process(202, 5, "0::/"),
            process(203, 5, "0::/a\u001b[2J\rb/c"),
            process(204, 5, "1:name=systemd:/elsewhere"));
    look(source, true, new Holding("nvidia0", all.size(), all));
    assertThat(news)
        .containsExactly(
            found(201, "/system.slice"),
            found(202, "/"),
            found(203, "/a?[2J?b"),
            found(204, "an unknown control group"));
  }

  /** So many stand at a time, and so many are told in all; the first make room for others. */
  @Test
  void foreignHoldersOfARunAreBounded() throws IOException {
    Source source = foreignSource();
    goesOn("train-r1", "nvidia0");
    int looks = ForeignHolders.MOST_EVER / ForeignHolders.MOST + 2;
    for (int look = 0; look < looks; look++) {
      List<Holder> many = new ArrayList<>();
      for (int i = 0; i < ForeignHolders.MOST + 4; i++) {
        many.add(process(1000 + 100L * look + i, 1, "0::/system.slice/a.service"));
      }
      look(source, true, new Holding("nvidia0", many.size(), many));
      look(source, true, new Holding("nvidia0", many.size(), many));
      assertThat(news.stream().filter(one -> !one.endsWith("(over)")).count())
          .as("told after look %d", look)
          .isEqualTo(Math.min((look + 1L) * ForeignHolders.MOST, ForeignHolders.MOST_EVER));
    }
    assertThat(news)
        .filteredOn(one -> one.endsWith("(over)"))
        .as("each was over in its time")
        .hasSize(ForeignHolders.MOST_EVER);
  }

  private List<Holder> held(int device) {
    assertThat(holders.holdersOfNeuron(device)).isInstanceOf(Holders.Held.Known.class);
    return ((Holders.Held.Known) holders.holdersOfNeuron(device)).holders();
  }

  @Test
  void nothingIsAskedInVain() throws IOException {
    serve();
    assertThat(sources(Metric.Tier.BASE)).containsOnlyKeys("dcmi");
    assertThat(read(source("holders"))).isEmpty();
    assertThat(read(source("dcmi"))).isEmpty();
    assertThat(read(source("nvme"))).isEmpty();
    assertThat(read(source("rapl"))).isEmpty();
    assertThat(asked).hasValue(0);
  }

  /** As one of an older version, or beside a masked program that reads. */
  @Test
  void withALauncherThatRefusesTheSeriesAreAbsentAndNothingHasFailed() throws IOException {
    Files.createFile(root.resolve("dev/ipmi0"));
    serve();
    Source source = source("dcmi");
    answer = new Answer.NodePower(OptionalInt.of(1), Optional.empty());
    assertThat(read(source)).hasSize(1);
    answer = new Answer.Refused("no such verb");
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.ANSWERED);
    assertThat(read(source)).isEmpty();
    answer = new Answer.Later("busy");
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.FAILED);
    answer = new Answer.NodePower(OptionalInt.of(1), Optional.empty());
    assertThat(read(source)).hasSize(1);
  }

  @Test
  void withoutALauncherTheSeriesAreAbsent() throws IOException {
    Files.createFile(root.resolve("dev/ipmi0"));
    Source source = source("dcmi");
    assertThat(read(source)).isEmpty();
    assertThat(source.read(Cadence.SLOW, clock.nanos())).isEqualTo(Source.Outcome.ANSWERED);
    serve();
    answer = new Answer.NodePower(OptionalInt.of(1), Optional.empty());
    assertThat(read(source)).hasSize(1);
    Files.delete(root.resolve("s"));
    assertThat(read(source)).isEmpty();
  }
}
