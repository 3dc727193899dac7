package io.millwright.agent.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code policy.yaml}. It must belong to root, or to the agent's own user when it is the
 * demo's, and nobody else may be able to change it or to put another in its place.
 */
public final class PolicyFile {
  private static final int LARGEST_BYTES = 64 * 1024;
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int STICKY = 01000;
  private static final int KIND = 0170000;
  private static final int LINK = 0120000;
  private static final int REGULAR = 0100000;

  private PolicyFile() {}

  /** Execution is off unless everything about the file is right. */
  public static Execution read(Path path) {
    Path file = path.toAbsolutePath().normalize();
    try {
      Owners owners = owners(file);
      if (owners.trouble().isPresent()) {
        return off(file, owners.trouble().get());
      }
      Policy policy = PolicyText.parse(text(file));
      if (owners.own() && !policy.demo()) {
        return off(file, "owner: the agent's own user is refused; allowed is root, or demo: true");
      }
      return new Execution.On(policy);
    } catch (PolicyText.Refusal refusal) {
      return off(file, refusal.sentence());
    } catch (NoSuchFileException absent) {
      return off(file, "there is no such file; write it to let jobs run here");
    } catch (IOException unreadable) {
      return off(file, "cannot be read: " + unreadable);
    }
  }

  /**
   * What the file says of power limits; they are not ours to set unless everything about it is
   * right. Root's alone: no demo sets them.
   */
  public static PowerRule readPower(Path path) {
    Path file = path.toAbsolutePath().normalize();
    try {
      Owners owners = owners(file);
      if (owners.trouble().isPresent()) {
        return notOwned(file, owners.trouble().get());
      }
      if (owners.own()) {
        return notOwned(file, "owner: only root's is followed");
      }
      return switch (PolicyText.parsePower(text(file))) {
        case PowerRule.Owned owned -> owned;
        case PowerRule.NotOwned(String why) -> notOwned(file, why);
      };
    } catch (PolicyText.Refusal refusal) {
      return notOwned(file, refusal.sentence());
    } catch (NoSuchFileException absent) {
      return notOwned(file, "there is no such file; power.owned in it lets limits be set here");
    } catch (IOException unreadable) {
      return notOwned(file, "cannot be read: " + unreadable);
    }
  }

  private static PowerRule notOwned(Path file, String why) {
    return new PowerRule.NotOwned("no power limit is set here: " + file + ": " + why);
  }

  /**
   * @param own whether the agent's user, not being root, owns a part of the path
   */
  private record Owners(Optional<String> trouble, boolean own) {}

  private static Owners owners(Path file) throws IOException {
    long self = UnixUsers.self();
    boolean own = false;
    for (Path part = file; part != null; part = part.getParent()) {
      Map<String, Object> facts =
          Files.readAttributes(part, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
      long owner = number(facts, "uid");
      Optional<String> trouble =
          trouble(part, owner, number(facts, "mode"), self, part.equals(file));
      if (trouble.isPresent()) {
        return new Owners(trouble, own);
      }
      own |= owner != 0;
    }
    return new Owners(Optional.empty(), own);
  }

  private static long number(Map<String, Object> facts, String name) {
    Object value = facts.get(name);
    if (value instanceof Integer number) {
      return number;
    }
    throw new IllegalStateException("unix:" + name + " is no number");
  }

  private static Optional<String> trouble(
      Path part, long owner, long mode, long self, boolean isFile) {
    if ((mode & KIND) == LINK) {
      return Optional.of(part + " is a link, which is refused; name the file itself");
    }
    if (isFile && (mode & KIND) != REGULAR) {
      return Optional.of("not a regular file; write one");
    }
    if (owner != 0 && owner != self) {
      return Optional.of("%s belongs to uid %d; allowed is root: chown it".formatted(part, owner));
    }
    boolean guarded = !isFile && (mode & STICKY) != 0;
    if ((mode & WRITABLE_BY_OTHERS) != 0 && !guarded) {
      return Optional.of(
          "%s may be changed by others (mode %o); take that away: chmod go-w"
              .formatted(part, mode & 07777));
    }
    return Optional.empty();
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw new PolicyText.Refusal("larger than 64 KiB, which is the most that is allowed");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException notText) {
      throw new PolicyText.Refusal("not UTF-8; save it as UTF-8");
    }
  }

  private static Execution off(Path file, String why) {
    return new Execution.Off("no job runs here: " + file + ": " + why);
  }
}
