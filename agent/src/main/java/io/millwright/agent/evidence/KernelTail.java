package io.millwright.agent.evidence;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The newest lines of the kernel log, read apart from the agent's own reading and without moving
 * its cursor.
 *
 * <p>At the end of {@code /dev/kmsg} a read waits for the next line, so that a thread of its own
 * reads until nothing came for a moment, and is then let go.
 */
public final class KernelTail {
  private static final int LONGEST_RECORD = 16 * 1024;
  private static final int MOST_BYTES = 512 << 10;
  private static final int DISTURBANCES = 3;
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration LONGEST = Duration.ofSeconds(8);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Path log;
  private final Clock clock;
  private final Deque<byte[]> newest = new ArrayDeque<>();
  private int bytes;
  private long heardNanos;
  private @Nullable IOException failure;
  private boolean ended;

  private KernelTail(Path log, Clock clock) {
    this.log = log;
    this.clock = clock;
    this.heardNanos = clock.nanos();
  }

  /** Writes the newest half megabyte. */
  public static void write(Path log, Clock clock, OutputStream out) throws IOException {
    try (FileChannel open = FileChannel.open(log, StandardOpenOption.READ)) {
      KernelTail tail = new KernelTail(log, clock);
      Threads.platform("evidence-kmsg", () -> tail.read(open)).start();
      tail.await();
      tail.copy(out);
    }
  }

  private void await() {
    long began = clock.nanos();
    while (!quiet() && clock.nanos() - began < LONGEST.toNanos()) {
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
  }

  private synchronized boolean quiet() {
    return ended || clock.nanos() - heardNanos > QUIET.toNanos();
  }

  /** Read errors are records that were written over while we read; several are the log's end. */
  private void read(FileChannel open) {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST_RECORD);
    int disturbances = 0;
    while (true) {
      try {
        buffer.clear();
        if (open.read(buffer) <= 0) {
          end(null);
          return;
        }
        disturbances = 0;
        byte[] record = new byte[buffer.position()];
        buffer.flip().get(record);
        add(record);
      } catch (ClosedChannelException letGo) {
        return;
      } catch (IOException e) {
        disturbances++;
        if (disturbances >= DISTURBANCES) {
          end(e);
          return;
        }
      }
    }
  }

  private synchronized void end(@Nullable IOException why) {
    ended = true;
    failure = why;
  }

  private synchronized void add(byte[] record) {
    heardNanos = clock.nanos();
    newest.addLast(record);
    bytes += record.length;
    while (bytes > MOST_BYTES) {
      bytes -= newest.removeFirst().length;
    }
  }

  private synchronized void copy(OutputStream out) throws IOException {
    if (newest.isEmpty() && failure != null) {
      throw new IOException("reading " + log, failure);
    }
    for (byte[] record : newest) {
      out.write(record);
    }
  }
}
