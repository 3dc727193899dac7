package io.millwright.agent.tool;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The beginning and the end of what a program prints, however much it prints. */
final class Kept {
  private final byte[] tail;
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private final int mostHead;
  private long beyond;

  /**
   * @param most bytes, half of them of the beginning
   */
  Kept(int most) {
    this.mostHead = most / 2;
    this.tail = new byte[most / 2];
  }

  void add(byte[] bytes, int length) {
    int first = Math.min(length, mostHead - head.size());
    head.write(bytes, 0, first);
    for (int i = first; i < length; i++) {
      tail[(int) (beyond % tail.length)] = bytes[i];
      beyond++;
    }
  }

  byte[] all() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toByteArray());
    if (beyond > tail.length) {
      all.writeBytes(
          "\n... %d bytes are left out ...\n"
              .formatted(beyond - tail.length)
              .getBytes(StandardCharsets.US_ASCII));
      int oldest = (int) (beyond % tail.length);
      all.write(tail, oldest, tail.length - oldest);
      all.write(tail, 0, oldest);
    } else {
      all.write(tail, 0, (int) beyond);
    }
    return all.toByteArray();
  }
}
