package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.health.Engine;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.agent.health.Observation;
import io.millwright.agent.health.Tally;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A kernel that writes far faster than anybody looks. */
class KernelFloodTest {
  private static final int LINES = 100_000;
  private static final long SECOND = 1_000_000_000L;

  private final Engine engine =
      new Engine(RuleCatalogue.load(), "/data/health", Memory.none("boot"), "boot");
  private final Clock clock = Clock.system();

  /** Within one second: Xids of two devices, bus errors, and what is of no interest. */
  private static String line(int number, long micros) {
    String text =
        switch (number % 4) {
          case 0 -> "NVRM: Xid (PCI:0000:1a:00): 31, pid=1, name=a, MMU Fault";
          case 1 -> "NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.";
          case 2 -> "nvme 0000:03:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer";
          default -> "some driver says something " + number;
        };
    return "4,%d,%d,-;%s".formatted(number, micros, text);
  }

  @Test
  @Timeout(60)
  void losesNeitherTheFirstNorTheLastOfAnyCode(@TempDir Path directory) throws IOException {
    Path log = directory.resolve("kmsg");
    long firstMicros = clock.nanos() / 1000 - 2_000_000;
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      lines.add(line(i, firstMicros + 10L * i));
    }
    Files.write(log, lines);
    KernelLog followed = new KernelLog(log, -1, clock);
    followed.start();
    try {
      judgeUntilAllIsCounted(followed);
    } finally {
      followed.stop();
    }
    Memory memory = engine.memory(0);
    Tally fault = tally(memory, ErrorCode.xid(31));
    Tally fallen = tally(memory, ErrorCode.xid(79));
    assertThat(fault.count()).isEqualTo(LINES / 4);
    assertThat(fallen.count()).isEqualTo(LINES / 4);
    assertThat(fallen.lastMs() - fallen.firstMs())
        .isBetween(600L, 1400L); // the wall clock is asked beside the stamp
    assertThat(fault.lastMs() - fault.firstMs()).isBetween(600L, 1400L);
    KernelTally bus = memory.kernel().getFirst();
    assertThat(bus.pattern()).isEqualTo("pcie_aer_corrected");
    assertThat(bus.count()).isEqualTo(LINES / 4);
    assertThat(bus.lastMs() - bus.firstMs()).isBetween(600L, 1400L);
  }

  private void judgeUntilAllIsCounted(KernelLog followed) {
    long counted = 0;
    long until = clock.nanos() + Duration.ofSeconds(50).toNanos();
    for (long tick = 1; counted < 3 * LINES / 4 && clock.nanos() - until < 0; tick++) {
      clock.parkUntil(clock.nanos() + SECOND / 50);
      List<Event> events = new ArrayList<>();
      followed.drain(found -> events.add(found.event()));
      assertThat(events.size()).isLessThanOrEqualTo(2048);
      engine.judge(
          new Observation(
              tick * SECOND,
              clock.wall().toEpochMilli(),
              new NodeSnapshot(tick, tick * SECOND, List.of()),
              events,
              Map.of(),
              Set.of(),
              Set.of(),
              ""));
      Memory memory = engine.memory(0);
      counted =
          memory.tallies().stream().mapToLong(Tally::count).sum()
              + memory.kernel().stream().mapToLong(KernelTally::count).sum();
    }
  }

  private static Tally tally(Memory memory, ErrorCode code) {
    return memory.tallies().stream()
        .filter(tally -> tally.code().equals(code))
        .findFirst()
        .orElseThrow();
  }

  /** Nobody takes anything meanwhile, and the reader goes on. */
  @Test
  void whatIsNotTakenTakesNoMoreRoom() {
    Backlog backlog = new Backlog();
    for (int i = 0; i < LINES; i++) {
      assertThat(backlog.offer(new KernelLog.Line(i, new Event.Kernel("k" + i % 3, i, ""))))
          .isTrue();
    }
    List<KernelLog.Line> taken = new ArrayList<>();
    backlog.drain(taken::add);
    assertThat(taken).hasSize(1024 + 3);
    assertThat(taken.stream().mapToLong(KernelFloodTest::times).sum()).isEqualTo(LINES);
    assertThat(taken.stream().mapToLong(KernelLog.Line::sequence).max()).hasValue(LINES - 1);
    backlog.drain(again -> assertThat(again).isNull());
  }

  private static long times(KernelLog.Line line) {
    return line.event() instanceof Event.Repeated repeated ? repeated.times() : 1;
  }

  /** Only where even the kinds are without number does the reader wait. */
  @Test
  void kindsAreBoundedToo() {
    Backlog backlog = new Backlog();
    int taken = 0;
    while (backlog.offer(new KernelLog.Line(taken, new Event.Kernel("k" + taken, taken, "")))) {
      taken++;
    }
    assertThat(taken).isEqualTo(2048);
  }
}
