package io.millwright.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do; a subclass says how one is opened. */
public abstract class StateStoreConformance {
  private static final int WRITERS = 6;
  private static final int ROUNDS = 20;

  private StateStore store = StillClosed.STORE;

  /** Opens the store of this test; every call opens the same one, which was closed before. */
  protected abstract StateStore open();

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void reopen() {
    store.close();
    store = open();
  }

  private static Txn put(String key, String value) {
    return new Txn(List.of(), List.of(new Op.Put(key, value)));
  }

  private long committed(Txn txn) {
    TxnResult result = store.txn(txn);
    assertThat(result).isInstanceOf(TxnResult.Committed.class);
    return ((TxnResult.Committed) result).revision();
  }

  @Test
  void whatWasPutIsThereUnderItsRevision() {
    assertThat(store.get("/a")).isEmpty();
    long first = committed(put("/a", "one"));
    assertThat(store.get("/a")).hasValue(new Versioned("/a", "one", first));
    long second = committed(put("/a", "two"));
    assertThat(second).isGreaterThan(first);
    assertThat(store.get("/a")).hasValue(new Versioned("/a", "two", second));
  }

  @Test
  void aKeyIsCreatedOnce() {
    Txn create = new Txn(List.of(new Compare.Absent("/a")), List.of(new Op.Put("/a", "mine")));
    long revision = committed(create);
    assertThat(store.txn(create))
        .isEqualTo(
            new TxnResult.Conflict(
                new Compare.Absent("/a"),
                java.util.Optional.of(new Versioned("/a", "mine", revision))));
  }

  @Test
  void aValueIsReplacedOnlyWhileItIsTheOneThatWasRead() {
    long read = committed(put("/a", "one"));
    Txn replace =
        new Txn(List.of(new Compare.Revision("/a", read)), List.of(new Op.Put("/a", "two")));
    long replaced = committed(replace);
    assertThat(store.txn(replace))
        .isEqualTo(
            new TxnResult.Conflict(
                new Compare.Revision("/a", read),
                java.util.Optional.of(new Versioned("/a", "two", replaced))));
  }

  @Test
  void aKeyThatIsNotThereHasNoRevision() {
    assertThat(
            store.txn(
                new Txn(List.of(new Compare.Revision("/a", 0)), List.of(new Op.Put("/a", "x")))))
        .isEqualTo(
            new TxnResult.Conflict(new Compare.Revision("/a", 0), java.util.Optional.empty()));
    assertThat(store.get("/a")).isEmpty();
  }

  @Test
  void aConflictChangesNothing() {
    committed(put("/a", "one"));
    Txn txn =
        new Txn(
            List.of(new Compare.Absent("/b"), new Compare.Absent("/a")),
            List.of(new Op.Put("/b", "new"), new Op.Delete("/a")));
    assertThat(store.txn(txn)).isInstanceOf(TxnResult.Conflict.class);
    assertThat(store.get("/b")).isEmpty();
    assertThat(store.get("/a")).isPresent();
  }

  @Test
  void allOfATransactionHappensUnderOneRevision() {
    committed(put("/gone", "x"));
    long revision =
        committed(
            new Txn(
                List.of(),
                List.of(new Op.Put("/a", "1"), new Op.Put("/b", "2"), new Op.Delete("/gone"))));
    assertThat(store.range("/").values())
        .containsExactly(new Versioned("/a", "1", revision), new Versioned("/b", "2", revision));
  }

  @Test
  void aKeyThatWentAndCameBackIsNotTheOneThatWasRead() {
    long read = committed(put("/a", "same"));
    committed(new Txn(List.of(), List.of(new Op.Delete("/a"))));
    committed(put("/a", "same"));
    assertThat(
            store.txn(
                new Txn(List.of(new Compare.Revision("/a", read)), List.of(new Op.Delete("/a")))))
        .isInstanceOf(TxnResult.Conflict.class);
  }

  @Test
  void deletingWhatIsNotThereIsNoError() {
    committed(new Txn(List.of(), List.of(new Op.Delete("/a"))));
    assertThat(store.get("/a")).isEmpty();
  }

  @Test
  void aTransactionMayOnlyCompare() {
    committed(new Txn(List.of(new Compare.Absent("/a")), List.of()));
    assertThat(store.range("").values()).isEmpty();
  }

