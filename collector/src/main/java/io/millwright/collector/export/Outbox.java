package io.millwright.collector.export;

import io.millwright.collector.store.SendQueue;
import io.millwright.collector.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests from their making to the disk, where they wait in their order.
 *
 * <p><i>Threading:</i> the thread of the exporter, but for the counters. <i>Failure:</i> what the
 * disk does not take is lost and counted, and {@link StoreException} says so; beyond the queue's
 * bytes the oldest are dropped and counted.
 */
final class Outbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /** Receivers commonly refuse requests of several megabytes. */
  private static final int LARGEST_REQUEST = 1 << 20;

  /** Requests that are made before they go to the disk together. */
  private static final int MOST_AT_ONCE = 32;

  private final SendQueue queue;
  private final long mostBytes;
  private final Encoding.Request making;
  private final Format format;
  private final List<SendQueue.Draft> made = new ArrayList<>();
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong unkept = new AtomicLong();
  private volatile Waits waits;

  /** What waits, as of the last look. */
  private record Waits(long samples, long bytes) {}

  private Outbox(SendQueue queue, long mostBytes, Format format, Encoding.Request making) {
    this.queue = queue;
    this.mostBytes = mostBytes;
    this.format = format;
    this.making = making;
    this.waits = new Waits(queue.samples(), queue.bytes());
  }

  /**
   * @param file of the queue; made where it is not there
   * @throws StoreException where the queue cannot be opened
   */
  static Outbox open(Path file, long mostBytes, Format format, Encoding encoding) {
    return new Outbox(SendQueue.open(file, mostBytes), mostBytes, format, encoding.request());
  }

  /** One more sample, which is on its way to the disk. */
  void take(Source source, Point point) {
    making.add(source, point);
    if (making.size() >= LARGEST_REQUEST) {
      finish();
      if (made.size() >= MOST_AT_ONCE) {
        keep();
      }
    }
  }

  /**
   * All that was taken goes to the disk.
   *
   * @return whether there was something
   */
  boolean flush() {
    finish();
    boolean some = !made.isEmpty();
    keep();
    return some;
  }

  private void finish() {
    if (making.samples() > 0) {
      int samples = making.samples();
      long oldest = making.oldestMs();
      made.add(new SendQueue.Draft(samples, oldest, making.finish()));
    }
  }

  /** What the disk does not take is lost: it is not kept in memory, where there is no end to it. */
  private void keep() {
    if (made.isEmpty()) {
      return;
    }
    long samples = made.stream().mapToLong(SendQueue.Draft::samples).sum();
    try {
      long dropped = queue.append(made);
      if (dropped > 0 && full.getAndAdd(dropped) == 0) {
        LOG.error(
            "a queue of {} is full; the oldest samples are dropped bytes={} samples={}",
            format.words(),
            mostBytes,
            dropped);
      }
    } catch (StoreException e) {
      unkept.addAndGet(samples);
      throw e;
    } finally {
      made.clear();
    }
  }

  /** Whether none waits on the disk. */
  boolean empty() {
    return queue.samples() == 0;
  }

  /** The oldest that waits on the disk. */
  Optional<SendQueue.Waiting> first() {
    return queue.first();
  }

  /**
   * The receiver has taken it.
   *
   * @param but samples of it that it has refused
   */
  void taken(SendQueue.Waiting request, long but) {
    int samples = removed(request);
    long not = Math.clamp(but, 0, samples);
    taken.addAndGet(samples - not);
    refused.addAndGet(not);
  }

  /** The receiver will never take it. */
  void refused(SendQueue.Waiting request) {
    refused.addAndGet(removed(request));
  }

  /** Its samples; none where it was dropped for want of room while it was under way. */
  private int removed(SendQueue.Waiting request) {
    return queue.remove(request.id()) ? request.request().samples() : 0;
  }

  /** Notes what waits, for the metrics. */
  void look() {
    waits = new Waits(queue.samples(), queue.bytes());
  }

  // ---- counters, from any thread

  long waitingSamples() {
    return waits.samples();
  }

  long waitingBytes() {
    return waits.bytes();
  }

  /** Samples that the receiver has taken. */
  long taken() {
    return taken.get();
  }

  /** Samples that it has refused. */
  long refused() {
    return refused.get();
  }

  /** Samples that were dropped for want of room. */
  long full() {
    return full.get();
  }

  /** Samples that the disk did not take. */
  long unkept() {
    return unkept.get();
  }

  @Override
  public void close() {
    queue.close();
  }
}
