package io.millwright.collector.operations;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * The policy in force, from a file that is read again when it has changed.
 *
 * <p><i>Threading:</i> the thread {@code control} looks; the others from any thread.
 * <i>Failure:</i> as of {@link ReloadedFile}.
 */
public final class PolicyFile {
  private final Optional<ReloadedFile<Policy>> file;

  private PolicyFile(Optional<ReloadedFile<Policy>> file) {
    this.file = file;
  }

  /** Of a site that has none: everything is a dry run. */
  public static PolicyFile none() {
    return new PolicyFile(Optional.empty());
  }

  /**
   * Reads it for the first time.
   *
   * @param rules ids of the product's rules
   */
  public static PolicyFile open(Path file, Collection<String> rules) {
    Set<String> known = Set.copyOf(rules);
    return new PolicyFile(
        Optional.of(
            ReloadedFile.open(
                "policy", file, Policy.DEFAULT, text -> PolicyText.read(text, known))));
  }

  /** What is in force. */
  public Policy policy() {
    return file.map(ReloadedFile::value).orElse(Policy.DEFAULT);
  }

  /** Why the file is not what is in force. */
  public Optional<String> trouble() {
    return file.flatMap(ReloadedFile::trouble);
  }

  /** Where it stands; empty where the site has none. */
  public Optional<Path> path() {
    return file.map(ReloadedFile::path);
  }

  /** Reads the file again if it has changed. */
  void look() {
    file.ifPresent(ReloadedFile::look);
  }
}
