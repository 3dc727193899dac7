package io.millwright.collector.grants;

import io.millwright.collector.operations.ReloadedFile;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The grants in force, from a file that is looked at every five seconds.
 *
 * <p><i>Threading:</i> the thread {@code control} looks; the others from any. <i>Failure:</i> as of
 * {@link ReloadedFile}: a mistake in a changed file leaves the grants before in force.
 */
public final class GrantsFile {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Optional<ReloadedFile<Grants>> file;
  private final Clock clock;
  private long lookedNanos;

  private GrantsFile(Optional<ReloadedFile<Grants>> file, Clock clock) {
    this.file = file;
    this.clock = clock;
    this.lookedNanos = clock.nanos();
  }

  /** Of a site that has none: the roles of tokens say who may what. */
  public static GrantsFile none(Clock clock) {
    return new GrantsFile(Optional.empty(), clock);
  }

  /** Reads it for the first time. */
  public static GrantsFile open(Path file, Clock clock) {
    return new GrantsFile(
        Optional.of(ReloadedFile.open("grants", file, new Grants(Map.of()), GrantsText::read)),
        clock);
  }

  /** What is in force; empty where the site has no grants. */
  public Optional<Grants> grants() {
    return file.map(ReloadedFile::value);
  }

  /** Why the file is not what is in force. */
  public Optional<String> trouble() {
    return file.flatMap(ReloadedFile::trouble);
  }

  /** Whether the site has such a file. */
  public boolean there() {
    return file.isPresent();
  }

  /** Reads the file again if it has changed. */
  public void look() {
    if (clock.nanos() - lookedNanos >= EVERY.toNanos()) {
      lookedNanos = clock.nanos();
      file.ifPresent(ReloadedFile::look);
    }
  }
}
