package io.millwright.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.collector.Main;
import io.millwright.collector.backup.Restore;
import io.millwright.collector.recovery.RecoveryNote;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.AuditHeadsBody.Kept;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.LogHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real store, a real backup, and heads as a node keeps them. */
@SuppressWarnings("NullAway.Init") // set before each test
class WitnessDeskTest {
  private static final Clock CLOCK = Clock.system();

  @TempDir private Path directory;
  private Path data;
  private SqliteStore store;
  private AuditLog audit;
  private WitnessDesk desk;

  @BeforeEach
  void start() throws IOException {
    data = Files.createDirectory(directory.resolve("data"));
    open();
  }

  private void open() {
    store = SqliteStore.open(data.resolve("collector.db"));
    audit = AuditLog.open(store, CLOCK);
    desk = WitnessDesk.open(store, audit);
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private LogHead write(int entries) {
    for (int i = 0; i < entries; i++) {
      audit.commit(
          List.of(), List.of(new AuditDraft("anna", "node.cordon", "n" + i, "", "cordon", "why")));
    }
    desk.look();
    return desk.head().orElseThrow();
  }

  private WitnessDesk.Witness told(LogHead... heads) {
    List<Kept> kept = Arrays.stream(heads).map(head -> new Kept(head, 1_800_000_000_000L)).toList();
    desk.told(new AuditHeadsBody("n7", kept, Optional.empty()));
    desk.look();
    return desk.witnesses().getFirst();
  }

  private static LogHead other(LogHead head) {
    return new LogHead(head.store(), head.generation(), head.sequence(), "e".repeat(64));
  }

  /** Cuts the log behind an entry, and makes it whole in itself again. */
  private void cut(long behind) {
    List<Op> ops = new ArrayList<>();
    for (long gone = behind + 1; gone <= audit.head().sequence(); gone++) {
      ops.add(new Op.Delete(AuditLog.key(gone)));
    }
    AuditEntry last = audit.entries(behind - 1, 1).getFirst();
    ops.add(new Op.Put(AuditLog.HEAD, new AuditHead(behind, last.hash()).json()));
    store.txn(new Txn(List.of(), ops));
    store.close();
    open();
  }

  @Test
  void aLogThatNothingIsInHasNoHead() {
    assertThat(desk.head()).isEmpty();
    assertThat(desk.trouble()).isEmpty();
    assertThat(desk.counts().values()).containsOnly(0);
  }

  @Test
  void whatWasKeptIsInTheLogAlsoAfterARestart() {
    LogHead third = write(3);
    LogHead tenth = write(7);
    store.close();
    open();
    assertThat(desk.head()).contains(tenth);
    assertThat(told(third, tenth).verdict()).isEqualTo(Verdict.AGREES);
    assertThat(desk.trouble()).isEmpty();
  }

  @Test
  void aLogWhoseEndWasCutOffContradictsItsWitness() {
    LogHead third = write(3);
    LogHead tenth = write(7);
    cut(5);
    WitnessDesk.Witness witness = told(third, tenth);
    assertThat(witness.verdict()).isEqualTo(Verdict.CONTRADICTS);
    assertThat(WitnessDesk.sentence(witness))
        .isEqualTo(
            "entry 10 of generation 1, seen at 2027-01-15T08:00:00Z, is not in the log, which ends with entry 5: its end was cut off, or this is an older copy");
    assertThat(desk.trouble().orElseThrow()).contains("the one that 1 nodes saw");
    assertThat(desk.counts()).containsEntry("contradicts", 1).containsEntry("agrees", 0);
  }

  @Test
  void aLogThatWasCutAndHasGrownSinceContradictsItToo() {
    LogHead tenth = write(10);
    cut(5);
    LogHead grown = write(20);
    WitnessDesk.Witness witness = told(tenth, grown);
    assertThat(witness.verdict()).isEqualTo(Verdict.CONTRADICTS);
    assertThat(witness.kept().head()).isEqualTo(tenth);
    assertThat(witness.why()).contains("written anew");
    assertThat(told(grown).kept().head()).as("it stands, what was told since").isEqualTo(tenth);
    assertThat(desk.trouble()).isPresent();
  }

  @Test
  void aContradictionEndsWhenTheLogIsTheRightOneAgain() {
    LogHead tenth = write(10);
    Optional<Versioned> entry = store.get(AuditLog.key(10));
    change(AuditLog.key(10), "{}");
    assertThat(told(tenth).verdict()).isEqualTo(Verdict.CONTRADICTS);
    change(AuditLog.key(10), entry.orElseThrow().value());
    assertThat(told(tenth).verdict()).isEqualTo(Verdict.AGREES);
    assertThat(desk.trouble()).isEmpty();
  }

  /** Its stored hash is as it was. */
  @Test
  void anEntryWhoseWordsWereChangedContradicts() {
    LogHead tenth = write(10);
    String entry = store.get(AuditLog.key(10)).orElseThrow().value();
    change(AuditLog.key(10), entry.replace("anna", "bert"));
    assertThat(told(tenth).verdict()).isEqualTo(Verdict.CONTRADICTS);
  }

  @Test
  void anEntryThatCannotBeReadContradictsAndHidesNoOtherNode() {
    LogHead tenth = write(10);
    change(AuditLog.key(10), "rubbish");
    desk.told(new AuditHeadsBody("n8", List.of(new Kept(tenth, 1)), Optional.empty()));
    told(tenth);
    assertThat(desk.counts()).containsEntry("contradicts", 2);
  }

  @Test
  void whatCouldNotBeLookedAtIsLookedAtWhenTheStoreIsBack() {
    LogHead tenth = write(10);
    store.close();
    desk.told(new AuditHeadsBody("n7", List.of(new Kept(other(tenth), 1)), Optional.empty()));
    assertThatThrownBy(desk::look).isInstanceOf(StoreException.class);
    assertThatThrownBy(desk::look).as("it waits").isInstanceOf(StoreException.class);
    open();
  }

  /** Restored from a backup of a version that kept no witnesses. */
  @Test
  void aGenerationWhoseBeginIsNotInTheLogWasRestored() {
    LogHead tenth = write(10);
    LogHead lost = new LogHead(tenth.store(), 3, 5, "e".repeat(64));
    NavigableMap<Long, Long> begins = new TreeMap<>(Map.of(4L, 10L));
    Testimony testimony =
        new Testimony(tenth.store(), 4, 10, begins, number -> Optional.of("f".repeat(64)));
    assertThat(testimony.of(lost).verdict()).isEqualTo(Verdict.RESTORED);
    begins.put(3L, 2L);
    assertThat(
            new Testimony(tenth.store(), 4, 10, begins, number -> Optional.of("f".repeat(64)))
                .of(lost)
                .verdict())
        .isEqualTo(Verdict.CONTRADICTS);
  }

  private void change(String key, String value) {
    store.txn(new Txn(List.of(), List.of(new Op.Put(key, value))));
  }

  @Test
  void aHeadThatNeverWasContradicts() {
    assertThat(told(other(write(3))).verdict()).isEqualTo(Verdict.CONTRADICTS);
  }

  @Test
  void anotherStoreIsSaidAndIsNoContradiction() {
    LogHead head = write(3);
    LogHead foreign = new LogHead(new UUID(5, 5), 1, 90, "a".repeat(64));
    assertThat(told(foreign).verdict()).isEqualTo(Verdict.OTHER_STORE);
    assertThat(told(head, foreign).verdict()).isEqualTo(Verdict.AGREES);
    assertThat(desk.trouble()).isEmpty();
  }

  @Test
  void aCopyOfBeforeARestoreContradicts() {
    LogHead head = write(3);
    LogHead later = new LogHead(head.store(), 2, 2, head.hash());
    assertThat(told(later).why()).contains("an older copy");
    assertThat(told(later).verdict()).isEqualTo(Verdict.CONTRADICTS);
  }

  @Test
  void aRestoredStoreIsKnownAndWhatItLostIsSaid() throws IOException {
    LogHead third = write(3);
    assertThat(Main.run("collector", "backup", "--data", data.toString(), "--to", backup()))
        .isZero();
    LogHead tenth = write(7);
    store.close();
    data = directory.resolve("restored");
    new Restore(Path.of(backup()), data, OptionalLong.empty())
        .run(restored -> RecoveryNote.restored(CLOCK.wall(), "b", restored.generation()).put());
    assertThat(verified(third, tenth)).isZero(); // before a collector has opened it
    open();
    LogHead now = write(12);
    assertThat(now.generation()).isEqualTo(2);
    assertThat(told(third, tenth).verdict()).isEqualTo(Verdict.RESTORED);
    assertThat(desk.witnesses().getFirst().why()).contains("ends with entry 3");
    assertThat(told(third, now).verdict()).isEqualTo(Verdict.AGREES);
    assertThat(told(other(third)).verdict()).isEqualTo(Verdict.CONTRADICTS);
    assertThat(desk.trouble()).isPresent();
    assertThat(verified(third, tenth, now)).isZero();
    cut(14);
    assertThat(told(third, tenth, now).verdict()).isEqualTo(Verdict.CONTRADICTS);
    assertThat(verified(third, tenth, now)).isEqualTo(1);
  }

  private String backup() {
    return directory.resolve("backup").toString();
  }

  /** By the command, with the node's own file. */
  private int verified(LogHead... heads) throws IOException {
    Path file = directory.resolve("audit-heads.json");
    List<Kept> kept = Arrays.stream(heads).map(head -> new Kept(head, 1)).toList();
    Files.write(file, new AuditHeadsBody("n7", kept, Optional.empty()).json());
    return Main.run(
        "collector", "verify-audit", "--data", data.toString(), "--heads", file.toString());
  }

  @Test
  void theCommandReadsWhatTheCollectorListed() throws IOException {
    LogHead head = write(10);
    Path list = directory.resolve("list.json");
    Files.writeString(
        list,
        "{\"schema_version\":1,\"heads\":[{\"node\":\"n7\",\"verdict\":\"agrees\",\"why\":\"x\",\"store\":\"%s\",\"generation\":1,\"sequence\":10,\"hash\":\"%s\",\"seen_ms\":5}]}"
            .formatted(head.store(), head.hash()));
    String[] words = {
      "collector", "verify-audit", "--data", data.toString(), "--heads", list.toString()
    };
    assertThat(Main.run(words)).isZero();
    cut(9);
    assertThat(Main.run(words)).isEqualTo(1);
    Files.writeString(list, "{\"heads\":[{\"node\":\"n7\"}]}");
    assertThat(Main.run(words)).isEqualTo(78);
    Files.delete(list);
    assertThat(Main.run(words)).isEqualTo(78);
  }

  @Test
  void thePairOfNodesIsCountedByTheGravest() {
    LogHead head = write(10);
    told(head);
    desk.told(new AuditHeadsBody("n8", List.of(new Kept(other(head), 1)), Optional.empty()));
    desk.look();
    assertThat(desk.counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("agrees", 1, "contradicts", 1, "restored", 0, "other-store", 0));
  }
}
