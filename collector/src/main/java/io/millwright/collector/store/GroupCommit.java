package io.millwright.collector.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;

/**
 * Serves several requests in one transaction of the database, and answers none before it is
 * durable. Owned by the thread of the store.
 */
final class GroupCommit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  private final Path file;
  private final Database database;
  private long revision;
  private Optional<StoreException> broken = Optional.empty();

  GroupCommit(Path file, Database database, long revision) {
    this.file = file;
    this.database = database;
    this.revision = revision;
  }

  /** Answers all of them; whether something became durable. */
  boolean serve(List<Request> requests) {
    if (broken.isPresent()) {
      refuse(requests, broken.get());
      return false;
    }
    long before = revision;
    try {
      List<Runnable> answers = commit(requests, before);
      answers.forEach(Runnable::run);
      return revision != before;
    } catch (SQLException | RuntimeException e) {
      revision = before;
      refuse(requests, failed(e));
      return false;
    }
  }

  private List<Runnable> commit(List<Request> requests, long before) throws SQLException {
    List<Runnable> answers = new ArrayList<>();
    if (requests.isEmpty()) {
      return answers;
    }
    database.begin();
    for (Request request : requests) {
      answers.add(answer(request));
    }
    if (revision != before) {
      database.revision(revision);
    }
    database.commit();
    return answers;
  }

  private static void refuse(List<Request> requests, StoreException why) {
    requests.forEach(request -> request.refuse(why));
  }

  /** What the caller is told once all of it is durable. */
  private Runnable answer(Request request) throws SQLException {
    return switch (request) {
      case Request.Write(Txn txn, var answer) -> {
        TxnResult result = apply(txn);
        yield () -> answer.complete(result);
      }
      case Request.Get(String key, var answer) -> {
        Optional<Versioned> found = database.get(key);
        yield () -> answer.complete(found);
      }
      case Request.Range(String prefix, var answer) -> {
        Snapshot found = new Snapshot(database.range(prefix), revision);
        yield () -> answer.complete(found);
      }
      case Request.Close close -> throw new IllegalStateException("not for a commit: " + close);
    };
  }

  private TxnResult apply(Txn txn) throws SQLException {
    for (Compare compare : txn.ifAll()) {
      Optional<Versioned> current = database.get(compare.key());
      if (!holds(compare, current)) {
        return new TxnResult.Conflict(compare, current);
      }
    }
    long next = revision + 1;
    for (Op op : txn.then()) {
      database.apply(op, next);
    }
    revision = next;
    return new TxnResult.Committed(next);
  }

  private static boolean holds(Compare compare, Optional<Versioned> current) {
    return switch (compare) {
      case Compare.Absent absent -> current.isEmpty();
      case Compare.Revision(String key, long revision) ->
          current.filter(value -> value.revision() == revision).isPresent();
    };
  }

  /**
   * After a full disk the transaction is undone and another may go well. After anything else nobody
   * knows what the disk holds: a second fsync after a failed one may report success for pages that
   * the kernel has dropped.
   */
  private StoreException failed(Exception cause) {
    boolean undone = rollback();
    if (undone && isFull(cause)) {
      LOG.error("disk full, nothing was stored file={}", file, cause);
      return new StoreException(
          "store %s: the disk is full; make room, then try again".formatted(file), cause);
    }
    LOG.error("store stopped file={}", file, cause);
    StoreException stopped =
        new StoreException(
            "store %s: a commit failed, nothing more is stored; see to the disk, then restart the collector"
                .formatted(file),
            cause);
    broken = Optional.of(stopped);
    return stopped;
  }

  private static boolean isFull(Exception cause) {
    return cause instanceof SQLException e
        && (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_FULL.code;
  }

  /** Whether the transaction is undone and another may begin. */
  private boolean rollback() {
    try {
      undo();
      database.prepareAgain();
      return true;
    } catch (SQLException e) {
      LOG.warn("rollback failed file={}", file, e);
      return false;
    }
  }

  private void undo() throws SQLException {
    try {
      database.rollback();
    } catch (SQLException e) {
      if (e.getErrorCode() != SQLiteErrorCode.SQLITE_ERROR.code) {
        throw e;
      } // else there was nothing to undo: SQLite undoes by itself after some failures
    }
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
