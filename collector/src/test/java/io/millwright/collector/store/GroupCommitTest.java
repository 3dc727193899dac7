package io.millwright.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several transactions, one commit; and a commit that fails. */
class GroupCommitTest {
  private static final int PAGE = 4096;

  @TempDir private Path directory = Path.of("");

  private Path file() {
    return directory.resolve("store.db");
  }

  private static Request.Write write(String key, String value) {
    return new Request.Write(
        new Txn(List.of(), List.of(new Op.Put(key, value))), new CompletableFuture<>());
  }

  @Test
  void whatWaitsGoesIntoOneCommit() throws IOException {
    try (SqliteStore store = SqliteStore.open(file())) {
      CountDownLatch go = new CountDownLatch(1);
      CompletableFuture<?> held = hold(store, go);
      List<CompletableFuture<TxnResult>> answers = new ArrayList<>();
      long before = Files.size(directory.resolve("store.db-wal"));
      for (int i = 0; i < 200; i++) {
        answers.add(store.submit(write("/key", "value " + i).txn()));
      }
      go.countDown();
      held.join();
      assertThat(answers).allSatisfy(answer -> answer.join());
      long pages = (Files.size(directory.resolve("store.db-wal")) - before) / PAGE;
      assertThat(pages).isLessThan(10);
    }
  }

  /** Holds the store's thread; what it had answered already is called back on this one. */
  private static CompletableFuture<Boolean> hold(SqliteStore store, CountDownLatch go) {
    Thread own = Thread.currentThread();
    while (true) {
      CompletableFuture<Boolean> held =
          store
              .submit(write("/first", "x").txn())
              .thenApply(first -> {
                if (Thread.currentThread().equals(own)) {
                  return false;
                }
                waitFor(go);
                return true;
              });
      if (!held.isDone()) {
        return held;
      }
    }
  }

  private static void waitFor(CountDownLatch go) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aConflictInAGroupIsItsOwnAffair() throws Exception {
    StoreFile.Opened opened = opened();
    Request.Write first = write("/a", "1");
    Request.Write second =
        new Request.Write(
            new Txn(List.of(new Compare.Absent("/a")), List.of(new Op.Put("/a", "2"))),
            new CompletableFuture<>());
    Request.Get read = new Request.Get("/a", new CompletableFuture<>());
    try (GroupCommit commits = new GroupCommit(file(), Database.of(opened.connection()), 0)) {
      commits.serve(List.of(first, second, read));
      assertThat(first.answer().join()).isEqualTo(new TxnResult.Committed(1));
      assertThat(second.answer().join()).isInstanceOf(TxnResult.Conflict.class);
      assertThat(read.answer().join()).isEqualTo(Optional.of(new Versioned("/a", "1", 1)));
    }
  }

  @Test
  void aFullDiskRefusesOneGroupAndTheNextMayGoWell() throws Exception {
    StoreFile.Opened opened = opened();
    try (GroupCommit commits = new GroupCommit(file(), Database.of(opened.connection()), 0)) {
      pragma(opened.connection(), "max_page_count = 20");
      Request.Write small = write("/small", "x");
      Request.Write large = write("/large", "x".repeat(1 << 20));
      commits.serve(List.of(small, large));
      refused(small, "the disk is full; make room, then try again");
      refused(large, "the disk is full; make room, then try again");
      pragma(opened.connection(), "max_page_count = 100000");
      Request.Get read = new Request.Get("/small", new CompletableFuture<>());
      Request.Write again = write("/large", "x".repeat(1 << 20));
      commits.serve(List.of(read, again));
      assertThat(read.answer().join()).isEmpty();
      assertThat(again.answer().join()).isEqualTo(new TxnResult.Committed(1));
    }
  }

  @Test
  void afterAnyOtherFailureNothingMoreIsStored() throws Exception {
    StoreFile.Opened opened = opened();
    try (GroupCommit commits = new GroupCommit(file(), Database.of(opened.connection()), 0)) {
      pragma(opened.connection(), "query_only = 1");
      Request.Write first = write("/a", "x");
      commits.serve(List.of(first));
      refused(first, "see to the disk, then restart the collector");
      pragma(opened.connection(), "query_only = 0");
      Request.Write second = write("/a", "x");
      commits.serve(List.of(second));
      refused(second, "see to the disk, then restart the collector");
    }
  }

  private StoreFile.Opened opened() throws Exception {
    return StoreFile.open(file());
  }

  private static void pragma(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA " + setting);
    }
  }

  private static void refused(Request request, String sentence) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> request.answer().join())
        .withCauseInstanceOf(StoreException.class)
        .withMessageContaining(sentence);
  }
}
