package io.millwright.collector.operations;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file of the site says, read again when it has changed.
 *
 * <p><i>Threading:</i> one thread looks; {@link #value} and {@link #trouble} from any.
 * <i>Failure:</i> a file that is wrong at the start is an {@link IllegalArgumentException}; later
 * what it said before stays in force, and the sentence is told.
 */
public final class ReloadedFile<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ReloadedFile.class);
  private static final int LARGEST = 256 << 10;

  private final String kind;
  private final Path path;
  private final Function<String, T> reader;
  private volatile T value;
  private volatile Optional<String> trouble = Optional.empty();
  private boolean opened;
  private Optional<Print> seen = Optional.empty();

  /** By which a change of the file is noticed without reading it. */
  private record Print(long changedMs, long size, String key) {}

  private ReloadedFile(String kind, Path path, T nothing, Function<String, T> reader) {
    this.kind = kind;
    this.path = path;
    this.value = nothing;
    this.reader = reader;
  }

  /**
   * Reads it for the first time.
   *
   * @param kind what it is called in sentences, as in {@code policy}
   * @param nothing what is in force until it was read
   * @param reader throws {@link IllegalArgumentException} with one sentence for what is wrong
   */
  public static <T> ReloadedFile<T> open(
      String kind, Path path, T nothing, Function<String, T> reader) {
    ReloadedFile<T> file = new ReloadedFile<>(kind, path, nothing, reader);
    file.look();
    file.opened = true;
    file.trouble.ifPresent(sentence -> {
      throw new IllegalArgumentException(sentence);
    });
    return file;
  }

  /** What is in force. */
  public T value() {
    return value;
  }

  /** Why the file is not what is in force. */
  public Optional<String> trouble() {
    return trouble;
  }

  /** Where it stands. */
  public Path path() {
    return path;
  }

  /** Reads the file again if it has changed. */
  public void look() {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      Print print =
          new Print(now.lastModifiedTime().toMillis(), now.size(), String.valueOf(now.fileKey()));
      if (seen.equals(Optional.of(print))) {
        return;
      }
      seen = Optional.of(print);
      read(now.size());
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
      value = reader.apply(Files.readString(path, StandardCharsets.UTF_8));
      trouble = Optional.empty();
      if (opened) {
        LOG.info("{} is in force file={}", kind, path);
      }
    } catch (CharacterCodingException e) {
      wrong("it is not UTF-8; write it in UTF-8");
    } catch (IllegalArgumentException e) {
      wrong(String.valueOf(e.getMessage()));
    }
  }

  private void wrong(String why) {
    Optional<String> sentence = Optional.of("%s %s: %s".formatted(kind, path, why));
    if (!trouble.equals(sentence)) {
      trouble = sentence;
      if (opened) {
        LOG.error("the {} before stays in force: {}", kind, sentence.get());
      }
    }
  }
}
