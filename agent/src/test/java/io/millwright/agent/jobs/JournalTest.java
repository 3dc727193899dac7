package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.jobs.Journal.Written;
import io.millwright.agent.records.Disk;
import io.millwright.agent.records.Framing;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the journal gives back after what a disk and a crash can do to it. */
class JournalTest {
  private static final String BOOT = "boot-1";
  private static final long LARGE = 1L << 20;

  @TempDir Path directory;

  /** Entries that fold to a book: runs of a job that are accepted, move and end. */
  private static List<Entry> entries(int runs) {
    List<Entry> entries = new ArrayList<>();
    long sequence = 0;
    for (int i = 1; i <= runs; i++) {
      RunId run = new RunId("job-" + i, 1);
      entries.add(
          new Entry.Accepted(
              run,
              "f" + i,
              Optional.of(JournalWords.assignment("job-" + i)),
              List.of("GPU-" + i),
              BOOT,
              i));
      entries.add(moved(run, JobState.RUNNING, Optional.empty(), ++sequence));
      entries.add(new Entry.Marked(new Term(1, 2, 3), i));
      entries.add(moved(run, JobState.ENDED, Optional.of(Outcome.exit(i)), ++sequence));
    }
    return entries;
  }

  private static Entry moved(RunId run, JobState state, Optional<Outcome> outcome, long sequence) {
    return new Entry.Moved(run, state, outcome, Usage.NONE, "", sequence, 5);
  }

  private static Book fold(List<Entry> entries) {
    Book book = new Book();
    entries.forEach(book::apply);
    return book;
  }

