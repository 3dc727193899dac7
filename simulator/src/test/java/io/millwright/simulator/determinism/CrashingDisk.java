package io.millwright.simulator.determinism;

import io.millwright.agent.records.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The disk under one life of an agent, which can end at each write: before it, after a part of it,
 * and on both sides of its synchronisation. What was not synchronised by then is {@link Platter}'s.
 * It can also be full, with a part of the record written.
 */
final class CrashingDisk implements Disk {
  private static final long ROOM = 1L << 40;

  private final Platter platter;
  private final Random random;
  private int stepsLeft = Integer.MAX_VALUE;
  private final Map<FileChannel, Long> synchronised = new LinkedHashMap<>();
  private boolean full;
  private boolean crashed;

  CrashingDisk(Platter platter, Random random) {
    this.platter = platter;
    this.random = random;
  }

  /** At one of the next writes or synchronisations. */
  void crashSoon() {
    stepsLeft = random.nextInt(6);
  }

  /** Its process is gone: what it has not synchronised is in the machine's memory alone. */
  void crash() throws IOException {
    crashed = true;
    for (Map.Entry<FileChannel, Long> file : synchronised.entrySet()) {
      platter.left(file.getKey(), file.getValue());
    }
    synchronised.clear();
  }

  void calm() {
    stepsLeft = Integer.MAX_VALUE;
    full = false;
  }

  void full(boolean now) {
    full = now;
  }

  boolean crashed() {
    return crashed;
  }

  private boolean ends() {
    if (crashed) {
      throw new Crash();
    }
    crashed = stepsLeft-- <= 0;
    return crashed;
  }

  @Override
  public void write(FileChannel to, ByteBuffer bytes) throws IOException {
    boolean ends = ends();
    if (ends || full) {
      bytes.limit(bytes.position() + random.nextInt(bytes.remaining() + 1));
    }
    synchronised.putIfAbsent(to, to.position());
    Disk.super.write(to, bytes);
    if (ends) {
      throw new Crash();
    }
    if (full) {
      throw new IOException("No space left on device");
    }
  }

  /** The files are in memory: what is synchronised is there, and {@link Platter} leaves it. */
  @Override
  public void force(FileChannel file) throws IOException {
    if (ends()) {
      throw new Crash();
    }
    synchronised.remove(file);
    platter.synchronised(file);
  }

  @Override
  public long usable(Path path) {
    return full ? 0 : ROOM;
  }
}
