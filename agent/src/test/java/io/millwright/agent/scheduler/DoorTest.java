package io.millwright.agent.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.accounting.AccountKeeper;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions over a real socket. */
class DoorTest {
  private static final Duration WITHIN = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private final Clock clock = Clock.system();
  private final List<RunAccount> told = new CopyOnWriteArrayList<>();
  private volatile HealthReport health = new HealthReport(1, List.of());
  private AccountKeeper accounts;
  private Door door;

  @BeforeEach
  void open() {
    accounts =
        new AccountKeeper(
            directory.resolve("accounts"),
            "boot",
            new AccountKeeper.Sight(
                this::snapshot, uuids -> {}, run -> Optional.empty(), run -> false),
            told::add,
            clock);
    accounts.start();
    door =
        new Door(
            directory.resolve("scheduler"),
            new Desk(accounts, this::snapshot, () -> health),
            clock);
    door.start();
    await().atMost(WITHIN).until(() -> ask(new Ask.Look()) instanceof Reply.Seen);
  }

  @AfterEach
  void close() {
    door.close();
    accounts.close();
    assertThat(directory.resolve("scheduler/door")).doesNotExist();
  }

  private NodeSnapshot snapshot() {
    Accelerator device = new Accelerator("n1", "0", "GPU-a", "nvidia", "B200", false);
    SeriesTable.Builder table = SeriesTable.builder();
    int info =
        table.add(
            Cadence.FAST,
            Series.of(Metric.ACCELERATOR_INFO, device, "", "", "", "", "", "", "", "3"));
    int energy =
        table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, device, "gpu"));
    Readings readings = new Readings(table.build());
    readings.at(clock.nanos());
    readings.measured(info, 1);
    readings.measured(energy, 5);
    return new NodeSnapshot(1, clock.nanos(), List.of(readings.sample()));
  }

  private Reply ask(Ask ask) {
    try {
      return Door.ask(directory.resolve("scheduler"), ask, clock, WITHIN);
    } catch (IOException nobody) {
      return new Reply.Refused(String.valueOf(nobody.getMessage()));
    }
  }

  private static Ask.Begin begin(String job, boolean anyway, String... devices) {
    return begin(job, 1, anyway, devices);
  }

  private static Ask.End end(String job, int run) {
    return new Ask.End(job, OptionalInt.of(run));
  }

  private static Ask.Begin begin(String job, int run, boolean anyway, String... devices) {
    return new Ask.Begin(job, run, "slurm", "anna", "llm", List.of(devices), anyway);
  }

  private static HealthReport judged(Verdict verdict, Advice advice) {
    Evidence evidence =
        new Evidence(
            "xid-79",
            1,
            verdict,
            advice,
            Scope.DEVICE,
            "Xid 79 once",
            1,
            "never",
            Optional.empty(),
            false);
    return new HealthReport(
        1,
        List.of(
            new Judgement(
                new Subject.Device("0", "GPU-a"),
                verdict,
                verdict == Verdict.OK ? List.of() : List.of(evidence))));
  }

  @Test
  void aJobBeginsAndEndsByTheNumberOfItsDeviceFile() {
    assertThat(ask(begin("slurm-1", false, "3"))).isEqualTo(new Reply.Done(""));
    assertThat(ask(begin("slurm-1", false, "3"))).as("again").isEqualTo(new Reply.Done(""));
    assertThat(accounts.holders()).containsOnlyKeys("GPU-a");
    assertThat(((Reply.Seen) ask(new Ask.Look())).runs()).hasSize(1);
    assertThat(ask(end("slurm-1", 1))).isEqualTo(new Reply.Done(""));
    assertThat(told).singleElement().extracting(RunAccount::user).isEqualTo("anna");
    assertThat(ask(end("slurm-1", 1))).isEqualTo(new Reply.Done("nothing is known of slurm-1"));
    assertThat(ask(begin("slurm-2", false, "9")))
        .isEqualTo(
            new Reply.Done(
                "no accelerator has the minor number 9 here; slurm-2 is accounted without it"));
  }

  /** Slurm keeps the number of a job that it queues again. */
  @Test
  void aJobThatIsQueuedAgainIsTheNextRun() {
    assertThat(ask(begin("slurm-1", false, "3"))).isEqualTo(new Reply.Done(""));
    assertThat(ask(end("slurm-1", 1))).isEqualTo(new Reply.Done(""));
    assertThat(ask(begin("slurm-1", 2, false, "3"))).isEqualTo(new Reply.Done(""));
    assertThat(ask(end("slurm-1", 1)))
        .as("the one before has ended")
        .isEqualTo(new Reply.Done("nothing is known of slurm-1"));
    assertThat(ask(begin("slurm-1", 3, false, "3")))
        .as("an end was lost")
        .isEqualTo(new Reply.Done(""));
    assertThat(((Reply.Seen) ask(new Ask.Look())).runs())
        .singleElement()
        .satisfies(run -> {
          assertThat(run.account().run()).isEqualTo(new RunId("slurm-1", 3));
          assertThat(run.account().shared()).isFalse();
        });
    assertThat(ask(new Ask.End("slurm-1", OptionalInt.empty())))
        .as("who does not know which means the newest")
        .isEqualTo(new Reply.Done(""));
    assertThat(told)
        .extracting(RunAccount::run)
        .containsExactly(new RunId("slurm-1", 1), new RunId("slurm-1", 2), new RunId("slurm-1", 3));
  }

  @Test
  void onlyAFailedDeviceRefuses() {
    health = judged(Verdict.FAILED, Advice.REBOOT_NODE);
    assertThat(ask(begin("slurm-1", false, "3")))
        .isEqualTo(
            new Reply.Refused("accelerator 0 failed by xid-79: Xid 79 once; advice: reboot-node"));
    assertThat(accounts.holders()).isEmpty();
    assertThat(((Reply.Seen) ask(new Ask.Look())).fitness()).isEqualTo(Fitness.UNFIT);
    assertThat(ask(begin("slurm-1", true, "3"))).isEqualTo(new Reply.Done(""));
    health = judged(Verdict.FAILED, Advice.RESTART_JOB);
    assertThat(((Reply.Seen) ask(new Ask.Look())).fitness()).isEqualTo(Fitness.FIT);
    health = judged(Verdict.UNKNOWN, Advice.INSPECT);
    assertThat(((Reply.Seen) ask(new Ask.Look())).fitness()).isEqualTo(Fitness.UNKNOWN);
    assertThat(ask(begin("slurm-3", false, "3"))).isEqualTo(new Reply.Done(""));
    health = judged(Verdict.DEGRADED, Advice.WATCH);
    assertThat(((Reply.Seen) ask(new Ask.Look())).fitness()).isEqualTo(Fitness.FIT);
    health = new HealthReport(1, List.of());
    assertThat(((Reply.Seen) ask(new Ask.Look())).fitness()).isEqualTo(Fitness.UNKNOWN);
  }

  @Test
  void whatIsNoQuestionIsOneSentence() throws IOException {
    assertThat(said("{\"ask\":\"begin\",\"colour\":1}")).contains("colour");
    assertThat(said("{\"ask\":\"stop\"}")).contains("allowed is begin, end or look");
    assertThat(said("{\"ask\":\"end\",\"job\":\"../x\"}")).contains("../x");
    assertThat(said("nothing")).contains("not JSON");
    assertThat(ask(new Ask.Look())).isInstanceOf(Reply.Seen.class);
  }

  private String said(String question) throws IOException {
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.connect(UnixDomainSocketAddress.of(directory.resolve("scheduler/door")));
      Wire.write(socket, question.getBytes(StandardCharsets.UTF_8), clock, WITHIN);
      return ((Reply.Mistaken) Reply.of(Wire.read(socket, clock, WITHIN))).sentence();
    }
  }

  @Test
  void theDoorIsForItsOwner() throws IOException {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("scheduler/door"))))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> Door.ask(directory, new Ask.Look(), clock, WITHIN))
        .isInstanceOf(IOException.class);
  }

  @Test
  void whoWaitsForReadingsHoldsNobodyUp() throws Exception {
    CountDownLatch readings = new CountDownLatch(1);
    Path other = directory.resolve("other");
    try (Door slow =
        new Door(
            other,
            ask -> {
              if (ask instanceof Ask.End) {
                awaited(readings);
              }
              return new Reply.Done("");
            },
            clock)) {
      slow.start();
      await()
          .atMost(WITHIN)
          .ignoreExceptions()
          .until(() -> Door.ask(other, new Ask.Look(), clock, WITHIN) instanceof Reply.Done);
      FutureTask<Reply> first =
          new FutureTask<>(() -> Door.ask(other, end("slurm-1", 1), clock, WITHIN));
      Threads.platform("first", first).start();
      assertThat(Door.ask(other, new Ask.Look(), clock, WITHIN)).isEqualTo(new Reply.Done(""));
      assertThat(first).isNotDone();
      readings.countDown();
      assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(new Reply.Done(""));
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The kernel would let a caller wait for ever. */
  @Test
  void aFullQueueAtTheDoorIsNotWaitedForLongerThanAsked() throws Exception {
    Path full = Files.createDirectory(directory.resolve("full"));
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(full.resolve("door"));
      socket.bind(address, 1);
      boolean taken = true;
      while (taken) {
        SocketChannel one = SocketChannel.open(StandardProtocolFamily.UNIX);
        waiting.add(one);
        one.configureBlocking(false);
        taken = taken(one, address);
      }
      FutureTask<Reply> asked =
          new FutureTask<>(() -> Door.ask(full, new Ask.Look(), clock, Duration.ofMillis(200)));
      Threads.platform("asks", asked).start();
      assertThatThrownBy(() -> asked.get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(TimeoutException.class)
          .cause()
          .hasMessageStartingWith("too many wait at the door");
    } finally {
      for (SocketChannel one : waiting) {
        one.close();
      }
    }
  }

  private static boolean taken(SocketChannel one, UnixDomainSocketAddress address) {
    try {
      return one.connect(address);
    } catch (IOException full) {
      return false;
    }
  }

  @Test
  void aDoorThatCannotBeOpenedIsTriedAgain() throws IOException {
    Path parent = Files.createFile(directory.resolve("later"));
    CountDownLatch waits = new CountDownLatch(1);
    Clock watched =
        new Clock() {
          @Override
          public long nanos() {
            return clock.nanos();
          }

          @Override
          public Instant wall() {
            return clock.wall();
          }

          @Override
          public void parkUntil(long nanos) {
            waits.countDown();
            clock.parkUntil(nanos);
          }
        };
    try (Door late =
        new Door(parent.resolve("scheduler"), ask -> new Reply.Done("late"), watched)) {
      late.start();
      awaited(waits);
      Files.delete(parent);
      await()
          .atMost(WITHIN)
          .ignoreExceptions()
          .until(() ->
              Door.ask(parent.resolve("scheduler"), new Ask.Look(), clock, WITHIN)
                  instanceof Reply.Done);
    }
  }
}
