package io.millwright.collector.self;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the collector's directory takes of the disk: the store, the events, what waits for a
 * receiver, and their logs.
 *
 * <p><i>Threading:</i> {@link #look} on the thread {@code control}, {@link #bytes} any.
 * <i>Failure:</i> what cannot be looked at is absent.
 */
public final class Storage {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);
  private static final Duration EVERY = Duration.ofSeconds(15);

  private final Path directory;
  private final Clock clock;
  private volatile OptionalLong bytes = OptionalLong.empty();
  private long lookedNanos;

  public Storage(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
    this.lookedNanos = clock.nanos() - EVERY.toNanos();
  }

  /** Looks again where it is time. */
  public void look() {
    long now = clock.nanos();
    if (now - lookedNanos >= EVERY.toNanos()) {
      lookedNanos = now;
      bytes = measured();
    }
  }

  private OptionalLong measured() {
    try (Stream<Path> files = Files.list(directory)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += file.toFile().length(); // 0 where it went meanwhile
      }
      return OptionalLong.of(sum);
    } catch (IOException e) {
      LOG.debug("the collector's directory cannot be looked at", e);
      return OptionalLong.empty();
    }
  }

  /** In bytes, as of 15 s ago at most; empty where nobody knows. */
  public OptionalLong bytes() {
    return bytes;
  }
}
