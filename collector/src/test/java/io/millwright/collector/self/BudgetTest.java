package io.millwright.collector.self;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.self.Budget.Resource;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final int LOOKS = 12;

  @TempDir private Path directory = Path.of("");
  private long nanos = 1;
  private long heap = 100;
  private long cpu;
  private OptionalLong files = OptionalLong.of(10);
  private long waiting;
  private final Budget budget =
      new Budget(
          new Told(),
          () ->
              List.of(
                  Backlog.waiting("store", waiting, 1000),
                  new Backlog(
                      "inbox", 5000, OptionalLong.empty(), OptionalDouble.of(0), List.of())),
          new HandClock());

  private final class Told implements Budget.Readings {
    @Override
    public long heapUsedBytes() {
      return heap;
    }

    @Override
    public long heapMostBytes() {
      return 1000;
    }

    @Override
    public OptionalLong cpuNanos() {
      return OptionalLong.of(cpu);
    }

    @Override
    public int processors() {
      return 2;
    }

    @Override
    public OptionalLong filesOpen() {
      return files;
    }

    @Override
    public OptionalLong filesMost() {
      return OptionalLong.of(100);
    }
  }

  private final class HandClock implements Clock {
    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void parkUntil(long until) {
      throw new IllegalStateException("nobody waits by this clock");
    }
  }

  private void look() {
    budget.look();
    nanos += LOOK.toNanos();
  }

  private void minute() {
    for (int i = 0; i < LOOKS; i++) {
      look();
    }
  }

  @Test
  void aHeapThatACollectionOfGarbageEmptiesIsNoTrouble() {
    for (int i = 0; i < LOOKS; i++) {
      heap = i % 6 == 5 ? 300 : 990;
      look();
    }
    assertThat(budget.used()).containsEntry(Resource.HEAP, 0.3);
    assertThat(budget.trouble()).isEmpty();
  }

  @Test
  void aHeapThatStaysFullIs() {
    heap = 950;
    minute();
    assertThat(budget.used()).containsEntry(Resource.HEAP, 0.95);
    assertThat(budget.trouble())
        .hasValue("it uses 95 % of its heap: raise -Xmx of its JVM, or lower --history-mebibytes");
    heap = 500;
    look();
    assertThat(budget.trouble()).as("the way back").isEmpty();
  }

  @Test
  void processorsAreTheMeanOfAMinute() {
    for (int i = 0; i <= LOOKS; i++) {
      look();
      cpu += 2 * LOOK.toNanos(); // both, all the time
    }
    assertThat(budget.used()).containsEntry(Resource.CPU, 1.0);
    assertThat(budget.trouble())
        .hasValueSatisfying(s -> assertThat(s).contains("100 % of its cpu"));
    for (int i = 0; i < LOOKS / 2; i++) {
      look();
    }
    assertThat(budget.used().get(Resource.CPU)).isBetween(0.4, 0.7);
    assertThat(budget.trouble()).isEmpty();
  }

  @Test
  void ofQueuesTheFullestCountsAndWhatIsNotToldIsAbsent() {
    files = OptionalLong.empty();
    waiting = 950;
    minute();
    assertThat(budget.used())
        .containsEntry(Resource.QUEUES, 0.95)
        .doesNotContainKey(Resource.FILES);
    assertThat(budget.trouble())
        .hasValue("it uses 95 % of its queue store: see its disk and its CPU");
    waiting = 0;
    look();
    assertThat(budget.used()).as("a burst that is worked off").containsEntry(Resource.QUEUES, 0.0);
  }

  @Test
  void betweenTwoLooksItDoesNotLook() {
    look();
    heap = 999;
    nanos -= LOOK.toNanos() / 2;
    budget.look();
    assertThat(budget.used()).containsEntry(Resource.HEAP, 0.1);
  }

  @Test
  void tooFewDescriptorsAreOneSentence() throws IOException {
    Files.writeString(
        directory.resolve("limits"),
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max open files            1024                 4096                 files
        """);
    Descriptors descriptors = new Descriptors(directory);
    assertThat(descriptors.most()).hasValue(1024);
    assertThat(descriptors.tooFew(1000))
        .hasValue(
            "the limit of open files is 1024 and 1000 nodes need 2032, so that some could not connect; set LimitNOFILE=2032 in the unit ('systemctl edit millwright-collector') or 'ulimit -n 2032' before the start");
    Files.writeString(directory.resolve("limits"), "Max open files   2032   2032   files\n");
    assertThat(descriptors.tooFew(1000)).isEmpty();
    assertThat(descriptors.tooFew(1001)).isPresent();
    Files.writeString(directory.resolve("limits"), "Max open files  unlimited unlimited files\n");
    assertThat(descriptors.tooFew(100_000)).isEmpty();
    Files.delete(directory.resolve("limits"));
    assertThat(descriptors.tooFew(100_000)).as("where /proc is not there").isEmpty();
    assertThat(Descriptors.own().open().orElseThrow()).isPositive();
  }
}
