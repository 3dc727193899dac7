package io.millwright.collector.drift;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.PublicKey;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The desired set in force, from a signed file that is read again when it has changed.
 *
 * <p><i>Threading:</i> the thread {@code control} looks; the others from any. <i>Failure:</i> a
 * file that is wrong at the start is an {@link IllegalArgumentException}; later the old set stays
 * in force, and the sentence is told.
 */
public final class DesiredFile {
  private static final Logger LOG = LoggerFactory.getLogger(DesiredFile.class);
  private static final int LARGEST = 1 << 20;

  private final Path file;
  private final PublicKey key;
  private volatile Optional<DesiredSet> set = Optional.empty();
  private volatile Optional<String> trouble = Optional.empty();
  private boolean opened;
  private Optional<Print> seen = Optional.empty();

  /** By which a change of the file is noticed without reading it. */
  private record Print(long changedMs, long size, String key) {}

  private DesiredFile(Path file, PublicKey key) {
    this.file = file;
    this.key = key;
  }

  /**
   * Reads it for the first time.
   *
   * @param key file of the site's public key
   * @throws IOException where the key cannot be read
   */
  public static DesiredFile open(Path file, Path key) throws IOException {
    DesiredFile opened = new DesiredFile(file, DriftKeys.publicKey(key));
    opened.look();
    opened.opened = true;
    opened.trouble.ifPresent(sentence -> {
      throw new IllegalArgumentException(sentence);
    });
    return opened;
  }

  public Path path() {
    return file;
  }

  /** What is in force. */
  public Optional<DesiredSet> set() {
    return set;
  }

  /** Why the file is not what is in force. */
  public Optional<String> trouble() {
    return trouble;
  }

  /** Reads the file again if it has changed. */
  void look() {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Print print =
          new Print(now.lastModifiedTime().toMillis(), now.size(), String.valueOf(now.fileKey()));
      if (!seen.equals(Optional.of(print))) {
        seen = Optional.of(print);
        read(now.size());
      }
    } catch (IOException e) {
      seen = Optional.empty();
      wrong("it cannot be read (%s)".formatted(e.getClass().getSimpleName()));
    }
  }

  private void read(long size) throws IOException {
    if (size > LARGEST) {
      wrong("%d bytes are refused; allowed are up to %d".formatted(size, LARGEST));
      return;
    }
    try {
      DesiredSet next = DesiredText.read(Files.readAllBytes(file), key);
      set = Optional.of(next);
      trouble = Optional.empty();
      if (opened) {
        LOG.info("desired set is in force file={} name={}", file, next.name());
      }
    } catch (IllegalArgumentException e) {
      wrong(String.valueOf(e.getMessage()));
    }
  }

  private void wrong(String why) {
    Optional<String> sentence = Optional.of("desired set %s: %s".formatted(file, why));
    if (!trouble.equals(sentence)) {
      trouble = sentence;
      if (opened) {
        LOG.error("the desired set before stays in force: {}", sentence.get());
      }
    }
  }
}
