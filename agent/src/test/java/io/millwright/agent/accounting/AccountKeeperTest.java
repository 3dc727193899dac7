package io.millwright.agent.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.page.StillClock;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts over scripted snapshots, and over restarts of the agent. */
class AccountKeeperTest {
  private static final RunId RUN = new RunId("slurm-7", 1);

  @TempDir private Path directory = Path.of("");

  private final StillClock clock = new StillClock();
  private final List<RunAccount> told = new ArrayList<>();
  private final Map<Series, Double> values = new LinkedHashMap<>();
  private final RunSeries runSeries = new RunSeries("n1");
  private Path group = Path.of("/nowhere");
  private Duration wallSet = Duration.ZERO;
  private Optional<RunId> broken = Optional.empty();

  /** The wall clock may be set. */
  private final Clock shown =
      new Clock() {
        @Override
        public long nanos() {
          return clock.nanos();
        }

        @Override
        public Instant wall() {
          return clock.wall().plus(wallSet);
        }

        @Override
        public void parkUntil(long nanos) {
          clock.parkUntil(nanos);
        }
      };

  private long tick;
  private NodeSnapshot snapshot = new NodeSnapshot(0, 0, List.of());

  private AccountKeeper keeper(String boot) {
    AccountKeeper keeper =
        new AccountKeeper(
            directory.resolve("accounts"),
            boot,
            new AccountKeeper.Sight(() -> snapshot, uuids -> {}, this::groupOf, run -> false),
            told::add,
            shown);
    keeper.takeUp();
    return keeper;
  }

  private Optional<Path> groupOf(RunId run) {
    if (broken.filter(run::equals).isPresent()) {
      throw new IllegalStateException("a mistake of this one");
    }
    return Optional.of(group);
  }

  private static Beginning beginning(RunId run, String... devices) {
    return new Beginning(run, "slurm", "anna", "llm", List.of(devices));
  }

  private static Series series(Metric metric, String uuid, String... own) {
    return Series.of(metric, new Accelerator("n1", "0", uuid, "nvidia", "B200", false), own);
  }

  private void energy(String uuid, double joules) {
    values.put(series(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, uuid, "gpu"), joules);
  }

  private void errors(String uuid, String code, double times) {
    values.put(series(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, uuid, "xid", code, "fatal"), times);
  }

  /** A tick of the sampler, a second after the one before, and a turn of each. */
  private void tick(AccountKeeper... keepers) {
    clock.advance(Duration.ofSeconds(1));
    SeriesTable.Builder table = SeriesTable.builder();
    List<Integer> places = new ArrayList<>();
    values.keySet().forEach(series -> places.add(table.add(Cadence.FAST, series)));
    Readings readings = new Readings(table.build());
    readings.at(clock.nanos());
    int next = 0;
    for (double value : values.values()) {
      readings.measured(places.get(next), value);
      next++;
    }
    tick++;
    snapshot = new NodeSnapshot(tick, clock.nanos(), List.of(readings.sample()));
    for (AccountKeeper keeper : keepers) {
      keeper.turn();
    }
  }

  private RunAccount only() {
    assertThat(told).hasSize(1);
    return told.getFirst();
  }

