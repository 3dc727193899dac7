package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.AGENT_SERIES_DROPPED_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_AVAILABLE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_INODES_FREE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_READONLY;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_RESPONSIVE;
import static io.millwright.protocol.vocabulary.Metric.NODE_FILESYSTEM_SIZE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link FilesystemSource} on crafted mount tables whose mount points are real directories. */
class FilesystemSourceTest {
  private static final String LOCAL =
      """
      1 0 8:1 / /data rw - ext4 /dev/a rw
      2 0 8:2 / /gone rw - xfs /dev/b rw
      3 0 0:9 / /nas rw - nfs4 nas:/x rw
      """;
  private static final Mount NAS = new Mount("/nas", "nas:/x", "nfs4", false);
  private static final double SPACE_MOVES_BY = 256 << 20;

  private final List<String> calls = new ArrayList<>();
  private final CallWatch watch =
      new CallWatch() {
        @Override
        public void entered(String call) {
          calls.add(call);
        }

        @Override
        public long returned(String call, int code) {
          calls.add(call + " = " + code);
          return 0;
        }
      };
  private Tree tree = new Tree(Path.of("/"));

  @BeforeEach
  void craft(@TempDir Path root) {
    tree = new Tree(root);
    tree.write("proc/self/mountinfo", LOCAL);
    tree.write("data/x", "");
    tree.write("nas/x", "");
  }

  private FilesystemSource local() {
    return FilesystemSource.local("n1", tree.root(), watch, mount -> true);
  }

