package io.millwright.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.records.Disk;
import io.millwright.protocol.frames.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files give back after what a disk, a kill and a collector can do to them. */
class SegmentStoreTest {
  private static final long LIMIT = 1 << 20;
  private static final long RUN = 7;

  @TempDir private Path directory;

  /** A disk with room, whatever the machine of the test has. */
  static class Roomy implements Disk {
    @Override
    public long usable(Path path) {
      return Long.MAX_VALUE;
    }
  }

  private SegmentStore open(long limit, Disk disk) throws IOException {
    SegmentStore store = new SegmentStore(directory.resolve("spool"), limit, "n1", disk);
    store.recover();
    return store;
  }

  private SegmentStore open() throws IOException {
    return open(LIMIT, new Roomy());
  }

  private static void fill(SegmentStore store, long incarnation, long first, long last)
      throws IOException {
    for (long sequence = first; sequence <= last; sequence++) {
      store.append(Numbered.sample(incarnation, sequence));
    }
  }

  private static List<Spooled> all(SegmentStore store) {
    List<Spooled> found = new ArrayList<>();
    List<Spooled> next = store.next(7);
    while (!next.isEmpty()) {
      found.addAll(next);
      next = store.next(7);
    }
    return found;
  }

  /** Fails where one is wrong. */
  private static List<Position> checked(SegmentStore store) {
    return new Numbered.Collector().takeAll(all(store));
  }

