package io.millwright.collector.rest;

import io.millwright.collector.page.Pieces;
import io.millwright.protocol.exposition.PageBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Compressed pages (RFC 1952), at level 1 as the agents'. On the thread {@code rest}. */
final class Gzip {
  private static final int ROOM = 16 * 1024;

  private Gzip() {}

  /** Of the JDK, but for its level. */
  private static final class Fast extends GZIPOutputStream {
    Fast(OutputStream out) throws IOException {
      super(out, ROOM);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  static byte[] compressed(byte[] plain) {
    ByteArrayOutputStream into = new ByteArrayOutputStream(ROOM);
    try (OutputStream gzip = new Fast(into)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("compressing a page", e);
    }
    return into.toByteArray();
  }

  /** The same page, compressed while it is made; it has native memory until it is closed. */
  static Pieces compressed(Pieces plain) {
    return new CompressedPieces(plain);
  }

  private static final class CompressedPieces implements Pieces {
    private final Pieces plain;
    private final PageBuffer piece = new PageBuffer(ROOM);
    private final ByteArrayOutputStream made = new ByteArrayOutputStream(ROOM);
    private final Fast gzip;

    CompressedPieces(Pieces plain) {
      this.plain = plain;
      try {
        this.gzip = new Fast(made);
      } catch (IOException e) {
        throw new UncheckedIOException("compressing a page", e);
      }
    }

    @Override
    public boolean next(PageBuffer into) {
      piece.clear();
      boolean more = plain.next(piece);
      try {
        gzip.write(piece.toByteArray());
        if (!more) {
          gzip.finish();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("compressing a page", e);
      }
      into.append(made.toByteArray());
      made.reset();
      return more;
    }

    @Override
    public void close() {
      plain.close();
      try {
        gzip.close();
      } catch (IOException e) {
        throw new UncheckedIOException("compressing a page", e);
      }
    }
  }
}