  @Test
  void whatGrewBetweenBeginAndEndIsAccounted() throws Exception {
    group = Files.createDirectory(directory.resolve("group"));
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 2500000\nuser_usec 1\n");
    Files.writeString(group.resolve("memory.peak"), "4096\n");
    Files.writeString(
        group.resolve("io.stat"), "259:0 rbytes=10 wbytes=20 rios=1\n259:1 rbytes=5 wbytes=0\n");
    energy("GPU-a", 100);
    errors("GPU-a", "79", 0);
    values.put(series(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, "GPU-a", "hw_thermal"), 4.0);
    values.put(series(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, "GPU-a", "dram", "corrected"), 9.0);
    values.put(series(Metric.ACCELERATOR_UTILIZATION_RATIO, "GPU-a"), 0.5);
    values.put(series(Metric.ACCELERATOR_MEMORY_USED_BYTES, "GPU-a"), 1e9);
    values.put(series(Metric.ACCELERATOR_POWER_WATTS, "GPU-a", "gpu"), 100.0);
    values.put(series(Metric.ACCELERATOR_POWER_WATTS, "GPU-a", "module"), 5_000.0);
    values.put(series(Metric.ACCELERATOR_POWER_WATTS, "GPU-b", "gpu"), 7_000.0);
    AccountKeeper keeper = keeper("boot-1");
    var begun = keeper.begin(beginning(RUN, "GPU-a"));
    keeper.turn();
    assertThat(begun).as("the snapshot is older than the run").isNotDone();
    clock.advance(Duration.ofMillis(-900)); // the next tick comes soon
    tick(keeper);
    assertThat(begun).isCompletedWithValue(true);
    assertThat(keeper.holders()).containsEntry("GPU-a", RUN);
    energy("GPU-a", 400);
    errors("GPU-a", "79", 1);
    values.put(series(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, "GPU-a", "hw_thermal"), 5.5);
    values.put(series(Metric.ACCELERATOR_UTILIZATION_RATIO, "GPU-a"), 1.0);
    values.put(series(Metric.ACCELERATOR_MEMORY_USED_BYTES, "GPU-a"), 3e9);
    values.put(series(Metric.ACCELERATOR_POWER_WATTS, "GPU-a", "gpu"), 600.0);
    for (int i = 0; i < 9; i++) {
      tick(keeper);
    }
    clock.advance(Duration.ofMillis(1));
    var ended = keeper.end(RUN, "");
    keeper.turn();
    assertThat(ended).as("the snapshot is older than the end").isNotDone();
    energy("GPU-a", 450);
    tick(keeper);
    RunAccount account = only();
    assertThat(ended).isCompletedWithValue(Optional.of(account));
    assertThat(account.user()).isEqualTo("anna");
    assertThat(account.coverage()).isBetween(0.9, 1.0);
    assertThat(account.host().cpuSeconds()).hasValue(2.5);
    assertThat(account.host().peakMemoryBytes()).hasValue(4096);
    assertThat(account.host().readBytes()).hasValue(15);
    assertThat(account.host().writtenBytes()).hasValue(20);
    DeviceAccount device = account.devices().getFirst();
    assertThat(device.joules()).hasValue(350);
    assertThat(device.peakUtilization()).hasValue(1);
    assertThat(device.utilization().orElseThrow()).isBetween(0.9, 1.0);
    assertThat(device.peakMemoryBytes()).hasValue(3e9);
    assertThat(device.peakWatts()).hasValue(600);
    assertThat(device.watts().orElseThrow())
        .as("a tenth of a second of 100 W and nine of 600 W")
        .isBetween(590.0, 600.0);
    assertThat(device.grew())
        .isEqualTo(
            Map.of(
                "errors", Map.of("xid 79", 1.0),
                "throttle_seconds", Map.of("hw_thermal", 1.5),
                "ecc", Map.of()));
  }

  @Test
  void whatARunUsesOfItsHostIsToldWhileItGoesOn() throws Exception {
    group = Files.createDirectory(directory.resolve("group"));
    Files.writeString(
        group.resolve("cpu.stat"),
        "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 0\n");
    Files.writeString(group.resolve("memory.current"), "8192\n");
    Files.writeString(group.resolve("memory.events"), "low 0\noom 2\noom_kill 1\n");
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    tick(keeper);
    SeriesTable table = table(keeper);
    assertThat(table(keeper)).as("for the page, which knows a table again").isSameAs(table);
    assertThat(page(keeper))
        .isEqualTo(
            Map.of(
                "millwright_job_memory_used_bytes[n1, slurm-7-r1]", 8192.0,
                "millwright_job_cpu_seconds_total[n1, slurm-7-r1, user]", 2.0,
                "millwright_job_cpu_seconds_total[n1, slurm-7-r1, system]", 0.5,
                "millwright_job_oom_kills_total[n1, slurm-7-r1]", 1.0));
    Files.delete(group.resolve("memory.current"));
    Files.delete(group.resolve("cpu.stat"));
    tick(keeper);
    assertThat(page(keeper))
        .as("what is not read is absent")
        .isEqualTo(Map.of("millwright_job_oom_kills_total[n1, slurm-7-r1]", 1.0));
    var _ = keeper.end(RUN, "");
    tick(keeper);
    assertThat(page(keeper)).isEmpty();
    assertThat(only().host().cpuSeconds()).as("the account keeps it").hasValue(2.5);
    assertThat(only().host().peakMemoryBytes()).hasValue(8192);
  }