  private static List<Position> positions(long incarnation, long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(sequence -> new Position(incarnation, sequence))
        .toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("spool"))) {
      return all.sorted().toList();
    }
  }

  @Test
  void comesBackAsItWas() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 200);
    store.close();
    SegmentStore again = open();
    assertThat(again.waiting()).isEqualTo(200);
    assertThat(again.unreadable()).isZero();
    assertThat(again.oldestMillis()).isEqualTo(1000);
    assertThat(again.range().oldest()).isEqualTo(new Position(RUN, 1));
    assertThat(again.range().newest()).isEqualTo(new Position(RUN, 200));
    assertThat(checked(again)).isEqualTo(positions(RUN, 1, 200));
    again.close();
  }

  @Test
  void theNewestFileGoesFirstAndEachFromItsBeginning() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 100);
    store.close();
    SegmentStore next = open();
    fill(next, 8, 1, 50);
    List<Position> expected = new ArrayList<>(positions(8, 1, 50));
    expected.addAll(positions(RUN, 1, 100));
    assertThat(checked(next)).isEqualTo(expected);
    next.close();
  }

  /** The collector has the first 130: no more than the chain that the 130th is in comes again. */
  @Test
  void whatTheCollectorHasDoesNotComeAgain() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 200);
    store.letGo(all(store).get(129));
    assertThat(store.waiting()).isEqualTo(70);
    store.readAgain();
    assertThat(checked(store)).isEqualTo(positions(RUN, 121, 200));
    store.close();
    SegmentStore again = open();
    assertThat(checked(again)).isEqualTo(positions(RUN, 121, 200));
    again.readAgain();
    again.letGo(all(again).getLast());
    assertThat(again.waiting()).isZero();
    assertThat(files()).isEmpty();
    again.close();
  }

  @Test
  void theBoundHoldsAndTheOldestGoFirst() throws IOException {
    long limit = 64 << 10;
    SegmentStore store = open(limit, new Roomy());
    for (long sequence = 1; sequence <= 1000; sequence++) {
      store.append(Numbered.sample(RUN, sequence));
      long onDisk = 0;
      for (Path file : files()) {
        onDisk += Files.size(file);
      }
      assertThat(onDisk).isLessThanOrEqualTo(limit).isEqualTo(store.bytes());
      assertThat(store.waiting() + store.dropped()).isEqualTo(sequence);
    }
    assertThat(store.dropped()).isPositive();
    Set<Position> left = new HashSet<>(checked(store));
    assertThat(left).containsExactlyInAnyOrderElementsOf(positions(RUN, store.dropped() + 1, 1000));
    store.close();
  }

  /** Any cut and any flipped bytes cost what they hit, up to the next chain, and say so. */
  @Test
  void damageNeverMakesAWrongSample() throws IOException {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("seed of the damage: " + seed);
    Random random = new Random(seed);
    SegmentStore store = open();
    fill(store, RUN, 1, 150);
    store.close();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int round = 0; round < 300; round++) {
      byte[] damaged = whole.clone();
      boolean cut = random.nextInt(3) == 0;
      if (cut) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length + 1));
      }
      int flips = cut ? random.nextInt(2) : 1 + random.nextInt(4);
      for (int i = 0; i < flips && damaged.length > 0; i++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      SegmentStore again = open();
      List<Position> found = checked(again);
      assertThat(positions(RUN, 1, 150)).as("seed %d round %d", seed, round).containsAll(found);
      assertThat(new HashSet<>(found)).hasSameSizeAs(found);
      if (found.size() < 150 && !cut) {
        assertThat(again.unreadable()).as("seed %d round %d", seed, round).isPositive();
      }
      fill(again, 9, 1, 2);
      assertThat(checked(again)).endsWith(new Position(9, 2));
      again.close();
      for (Path left : files()) {
        Files.delete(left);
      }
    }
  }

  /** A cut within a record is told; what is before it is all there. */
  @Test
  void aTornEndCostsTheLast() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 70);
    store.close();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    SegmentStore again = open();
    assertThat(again.unreadable()).isEqualTo(1);
    assertThat(checked(again)).isEqualTo(positions(RUN, 1, 69));
    again.close();
  }

  @Test
  void damageInTheMiddleCostsOneChain() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 300);
    List<Spooled> written = all(store);
    store.close();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    whole[(int) written.get(99).place().end() + 30] ^= 1; // in the 101st
    Files.write(file, whole);
    SegmentStore again = open();
    List<Position> expected = new ArrayList<>(positions(RUN, 1, 100));
    expected.addAll(positions(RUN, 121, 300));
    assertThat(again.unreadable()).isEqualTo(1);
    assertThat(again.waiting()).isEqualTo(280);
    assertThat(checked(again)).isEqualTo(expected);
    again.close();
  }

  /** The disk changes its mind after the file was found good. */
  @Test
  void damageThatComesLaterIsCountedToo() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 100);
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 5] ^= 1;
    Files.write(file, whole);
    List<Spooled> found = all(store);
    assertThat(found).hasSize(99);
    assertThat(store.unreadable()).isEqualTo(1);
    assertThat(store.dropped()).isEqualTo(1);
    store.letGo(found.getLast());
    assertThat(store.waiting()).isZero();
    store.close();
  }

  /** The last answer ends exactly where the file does. */
  @Test
  void damageInTheMiddleThatComesLaterIsCountedToo() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 300);
    List<Spooled> written = all(store);
    store.readAgain();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    whole[(int) written.get(99).place().end() + 30] ^= 1; // in the 101st
    Files.write(file, whole);
    List<Spooled> found = store.next(280);
    assertThat(found).hasSize(280);
    assertThat(store.dropped()).isEqualTo(20);
    store.letGo(found.getLast());
    assertThat(store.waiting()).isZero();
    assertThat(files()).isEmpty();
    store.close();
  }

  /** A file that cannot be opened for once is read by the next session, and given up then. */
  @Test
  void aFileThatCannotBeReadIsTriedOnceMore() throws IOException {
    SegmentStore store = open();
    fill(store, RUN, 1, 100);
    Path file = files().getFirst();
    Path away = directory.resolve("away");
    Files.move(file, away);
    assertThat(all(store)).isEmpty();
    assertThat(all(store)).as("rests until the next session").isEmpty();
    assertThat(store.waiting()).isEqualTo(100);
    fill(store, RUN, 101, 110);
    Files.move(away, file);
    store.readAgain();
    assertThat(checked(store)).isEqualTo(positions(RUN, 1, 110));
    assertThat(store.dropped() + store.unreadable()).isZero();
    Files.delete(file);
    store.readAgain();
    assertThat(all(store)).isEmpty();
    assertThat(store.waiting()).isZero();
    assertThat(store.dropped()).isEqualTo(110);
    assertThat(store.unreadable()).isEqualTo(1);
    store.close();
  }

  @Test
  void filesOfOthersAreNotSent() throws IOException {
    SegmentStore other = new SegmentStore(directory.resolve("spool"), LIMIT, "n2", new Roomy());
    other.recover();
    fill(other, RUN, 1, 10);
    other.close();
    Path alien = directory.resolve("spool").resolve("notes.txt");
    Files.writeString(alien, "somebody's");
    Path garbage = directory.resolve("spool").resolve("samples-000000000077");
    Files.writeString(garbage, "what nobody of us has written, and long enough for a head");
    Path empty = directory.resolve("spool").resolve("samples-000000000078");
    Files.createFile(empty);
    SegmentStore store = open();
    assertThat(checked(store)).isEmpty();
    assertThat(store.unreadable()).isEqualTo(1);
    fill(store, 9, 1, 3);
    assertThat(checked(store)).isEqualTo(positions(9, 1, 3));
    store.close();
    assertThat(files()).containsExactly(alien, directory.resolve("spool/samples-000000000079"));
  }

  /** After a downgrade: it stays for the next upgrade, and goes first where room is needed. */
  @Test
  void aFileOfANewerVersionStays() throws IOException {
    long limit = 64 << 10;
    SegmentStore store = open(limit, new Roomy());
    fill(store, RUN, 1, 20);
    store.close();
    Path file = files().getFirst();
    byte[] whole = Files.readAllBytes(file);
    ByteBuffer.wrap(whole).putInt(8, Segment.VERSION + 1);
    Files.write(file, whole);
    SegmentStore again = open(limit, new Roomy());
    assertThat(checked(again)).isEmpty();
    assertThat(again.unreadable()).isEqualTo(1);
    assertThat(file).exists();
    assertThat(again.bytes()).isEqualTo(whole.length);
    fill(again, 9, 1, 600);
    assertThat(file).doesNotExist();
    again.close();
  }

  @Test
  void aSampleThatWasNotWrittenIsNotThere() throws IOException {
    Disk full =
        new Roomy() {
          private int writes;

          @Override
          public void write(FileChannel to, ByteBuffer bytes) throws IOException {
            writes++;
            if (writes % 10 == 0) {
              to.write(bytes.slice(0, bytes.remaining() / 2));
              throw new IOException("No space left on device");
            }
            super.write(to, bytes);
          }
        };
    SegmentStore store = open(LIMIT, full);
    List<Position> kept = new ArrayList<>();
    for (long sequence = 1; sequence <= 100; sequence++) {
      try {
        store.append(Numbered.sample(RUN, sequence));
        kept.add(new Position(RUN, sequence));
      } catch (IOException e) {
        assertThat(e).hasMessage("No space left on device");
      }
    }
    assertThat(kept).hasSizeBetween(80, 95);
    assertThat(store.waiting()).isEqualTo(kept.size());
    assertThat(checked(store)).containsExactlyInAnyOrderElementsOf(kept);
    store.close();
    SegmentStore again = open();
    assertThat(checked(again)).containsExactlyInAnyOrderElementsOf(kept);
    again.close();
  }

  @Test
  void roomIsLeftForTheJournal() throws IOException {
    Disk scarce =
        new Disk() {
          @Override
          public long usable(Path path) {
            return 31L << 20;
          }
        };
    SegmentStore store = open(LIMIT, scarce);
    assertThatThrownBy(() -> fill(store, RUN, 1, 1))
        .hasMessage("32505856 bytes are free, and below 33554432 nothing is kept here");
    assertThat(files()).isEmpty();
    store.close();
  }

  /** Any order of writing, reading, acknowledging, new sessions and restarts: none is missed. */
  @Test
  void whateverHappensEachSampleComes() throws IOException {
    for (int round = 0; round < 20; round++) {
      long seed = Long.getLong("seed", new Random().nextLong());
      System.out.println("seed of the course: " + seed);
      follow(new Random(seed), seed);
      for (Path left : files()) {
        Files.delete(left);
      }
    }
  }

  private void follow(Random random, long seed) throws IOException {
    SegmentStore store = open(8 << 20, new Roomy());
    Numbered.Collector collector = new Numbered.Collector();
    Set<Position> written = new HashSet<>();
    Set<Position> come = new HashSet<>();
    List<Spooled> sent = new ArrayList<>();
    long incarnation = 1;
    long sequence = 0;
    for (int step = 0; step < 400; step++) {
      int kind = random.nextInt(20);
      if (kind < 12) {
        sequence++;
        Position at = new Position(incarnation, sequence);
        store.append(Numbered.sample(at, Numbered.schema(step / 100 % 2)));
        written.add(at);
      } else if (kind < 17) {
        List<Spooled> next = store.next(1 + random.nextInt(12));
        come.addAll(collector.takeAll(next));
        sent.addAll(next);
      } else if (kind == 17 && !sent.isEmpty()) {
        int until = random.nextInt(sent.size()) + 1;
        sent.subList(0, until).forEach(store::letGo);
        sent.subList(0, until).clear();
      } else if (kind == 18) {
        sent.clear();
        store.readAgain();
        collector = new Numbered.Collector();
      } else if (kind == 19 && random.nextInt(4) == 0) {
        store.close();
        store = open(8 << 20, new Roomy());
        sent.clear();
        collector = new Numbered.Collector();
        incarnation++;
        sequence = 0;
      }
    }
    store.readAgain();
    come.addAll(checked(store));
    assertThat(come).as("seed %d", seed).isEqualTo(written);
    assertThat(store.dropped() + store.unreadable()).isZero();
    store.close();
  }
}
