package io.millwright.agent.evidence;

import io.millwright.protocol.clock.Threads;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One source, asked once, on a thread of its own.
 *
 * <p><i>Threading:</i> begun and looked at by one thread; the source's writes. <i>Failure:</i> a
 * sentence.
 */
final class Asking {
  private static final long LARGEST = 4L << 20;

  private final Source source;
  private final Path file;
  private final Thread thread;
  private volatile @Nullable String failure;
  private volatile boolean given;

  Asking(Source source, Path file) {
    this.source = source;
    this.file = file;
    this.thread = Threads.platform("evidence-" + source.name(), this::write);
  }

  void begin() {
    thread.start();
  }

  Source source() {
    return source;
  }

  Path file() {
    return file;
  }

  boolean ended() {
    return !thread.isAlive();
  }

  /** Whether the part is there, whole. */
  boolean given() {
    return given;
  }

  /** Why there is no part; empty while it is waited for, or where it is there. */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  private void write() {
    try (OutputStream out =
        new BufferedOutputStream(new Bounded(Files.newOutputStream(file), LARGEST))) {
      source.text().write(out);
      out.flush();
      given = true;
    } catch (IOException | RuntimeException | Error e) {
      failure = reason(e);
    }
  }

  private static String reason(Throwable e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /** Takes so many bytes, and says where it was more. */
  private static final class Bounded extends FilterOutputStream {
    private long left;

    Bounded(OutputStream out, long most) {
      super(out);
      left = most;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > left) {
        throw new IOException("it is longer than " + LARGEST + " bytes");
      }
      left -= length;
      out.write(bytes, offset, length);
    }
  }
}
