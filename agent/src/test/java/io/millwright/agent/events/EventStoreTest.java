package io.millwright.agent.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.records.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store gives back after what a disk and a crash can do to it. */
class EventStoreTest {
  private static final Limits SMALL = new Limits(64 << 10, Duration.ofDays(14));
  private static final int ALL = 100_000;

  @TempDir private Path directory;

  /** Nothing is forced for the sake of these tests, which kill no machine. */
  private static final Disk QUICK =
      new Disk() {
        @Override
        public void force(FileChannel file) {
          // as good as forced
        }
      };

  private EventStore open() {
    return EventStore.open(directory, QUICK, SMALL);
  }

  private static List<Entry> entries(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(Samples::entry).toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> !file.toString().endsWith(".damaged")).sorted().toList();
    }
  }

  @Test
  void comesBackAsItWas() {
    List<Entry> told = entries(1, 20);
    EventStore store = open();
    store.append(told);
    store.close();
    EventStore again = open();
    assertThat(again.id()).isEqualTo(store.id());
    assertThat(again.newest()).isEqualTo(20);
    assertThat(again.after(0, ALL)).isEqualTo(told);
    assertThat(again.after(5, 3)).isEqualTo(told.subList(5, 8));
    again.close();
  }

  /** A kill at any byte of the last records costs what was not whole, and nothing else. */
  @Test
  void aTornEndIsCutWhereverItIs() throws IOException {
    EventStore store = open();
    store.append(entries(1, 3));
    Path file = files().getFirst();
    long kept = Files.size(file);
    store.append(List.of(Samples.entry(4)));
    long fourth = Files.size(file);
    store.append(List.of(Samples.entry(5)));
    store.close();
    byte[] whole = Files.readAllBytes(file);
    for (int length = (int) kept; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      EventStore cut = open();
      long last = length < fourth ? 3 : 4;
      assertThat(cut.after(0, ALL)).as("%d bytes", length).isEqualTo(entries(1, last));
      assertThat(cut.id()).isEqualTo(store.id());
      cut.append(List.of(Samples.entry(9)));
      cut.close();
      EventStore next = open();
      assertThat(next.after(last, ALL)).as("%d bytes", length).containsExactly(Samples.entry(9));
      next.close();
    }
    assertThat(directory.resolve(file.getFileName() + ".damaged")).doesNotExist();
  }

  /** Killed while the very first file was begun. */
  @Test
  void aFileThatWasOnlyBegunIsNone() throws IOException {
    EventStore store = open();
    store.append(List.of(Samples.entry(1)));
    store.close();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < 60; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      EventStore begun = open();
      assertThat(begun.after(0, ALL)).as("%d bytes", length).isEmpty();
      begun.append(List.of(Samples.entry(2)));
      begun.close();
      EventStore next = open();
      assertThat(next.after(0, ALL)).containsExactly(Samples.entry(2));
      next.close();
      for (Path left : files()) {
        Files.delete(left);
      }
    }
  }

  @Test
  void aDamagedMiddleIsMovedAsideAndTheRestStays() throws IOException {
    EventStore store = open();
    store.append(entries(1, 9));
    store.close();
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    EventStore again = open();
    assertThat(again.after(0, ALL)).hasSize(8).isSubsetOf(entries(1, 9));
    assertThat(again.id()).isEqualTo(store.id());
    assertThat(directory.resolve(file.getFileName() + ".damaged")).hasBinaryContent(bytes);
    again.append(List.of(Samples.entry(10)));
    again.close();
    EventStore next = open();
    assertThat(next.after(0, ALL)).hasSize(9);
    next.close();
  }

  /** What a killed agent wrote last may be in the machine's memory alone. */
  @Test
  void whatIsReadIsOnTheDiskBeforeItIsToldAsStored() {
    EventStore store = open();
    store.append(entries(1, 3));
    store.close();
    int[] forces = {0};
    EventStore again =
        EventStore.open(
            directory,
            new Disk() {
              @Override
              public void force(FileChannel file) {
                forces[0]++;
              }
            },
            SMALL);
    assertThat(again.durable()).isEqualTo(3);
    assertThat(forces[0]).isEqualTo(1);
    again.close();
  }

  @Test
  void aFullDiskCostsNothingButTheDisk() throws IOException {
    boolean[] full = {false};
    Disk small =
        new Disk() {
          @Override
          public void write(FileChannel to, ByteBuffer bytes) throws IOException {
            if (full[0]) {
              to.write(bytes.slice(0, bytes.limit() / 2)); // as a disk does that fills up
              throw new IOException("No space left on device");
            }
            QUICK.write(to, bytes);
          }

          @Override
          public void force(FileChannel file) {
            // as good as forced
          }
        };
    EventStore store = EventStore.open(directory, small, SMALL);
    store.append(entries(1, 4));
    full[0] = true;
    store.append(entries(5, 6));
    store.append(entries(7, 8));
    assertThat(store.after(0, ALL)).isEqualTo(entries(1, 8));
    assertThat(store.stored()).isEqualTo(4);
    full[0] = false;
    store.append(List.of(Samples.entry(9)));
    assertThat(store.stored()).isEqualTo(9);
    store.close();
    EventStore again = open();
    assertThat(again.after(0, ALL)).isEqualTo(entries(1, 9));
    assertThat(again.dropped()).isZero();
    again.close();
  }

  @Test
  void theNewestStayInMemoryWithoutADirectory() {
    EventStore store = EventStore.inMemory();
    store.append(entries(1, 3_000));
    assertThat(store.after(0, ALL)).isEqualTo(entries(3_000 - 1_023, 3_000));
    assertThat(store.dropped()).isEqualTo(3_000 - 1_024);
  }

  @Test
  void bytesAreBoundedAndWhatGoesUnseenIsCounted() throws IOException {
    EventStore store = open();
    long last = 0;
    for (int batch = 0; batch < 200; batch++) {
      store.append(entries(last + 1, last + 10));
      last += 10;
      store.acknowledged(last / 2);
      store.expire(1_000 * last);
      long size = 0;
      for (Path file : files()) {
        size += Files.size(file);
      }
      assertThat(size).isEqualTo(store.bytes()).isLessThanOrEqualTo(SMALL.bytes());
    }
    List<Entry> left = store.after(0, ALL);
    assertThat(left).isEqualTo(entries(left.getFirst().sequence(), last));
    long goneUnseen = Math.max(0, left.getFirst().sequence() - 1 - last / 2);
    assertThat(goneUnseen).as("the case is of interest").isPositive();
    assertThat(store.dropped()).isBetween(goneUnseen, last);
    store.close();
  }

  @Test
  void daysAreBounded() {
    EventStore store = open();
    store.append(entries(1, 50));
    store.close();
    EventStore later = open();
    later.expire(50_000 + Duration.ofDays(14).toMillis() - 1);
    assertThat(later.after(0, ALL)).hasSize(50);
    later.expire(50_000 + Duration.ofDays(14).toMillis() + 1);
    later.append(List.of(Samples.entry(51)));
    assertThat(later.after(0, ALL)).contains(Samples.entry(51)).hasSizeLessThan(51);
    later.close();
  }

  /** Random appends, restarts and questions; the store says what a plain list says. */
  @Test
  void isAsAListWouldBe() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Entry> model = new ArrayList<>();
    Limits large = new Limits(1 << 20, Duration.ofDays(14));
    EventStore store = EventStore.open(directory, QUICK, large);
    long sequence = 0;
    for (int step = 0; step < 300; step++) {
      List<Entry> batch = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        sequence += 1 + random.nextInt(3); // numbers may be left out
        batch.add(Samples.entry(sequence));
      }
      model.addAll(batch);
      store.append(batch);
      if (random.nextInt(8) == 0) {
        store.append(batch); // told twice is told once
      }
      if (random.nextInt(10) == 0) {
        store.close();
        store = EventStore.open(directory, QUICK, large);
      }
      long after = random.nextLong(sequence + 2);
      int most = 1 + random.nextInt(40);
      assertThat(store.after(after, most))
          .as("seed %d step %d", seed, step)
          .isEqualTo(model.stream().filter(entry -> entry.sequence() > after).limit(most).toList());
    }
    store.close();
  }
}