  private SeriesTable table(AccountKeeper keeper) {
    NodeSnapshot before = new NodeSnapshot(1, clock.nanos(), List.of());
    return runSeries.after(before, keeper.uses()).samples().getLast().table();
  }

  private Map<String, Double> page(AccountKeeper keeper) {
    NodeSnapshot before = new NodeSnapshot(1, clock.nanos(), List.of());
    Map<String, Double> page = new LinkedHashMap<>();
    for (Sample sample : runSeries.after(before, keeper.uses()).samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        page.put(series.metric().familyName() + series.labelValues(), sample.value(i));
      }
    }
    return page;
  }

  @Test
  void aKilledAgentGoesOnWhereItWas() {
    energy("GPU-a", 100);
    AccountKeeper first = keeper("boot-1");
    var _ = first.begin(beginning(RUN, "GPU-a"));
    first.turn();
    clock.advance(Duration.ofMillis(-900));
    tick(first);
    energy("GPU-a", 900);
    for (int i = 0; i < 10; i++) {
      tick(); // nobody looks
    }
    AccountKeeper second = keeper("boot-1");
    assertThat(second.holders()).containsEntry("GPU-a", RUN);
    for (int i = 0; i < 10; i++) {
      tick(second);
    }
    clock.advance(Duration.ofMillis(1));
    var _ = second.end(RUN, "completed");
    second.turn();
    assertThat(told).as("its last readings are to come").isEmpty();
    tick(second);
    assertThat(only().devices().getFirst().joules()).hasValue(800);
    assertThat(only().devices().getFirst().seconds()).isBetween(20.0, 21.0);
    assertThat(only().coverage()).isBetween(0.4, 0.6);
    keeper("boot-1");
    assertThat(told).as("killed again before the event was surely kept").hasSize(2);
    assertThat(told.get(1)).isEqualTo(told.get(0));
    for (int i = 0; i < 11; i++) {
      tick(second);
    }
    keeper("boot-1");
    assertThat(told).hasSize(2);
  }

  @Test
  void whatRanBeforeARebootEndsWithoutCounters() {
    energy("GPU-a", 100);
    AccountKeeper first = keeper("boot-1");
    var _ = first.begin(beginning(RUN, "GPU-a"));
    first.turn();
    tick(first);
    AccountKeeper second = keeper("boot-2");
    tick(second);
    assertThat(only().end()).isEqualTo("node-rebooted");
    assertThat(only().devices().getFirst().joules()).isEmpty();
  }

  @Test
  void readingsThatCameLateAreNoneOfTheBeginning() {
    energy("GPU-a", 100);
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    keeper.turn();
    tick(keeper); // a second late
    energy("GPU-a", 200);
    tick(keeper);
    tick(keeper);
    var _ = keeper.end(RUN, "completed");
    keeper.turn();
    tick(keeper);
    assertThat(only().devices().getFirst().joules()).isEmpty();
  }

  @Test
  void countersOfASharedDeviceAreNobodys() {
    energy("GPU-a", 100);
    energy("GPU-b", 100);
    RunId other = new RunId("slurm-8", 1);
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(RUN, "GPU-a", "GPU-b"));
    var _ = keeper.begin(beginning(other, "GPU-b"));
    keeper.turn();
    clock.advance(Duration.ofMillis(-900));
    tick(keeper);
    energy("GPU-a", 300);
    energy("GPU-b", 300);
    for (int i = 0; i < 10; i++) {
      tick(keeper);
    }
    var _ = keeper.end(RUN, "");
    var _ = keeper.end(other, "");
    keeper.turn();
    tick(keeper);
    assertThat(told).hasSize(2).allMatch(RunAccount::shared);
    assertThat(told.getFirst().devices().get(0).joules()).hasValue(200);
    assertThat(told.getFirst().devices().get(1).joules()).isEmpty();
    assertThat(told.get(1).devices().getFirst().joules()).isEmpty();
  }

  @Test
  void whatNoAccountCouldSayDoesNotBegin() {
    assertThatThrownBy(() -> new Beginning(RUN, "slurm", "anna", "p".repeat(129), List.of()))
        .hasMessageStartingWith("project: ");
    assertThatThrownBy(() -> new Beginning(RUN, "slurm", "u".repeat(129), "llm", List.of()))
        .hasMessageStartingWith("user: ");
    assertThatThrownBy(
            () -> new Beginning(RUN, "slurm", "anna", "llm", Collections.nCopies(65, "GPU-a")))
        .hasMessageStartingWith("devices: ");
  }

  /** Not now, and not after a restart. */
  @Test
  void aRunThatCannotBeAccountedCostsTheOthersNothing() throws Exception {
    RunId bad = new RunId("slurm-6", 1);
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(bad, "GPU-b"));
    keeper.turn();
    tick(keeper);
    var ended = keeper.end(bad, "");
    var _ = keeper.begin(beginning(new RunId("slurm-5", 1), "GPU-c"));
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    broken = Optional.of(new RunId("slurm-5", 1));
    keeper.turn();
    tick(keeper);
    tick(keeper);
    assertThat(ended).isDone();
    var open = keeper.soFar();
    keeper.turn();
    assertThat(open.join()).singleElement().extracting(one -> one.account().run()).isEqualTo(RUN);
    assertThat(keeper.holders()).containsOnlyKeys("GPU-a", "GPU-b");
    Path file = directory.resolve("accounts/runs.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"open\":[", "\"open\":[{\"job\":\"slurm-5\",\"run\":0,\"devices\":[]},"));
    assertThat(keeper("boot-1").holders()).containsEntry("GPU-a", RUN);
  }

  @Test
  void aJobThatWasQueuedAgainBeginsAnew() {
    energy("GPU-a", 100);
    energy("GPU-b", 100);
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    keeper.turn();
    tick(keeper);
    tick(keeper);
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    keeper.turn();
    assertThat(told).as("the same").isEmpty();
    var _ = keeper.begin(beginning(RUN, "GPU-b"));
    keeper.turn();
    assertThat(only().devices().getFirst().uuid()).isEqualTo("GPU-a");
    assertThat(only().devices().getFirst().seconds()).isEqualTo(2);
    assertThat(only().shared()).isFalse();
    tick(keeper);
    tick(keeper);
    var ended = keeper.end(RUN, "completed");
    var _ = keeper.begin(beginning(RUN, "GPU-b"));
    keeper.turn();
    assertThat(told).hasSize(2);
    assertThat(told.get(1).end()).isEqualTo("completed");
    assertThat(told.get(1).devices().getFirst().seconds()).isEqualTo(2);
    assertThat(ended.join()).hasValue(told.get(1));
    assertThat(keeper.holders()).containsEntry("GPU-b", RUN);
  }

  @Test
  void aWallClockThatIsSetLengthensNoRun() {
    AccountKeeper first = keeper("boot-1");
    var _ = first.begin(beginning(RUN, "GPU-a"));
    first.turn();
    tick(first);
    tick(first);
    wallSet = Duration.ofHours(1);
    AccountKeeper second = keeper("boot-1");
    tick(second);
    var _ = second.end(RUN, "completed");
    second.turn();
    tick(second);
    tick(second);
    assertThat(only().devices().getFirst().seconds()).isEqualTo(3);
  }

  @Test
  void anEndMayHaveBeenMissedOfWhatIsOldOrShared() {
    AccountKeeper keeper = keeper("boot-1");
    var _ = keeper.begin(beginning(RUN, "GPU-a"));
    keeper.turn();
    tick(keeper);
    assertThat(unsure(keeper)).containsExactly(false);
    var _ = keeper.begin(beginning(new RunId("slurm-8", 1), "GPU-a"));
    var _ = keeper.begin(beginning(new RunId("slurm-9", 1), "GPU-b"));
    keeper.turn();
    tick(keeper);
    assertThat(unsure(keeper)).containsExactly(true, true, false);
    clock.advance(Duration.ofMinutes(3));
    assertThat(unsure(keeper)).containsExactly(true, true, true);
  }

  private static List<Boolean> unsure(AccountKeeper keeper) {
    var open = keeper.soFar();
    keeper.turn();
    return open.join().stream().map(AccountKeeper.Open::unsure).toList();
  }
}
