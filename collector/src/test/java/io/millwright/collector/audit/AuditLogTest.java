package io.millwright.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millwright.collector.Main;
import io.millwright.collector.store.MemoryStore;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.StoreReading;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Clock CLOCK = Clock.system();

  @TempDir private Path directory;

  private static AuditDraft draft(int number) {
    return new AuditDraft("anna", "node.cordon", "n" + number, "", "cordon \u00e9", "why");
  }

  private static AuditLog written(SqliteStore store, int entries) {
    AuditLog log = AuditLog.open(store, CLOCK);
    for (int i = 1; i <= entries; i++) {
      log.commit(List.of(new Op.Put("/mw/x/" + i, "x")), List.of(draft(i)));
    }
    return log;
  }

  private static AuditChain.Finding follow(SqliteStore store, Optional<AuditHead> kept) {
    return AuditChain.follow(
        store.range(AuditLog.ENTRIES).values(), store.get(AuditLog.HEAD), kept);
  }

  @Test
  void entriesAreChainedAndOutliveTheCollector() {
    Path file = directory.resolve("collector.db");
    AuditHead head;
    try (SqliteStore store = SqliteStore.open(file)) {
      head = written(store, 3).head();
    }
    try (SqliteStore store = SqliteStore.open(file)) {
      AuditLog log = written(store, 250);
      assertThat(log.head().sequence()).isEqualTo(253);
      assertThat(log.entries(0, 1_000))
          .hasSize(253)
          .isSortedAccordingTo(java.util.Comparator.comparingLong(AuditEntry::sequence));
      assertThat(log.entries(99, 3))
          .extracting(AuditEntry::sequence)
          .containsExactly(100L, 101L, 102L);
      assertThat(log.entries(253, 3)).isEmpty();
      assertThat(follow(store, Optional.of(head))).isInstanceOf(AuditChain.Finding.Whole.class);
      assertThat(StoreReading.range(file, AuditLog.ALL)).hasSize(254); // while it is open
    }
  }

  @Test
  void whatWasChangedIsFound() {
    try (SqliteStore store = SqliteStore.open(directory.resolve("collector.db"))) {
      AuditLog log = written(store, 5);
      AuditHead kept = log.head();
      Versioned third = store.get(AuditLog.key(3)).orElseThrow();

      put(store, AuditLog.key(3), third.value().replace("anna", "bert"));
      broken(store, "entry 3 was changed");
      put(store, AuditLog.key(3), "{}");
      broken(store, "entry 3 cannot be read");
      delete(store, AuditLog.key(3));
      broken(store, "entry 3 is missing");
      put(store, AuditLog.key(3), third.value());
      assertThat(follow(store, Optional.of(kept))).isInstanceOf(AuditChain.Finding.Whole.class);

      delete(store, AuditLog.key(5));
      broken(store, "cut off");
      AuditEntry fourth = log.entries(3, 1).getFirst();
      put(store, AuditLog.HEAD, new AuditHead(4, fourth.hash()).json());
      assertThat(follow(store, Optional.empty())).isInstanceOf(AuditChain.Finding.Whole.class);
      assertThat(follow(store, Optional.of(kept)))
          .isInstanceOfSatisfying(
              AuditChain.Finding.Broken.class,
              found -> assertThat(found.sentence()).contains("entry 5"));
    }
  }

  private static void broken(SqliteStore store, String sentence) {
    assertThat(follow(store, Optional.empty()))
        .isInstanceOfSatisfying(
            AuditChain.Finding.Broken.class,
            found -> assertThat(found.sentence()).contains(sentence));
  }

  private static void put(SqliteStore store, String key, String value) {
    store.txn(new Txn(List.of(), List.of(new Op.Put(key, value))));
  }

  private static void delete(SqliteStore store, String key) {
    store.txn(new Txn(List.of(), List.of(new Op.Delete(key))));
  }

  /** Neither its change nor its entry is there. */
  @Test
  void aSecondWriterForksNothing() {
    MemoryStore store = MemoryStore.open(new MemoryStore.Disk());
    AuditLog first = AuditLog.open(store, CLOCK);
    AuditLog second = AuditLog.open(store, CLOCK);
    second.commit(List.of(), List.of(draft(1)));
    assertThatExceptionOfType(AuditException.class)
        .isThrownBy(() -> first.commit(List.of(new Op.Put("/mw/x/1", "x")), List.of(draft(2))));
    assertThat(store.get("/mw/x/1")).isEmpty();
    assertThat(store.range(AuditLog.ENTRIES).values()).hasSize(1);
    assertThat(first.head().sequence()).isZero();
  }

  @Test
  void theCommandFollowsTheChainAlsoWhileTheStoreIsOpen() {
    List<String> words =
        new ArrayList<>(List.of("collector", "verify-audit", "--data", directory.toString()));
    assertThat(Main.run(words.toArray(String[]::new))).isEqualTo(78);
    try (SqliteStore store = SqliteStore.open(directory.resolve("collector.db"))) {
      AuditHead head = written(store, 4).head();
      assertThat(Main.run(words.toArray(String[]::new))).isZero();
      words.addAll(List.of("--kept", head.sequence() + ":" + head.hash()));
      assertThat(Main.run(words.toArray(String[]::new))).isZero();
      put(store, AuditLog.key(2), "{}");
      assertThat(Main.run(words.toArray(String[]::new))).isEqualTo(1);
    }
    words.set(5, "nonsense");
    assertThat(Main.run(words.toArray(String[]::new))).isEqualTo(64);
  }
}
