package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.AGENT_SERIES_DROPPED_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_CPU_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_IO_TIME_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_READ_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_WRITTEN_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_LOAD_AVERAGE;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_AVAILABLE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_MEMORY_SWAP_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_DROPS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_OOM_KILLS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link KernelSource} on crafted trees and on the machine's own {@code /proc}. */
class KernelSourceTest {
  private static final Reading UNSUPPORTED = new Reading.Unsupported();
  private static final long BYTES_A_TICK = 64;

  private Tree tree = new Tree(Path.of("/"));
  private KernelSource source = new KernelSource("n1", Path.of("/"), CallWatch.NONE);

  @BeforeEach
  void craft(@TempDir Path root) {
    tree = Tree.healthy(root);
    source = new KernelSource("n1", root, CallWatch.NONE);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private Shown read() {
    assertThat(source.read(Cadence.FAST, 1)).isEqualTo(Outcome.ANSWERED);
    return Shown.of(source.readings());
  }

  @Test
  void readsEveryFamilyInBaseUnits() {
    Shown shown = read();
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "idle")).isEqualTo(400);
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "steal")).isEqualTo(0.08);
    assertThat(shown.value(NODE_LOAD_AVERAGE, "1m")).isEqualTo(0.04);
    assertThat(shown.value(NODE_LOAD_AVERAGE, "15m")).isEqualTo(12.75);
    assertThat(shown.value(NODE_MEMORY_AVAILABLE_BYTES)).isEqualTo(24444584 * 1024.0);
    assertThat(shown.value(NODE_MEMORY_SWAP_USED_BYTES)).isEqualTo(1 << 20);
    assertThat(shown.value(NODE_OOM_KILLS_TOTAL)).isEqualTo(3);
    assertThat(shown.value(NODE_PRESSURE_STALL_SECONDS_TOTAL, "io", "some")).isEqualTo(20.96528);
    assertThat(shown.value(NODE_PRESSURE_STALL_SECONDS_TOTAL, "cpu", "full")).isEqualTo(1.5);
    assertThat(shown.value(NODE_DISK_READ_BYTES_TOTAL, "nvme0n1")).isEqualTo(51_200);
    assertThat(shown.value(NODE_DISK_WRITTEN_BYTES_TOTAL, "nvme0n1")).isEqualTo(102_400);
    assertThat(shown.value(NODE_DISK_IO_TIME_SECONDS_TOTAL, "nvme0n1")).isEqualTo(1.5);
    assertThat(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "eth0")).isEqualTo(66387083);
    assertThat(shown.value(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "eth0")).isEqualTo(209901);
    assertThat(shown.value(NODE_NETWORK_ERRORS_TOTAL, "eth0", "receive")).isEqualTo(1);
    assertThat(shown.value(NODE_NETWORK_DROPS_TOTAL, "eth0", "receive")).isEqualTo(2);
    assertThat(shown.value(NODE_NETWORK_ERRORS_TOTAL, "eth0", "transmit")).isEqualTo(3);
    assertThat(shown.value(NODE_NETWORK_DROPS_TOTAL, "eth0", "transmit")).isEqualTo(4);
  }

  @Test
  void takesGuestsOutOfUserSoThatModesAddUp() {
    Shown shown = read();
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "user")).isEqualTo(9);
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "nice")).isEqualTo(1.8);
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "guest")).isEqualTo(1.2);
  }

  @Test
  void showsCountersBeyondSignedLong() {
    Shown shown = read();
    assertThat(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "ib0")).isEqualTo(0x1p64);
    assertThat(shown.value(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "ib0")).isEqualTo(0x1p53);
    assertThat(shown.value(NODE_DISK_READ_BYTES_TOTAL, "sda")).isEqualTo(0x1p73);
    assertThat(shown.value(NODE_DISK_IO_TIME_SECONDS_TOTAL, "sda")).isEqualTo(4294967.295);
  }

  @Test
  void refusesNumbersThatNoCounterHolds() {
    tree.write("proc/net/dev", "eth0: 18446744073709551616 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5\n");
    assertThat(read().reading(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "eth0"))
        .isEqualTo(new Reading.Unavailable(Fault.PARSE));
  }

  @Test
  void leavesOutPartitionsLoopAndRamDisks() {
    assertThat(read().labels(NODE_DISK_READ_BYTES_TOTAL))
        .containsExactly(List.of("nvme0n1"), List.of("sda"));
  }

  @Test
  void takesNoHeadingForAnInterface() {
    assertThat(read().labels(NODE_NETWORK_RECEIVE_BYTES_TOTAL))
        .containsExactly(List.of("eth0"), List.of("ib0"));
  }

  @Test
  void tellsPartitionsByNameWhereSysfsIsNotThere() {
    tree.delete("sys/block/nvme0n1/size");
    tree.delete("sys/block/nvme0n1");
    tree.delete("sys/block/sda/size");
    tree.delete("sys/block/sda");
    tree.delete("sys/block");
    assertThat(read().labels(NODE_DISK_READ_BYTES_TOTAL))
        .containsExactly(List.of("nvme0n1"), List.of("sda"));
  }

  @Test
  void readsDisksOfKernelsWithFourteenColumns() {
    tree.write("proc/diskstats", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");
    assertThat(read().value(NODE_DISK_WRITTEN_BYTES_TOTAL, "sda")).isEqualTo(7 * 512);
  }

  @Test
  void hasNoPressureWhereTheKernelHasNone() {
    tree.delete("proc/pressure/cpu");
    tree.delete("proc/pressure/memory");
    tree.delete("proc/pressure/io");
    assertThat(read().reading(NODE_PRESSURE_STALL_SECONDS_TOTAL, "cpu", "some"))
        .isEqualTo(UNSUPPORTED);
  }

  @Test
  void hasNoFullPressureOfCpuOnOldKernels() {
    tree.write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
    Shown shown = read();
    assertThat(shown.value(NODE_PRESSURE_STALL_SECONDS_TOTAL, "cpu", "some")).isEqualTo(5e-6);
    assertThat(shown.reading(NODE_PRESSURE_STALL_SECONDS_TOTAL, "cpu", "full"))
        .isEqualTo(UNSUPPORTED);
  }

  @Test
  void hasNoStealOrGuestOnVeryOldKernels() {
    tree.write("proc/stat", "cpu  1 2 3 4 5 6 7\n");
    Shown shown = read();
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "softirq")).isEqualTo(0.07);
    assertThat(shown.reading(NODE_CPU_SECONDS_TOTAL, "steal")).isEqualTo(UNSUPPORTED);
    assertThat(shown.reading(NODE_CPU_SECONDS_TOTAL, "guest")).isEqualTo(UNSUPPORTED);
  }

  @Test
  void hasNoOomKillsWhereTheKernelDoesNotCountThem() {
    tree.write("proc/vmstat", "nr_free_pages 1\n");
    assertThat(read().reading(NODE_OOM_KILLS_TOTAL)).isEqualTo(UNSUPPORTED);
  }

  @Test
  void usesNoSwapWhereThereIsNone() {
    tree.write("proc/meminfo", "MemAvailable: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    assertThat(read().value(NODE_MEMORY_SWAP_USED_BYTES)).isEqualTo(0);
  }

  @Test
  void doesNotInventMemoryThatThisKernelDoesNotTell() {
    tree.write("proc/meminfo", "MemTotal: 10 kB\nMemFree: 5 kB\n");
    Shown shown = Shown.of(readings());
    assertThat(shown.reading(NODE_MEMORY_AVAILABLE_BYTES)).isEqualTo(UNSUPPORTED);
    assertThat(shown.reading(NODE_MEMORY_SWAP_USED_BYTES)).isEqualTo(UNSUPPORTED);
  }

  private Readings readings() {
    source.read(Cadence.FAST, 1);
    return source.readings();
  }

  @Test
  void doesNotCountBackWhenACpuIsTakenOffLine() {
    tree.write("proc/stat", "cpu  100 0 100 9000000 50 0 0 0 0 0\n");
    assertThat(read().value(NODE_CPU_SECONDS_TOTAL, "idle")).isEqualTo(90_000);
    tree.write("proc/stat", "cpu  110 0 100 5000000 49 0 0 0 0 0\n");
    Shown after = read();
    assertThat(after.value(NODE_CPU_SECONDS_TOTAL, "idle")).isEqualTo(90_000);
    assertThat(after.value(NODE_CPU_SECONDS_TOTAL, "iowait")).isEqualTo(0.5);
    assertThat(after.value(NODE_CPU_SECONDS_TOTAL, "user")).isEqualTo(1.1);
    tree.write("proc/stat", "cpu  120 0 100 5000100 51 0 0 0 0 0\n");
    Shown later = read();
    assertThat(later.value(NODE_CPU_SECONDS_TOTAL, "idle")).isEqualTo(90_001);
    assertThat(later.value(NODE_CPU_SECONDS_TOTAL, "iowait")).isEqualTo(0.51);
  }

  @Test
  void makesANewTableWhenAnInterfaceComesAndWhenItGoes() {
    Readings before = readings();
    tree.write("proc/net/dev", Tree.NET_DEV + "  veth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    Readings with = readings();
    assertThat(with).isNotSameAs(before);
    assertThat(with.table()).isNotSameAs(before.table());
    assertThat(Shown.of(with).value(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "veth1")).isEqualTo(9);
    assertThat(Shown.of(with).value(NODE_CPU_SECONDS_TOTAL, "idle")).isEqualTo(400);
    assertThat(readings()).isSameAs(with);
    tree.write("proc/net/dev", Tree.NET_DEV);
    assertThat(Shown.of(readings()).has(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "veth1")).isFalse();
  }

  @Test
  void keepsEachInterfacesNumbersWhenTheirOrderChanges() {
    readings();
    tree.write(
        "proc/net/dev",
        """
        ib0: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0
        eth0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
        """);
    Shown shown = read();
    assertThat(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "ib0")).isEqualTo(5);
    assertThat(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "eth0")).isEqualTo(7);
  }

  @Test
  void boundsDevicesAndCountsThoseTurnedAway() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 70; i++) {
      lines.append("veth").append(i).append(": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    }
    tree.write("proc/net/dev", lines.toString());
    assertThat(read().labels(NODE_NETWORK_RECEIVE_BYTES_TOTAL)).hasSize(64);
    String family = NODE_NETWORK_RECEIVE_BYTES_TOTAL.familyName();
    assertThat(Shown.of(source.readings()).value(AGENT_SERIES_DROPPED_TOTAL, family)).isEqualTo(6);
    assertThat(read().value(AGENT_SERIES_DROPPED_TOTAL, family)).isEqualTo(6);
    tree.write("proc/net/dev", lines.substring(lines.indexOf("veth1:")));
    read();
    assertThat(read().has(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "veth64")).isTrue();
    tree.write("proc/net/dev", lines.substring(lines.indexOf("veth2:")));
    read();
    Shown shown = read();
    assertThat(shown.has(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "veth65")).isTrue();
    assertThat(shown.labels(NODE_NETWORK_RECEIVE_BYTES_TOTAL)).hasSize(64);
    assertThat(shown.value(AGENT_SERIES_DROPPED_TOTAL, family)).isEqualTo(6); // each once
  }

  @Test
  void ignoresALineThatWasCut() {
    tree.write("proc/net/dev", "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nib0: 12345 6");
    Shown shown = read();
    assertThat(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "eth0")).isEqualTo(1);
    assertThat(shown.has(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "ib0")).isFalse();
  }

  @Test
  void readsFilesLargerThanItsBuffer() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      lines.append("   7 ").append(i).append(" loop").append(i).append(" 0 0 0 0 0 0 0 0 0 0 0\n");
    }
    tree.write("proc/diskstats", lines + " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");
    tree.write("proc/vmstat", "x 1\n".repeat(50_000) + "oom_kill 9\n");
    assertThat(read().value(NODE_OOM_KILLS_TOTAL)).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource("io.millwright.drivers.host.Tree#kernelFiles")
  void losesOnlyItsOwnValuesWithAFile(String path) {
    Shown before = read();
    tree.delete(path);
    KernelSource another = new KernelSource("n1", tree.root(), CallWatch.NONE);
    assertThat(another.read(Cadence.FAST, 1)).isEqualTo(Outcome.ANSWERED);
    Shown without = Shown.of(another.readings());
    long lost =
        before.readings().entrySet().stream()
            .filter(each -> !each.getValue().equals(without.readings().get(each.getKey())))
            .count();
    assertThat(lost).isBetween(1L, 12L);
    another.close();
  }

  @Test
  void failsWhenNothingCanBeRead(@TempDir Path empty) {
    KernelSource blind = new KernelSource("n1", empty, CallWatch.NONE);
    assertThat(blind.read(Cadence.FAST, 1)).isEqualTo(Outcome.FAILED);
    assertThat(Shown.of(blind.readings()).reading(NODE_LOAD_AVERAGE, "1m"))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
    blind.close();
  }

  @Test
  void readsAFileThatAppearsLater(@TempDir Path root) {
    KernelSource late = new KernelSource("n1", root, CallWatch.NONE);
    late.read(Cadence.FAST, 1);
    Tree.healthy(root);
    for (int tick = 2; tick < 70; tick++) {
      late.read(Cadence.FAST, tick);
    }
    assertThat(Shown.of(late.readings()).value(NODE_LOAD_AVERAGE, "1m")).isEqualTo(0.04);
    late.close();
  }

  @Test
  void hasNothingDueAtOtherCadences() {
    assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(source.readings().sample().measured(0)).isFalse();
  }

  @Test
  void tellsTheWatchOfEveryFileItReads() {
    List<String> calls = new ArrayList<>();
    CallWatch watch =
        new CallWatch() {
          @Override
          public void entered(String call) {
            calls.add(call);
          }

          @Override
          public long returned(String call, int code) {
            calls.add(code + " " + call);
            return 0;
          }
        };
    tree.delete("proc/vmstat");
    new KernelSource("n1", tree.root(), watch).read(Cadence.FAST, 1);
    Path proc = tree.root().resolve("proc");
    assertThat(calls)
        .hasSize(18)
        .containsSequence("read " + proc + "/stat", "0 read " + proc + "/stat")
        .containsSequence("read " + proc + "/vmstat", "-1 read " + proc + "/vmstat");
  }

  @Test
  void readsThisMachine() {
    KernelSource real = new KernelSource("n1", Path.of("/"), CallWatch.NONE);
    assertThat(real.read(Cadence.FAST, 1)).isEqualTo(Outcome.ANSWERED);
    Shown shown = Shown.of(real.readings());
    assertThat(shown.value(NODE_CPU_SECONDS_TOTAL, "user")).isPositive();
    assertThat(shown.value(NODE_MEMORY_AVAILABLE_BYTES)).isPositive();
    assertThat(shown.value(NODE_LOAD_AVERAGE, "5m")).isNotNegative();
    real.close();
  }

  /**
   * Garbage is memory that a 24 MiB heap must be cleaned of, so there is next to none: nine files a
   * tick, those of this machine, after the code is warm.
   */
  @Test
  void leavesNextToNoGarbage() {
    KernelSource real = new KernelSource("n1", Path.of("/"), CallWatch.NONE);
    for (int tick = 0; tick < 2_000; tick++) {
      round(real, tick);
    }
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(allocated(threads, () -> new byte[1 << 16])).isGreaterThan(1 << 16);
    int ticks = 1_000;
    long all =
        allocated(
            threads,
            () -> {
              for (int tick = 0; tick < ticks; tick++) {
                round(real, tick);
              }
              return real;
            });
    System.out.println(ticks + " rounds of KernelSource allocated " + all + " bytes");
    assertThat(all / ticks).isLessThan(BYTES_A_TICK);
    real.close();
  }

  /** As a lane does: it asks first whether there is anything to read. */
  private static void round(KernelSource source, int tick) {
    if (!source.reads(Cadence.FAST)) {
      throw new AssertionError("the host is read at each tick");
    }
    source.read(Cadence.FAST, tick);
  }

  private static long allocated(com.sun.management.ThreadMXBean threads, Supplier<Object> work) {
    long before = threads.getCurrentThreadAllocatedBytes();
    Object kept = work.get();
    long after = threads.getCurrentThreadAllocatedBytes();
    assertThat(kept).isNotNull();
    return after - before;
  }

  @Test
  void namesEachSeriesOnce() {
    Shown shown = read();
    assertThat(shown.readings()).hasSize(source.readings().table().size());
    assertThat(shown.readings().keySet())
        .allMatch(series -> series.metric().scope() == Metric.Scope.NODE)
        .allMatch(series -> series.labelValues().getFirst().equals("n1"));
  }
}