  @Test
  void readsEachFilesystemByItself() throws IOException {
    FilesystemSource source = local();
    assertThat(source.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    Shown shown = Shown.of(source.readings());
    String[] data = {"/data", "/dev/a", "ext4"};
    assertThat(shown.value(NODE_FILESYSTEM_SIZE_BYTES, data))
        .isEqualTo((double) Files.getFileStore(tree.root()).getTotalSpace());
    assertThat(shown.value(NODE_FILESYSTEM_AVAILABLE_BYTES, data))
        .isCloseTo(
            (double) Files.getFileStore(tree.root()).getUsableSpace(), within(SPACE_MOVES_BY));
    assertThat(shown.value(NODE_FILESYSTEM_READONLY, data)).isEqualTo(0);
    assertThat(shown.value(NODE_FILESYSTEM_RESPONSIVE, "/data", "ext4")).isEqualTo(1);
    assertThat(shown.reading(NODE_FILESYSTEM_INODES_FREE_RATIO, data))
        .isInstanceOfAny(Reading.Measured.class, Reading.Unsupported.class);
    Reading missing = new Reading.Unavailable(Fault.NOT_FOUND);
    String[] gone = {"/gone", "/dev/b", "xfs"};
    assertThat(shown.reading(NODE_FILESYSTEM_SIZE_BYTES, gone)).isEqualTo(missing);
    assertThat(shown.reading(NODE_FILESYSTEM_AVAILABLE_BYTES, gone)).isEqualTo(missing);
    assertThat(shown.reading(NODE_FILESYSTEM_RESPONSIVE, "/gone", "xfs")).isEqualTo(missing);
    assertThat(source.mounts()).hasSize(2);
  }

  /** One that answered is asked for its inodes too. */
  @Test
  void tellsTheWatchWhichFilesystemItAsks() {
    local().read(Cadence.MEDIUM, 1);
    assertThat(calls)
        .containsExactly(
            "statvfs /data",
            "statvfs /data = 0",
            "statvfs /data",
            "statvfs /data = 0",
            "statvfs /gone",
            "statvfs /gone = -1");
  }

  @Test
  void makesANewTableWhenAFilesystemIsMounted() {
    FilesystemSource source = local();
    source.read(Cadence.MEDIUM, 1);
    Readings before = source.readings();
    source.read(Cadence.MEDIUM, 2);
    assertThat(source.readings()).isSameAs(before);
    tree.write("proc/self/mountinfo", LOCAL + "4 0 8:3 / /new rw - ext4 /dev/c rw\n");
    source.read(Cadence.MEDIUM, 3);
    assertThat(source.readings()).isNotSameAs(before);
    assertThat(Shown.of(source.readings()).labels(NODE_FILESYSTEM_RESPONSIVE)).hasSize(3);
  }

  @Test
  void seesAFilesystemTurnReadOnlyUnderTheSameTable() {
    FilesystemSource source = local();
    source.read(Cadence.MEDIUM, 1);
    Readings before = source.readings();
    tree.write("proc/self/mountinfo", LOCAL.replace("ext4 /dev/a rw", "ext4 /dev/a ro"));
    source.read(Cadence.MEDIUM, 2);
    assertThat(source.readings()).isSameAs(before);
    assertThat(Shown.of(before).value(NODE_FILESYSTEM_READONLY, "/data", "/dev/a", "ext4"))
        .isEqualTo(1);
  }

  @Test
  void knowsTheSeriesOfARemoteMountBeforeItIsAsked() {
    FilesystemSource source = FilesystemSource.remote("n1", NAS, tree.root(), watch);
    assertThat(Shown.of(source.readings()).has(NODE_FILESYSTEM_RESPONSIVE, "/nas", "nfs4"))
        .isTrue();
    Readings before = source.readings();
    assertThat(source.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(source.readings()).isSameAs(before);
    assertThat(Shown.of(before).value(NODE_FILESYSTEM_RESPONSIVE, "/nas", "nfs4")).isEqualTo(1);
  }

  @Test
  void doesNotAskTheDirectoryUnderARemoteMountThatIsGone() {
    FilesystemSource source = FilesystemSource.remote("n1", NAS, tree.root(), watch);
    source.read(Cadence.MEDIUM, 1);
    tree.write("proc/self/mountinfo", "1 0 8:1 / /data rw - ext4 /dev/a rw\n");
    calls.clear();
    assertThat(source.read(Cadence.MEDIUM, 2)).isEqualTo(Outcome.DEVICE_LOST);
    assertThat(calls).isEmpty();
    assertThat(
            Shown.of(source.readings())
                .reading(NODE_FILESYSTEM_SIZE_BYTES, "/nas", "nas:/x", "nfs4"))
        .isEqualTo(new Reading.Unavailable(Fault.DEVICE_LOST));
    tree.write("proc/self/mountinfo", LOCAL);
    assertThat(source.read(Cadence.MEDIUM, 3)).isEqualTo(Outcome.ANSWERED);
  }

  @Test
  void failsWhenTheMountTableCannotBeRead() {
    FilesystemSource source = local();
    source.read(Cadence.MEDIUM, 1);
    tree.delete("proc/self/mountinfo");
    assertThat(source.read(Cadence.MEDIUM, 2)).isEqualTo(Outcome.FAILED);
    assertThat(
            Shown.of(source.readings())
                .reading(NODE_FILESYSTEM_SIZE_BYTES, "/data", "/dev/a", "ext4"))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
  }

  @Test
  void countsThoseThatNobodyWatches() {
    StringBuilder lines = new StringBuilder(LOCAL);
    for (int i = 0; i < 70; i++) {
      lines.append("9 0 9:%d / /m%d rw - ext4 /dev/m%d rw%n".formatted(i, i, i));
    }
    tree.write("proc/self/mountinfo", lines.toString());
    FilesystemSource source = local();
    source.read(Cadence.MEDIUM, 1);
    source.read(Cadence.MEDIUM, 2);
    Shown shown = Shown.of(source.readings());
    for (Metric family : List.of(NODE_FILESYSTEM_SIZE_BYTES, NODE_FILESYSTEM_RESPONSIVE)) {
      assertThat(shown.value(AGENT_SERIES_DROPPED_TOTAL, family.familyName())).isEqualTo(9);
    }
    tree.delete("proc/self/mountinfo");
    source.read(Cadence.MEDIUM, 3);
    String size = NODE_FILESYSTEM_SIZE_BYTES.familyName();
    assertThat(Shown.of(source.readings()).value(AGENT_SERIES_DROPPED_TOTAL, size)).isEqualTo(9);
  }

  @Test
  void failsWhenNoFilesystemAnswers() {
    tree.write("proc/self/mountinfo", "2 0 8:2 / /gone rw - xfs /dev/b rw\n");
    assertThat(local().read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.FAILED);
  }

  @Test
  void answersWhereThereIsNothingToAsk() {
    tree.write("proc/self/mountinfo", "1 0 0:1 / /proc rw - proc proc rw\n");
    assertThat(local().read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(local().read(Cadence.FAST, 1)).isEqualTo(Outcome.ANSWERED);
  }

  @Test
  void survivesAMountPointThatIsNoPath() {
    tree.write("proc/self/mountinfo", "1 0 8:1 / /a\\000b rw - ext4 /dev/a rw\n");
    FilesystemSource source = local();
    assertThat(source.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.FAILED);
    assertThat(Shown.of(source.readings()).reading(NODE_FILESYSTEM_RESPONSIVE, "/a?b", "ext4"))
        .isEqualTo(new Reading.Unavailable(Fault.OTHER));
  }

  @Test
  void readsThisMachine() {
    FilesystemSource real =
        FilesystemSource.local("n1", Path.of("/"), CallWatch.NONE, mount -> true);
    assertThat(real.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(Shown.of(real.readings()).labels(NODE_FILESYSTEM_RESPONSIVE)).isNotEmpty();
    real.close();
  }
}
