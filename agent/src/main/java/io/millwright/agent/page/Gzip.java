package io.millwright.agent.page;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses pages, one after the other, with one deflater (RFC 1952). Level 1: a page of 150 KB
 * comes to a tenth either way, and the higher levels cost several times as much.
 *
 * <p><i>Lifecycle:</i> holds native memory until {@link #close()}. <i>Threading:</i> one owner
 * thread. <i>Failure:</i> none.
 */
final class Gzip implements AutoCloseable {
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};
  private static final int TRAILER = 8;

  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private byte[] room = new byte[4096];

  byte[] compressed(byte[] plain) {
    System.arraycopy(HEADER, 0, room, 0, HEADER.length);
    int end = deflated(plain, HEADER.length);
    CRC32 crc = new CRC32();
    crc.update(plain);
    room = end + TRAILER <= room.length ? room : Arrays.copyOf(room, end + TRAILER);
    littleEndian(end, (int) crc.getValue());
    littleEndian(end + 4, plain.length);
    return Arrays.copyOf(room, end + TRAILER);
  }

  private int deflated(byte[] plain, int start) {
    int end = start;
    deflater.reset();
    deflater.setInput(plain);
    deflater.finish();
    while (!deflater.finished()) {
      if (end == room.length) {
        room = Arrays.copyOf(room, room.length * 2);
      }
      end += deflater.deflate(room, end, room.length - end);
    }
    return end;
  }

  private void littleEndian(int at, int value) {
    for (int i = 0; i < 4; i++) {
      room[at + i] = (byte) (value >>> (8 * i));
    }
  }

  @Override
  public void close() {
    deflater.end();
  }
}
