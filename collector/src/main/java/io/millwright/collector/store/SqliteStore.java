package io.millwright.collector.store;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded store: one SQLite file with a write-ahead log that is forced to the disk before a
 * transaction is answered.
 *
 * <p><i>Lifecycle:</i> {@link #open} takes the lock of the file, counts the term up and starts the
 * thread {@code store}; {@link #close} answers what was asked before it. <i>Threading:</i> the
 * thread {@code store} alone uses the database; what waits while it commits goes into its next
 * commit together (group commit), reads too. The queue is bounded: when it is full, callers wait.
 * <i>Failure:</i> a full disk fails the transactions of one commit, none of which took place. Any
 * other failure of a commit leaves open what the disk holds: from then on everything is refused
 * until the store is opened again.
 *
 * <p>The driver unpacks its native library into {@code org.sqlite.tmpdir}, which must not be
 * mounted noexec.
 */
public final class SqliteStore implements StateStore {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

  /** Beyond these whoever asks waits. */
  public static final int MOST_WAITING = 1024;

  private static final int MOST_GROUPED = 256;

  private final Path file;
  private final StoreLock lock;
  private final StoreIdentity identity;
  private final Term term;
  private final BlockingQueue<Request> queue = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Clock clock;
  private final LongConsumer commitNanos;
  private final Thread thread;
  private volatile boolean ended;

  private SqliteStore(
      Path file, StoreLock lock, StoreFile.Opened opened, Clock clock, LongConsumer commitNanos)
      throws SQLException {
    this.clock = clock;
    this.commitNanos = commitNanos;
    this.file = file;
    this.lock = lock;
    this.identity = opened.identity();
    this.term = opened.term();
    GroupCommit commits =
        new GroupCommit(file, Database.of(opened.connection()), opened.revision());
    this.thread = Threads.platform("store", () -> run(commits));
  }

  /** Opens the store in this file, which is made where there is none; its directory must exist. */
  public static SqliteStore open(Path file) {
    return open(file, Clock.system(), nanos -> {});
  }

  /**
   * The same.
   *
   * @param commitNanos told on the thread of the store how long each durable commit took, from when
   *     its first request was taken out of the queue
   */
  public static SqliteStore open(Path file, Clock clock, LongConsumer commitNanos) {
    Path absolute = file.toAbsolutePath();
    refusePath(absolute);
    try {
      return openLocked(absolute, StoreLock.take(absolute), clock, commitNanos);
    } catch (IOException | SQLException e) {
      throw new StoreException(
          "store %s: it cannot be opened; see that the collector may read and write there"
              .formatted(absolute),
          e);
    }
  }

  private static void refusePath(Path file) {
    Path parent = file.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new StoreException(
          "store %s: its directory does not exist; make it, or give another path".formatted(file));
    }
    if (file.toString().indexOf('?') >= 0) {
      throw new StoreException(
          "store %s: a '?' in the path is refused; give another path".formatted(file));
    }
  }

  private static SqliteStore openLocked(
      Path file, StoreLock lock, Clock clock, LongConsumer commitNanos)
      throws IOException, SQLException {
    try {
      SqliteStore store = new SqliteStore(file, lock, StoreFile.open(file), clock, commitNanos);
      store.thread.start();
      LOG.info("store open file={} id={} term={}", file, store.identity.id(), store.term);
      return store;
    } catch (IOException | SQLException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public StoreIdentity identity() {
    return identity;
  }

  @Override
  public Term term() {
    return term;
  }

  /** Requests that wait for the thread {@code store}. */
  public int waiting() {
    return queue.size();
  }

  @Override
  public Optional<Versioned> get(String key) {
    Limits.key(key);
    CompletableFuture<Optional<Versioned>> answer = new CompletableFuture<>();
    ask(new Request.Get(key, answer));
    return await(answer);
  }

  @Override
  public Snapshot range(String prefix) {
    if (!Limits.isVisibleAscii(prefix)) {
      throw new IllegalArgumentException("prefix: other than visible ASCII is refused");
    }
    CompletableFuture<Snapshot> answer = new CompletableFuture<>();
    ask(new Request.Range(prefix, answer));
    return await(answer);
  }

  /**
   * {@inheritDoc} What is chained to the answer runs on the thread of the store: never wait there.
   */
  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    CompletableFuture<TxnResult> answer = new CompletableFuture<>();
    ask(new Request.Write(txn, answer));
    return answer;
  }

  @Override
  public TxnResult txn(Txn txn) {
    return await(submit(txn));
  }

  private void ask(Request request) {
    try {
      queue.put(request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      request.refuse(new StoreException("store %s: interrupted before asking".formatted(file)));
    }
    if (ended) {
      refuseWaiting();
    }
  }

  private static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException cause) {
        throw cause.again();
      }
      throw e;
    }
  }

  /** Answers what was asked before, then lets go of the file. Closing again does nothing. */
  @Override
  public void close() {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    ask(new Request.Close(answer));
    answer.handle((closed, refused) -> true).join();
  }

  private void run(GroupCommit commits) {
    List<Request> batch = new ArrayList<>();
    Optional<Request.Close> last = Optional.empty();
    while (last.isEmpty()) {
      last = collect(batch);
      long begun = clock.nanos();
      if (commits.serve(batch)) {
        commitNanos.accept(clock.nanos() - begun);
      }
      batch.clear();
    }
    end(commits);
    last.get().answer().complete(true);
  }

  /** Takes what waits, up to a request to close, which is returned. */
  private Optional<Request.Close> collect(List<Request> batch) {
    Request next = takeFirst();
    while (true) {
      if (next instanceof Request.Close close) {
        return Optional.of(close);
      }
      batch.add(next);
      Request waiting = batch.size() < MOST_GROUPED ? queue.poll() : null;
      if (waiting == null) {
        return Optional.empty();
      }
      next = waiting;
    }
  }

  private Request takeFirst() {
    while (true) {
      try {
        return queue.take();
      } catch (InterruptedException e) {
        LOG.debug("store is closed by close() alone file={}", file);
      }
    }
  }

  private void end(GroupCommit commits) {
    try (lock) {
      commits.close();
    } catch (IOException | SQLException e) {
      LOG.warn("store closed with trouble file={}", file, e);
    }
    ended = true;
    refuseWaiting();
  }

  private void refuseWaiting() {
    StoreException closed = new StoreException("store %s: it is closed".formatted(file));
    for (Request next = queue.poll(); next != null; next = queue.poll()) {
      next.refuse(closed);
    }
  }
}
