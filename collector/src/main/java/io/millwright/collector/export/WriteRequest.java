package io.millwright.collector.export;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;

/**
 * One request that is being made: {@code prometheus.WriteRequest}, a time series of one sample for
 * each value, compressed as one Snappy block (Prometheus Remote-Write 1.0).
 */
final class WriteRequest implements Encoding.Request {
  /** Netty's encoder looks back within 15 bits; what it makes of such pieces is joined. */
  private static final int BLOCK = (32 << 10) - 1;

  private static final int VALUE = 9; // tag and 8 bytes

  private final Proto proto = new Proto(64 << 10);
  private final Snappy snappy = new Snappy();
  private int samples;
  private long oldestMs = Long.MAX_VALUE;

  @Override
  public void add(Source source, Point point) {
    byte[] labels = point.key();
    long wallMs = point.wallMs();
    int sample = VALUE + 1 + Proto.varintSize(wallMs);
    proto.head(1, labels.length + 1 + Proto.varintSize(sample) + sample);
    proto.raw(labels);
    proto.head(2, sample);
    proto.fixed64(1, point.bits());
    proto.int64(2, wallMs);
    samples++;
    oldestMs = Math.min(oldestMs, wallMs);
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public int size() {
    return proto.size();
  }

  @Override
  public long oldestMs() {
    return oldestMs;
  }

  @Override
  public byte[] finish() {
    Proto body = new Proto(proto.size() / 4 + 64);
    body.varint(proto.size());
    ByteBuf block = Unpooled.buffer(BLOCK);
    for (int from = 0; from < proto.size(); from += BLOCK) {
      int length = Math.min(BLOCK, proto.size() - from);
      block.clear();
      snappy.encode(Unpooled.wrappedBuffer(proto.array(), from, length), block, length);
      snappy.reset();
      block.skipBytes(Proto.varintSize(length)); // the block's own length
      body.raw(ByteBufUtil.getBytes(block));
    }
    proto.clear();
    samples = 0;
    oldestMs = Long.MAX_VALUE;
    return body.bytes();
  }
}
