package io.millwright.collector.operations;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy in force, from a file that is read again when it has changed.
 *
 * <p><i>Threading:</i> the thread {@code control} looks; {@link #trouble} from any thread.
 * <i>Failure:</i> a file that is wrong at the start is an {@link IllegalArgumentException}; later
 * the old policy stays in force, and the sentence is told.
 */
public final class PolicyFile {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyFile.class);
  private static final int LARGEST = 256 << 10;

  private final Optional<Path> file;
  private final Set<String> rules;
  private volatile Policy policy = Policy.DEFAULT;
  private volatile Optional<String> trouble = Optional.empty();
  private boolean opened;
  private Optional<Print> seen = Optional.empty();

  /** By which a change of the file is noticed without reading it. */
  private record Print(long changedMs, long size, String key) {}

  private PolicyFile(Optional<Path> file, Collection<String> rules) {
    this.file = file;
    this.rules = Set.copyOf(rules);
  }

  /** Of a site that has none: everything is a dry run. */
  public static PolicyFile none() {
    return new PolicyFile(Optional.empty(), Set.of());
  }

  /**
   * Reads it for the first time.
   *
   * @param rules ids of the product's rules
   */
  public static PolicyFile open(Path file, Collection<String> rules) {
    PolicyFile opened = new PolicyFile(Optional.of(file), rules);
    opened.look();
    opened.opened = true;
    opened.trouble.ifPresent(sentence -> {
      throw new IllegalArgumentException(sentence);
    });
    return opened;
  }

  /** What is in force. */
  public Policy policy() {
    return policy;
  }

  /** Why the file is not what is in force. */
  public Optional<String> trouble() {
    return trouble;
  }

  /** Where it stands; empty where the site has none. */
  public Optional<Path> path() {
    return file;
  }

  /** Reads the file again if it has changed. */
  void look() {
    file.ifPresent(this::look);
  }

  private void look(Path path) {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      Print print =
          new Print(now.lastModifiedTime().toMillis(), now.size(), String.valueOf(now.fileKey()));
      if (seen.equals(Optional.of(print))) {
        return;
      }
      seen = Optional.of(print);
      read(path, now.size());
    } catch (IOException e) {
      seen = Optional.empty();
      wrong(path, "it cannot be read (%s)".formatted(e.getClass().getSimpleName()));
    }
  }

  private void read(Path path, long size) throws IOException {
    if (size > LARGEST) {
      wrong(path, "%d bytes are refused; allowed are up to %d".formatted(size, LARGEST));
      return;
    }
    try {
      policy = PolicyText.read(Files.readString(path, StandardCharsets.UTF_8), rules);
      trouble = Optional.empty();
      if (opened) {
        LOG.info("policy is in force file={}", path);
      }
    } catch (CharacterCodingException e) {
      wrong(path, "it is not UTF-8; write it in UTF-8");
    } catch (IllegalArgumentException e) {
      wrong(path, String.valueOf(e.getMessage()));
    }
  }

  private void wrong(Path path, String why) {
    Optional<String> sentence = Optional.of("policy %s: %s".formatted(path, why));
    if (!trouble.equals(sentence)) {
      trouble = sentence;
      if (opened) {
        LOG.error("the policy before stays in force: {}", sentence.get());
      }
    }
  }
}
