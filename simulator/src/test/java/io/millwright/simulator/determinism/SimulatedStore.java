package io.millwright.simulator.determinism;

import io.millwright.collector.store.Compare;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.Snapshot;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.StoreIdentity;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * One opening of a store whose disk is a map. The collector can die before a transaction, and after
 * it and before the answer; the disk can take nothing for a while.
 */
final class SimulatedStore implements StateStore {
  private static final String GRANTS = "/mw/jobs/grant/";

  private final Disk disk;
  private final Random random;
  private final Term term;
  private int commitsLeft = Integer.MAX_VALUE;
  private boolean failing;
  private boolean crashed;

  /** What outlives a collector; a copy of it is another store that takes itself for the same. */
  static final class Disk {
    private final NavigableMap<String, Versioned> values;
    private final long generation;
    private long revision;
    private long terms;

    Disk() {
      this(new TreeMap<>(), 1, 0, 0);
    }

    private Disk(
        NavigableMap<String, Versioned> values, long generation, long revision, long terms) {
      this.values = values;
      this.generation = generation;
      this.revision = revision;
      this.terms = terms;
    }

    Disk copy() {
      return new Disk(new TreeMap<>(values), generation, revision, terms);
    }

    /** As {@code collector restore} makes it: of the next generation, with a note. */
    Disk restored(long asGeneration, Op.Put note) {
      NavigableMap<String, Versioned> restored = new TreeMap<>(values);
      restored.put(note.key(), new Versioned(note.key(), note.value(), revision + 1));
      return new Disk(restored, asGeneration, revision + 1, terms);
    }

    long generation() {
      return generation;
    }

    /** The runs that are granted here and whose members may begin. */
    Set<RunId> given() {
      return values.tailMap(GRANTS).entrySet().stream()
          .takeWhile(value -> value.getKey().startsWith(GRANTS))
          .filter(value -> !value.getValue().value().contains("\"go\":"))
          .map(value -> value.getKey().substring(GRANTS.length()).split("/", -1))
          .map(path -> new RunId(path[0], Integer.parseInt(path[1])))
          .collect(Collectors.toSet());
    }
  }

  private SimulatedStore(Disk disk, Random random, Term term) {
    this.disk = disk;
    this.random = random;
    this.term = term;
  }

  static SimulatedStore open(Disk disk, Random random) {
    disk.terms++;
    return new SimulatedStore(
        disk, random, new Term(disk.generation, disk.terms, 1 + random.nextInt(Integer.MAX_VALUE)));
  }

  void crashSoon() {
    commitsLeft = random.nextInt(4);
  }

  void crash() {
    crashed = true;
  }

  void failing(boolean now) {
    failing = now;
  }

  void calm() {
    commitsLeft = Integer.MAX_VALUE;
    failing = false;
  }

  boolean crashed() {
    return crashed;
  }

  @Override
  public StoreIdentity identity() {
    return new StoreIdentity("simulated", disk.generation);
  }

  @Override
  public Term term() {
    return term;
  }

  @Override
  public Optional<Versioned> get(String key) {
    return Optional.ofNullable(disk.values.get(key));
  }

  @Override
  public Snapshot range(String prefix) {
    return new Snapshot(
        List.copyOf(disk.values.subMap(prefix, true, prefix + '\u007f', false).values()),
        disk.revision);
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    return CompletableFuture.completedFuture(txn(txn));
  }

  @Override
  public TxnResult txn(Txn txn) {
    if (crashed) {
      throw new Crash();
    }
    if (failing) {
      throw new StoreException("store: the disk takes nothing");
    }
    crashed = commitsLeft-- <= 0;
    if (crashed) {
      if (random.nextBoolean()) {
        apply(txn);
      }
      throw new Crash();
    }
    return apply(txn);
  }

  private TxnResult apply(Txn txn) {
    for (Compare compare : txn.ifAll()) {
      Optional<Versioned> current = get(compare.key());
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

  @Override
  public void close() {}
}
