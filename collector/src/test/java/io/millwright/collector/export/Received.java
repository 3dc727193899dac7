package io.millwright.collector.export;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.Snappy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A sample as a receiver reads it.
 *
 * @param names of the labels, in the order in which they came
 */
record Received(Map<String, String> labels, List<String> names, double value, long wallMs) {

  boolean stale() {
    return Double.doubleToRawLongBits(value) == Point.STALE;
  }

  String name() {
    return labels.getOrDefault("__name__", "");
  }

  static List<Received> of(byte[] body) {
    ByteBuf out = Unpooled.buffer();
    new Snappy().decode(Unpooled.wrappedBuffer(body), out);
    List<Received> all = new ArrayList<>();
    ByteBuffer request = out.nioBuffer().order(ByteOrder.LITTLE_ENDIAN);
    while (request.hasRemaining()) {
      expect(request, 1 << 3 | 2);
      all.add(series(part(request)));
    }
    return all;
  }

  private static Received series(ByteBuffer series) {
    Map<String, String> labels = new TreeMap<>();
    List<String> names = new ArrayList<>();
    double value = 0;
    long at = 0;
    while (series.hasRemaining()) {
      int tag = (int) varint(series);
      ByteBuffer part = part(series);
      if (tag == (1 << 3 | 2)) {
        expect(part, 1 << 3 | 2);
        String name = text(part(part));
        expect(part, 2 << 3 | 2);
        names.add(name);
        labels.put(name, text(part(part)));
      } else {
        expect(part, 1 << 3 | 1);
        value = part.getDouble();
        expect(part, 2 << 3);
        at = varint(part);
      }
    }
    return new Received(labels, names, value, at);
  }

  private static void expect(ByteBuffer from, int tag) {
    long found = varint(from);
    if (found != tag) {
      throw new AssertionError("tag " + found + " instead of " + tag);
    }
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private static ByteBuffer part(ByteBuffer from) {
    int length = (int) varint(from);
    ByteBuffer part = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + length);
    return part;
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
