package io.millwright.agent.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A file that nobody but root, or the user of this process, can change or put another in the place
 * of: each part of the way to it is theirs and no link.
 *
 * @param text of the file, at most 64 KiB
 * @param own whether the user of this process, not being root, owns a part of the path
 */
record GuardedFile(String text, boolean own) {
  private static final int LARGEST_BYTES = 64 * 1024;
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int STICKY = 01000;
  private static final int KIND = 0170000;
  private static final int LINK = 0120000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;

  /** Why a file is not believed. */
  static final class Unguarded extends Exception {
    private static final long serialVersionUID = 1;

    Unguarded(String sentence) {
      super(sentence);
    }

    String sentence() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Reads it.
   *
   * @param file an absolute path without . and ..
   */
  static GuardedFile read(Path file) throws Unguarded, IOException {
    boolean own = owned(file, REGULAR);
    return new GuardedFile(text(file), own);
  }

  /**
   * Looks at a file in the same way, without reading it.
   *
   * @param file an absolute path without . and ..
   * @return whether the user of this process, not being root, owns a part of the path
   */
  static boolean file(Path file) throws Unguarded, IOException {
    return owned(file, REGULAR);
  }

  /**
   * Looks at a directory in the same way: that nobody else can put anything in it, or take it out.
   *
   * @param directory an absolute path without . and ..
   * @return whether the user of this process, not being root, owns a part of the path
   */
  static boolean directory(Path directory) throws Unguarded, IOException {
    return owned(directory, DIRECTORY);
  }

  private static boolean owned(Path last, int kind) throws Unguarded, IOException {
    long self = UnixUsers.self();
    boolean own = false;
    for (Path part = last; part != null; part = part.getParent()) {
      Map<String, Object> facts =
          Files.readAttributes(part, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
      long owner = number(facts, "uid");
      boolean above = !part.equals(last);
      Optional<String> trouble =
          trouble(part, owner, number(facts, "mode"), self, above ? DIRECTORY : kind, above);
      if (trouble.isPresent()) {
        throw new Unguarded(trouble.get());
      }
      own |= owner != 0;
    }
    return own;
  }

  private static long number(Map<String, Object> facts, String name) {
    Object value = facts.get(name);
    if (value instanceof Integer number) {
      return number;
    }
    throw new IllegalStateException("unix:" + name + " is no number");
  }

  private static Optional<String> trouble(
      Path part, long owner, long mode, long self, int kind, boolean above) {
    if ((mode & KIND) == LINK) {
      return Optional.of(part + " is a link, which is refused; name the file itself");
    }
    if ((mode & KIND) != kind) {
      return Optional.of(
          kind == REGULAR ? "not a regular file; write one" : "not a directory; make one");
    }
    if (owner != 0 && owner != self) {
      return Optional.of("%s belongs to uid %d; allowed is root: chown it".formatted(part, owner));
    }
    boolean guarded = above && (mode & STICKY) != 0;
    if ((mode & WRITABLE_BY_OTHERS) != 0 && !guarded) {
      return Optional.of(
          "%s may be changed by others (mode %o); take that away: chmod go-w"
              .formatted(part, mode & 07777));
    }
    return Optional.empty();
  }

  private static String text(Path file) throws Unguarded, IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw new Unguarded("larger than 64 KiB, which is the most that is allowed");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException notText) {
      throw new Unguarded("not UTF-8; save it as UTF-8");
    }
  }
}
