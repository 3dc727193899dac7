package io.millwright.collector.racks;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rack map in the site's file, read again when the file changes.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #start} and {@link #close} once. <i>Threading:</i> the
 * thread {@code rack-map} looks every five seconds; {@link #map} and {@link #trouble} from any.
 * <i>Failure:</i> a file that cannot be read at the start is refused; later the old map stays in
 * force, and {@link #trouble} says why.
 */
public final class RackMapFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RackMapFile.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final long LARGEST = 16L << 20;

  private final Path file;
  private final Clock clock;
  private final Thread thread;
  private volatile RackMap map;
  private volatile Optional<String> trouble = Optional.empty();
  private volatile boolean closed;
  private Optional<Stamp> seen;

  /** What changes when somebody writes the file. */
  private record Stamp(FileTime at, long bytes) {}

  private RackMapFile(Path file, RackMap map, Optional<Stamp> seen, Clock clock) {
    this.file = file;
    this.map = map;
    this.seen = seen;
    this.clock = clock;
    this.thread = Threads.platform("rack-map", this::run);
  }

  /**
   * Reads it.
   *
   * @throws IOException where it cannot be read or has a mistake; the message is one sentence
   */
  public static RackMapFile open(Path file, Clock clock) throws IOException {
    Optional<Stamp> stamp = stamp(file); // before the reading: a change in between is seen later
    return new RackMapFile(file, read(file), stamp, clock);
  }

  private static Optional<Stamp> stamp(Path file) {
    try {
      return Optional.of(new Stamp(Files.getLastModifiedTime(file), Files.size(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static RackMap read(Path file) throws IOException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new IOException(
            "%s: %d bytes are refused; allowed are %d".formatted(file, Files.size(file), LARGEST));
      }
      return RackMap.of(Files.readAllLines(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": not UTF-8; allowed is text, a node a line", e);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new IOException(file + ": no such file; --racks names the map of the site's racks", e);
    }
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** The last one that was right. */
  public RackMap map() {
    return map;
  }

  /** Why the file is not in force; empty where it is. */
  public Optional<String> trouble() {
    return trouble;
  }

  private void run() {
    while (!closed) {
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
      if (!closed) {
        look();
      }
    }
  }

  /** Reads the file again if it has changed. On one thread. */
  void look() {
    Optional<Stamp> now = stamp(file);
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      map = read(file);
      trouble = Optional.empty();
      LOG.info("the rack map was read again nodes={}", map.nodes().size());
    } catch (IOException e) {
      trouble = Optional.of(e.getMessage() + "; the map of before stays in force");
      LOG.warn("the rack map is not taken: {}", e.getMessage());
    }
  }
}