  @Test
  void aRangeHasAllThatBeginsSoInOrder() {
    for (String key : List.of("/b/2", "/b/10", "/b", "/b/~", "/c/1", "/b0", "/B/1", "/b/")) {
      committed(put(key, key));
    }
    assertThat(store.range("/b/").values().stream().map(Versioned::key))
        .containsExactly("/b/", "/b/10", "/b/2", "/b/~");
    assertThat(store.range("").values()).hasSize(8);
    assertThat(store.range("/d").values()).isEmpty();
  }

  @Test
  void aRangeSaysItsRevision() {
    long revision = committed(put("/a", "x"));
    assertThat(store.range("/").revision()).isEqualTo(revision);
  }

  @Test
  void everythingIsThereAfterReopening() {
    long revision = committed(put("/a", "\u00e9\ud83d\ude80 {\"k\":\"v\"}\n"));
    reopen();
    assertThat(store.get("/a"))
        .hasValue(new Versioned("/a", "\u00e9\ud83d\ude80 {\"k\":\"v\"}\n", revision));
    assertThat(committed(put("/b", "x"))).isGreaterThan(revision);
  }

  @Test
  void eachOpeningHasAHigherTermAndAnotherStart() {
    StoreIdentity identity = store.identity();
    Term first = store.term();
    assertThat(identity.id()).isNotBlank();
    assertThat(first.generation()).isEqualTo(identity.generation());
    reopen();
    assertThat(store.identity()).isEqualTo(identity);
    assertThat(store.term()).isGreaterThan(first);
    assertThat(store.term().start()).isNotEqualTo(first.start());
  }

  @Test
  void anAnswerComesInTheOrderOfTheQuestions() {
    List<CompletableFuture<TxnResult>> answers =
        IntStream.range(0, 300).mapToObj(n -> store.submit(put("/n", "" + n))).toList();
    List<Long> revisions =
        answers.stream().map(a -> ((TxnResult.Committed) a.join()).revision()).toList();
    assertThat(revisions).isSorted().doesNotHaveDuplicates();
    assertThat(store.get("/n").map(Versioned::value)).hasValue("299");
  }

  @Test
  void concurrentWritersLoseNoUpdate() throws Exception {
    committed(put("/count", "0"));
    inParallel(() -> {
      for (int i = 0; i < ROUNDS; i++) {
        increment();
      }
    });
    assertThat(store.get("/count").map(Versioned::value)).hasValue("" + WRITERS * ROUNDS);
  }

  private void increment() {
    TxnResult result;
    do {
      Versioned read = store.get("/count").orElseThrow();
      String next = Integer.toString(Integer.parseInt(read.value()) + 1);
      result =
          store.txn(
              new Txn(
                  List.of(new Compare.Revision("/count", read.revision())),
                  List.of(new Op.Put("/count", next))));
    } while (result instanceof TxnResult.Conflict);
  }

  @Test
  void aRangeSeesNoHalfOfATransaction() throws Exception {
    inParallel(() -> {
      for (int i = 0; i < ROUNDS; i++) {
        String value = Thread.currentThread().threadId() + "-" + i;
        store.txn(
            new Txn(List.of(), List.of(new Op.Put("/p/1", value), new Op.Put("/p/2", value))));
        List<Versioned> pair = store.range("/p/").values();
        assertThat(pair.getFirst().value()).isEqualTo(pair.getLast().value());
      }
    });
  }

  private static void inParallel(Runnable work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        all.add(threads.submit(work));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Test
  void theLargestTransactionFits() {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < Txn.MOST_OPS; i++) {
      ops.add(new Op.Put("/many/" + i, "x"));
    }
    committed(new Txn(List.of(), ops));
    committed(put("/large", "x".repeat(1 << 20)));
    assertThat(store.range("/many/").values()).hasSize(Txn.MOST_OPS);
    assertThat(store.get("/large").map(v -> v.value().length())).hasValue(1 << 20);
    ops.add(new Op.Delete("/one-more"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Txn(List.of(), ops))
        .withMessageContaining("129 changes are refused; allowed are 128");
  }

  @Test
  void whatNoStoreCanHoldIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("", "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("/a b", "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("/\u00e9", "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("/" + "k".repeat(512), "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("/a", "\ud800"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Op.Put("/a", "\0"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Op.Put("/a", "x".repeat((1 << 20) + 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Txn(List.of(), List.of(new Op.Put("/a", "x"), new Op.Delete("/a"))));
    assertThatIllegalArgumentException().isThrownBy(() -> store.get("/\n"));
    assertThatIllegalArgumentException().isThrownBy(() -> store.range("/\n"));
  }

  @Test
  void aClosedStoreAnswersNothing() {
    store.close();
    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.get("/a"));
    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.txn(put("/a", "x")));
    store.close();
  }
}
