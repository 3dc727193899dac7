package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.ImexDriver;
import io.millwright.agent.launcher.Layout;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The device nodes of IMEX channels. The driver makes none, so each is made when a run gets its
 * channel, for the run's user alone, in a directory that root alone may enter; in the run's unit it
 * is bound to where programs look for it. So a run finds its own channel and no other, not even one
 * that the site has for everybody, and no other user reaches the run's. A process of the run's own
 * user beside it can, through {@code /proc/PID/root}.
 *
 * <p><i>Threading:</i> any thread; one run at a time has a channel ({@link Occupancy}).
 */
record ImexNodes(Layout.HostFiles host, Maker maker) {
  /** Where programs look for channels. */
  static final Path PLACE = Path.of("/dev/nvidia-caps-imex-channels");

  private static final String OWN = "millwright-imex";
  private static final int KIND = 0170000;
  private static final int CHARACTER = 0020000;

  /** Makes a node of a character device, root's alone. */
  @FunctionalInterface
  interface Maker {
    void make(Path node, long major, int minor) throws IOException;
  }

  /** The node of a channel, outside of any run's unit. */
  static Path node(Layout.HostFiles host, ImexChannel channel) {
    return host.nodes().resolve(OWN).resolve(channel.node());
  }

  /** The same inside. */
  static Path seen(ImexChannel channel) {
    return PLACE.resolve(channel.node());
  }

  /** Why a run cannot have what it asks for, in one sentence; empty where it can. */
  static Optional<String> refusal(
      Layout.HostFiles host, Assignment assignment, Set<DeviceClass> allowed) {
    if (!assignment.spec().devices().imex()) {
      return Optional.empty();
    }
    if (!allowed.contains(DeviceClass.IMEX)) {
      return Optional.of(
          "devices.imex: refused by this node's policy; allowed are device_classes %s"
              .formatted(allowed.stream().map(DeviceClass::word).sorted().toList()));
    }
    return assignment.channel().isEmpty()
        ? Optional.of("devices.imex: the collector chose no channel for it; submit the job again")
        : ImexDriver.of(host).lack().map(why -> "devices.imex: " + why);
  }

  /**
   * Sees to it that a channel's node is there and that this user alone may open it.
   *
   * @throws Refusal where there is none then
   */
  void prepare(ImexChannel channel, long uid) throws Refusal {
    try {
      OptionalLong major = ImexDriver.of(host).major();
      if (major.isEmpty()) {
        throw new Refusal("devices.imex: NVIDIA's driver has gone");
      }
      Path node = node(host, channel);
      enclose(String.valueOf(node.getParent()));
      if (!is(node, major.getAsLong(), channel.number())) {
        Files.deleteIfExists(node); // of a driver that was loaded before this one
        maker.make(node, major.getAsLong(), channel.number());
      }
      Files.setAttribute(node, "unix:uid", (int) uid, LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rw-------"));
      if (!is(node, major.getAsLong(), channel.number())) {
        throw new Refusal(
            "devices.imex: '%s' is refused; it is not number %d of %s"
                .formatted(node, channel.number(), DeviceClass.IMEX.word()));
      }
    } catch (IOException trouble) {
      throw new Refusal(
          "devices.imex: the node of channel %d could not be made: %s"
              .formatted(channel.number(), trouble));
    }
  }

  private static void enclose(String name) throws Refusal, IOException {
    Path directory = Path.of(name);
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException there) { // since a run before, or another that starts now
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new Refusal("devices.imex: '%s' is no directory; remove it".formatted(directory));
      }
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }

  private static boolean is(Path node, long major, int minor) throws IOException {
    Map<String, Object> facts;
    try {
      facts = Files.readAttributes(node, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      return false;
    }
    long mode = ((Number) facts.getOrDefault("mode", 0)).longValue();
    long number = ((Number) facts.getOrDefault("rdev", 0L)).longValue();
    return (mode & KIND) == CHARACTER
        && DeviceNodes.major(number) == major
        && DeviceNodes.minor(number) == minor;
  }
}
