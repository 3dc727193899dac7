package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Mounts} makes of a mount table. */
class MountsTest {
  private static final String TABLE =
      """
      22 27 0:21 / /proc rw,relatime - proc proc rw
      23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
      25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw
      27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
      28 27 0:25 / /run rw,nosuid - tmpfs tmpfs rw,size=4k
      29 27 0:26 / /run/credentials/x.service ro - ramfs none rw
      30 27 0:27 / /home rw - autofs systemd-1 rw
      31 27 0:28 / /home rw,relatime - nfs4 nas:/export/home rw,vers=4.2
      32 27 0:29 / /scratch ro,relatime - lustre 10.0.0.1@o2ib:/fs rw
      33 27 8:1 / /boot rw,relatime - ext4 /dev/sda1 ro,errors=remount-ro
      34 27 0:30 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw
      35 27 0:31 / /mnt/a\\040b\\011c\\134d rw - xfs /dev/disk\\040one rw
      """;

  private static List<Mount> all(String table) {
    return Mounts.parse(table.getBytes(UTF_8)).all();
  }

  @Test
  void keepsWhatHoldsData() {
    assertThat(all(TABLE))
        .containsExactly(
            new Mount("/", "/dev/vda", "ext4", false),
            new Mount("/run", "tmpfs", "tmpfs", false),
            new Mount("/home", "nas:/export/home", "nfs4", false),
            new Mount("/scratch", "10.0.0.1@o2ib:/fs", "lustre", true),
            new Mount("/boot", "/dev/sda1", "ext4", true),
            new Mount("/mnt/a b\tc\\d", "/dev/disk one", "xfs", false));
  }

  @Test
  void splitsLocalFromRemote() {
    Mounts mounts = Mounts.parse(TABLE.getBytes(UTF_8));
    assertThat(mounts.remote()).extracting(Mount::type).containsExactly("nfs4", "lustre");
    assertThat(mounts.local()).extracting(Mount::mountPoint).contains("/", "/run", "/boot");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nfs",
        "nfs4",
        "cifs",
        "lustre",
        "wekafs",
        "gpfs",
        "ceph",
        "beegfs",
        "9p",
        "fuse",
        "fuse.sshfs",
        "fuse.s3fs",
        "virtiofs"
      })
  void takesFilesystemsThatOthersAnswerForAsRemote(String type) {
    assertThat(new Mount("/m", "d", type, false).remote()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "vfat", "fuseblk"})
  void takesFilesystemsOfThisNodeAsLocal(String type) {
    assertThat(new Mount("/m", "d", type, false).remote()).isFalse();
  }

  @Test
  void showsTheTopmostOfSeveralMountsOnOnePoint() {
    assertThat(
            all(
                """
                1 0 8:1 / /m rw - ext4 /dev/a rw
                2 0 8:2 / /m rw - xfs /dev/b rw
                """))
        .containsExactly(new Mount("/m", "/dev/b", "xfs", false));
    assertThat(
            all(
                """
                1 0 8:1 / /m rw - ext4 /dev/a rw
                2 0 8:2 / /m rw - overlay overlay rw
                """))
        .isEmpty();
  }

  @Test
  void boundsTheirNumberAndCountsTheRest() {
    StringBuilder table = new StringBuilder();
    IntStream.range(0, 70)
        .forEach(i -> table.append("1 0 8:1 / /m" + i + " rw - ext4 /dev/d" + i + " rw\n"));
    Mounts mounts = Mounts.parse(table.toString().getBytes(UTF_8));
    assertThat(mounts.all()).hasSize(64);
    assertThat(mounts.dropped()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "1 0 8:1 / /m rw - ext4\n",
        "1 0 8:1 / /m rw ext4 /dev/a rw\n",
        "1 0 8:1 / m rw - ext4 /dev/a rw\n",
        "- - - - - - - -\n",
        "1 0 8:1 / /m rw - ext4 /dev/a rw"
      })
  void skipsLinesThatAreNone(String line) {
    assertThat(all(line)).isEmpty();
  }

  @Test
  void leavesABackslashThatEscapesNothing() {
    assertThat(all("1 0 8:1 / /a\\9\\04 rw - ext4 d\\400 rw\n"))
        .containsExactly(new Mount("/a\\9\\04", "d\\400", "ext4", false));
  }

  @Test
  void survivesRandomTables() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] bytes = TABLE.getBytes(UTF_8);
      for (int i = random.nextInt(60); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      assertThat(Mounts.parse(bytes).all()).as("seed %d", seed).hasSizeLessThan(20);
    }
  }

  @Test
  void prefersTheTableOfTheNodeToThatOfThisProcess(@TempDir Path root) {
    Tree tree = new Tree(root);
    tree.write("proc/self/mountinfo", "1 0 8:1 / /mine rw - ext4 /dev/a rw\n");
    assertThat(known(root)).extracting(Mount::mountPoint).containsExactly("/mine");
    tree.write("proc/1/mountinfo", "1 0 8:1 / /all rw - ext4 /dev/a rw\n");
    assertThat(known(root)).extracting(Mount::mountPoint).containsExactly("/all");
  }

  private static List<Mount> known(Path root) {
    return switch (Mounts.read(root)) {
      case Mounts.Result.Known(Mounts mounts) -> mounts.all();
      case Mounts.Result.Unknown unknown -> throw new AssertionError(unknown.toString());
    };
  }

  @Test
  void readsThisMachine() {
    assertThat(known(Path.of("/"))).isNotEmpty();
  }
}
