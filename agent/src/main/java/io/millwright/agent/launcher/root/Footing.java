package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The way to a job's program and directory, link by link. None of its parts is a link, and each
 * belongs to root, or, for the directory, to the job's user; so nobody else can lead it astray
 * between this look and the unit's start. The directory is entered as the user all the same.
 */
record Footing(UnixUser user, Policy policy) {
  private static final int KIND = 0170000;
  private static final int LINK = 0120000;
  private static final int DIRECTORY = 0040000;
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int STICKY = 01000;

  /** On one way, path_resolution(7). */
  private static final int MOST_LINKS = 40;

  /** What systemd 252 writes into a unit's file as it is. */
  private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9._/@+-]*");

  /** That a container's runtime mounts over. */
  private static final List<String> DIRECTORIES =
      List.of("proc", "sys", "dev", "run", "tmp", "var/tmp");

  private static final List<String> FILES =
      List.of("etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/passwd", "etc/group");

  /** Podman makes this link where it lacks. */
  private static final String MTAB = "etc/mtab";

  /** Inside a unit these are the job's own and empty. */
  private static final Path TEMPORARY = Path.of("/tmp");

  private static final Path ALSO_TEMPORARY = Path.of("/var/tmp");

  /** The directory that the job begins in and may write beneath. */
  Path directory(JobSpec spec) throws Refusal, IOException {
    Path directory = policy.directoryOf(spec).normalize();
    if (!PLAIN.matcher(directory.toString()).matches()) {
      throw new Refusal(
          "cwd: '%s' is refused; allowed are letters, digits and . _ - + @ / in it"
              .formatted(directory));
    }
    if (directory.equals(TEMPORARY) || directory.equals(ALSO_TEMPORARY)) {
      return directory;
    }
    if (directory.startsWith(TEMPORARY) || directory.startsWith(ALSO_TEMPORARY)) {
      throw new Refusal(
          "cwd: '%s' is refused; a job has a /tmp of its own, and it is empty"
              .formatted(directory));
    }
    walk("cwd", directory, true);
    refuse(policy.directory(directory.toString()));
    return directory;
  }

  /** The program, by a way that nobody but root can change. */
  Path program(JobSpec spec) throws Refusal, IOException {
    Path named = Path.of(spec.argv().getFirst()).normalize();
    try {
      Path program = named.toRealPath();
      walk("argv", program, false);
      refuse(policy.program(program.toString())); // the link may lead elsewhere than when decided
      return program;
    } catch (NoSuchFileException absent) {
      throw new Refusal("argv: there is no '%s' on this node".formatted(named));
    }
  }

  /**
   * The root file system of a container. Nobody but root can put anything at its top or on the way
   * to the program in it; what else is in it is not looked at. Nothing can be made in it, so that
   * all that is mounted over has to be there.
   *
   * @param program by its absolute path in the container
   * @param directory that the job begins in
   */
  Path root(Container container, String program, Path directory, List<Path> mounts)
      throws Refusal, IOException {
    Path root = Path.of(container.root());
    walk("container", root, false);
    for (String name : DIRECTORIES) {
      there(root, name, true);
    }
    for (String name : FILES) {
      there(root, name, false);
    }
    if (!Files.exists(root.resolve(MTAB), LinkOption.NOFOLLOW_LINKS)) {
      throw new Refusal(
          "container: '%1$s' is refused; it has no '/%2$s': ln -s ../proc/self/mounts %1$s/%2$s"
              .formatted(root, MTAB));
    }
    for (Path mount : mounts) {
      walk("containers.mounts", mount, false);
      there(root, mount.toString().substring(1), true);
    }
    boolean mounted = mounts.stream().anyMatch(directory::startsWith);
    if (!mounted && !directory.startsWith(TEMPORARY) && !directory.startsWith(ALSO_TEMPORARY)) {
      there(root, directory.toString().substring(1), true);
    }
    top(root);
    inside(root, program);
    return root;
  }

  private void top(Path root) throws Refusal, IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(root)) {
      for (Path part : parts) {
        kept(part);
      }
    } catch (DirectoryIteratorException unreadable) {
      throw new IOException("listing " + root, unreadable);
    }
  }

  /** The way as a container has it, as far as it is there: the rest is mounted, or nowhere. */
  private void inside(Path root, String program) throws Refusal, IOException {
    List<Path> names = parts(Path.of(program));
    Path way = root;
    int links = 0;
    while (!names.isEmpty()) {
      Path part = way.resolve(names.removeFirst()).normalize();
      if (!part.startsWith(root)) { // nothing is above it
        part = root;
      }
      if (!Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      kept(part);
      if (!Files.isSymbolicLink(part)) {
        way = part;
        continue;
      }
      links++;
      if (links > MOST_LINKS) {
        throw new Refusal(
            "argv: the way to '%s' in '%s' has more than %d links, which is refused"
                .formatted(program, root, MOST_LINKS));
      }
      Path target = Files.readSymbolicLink(part);
      names.addAll(0, parts(target));
      if (target.isAbsolute()) {
        way = root;
      }
    }
  }

  private static List<Path> parts(Path path) {
    List<Path> parts = new ArrayList<>();
    path.forEach(parts::add);
    return parts;
  }

  /** A part of a root file system; what a link leads to is another. */
  private void kept(Path part) throws Refusal, IOException {
    guarded("container", part, facts("container", part), false, false);
  }

  private static void there(Path root, String name, boolean directory) throws Refusal {
    Path place = root.resolve(name);
    boolean good =
        directory
            ? Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)
            : Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS);
    if (!good) {
      throw new Refusal(
          "container: '%s' is refused; it has no %s '/%s' to mount over: %s %s"
              .formatted(
                  root,
                  directory ? "directory" : "file",
                  name,
                  directory ? "mkdir -p" : "touch",
                  place));
    }
  }

  private static void refuse(Optional<String> sentence) throws Refusal {
    if (sentence.isPresent()) {
      throw new Refusal(sentence.get());
    }
  }

  private void walk(String field, Path path, boolean users) throws Refusal, IOException {
    Path way = path.getRoot();
    for (Path name : path) {
      way = way.resolve(name);
      look(field, way, users, way.equals(path));
    }
  }

  private void look(String field, Path part, boolean users, boolean last)
      throws Refusal, IOException {
    Map<String, Object> facts = facts(field, part);
    if ((mode(facts) & KIND) == LINK) {
      throw new Refusal(
          "%s: '%s' is a link, which is refused; name what it leads to".formatted(field, part));
    }
    guarded(field, part, facts, users, last);
  }

  private static Map<String, Object> facts(String field, Path part) throws Refusal, IOException {
    try {
      return Files.readAttributes(part, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      throw new Refusal("%s: there is no '%s' on this node".formatted(field, part));
    }
  }

  private static long mode(Map<String, Object> facts) {
    return ((Number) facts.getOrDefault("mode", 0)).longValue();
  }

  private void guarded(
      String field, Path part, Map<String, Object> facts, boolean users, boolean last)
      throws Refusal {
    long mode = mode(facts);
    long owner = ((Number) facts.getOrDefault("uid", -1)).longValue();
    boolean own = users && owner == user.uid();
    if (owner != 0 && !own) {
      throw new Refusal(
          "%s: '%s' belongs to uid %d, which is refused; allowed is root%s"
              .formatted(field, part, owner, users ? " or the job's user" : ""));
    }
    boolean sticky = (mode & KIND) == DIRECTORY && (mode & STICKY) != 0;
    boolean harmless = (users && last) || (mode & KIND) == LINK; // a link's mode says nothing
    if (!own && (mode & WRITABLE_BY_OTHERS) != 0 && !sticky && !harmless) {
      throw new Refusal(
          "%s: '%s' may be changed by others (mode %o), which is refused; chmod go-w it"
              .formatted(field, part, mode & 07777));
    }
  }
}
