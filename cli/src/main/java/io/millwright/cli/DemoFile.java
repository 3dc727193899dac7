package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a running {@code millwright demo} leaves for this command line: its address and its token.
 * Somebody else could have put the file there, so that only one of this user's own, which nobody
 * else may read, is believed, and only in directories that nobody else may write. Of a demo that
 * was killed it is left behind: {@code pid} and {@code start} (ticks as in {@code /proc/PID/stat}),
 * where it has them, tell.
 *
 * <pre>{@code {"url":"http://127.0.0.1:9461","token":"…","pid":7,"start":123}}</pre>
 */
final class DemoFile {
  private static final String ROOM = "millwright-demo";

  /** Of {@code /proc/PID/stat}, counted behind the name of the program. */
  private static final int START = 19;

  private DemoFile() {}

  static Path place(Surroundings around) {
    return base(around).resolve(ROOM).resolve("cli.json");
  }

  private static Path base(Surroundings around) {
    return around
        .variable("XDG_RUNTIME_DIR")
        .map(Path::of)
        .filter(Path::isAbsolute)
        .orElseGet(() -> Path.of("/tmp/millwright-" + around.userName()));
  }

  /** The demo's address; empty where there is none, or where a sentence said why it is ignored. */
  static Optional<Address> read(Surroundings around) {
    Path file = place(around);
    try {
      Optional<String> foreign = foreign(file, around);
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
  private static Optional<String> foreign(Path file, Surroundings around) throws IOException {
    Inode inode = Inode.of(file, LinkOption.NOFOLLOW_LINKS);
    if (!inode.plain()) {
      return Optional.of("it is no plain file");
    }
    if (inode.uid() != Inode.ownUid()) {
      return Optional.of("it is not yours but that of uid " + inode.uid());
    }
    if (inode.open()) {
      return Optional.of("others may read it; 'chmod 600' makes it yours alone");
    }
    for (Path above : List.of(base(around), base(around).resolve(ROOM))) {
      if (!own(above)) {
        return Optional.of(above + " is no directory that is yours alone to write");
      }
    }
    return Optional.empty();
  }

  private static boolean own(Path directory) throws IOException {
    Inode inode = Inode.of(directory, LinkOption.NOFOLLOW_LINKS);
    return inode.directory() && inode.uid() == Inode.ownUid() && !inode.writable();
  }

  private static Optional<Address> address(Path file, Surroundings around) throws IOException {
    JsonNode tree = Json.read(Inode.read(file, LinkOption.NOFOLLOW_LINKS));
    if (tree.has("pid") && tree.has("start") && !alive(tree.path("pid"), tree.path("start"))) {
      return Optional.empty();
    }
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

  private static boolean alive(JsonNode pid, JsonNode start) {
    try {
      Path stat = Path.of("/proc", Long.toString(pid.asLong()), "stat");
      String text = Files.readString(stat, StandardCharsets.ISO_8859_1); // a name may be any bytes
      String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
      return fields.length > START && fields[START].equals(start.asText());
    } catch (IOException gone) {
      return false;
    }
  }
}
