package io.millwright.collector.store;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** A store for tests whose disk is a map; what is written to it is durable at once. */
public final class MemoryStore implements StateStore {
  private final Disk disk;
  private final Term term;
  private volatile boolean closed;

  /** What outlives a store. */
  public static final class Disk {
    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableMap<String, Versioned> values = new TreeMap<>();
    private long revision;
    private long terms;
  }

  private MemoryStore(Disk disk, Term term) {
    this.disk = disk;
    this.term = term;
  }

  public static MemoryStore open(Disk disk) {
    disk.lock.lock();
    try {
      disk.terms++;
      return new MemoryStore(disk, new Term(1, disk.terms, disk.terms * 31));
    } finally {
      disk.lock.unlock();
    }
  }

  @Override
  public StoreIdentity identity() {
    return new StoreIdentity("memory", 1);
  }

  @Override
  public Term term() {
    return term;
  }

  @Override
  public Optional<Versioned> get(String key) {
    Limits.key(key);
    refuseClosed();
    disk.lock.lock();
    try {
      return Optional.ofNullable(disk.values.get(key));
    } finally {
      disk.lock.unlock();
    }
  }

  @Override
  public Snapshot range(String prefix) {
    if (!Limits.isVisibleAscii(prefix)) {
      throw new IllegalArgumentException("prefix");
    }
    refuseClosed();
    disk.lock.lock();
    try {
      return new Snapshot(
          disk.values.values().stream().filter(v -> v.key().startsWith(prefix)).toList(),
          disk.revision);
    } finally {
      disk.lock.unlock();
    }
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    return CompletableFuture.completedFuture(txn(txn));
  }

  @Override
  public TxnResult txn(Txn txn) {
    refuseClosed();
    disk.lock.lock();
    try {
      return apply(txn);
    } finally {
      disk.lock.unlock();
    }
  }

  private TxnResult apply(Txn txn) {
    for (Compare compare : txn.ifAll()) {
      Optional<Versioned> current = Optional.ofNullable(disk.values.get(compare.key()));
      boolean holds =
          switch (compare) {
            case Compare.Absent absent -> current.isEmpty();
            case Compare.Revision(var key, long wanted) ->
                current.isPresent() && current.get().revision() == wanted;
          };
      if (!holds) {
        return new TxnResult.Conflict(compare, current);
      }
    }
    disk.revision++;
    for (Op op : txn.then()) {
      switch (op) {
        case Op.Put(String key, String value) ->
            disk.values.put(key, new Versioned(key, value, disk.revision));
        case Op.Delete(String key) -> disk.values.remove(key);
      }
    }
    return new TxnResult.Committed(disk.revision);
  }

  private void refuseClosed() {
    if (closed) {
      throw new StoreException("store: it is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
