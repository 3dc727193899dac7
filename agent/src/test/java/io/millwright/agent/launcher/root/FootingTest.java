package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.launcher.Affinity;
import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Limits;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.launcher.UnixUsers;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Links and owners on the way to a program and a directory; needs root to give things away. */
class FootingTest {
  private static final int ANNA = 54321;
  private static final int BERT = 54322;
  private static final String PROGRAM = "/opt/train.sh";

  private Path place = Path.of("/");

  @BeforeEach
  void make() throws IOException {
    assumeTrue(UnixUsers.self() == 0, "needs root to give directories to others");
    place = Files.createTempDirectory(Path.of("/var"), "mw-footing");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void clear() throws IOException {
    if (place.getNameCount() > 0) {
      try (Stream<Path> files = Files.walk(place)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
      }
    }
  }

  private Footing footing() {
    Limits limits =
        new Limits(
            1,
            8,
            Duration.ofHours(1),
            Duration.ofHours(1),
            OptionalLong.empty(),
            OptionalInt.empty(),
            100,
            OptionalLong.empty(),
            65536,
            OptionalInt.empty());
    Policy policy =
        new Policy(
            Set.of("anna"),
            Set.of(),
            Set.of(),
            List.of(Path.of("/")),
            List.of(place),
            Path.of("/tmp"),
            Set.of(),
            Set.of(),
            Set.of(DeviceClass.NVIDIA),
            limits,
            Affinity.NONE,
            false,
            false,
            false,
            false,
            Map.of(),
            List.of(),
            Optional.empty());
    return new Footing(new UnixUser("anna", ANNA, ANNA, "/home/anna"), policy);
  }

  private static JobSpec spec(String program, Path cwd) {
    return Assignments.of("a", Optional.of(cwd.toString()), List.of(), program).spec();
  }

  private Path directory(String name, int owner) throws IOException {
    Path directory = Files.createDirectories(place.resolve(name));
    Files.setAttribute(directory, "unix:uid", owner);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return directory;
  }

  private void refused(Path cwd, String why) {
    assertThatThrownBy(() -> footing().directory(spec("/bin/true", cwd)))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(why);
  }

  @Test
  void rootsAndTheUsersOwnAreTaken() throws Exception {
    Path own = directory("own", ANNA);
    assertThat(footing().directory(spec("/bin/true", own))).isEqualTo(own);
    Path shared = directory("shared", 0);
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertThat(footing().directory(spec("/bin/true", shared))).isEqualTo(shared);
    assertThat(footing().directory(spec("/bin/true", Path.of("/tmp")))).isEqualTo(Path.of("/tmp"));
  }

  @Test
  void aLinkOnTheWayIsRefused() throws IOException {
    Path own = directory("own", ANNA);
    Path link = Files.createSymbolicLink(own.resolve("link"), Path.of("/etc"));
    refused(link, "is a link");
    refused(link.resolve("cron.d"), "is a link");
  }

  @Test
  void whatAnotherUserMayTurnAwayIsRefused() throws IOException {
    Path bert = directory("bert", BERT);
    directory("bert/inner", ANNA);
    refused(bert.resolve("inner"), "belongs to uid " + BERT);
    Path loose = directory("loose", 0);
    directory("loose/inner", ANNA);
    Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rwxrwxrwx"));
    refused(loose.resolve("inner"), "may be changed by others");
  }

  private Path root() throws IOException {
    Path root = directory("root", 0);
    for (String name : List.of("proc", "sys", "dev", "run", "tmp", "var", "var/tmp", "etc")) {
      directory("root/" + name, 0);
    }
    for (String name : List.of("hosts", "hostname", "resolv.conf", "passwd", "group")) {
      Files.createFile(root.resolve("etc").resolve(name));
    }
    Files.createSymbolicLink(root.resolve("etc/mtab"), Path.of("../proc/self/mounts"));
    return root;
  }

  private void refusedRoot(Path root, Path cwd, List<Path> mounts, String why) {
    assertThatThrownBy(() -> footing().root(new Container(root.toString()), PROGRAM, cwd, mounts))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(why);
  }

  @Test
  void aRootFileSystemIsRootsAndHasWhatIsMountedOver() throws Exception {
    Path root = root();
    Path work = directory("work", ANNA);
    Container container = new Container(root.toString());
    assertThat(footing().root(container, PROGRAM, Path.of("/tmp"), List.of()))
        .as("a program that is not there is podman's to tell")
        .isEqualTo(root);
    refusedRoot(
        root, work, List.of(), "it has no directory '" + work + "' to mount over: mkdir -p");
    assertThat(footing().directory(spec("/bin/true", work))).isEqualTo(work);
    refusedRoot(root, work, List.of(place), "it has no directory '" + place + "' to mount over");
    Files.createDirectories(root.resolve(place.toString().substring(1)));
    assertThat(footing().root(container, PROGRAM, work, List.of(place)))
        .as("what it works in is beneath a mount, and is there in that")
        .isEqualTo(root);
    Files.delete(root.resolve("etc/resolv.conf"));
    refusedRoot(root, Path.of("/tmp"), List.of(), "it has no file '/etc/resolv.conf'");
    Files.createSymbolicLink(root.resolve("etc/resolv.conf"), Path.of("/etc/resolv.conf"));
    refusedRoot(root, Path.of("/tmp"), List.of(), "it has no file '/etc/resolv.conf'");
    Files.delete(root.resolve("etc/resolv.conf"));
    Files.createFile(root.resolve("etc/resolv.conf"));
    Files.delete(root.resolve("etc/mtab"));
    refusedRoot(
        root, Path.of("/tmp"), List.of(), "ln -s ../proc/self/mounts " + root + "/etc/mtab");
  }

  @Test
  void aRootFileSystemThatOthersMayChangeIsRefused() throws Exception {
    Path root = root();
    Path link = Files.createSymbolicLink(place.resolve("link"), root);
    refusedRoot(link, Path.of("/tmp"), List.of(), "is a link");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxr-x"));
    refusedRoot(root, Path.of("/tmp"), List.of(), "may be changed by others");
    Files.setAttribute(root, "unix:uid", ANNA);
    refusedRoot(root, Path.of("/tmp"), List.of(), "belongs to uid " + ANNA);
    refusedRoot(place.resolve("none"), Path.of("/tmp"), List.of(), "there is no");
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /** As an image's own users have it, where it was unpacked with its owners. */
  @Test
  void aRootFileSystemWithOthersThingsAtItsTopIsRefused() throws Exception {
    Path root = root();
    Path opt = directory("root/opt", ANNA);
    refusedRoot(root, Path.of("/tmp"), List.of(), "'" + opt + "' belongs to uid " + ANNA);
    Files.setAttribute(opt, "unix:uid", 0);
    mode(opt, "rwxrwxrwx");
    refusedRoot(root, Path.of("/tmp"), List.of(), "'" + opt + "' may be changed by others");
    Files.setAttribute(opt, "unix:mode", 01777);
    Container container = new Container(root.toString());
    assertThat(footing().root(container, PROGRAM, Path.of("/tmp"), List.of())).isEqualTo(root);
    Path link = Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
    assertThat(footing().root(container, PROGRAM, Path.of("/tmp"), List.of())).isEqualTo(root);
    Files.setAttribute(link, "unix:uid", ANNA, LinkOption.NOFOLLOW_LINKS);
    refusedRoot(root, Path.of("/tmp"), List.of(), "'" + link + "' belongs to uid " + ANNA);
  }

  /** Links are those of the container: what they lead to lies in its root file system. */
  @Test
  void aProgramOfAContainerThatOthersMayChangeIsRefused() throws Exception {
    Path root = root();
    directory("root/opt", 0);
    directory("root/usr", 0);
    Path program =
        Files.writeString(directory("root/usr/lib", 0).resolve("train.sh"), "#!/bin/sh\n");
    mode(program, "rwxr-xr-x");
    Path link =
        Files.createSymbolicLink(
            root.resolve("opt/train.sh"), Path.of("../../../usr/./lib/train.sh"));
    Container container = new Container(root.toString());
    assertThat(footing().root(container, PROGRAM, Path.of("/tmp"), List.of())).isEqualTo(root);
    mode(program, "rwxrwxr-x");
    refusedRoot(root, Path.of("/tmp"), List.of(), "'" + program + "' may be changed by others");
    mode(program, "rwxr-xr-x");
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("/usr/lib/train.sh"));
    assertThat(footing().root(container, PROGRAM, Path.of("/tmp"), List.of())).isEqualTo(root);
    Path way = directory("root/usr/lib", BERT);
    refusedRoot(root, Path.of("/tmp"), List.of(), "'" + way + "' belongs to uid " + BERT);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("train.sh"));
    refusedRoot(root, Path.of("/tmp"), List.of(), "more than 40 links");
  }

  @Test
  void whatAUnitsFileCannotHoldIsRefused() {
    refused(place.resolve("a b"), "allowed are letters");
    refused(place.resolve("a%h"), "allowed are letters");
    refused(place.resolve("a\\"), "allowed are letters");
    refused(place.resolve("none"), "there is no");
    refused(Path.of("/tmp/inner"), "a /tmp of its own");
  }

  @Test
  void aProgramThatTheUserMayChangeIsRefused() throws Exception {
    assertThat(footing().program(spec("/usr/bin/env", Path.of("/tmp"))))
        .isEqualTo(Path.of("/usr/bin/env").toRealPath());
    Path own = directory("own", ANNA);
    Path program = Files.writeString(own.resolve("p"), "#!/bin/sh\n");
    assertThatThrownBy(() -> footing().program(spec(program.toString(), Path.of("/tmp"))))
        .hasMessageContaining("belongs to uid " + ANNA);
    assertThatThrownBy(() -> footing().program(spec("/usr/bin/none-such", Path.of("/tmp"))))
        .hasMessageContaining("there is no '/usr/bin/none-such'");
  }
}