  private Journal open(Book into) {
    return Journal.open(directory, BOOT, Disk.real(), LARGE, into);
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("journal-\\d+"))
          .sorted()
          .reduce((a, b) -> b)
          .orElseThrow();
    }
  }

  private byte[] written(List<Entry> entries) throws IOException {
    try (Journal journal = open(new Book())) {
      for (Entry entry : entries) {
        assertThat(journal.append(List.of(entry))).isEqualTo(new Written.Done());
      }
    }
    return Files.readAllBytes(segment());
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    List<Entry> entries = entries(3);
    written(entries);
    Book back = new Book();
    try (Journal journal = open(back)) {
      assertThat(journal.quarantine()).isEmpty();
      assertThat(back.snapshot()).isEqualTo(fold(entries).snapshot());
      assertThat(back.unacknowledged()).hasSize(6);
    }
  }

  @Test
  void keepsItsIdentityOverRestartsAndCompactions() throws IOException {
    Book book = new Book();
    String id;
    try (Journal journal = Journal.open(directory, BOOT, Disk.real(), 1024, book)) {
      id = journal.id();
      for (int i = 0; i < 500; i++) {
        Entry entry = new Entry.Marked(new Term(1, 2, 3), i);
        book.apply(entry);
        journal.append(List.of(entry));
        journal.compact(book::snapshot);
      }
      assertThat(Files.size(segment())).isLessThan(8192);
    }
    Book back = new Book();
    try (Journal journal = open(back)) {
      assertThat(journal.id()).isEqualTo(id);
      assertThat(back.generation()).isEqualTo(499);
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.filter(f -> f.getFileName().toString().startsWith("journal-"))).hasSize(1);
      }
    }
  }

  @Test
  void isUsedByOneAgentAtATime() {
    try (Journal journal = open(new Book())) {
      assertThat(journal.quarantine()).isEmpty();
      assertThatThrownBy(() -> open(new Book()))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining("in use by another agent");
    }
  }

  /** A cut anywhere is a torn tail: what is whole comes back, and the journal can be used. */
  @Test
  void aCutAtEveryByteGivesAPrefixOrAQuarantine() throws IOException {
    List<Entry> entries = entries(2);
    byte[] whole = written(entries);
    Path segment = segment();
    int header = 0;
    for (int length = 0; length <= whole.length; length++) {
      Files.write(segment, Arrays.copyOf(whole, length));
      Files.deleteIfExists(directory.resolve("quarantine"));
      int recovered = prefix(entries, "cut at " + length);
      header = recovered < 0 ? length : header;
    }
    assertThat(header).as("only a damaged header is beyond recovery").isLessThan(200);
  }

  @Test
  void aFlipAtEveryByteGivesAPrefixOrAQuarantine() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Entry> entries = entries(2);
    byte[] whole = written(entries);
    Path segment = segment();
    int last = lastRecord(whole);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 + random.nextInt(255));
      Files.write(segment, damaged);
      Files.deleteIfExists(directory.resolve("quarantine"));
      int recovered = prefix(entries, "seed %d flip at %d".formatted(seed, at));
      if (at < last) {
        assertThat(recovered).as("seed %d flip at %d", seed, at).isEqualTo(-1);
      }
    }
  }

  @Test
  void randomDamageGivesAPrefixOrAQuarantine() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Entry> entries = entries(3);
    byte[] whole = written(entries);
    Path segment = segment();
    for (int i = 0; i < 400; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 64));
      for (int flips = random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(segment, damaged);
      Files.deleteIfExists(directory.resolve("quarantine"));
      prefix(entries, "seed %d round %d".formatted(seed, i));
    }
  }

  /** Of a disk that forgets nothing, because these tests open a journal thousands of times. */
  private static Disk quick() {
    return new Disk() {
      @Override
      public void force(FileChannel file) {}
    };
  }

  /** How many entries came back; -1 for a quarantine. Anything else but a prefix fails. */
  private int prefix(List<Entry> entries, String what) {
    Book back = new Book();
    try (Journal journal = Journal.open(directory, BOOT, quick(), LARGE, back)) {
      if (journal.quarantine().isPresent()) {
        assertThat(journal.append(List.of(new Entry.Acknowledged(1))))
            .as(what)
            .isInstanceOf(Written.Quarantined.class);
        assertPrefix(entries, back, what);
        return -1;
      }
      int recovered = assertPrefix(entries, back, what);
      assertThat(journal.append(List.of(new Entry.Acknowledged(1))))
          .as(what)
          .isEqualTo(new Written.Done());
      return recovered;
    }
  }

  private static int assertPrefix(List<Entry> entries, Book back, String what) {
    for (int n = 0; n <= entries.size(); n++) {
      if (fold(entries.subList(0, n)).snapshot().equals(back.snapshot())) {
        return n;
      }
    }
    throw new AssertionError(what + ": no prefix of what was written: " + back.snapshot());
  }

  private static int lastRecord(byte[] bytes) {
    for (int at = bytes.length - 20; at > 0; at--) {
      if (ByteBuffer.wrap(bytes, at, 4).getInt() == 0x4D57_52A5) {
        return at;
      }
    }
    throw new AssertionError("no record");
  }

  @Test
  void aQuarantineOutlivesTheRestart() throws IOException {
    byte[] whole = written(entries(2));
    Path segment = segment();
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    Files.write(segment, damaged);
    String sentence;
    try (Journal journal = open(new Book())) {
      sentence = journal.quarantine().orElseThrow();
      assertThat(sentence).contains("a whole record follows", "running jobs go on", "keep a copy");
    }
    Files.write(segment, whole);
    try (Journal journal = open(new Book())) {
      assertThat(journal.quarantine()).contains(sentence);
    }
    Files.delete(directory.resolve("quarantine"));
    try (Journal journal = open(new Book())) {
      assertThat(journal.quarantine()).isEmpty();
    }
  }

  @Test
  void aSyncThatFailsIsAQuarantineAndIsNotTriedAgain() {
    int[] forces = {0};
    Disk sick =
        new Disk() {
          @Override
          public void force(FileChannel file) throws IOException {
            if (++forces[0] > 1) {
              throw new IOException("Input/output error");
            }
            file.force(false);
          }
        };
    try (Journal journal = Journal.open(directory, BOOT, sick, LARGE, new Book())) {
      assertThat(journal.append(entries(1))).isInstanceOf(Written.Quarantined.class);
      assertThat(journal.append(entries(1))).isInstanceOf(Written.Quarantined.class);
      assertThat(forces[0]).isEqualTo(2);
    }
  }

  /** What a killed agent wrote last may be in the machine's memory alone. */
  @Test
  void whatIsReadIsOnTheDiskBeforeItIsBelieved() {
    open(new Book()).close();
    int[] forces = {0};
    boolean[] sick = {false};
    Disk counting =
        new Disk() {
          @Override
          public void force(FileChannel file) throws IOException {
            if (sick[0]) {
              throw new IOException("Input/output error");
            }
            forces[0]++;
            file.force(false);
          }
        };
    try (Journal journal = Journal.open(directory, BOOT, counting, LARGE, new Book())) {
      assertThat(journal.quarantine()).isEmpty();
      assertThat(forces[0]).isEqualTo(1);
    }
    sick[0] = true;
    try (Journal journal = Journal.open(directory, BOOT, counting, LARGE, new Book())) {
      assertThat(journal.quarantine()).isPresent();
    }
  }

  @Test
  void aFullDiskLeavesNoHalfRecordAndPasses() throws IOException {
    boolean[] full = {false};
    Disk small =
        new Disk() {
          @Override
          public void write(FileChannel to, ByteBuffer bytes) throws IOException {
            if (full[0]) {
              to.write(bytes.slice(0, bytes.remaining() / 2));
              throw new IOException("No space left on device");
            }
            to.write(bytes);
          }
        };
    List<Entry> entries = entries(1);
    try (Journal journal = Journal.open(directory, BOOT, small, LARGE, new Book())) {
      full[0] = true;
      assertThat(journal.append(entries))
          .isInstanceOfSatisfying(
              Written.Full.class,
              written -> assertThat(written.sentence()).contains("No space left"));
      full[0] = false;
      assertThat(journal.append(entries)).isEqualTo(new Written.Done());
    }
    Book back = new Book();
    try (Journal journal = open(back)) {
      assertThat(journal.quarantine()).isEmpty();
      assertThat(back.snapshot()).isEqualTo(fold(entries).snapshot());
    }
  }

  @Test
  void aNewerVersionIsNotGuessedAt() throws IOException {
    byte[] header = EntryJson.bytes(new Segment.Header(2, "id", BOOT));
    byte[] record = Framing.record(1, header).array();
    Files.write(
        directory.resolve("journal-0000000001"),
        ByteBuffer.allocate(8 + record.length).put(Segment.NAME).put(record).array());
    try (Journal journal = open(new Book())) {
      assertThat(journal.quarantine().orElseThrow()).contains("version 2, and this agent knows 1");
    }
  }

  @Test
  void everyKindOfEntrySurvivesJson() throws IOException {
    List<Entry> all = new ArrayList<>(JournalWords.everyKind());
    assertThat(all.stream().map(Entry::getClass).distinct())
        .hasSize(Entry.class.getPermittedSubclasses().length);
    for (Entry entry : all) {
      assertThat(EntryJson.entry(EntryJson.bytes(entry))).isEqualTo(entry);
    }
  }

  /** What asks for no channel is written as before, and what was written before is read. */
  @Test
  void anOlderEntryHasFewerFlags() throws IOException {
    Entry.Accepted alone =
        new Entry.Accepted(
            new RunId("a", 1),
            "f",
            Optional.of(JournalWords.assignment("a")),
            List.of("dev-1"),
            "b",
            1);
    String json = new String(EntryJson.bytes(alone), StandardCharsets.UTF_8);
    assertThat(json).doesNotContain("imex").doesNotContain("channel").contains(",\"rdma\":false");
    String older = json.replace(",\"rdma\":false", "");
    assertThat(EntryJson.entry(older.getBytes(StandardCharsets.UTF_8))).isEqualTo(alone);
    assertThatThrownBy(
            () -> EntryJson.entry(json.replace("false", "null").getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }

  /** After a lost journal the collector learns of it from nobody else. */
  @Test
  void aRunThatWasFoundTellsItsChannelUntilItHasEnded() throws IOException {
    RunId id = new RunId("a", 1);
    ImexChannel channel = new ImexChannel(17);
    Entry.Found found = new Entry.Found(id, List.of("dev-1"), Optional.of(channel), "b", 1);
    assertThat(EntryJson.entry(EntryJson.bytes(found))).isEqualTo(found);
    Run run = Run.found(found);
    assertThat(Applied.Held.of(run))
        .isEqualTo(new Applied.Held(id, List.of("dev-1"), Optional.of(channel)));
    Run ended =
        run.moved(new Entry.Moved(id, JobState.ENDED, Optional.empty(), Usage.NONE, "", 1, 2));
    assertThat(ended.channel()).isEmpty();
    Entry.Found without = new Entry.Found(id, List.of("dev-1"), Optional.empty(), "b", 1);
    byte[] json = EntryJson.bytes(without);
    assertThat(new String(json, StandardCharsets.UTF_8)).doesNotContain("channel");
    assertThat(EntryJson.entry(json)).isEqualTo(without);
  }

  /** What has no group reads as agents wrote it, and read it, before there were groups. */
  @Test
  void anAssignmentWithoutAGroupIsWrittenAsBefore() throws IOException {
    Entry.Accepted alone =
        new Entry.Accepted(
            new RunId("a", 1),
            "f",
            Optional.of(JournalWords.assignment("a")),
            List.of("dev-1"),
            "b",
            1);
    byte[] json = EntryJson.bytes(alone);
    assertThat(new String(json, StandardCharsets.UTF_8)).doesNotContain("group");
    assertThat(EntryJson.entry(json)).isEqualTo(alone);
  }
}
