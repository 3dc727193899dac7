package io.millwright.protocol.frames;

import java.nio.ByteBuffer;

/** Reads one frame as the session would that may receive it. */
final class Reads {
  private Reads() {}

  static Inbound frame(byte[] bytes, FrameType type) {
    return reader(type).next(ByteBuffer.wrap(bytes));
  }

  static FrameReader reader(FrameType type) {
    FrameReader reader = new FrameReader(type.comesFrom(Side.AGENT) ? Side.AGENT : Side.COLLECTOR);
    if (type.follows()) {
      reader.open();
    }
    return reader;
  }
}
