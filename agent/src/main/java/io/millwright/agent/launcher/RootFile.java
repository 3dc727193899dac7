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
 * A file beside the policy that counts only as root's: nobody else can change it or put another in
 * the place of it. Only looked at here; systemd reads a secret, and begins a hook.
 */
public final class RootFile {
  private static final int READABLE_BY_OTHERS = 0077;
  private static final int EXECUTABLE = 0100;

  /** Of all that a unit is given systemd takes 1 MiB, and a job may name 16. */
  private static final long LARGEST_SECRET = 63 * 1024;

  private RootFile() {}

  /**
   * Why a secret is given to nobody, in one sentence; empty where it may be.
   *
   * @param file an absolute path without . and ..
   */
  public static Optional<String> secret(Path file) {
    return refusal(
        "secrets",
        file,
        (mode, bytes) -> {
          if ((mode & READABLE_BY_OTHERS) != 0) {
            return Optional.of(
                String.format(
                    Locale.ROOT, "it may be read by others (mode %o); chmod 600 it", mode & 07777));
          }
          return bytes <= LARGEST_SECRET
              ? Optional.empty()
              : Optional.of("it has %d bytes; allowed are %d".formatted(bytes, LARGEST_SECRET));
        });
  }

  /**
   * Why a hook is not begun, in one sentence; empty where it may be.
   *
   * @param file an absolute path without . and ..
   */
  public static Optional<String> hook(Path file) {
    return refusal(
        "hooks",
        file,
        (mode, bytes) ->
            (mode & EXECUTABLE) != 0
                ? Optional.empty()
                : Optional.of("it is no program; chmod 755 it"));
  }

  /** What is wrong with a file that is root's. */
  private interface Look {
    Optional<String> at(long mode, long bytes);
  }

  private static Optional<String> refusal(String field, Path file, Look look) {
    try {
      if (GuardedFile.file(file)) {
        return refused(field, file, "a part of its path is not root's; chown it");
      }
      Map<String, Object> facts =
          Files.readAttributes(file, "unix:mode,size", LinkOption.NOFOLLOW_LINKS);
      long mode = ((Number) facts.getOrDefault("mode", 0)).longValue();
      long bytes = ((Number) facts.getOrDefault("size", 0L)).longValue();
      return look.at(mode, bytes).flatMap(why -> refused(field, file, why));
    } catch (NoSuchFileException absent) {
      return refused(field, file, "there is no such file; put it there as root");
    } catch (GuardedFile.Unguarded open) {
      return refused(field, file, open.sentence());
    } catch (IOException unreadable) {
      return refused(field, file, "it cannot be looked at: " + unreadable);
    }
  }

  private static Optional<String> refused(String field, Path file, String why) {
    return Optional.of(
        "%s: '%s' is refused: %s: %s".formatted(field, file.getFileName(), file, why));
  }
}
