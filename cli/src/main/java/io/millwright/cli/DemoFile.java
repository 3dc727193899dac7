package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a running {@code millwright demo} leaves for this command line: its address and its token.
 * Somebody else could have put the file there, so that only one of this user's own, which nobody
 * else may read, is believed.
 *
 * <pre>{@code {"url":"http://127.0.0.1:9461","token":"…"}}</pre>
 */
final class DemoFile {
  private static final Set<PosixFilePermission> OWNERS_ALONE =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private DemoFile() {}

  static Path place(Surroundings around) {
    Path room =
        around
            .variable("XDG_RUNTIME_DIR")
            .map(Path::of)
            .orElseGet(() -> Path.of("/tmp/millwright-" + around.userName()));
    return room.resolve("millwright-demo").resolve("cli.json");
  }

  /** The demo's address; empty where there is none, or where a sentence said why it is ignored. */
  static Optional<Address> read(Surroundings around) {
    Path file = place(around);
    try {
      Optional<String> foreign = foreign(file);
      foreign.ifPresent(why -> around.say(file + " is ignored: " + why));
      return foreign.isPresent() ? Optional.empty() : address(file, around);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException e) {
      around.say("%s is ignored: it cannot be read (%s)".formatted(file, e.getMessage()));
      return Optional.empty();
    }
  }

  /** Why this file is not to be believed. */
  private static Optional<String> foreign(Path file) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      return Optional.of("it is no plain file");
    }
    if (!attributes.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
      return Optional.of("it is not yours but that of " + attributes.owner().getName());
    }
    return OWNERS_ALONE.containsAll(attributes.permissions())
        ? Optional.empty()
        : Optional.of("others may read it; 'chmod 600' makes it yours alone");
  }

  private static Optional<Address> address(Path file, Surroundings around) throws IOException {
    JsonNode tree = Json.read(Files.readAllBytes(file));
    String url = tree.path("url").asText();
    Optional<Address> address =
        Address.checked(url)
            .map(usable -> new Address(usable, "as " + file + " says", token(tree)));
    if (address.isEmpty()) {
      around.say(file + " is ignored: it has no address of a collector");
    }
    return address;
  }

  private static Optional<String> token(JsonNode tree) {
    return Optional.of(tree.path("token").asText()).filter(Token::usable);
  }
}
