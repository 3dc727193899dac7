package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A secret of this node: a file that nobody but root can read, change or put another in the place
 * of. Millwright never reads one; systemd does, when it begins the unit that is to have it.
 */
public final class SecretFile {
  private static final int READABLE_BY_OTHERS = 0077;

  /** Of all that a unit is given systemd takes 1 MiB, and a job may name 16. */
  private static final long LARGEST_BYTES = 64 * 1024;

  private SecretFile() {}

  /**
   * Why it is given to nobody, in one sentence; empty where it may be.
   *
   * @param file an absolute path without . and ..
   */
  public static Optional<String> refusal(Path file) {
    try {
      if (GuardedFile.file(file)) {
        return refused(file, "a part of its path is not root's; chown it");
      }
      Map<String, Object> facts =
          Files.readAttributes(file, "unix:mode,size", LinkOption.NOFOLLOW_LINKS);
      long mode = ((Number) facts.getOrDefault("mode", 0)).longValue();
      long size = ((Number) facts.getOrDefault("size", 0L)).longValue();
      if ((mode & READABLE_BY_OTHERS) != 0) {
        return refused(
            file,
            String.format(
                Locale.ROOT, "it may be read by others (mode %o); chmod 600 it", mode & 07777));
      }
      return size <= LARGEST_BYTES
          ? Optional.empty()
          : refused(file, "it has %d bytes; allowed are %d".formatted(size, LARGEST_BYTES));
    } catch (NoSuchFileException absent) {
      return refused(file, "there is no such file; write it as root, and chmod 600 it");
    } catch (GuardedFile.Unguarded open) {
      return refused(file, open.sentence());
    } catch (IOException unreadable) {
      return refused(file, "it cannot be looked at: " + unreadable);
    }
  }

  private static Optional<String> refused(Path file, String why) {
    return Optional.of("secrets: '%s' is refused: %s: %s".formatted(file.getFileName(), file, why));
  }
}
