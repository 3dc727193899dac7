package io.millwright.simulator;

import static io.millwright.simulator.JudgedNode.NODE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules about free space and free inodes, on a file system of 4 MiB that this test mounts. */
class DiskRulesTest {
  private static final int SIZE = 4 << 20;
  private static final int INODES = 1000;
  private static final Duration HELD = Duration.ofSeconds(61);

  /** What has a case here. */
  static final Set<String> RULES =
      Set.of("disk-filling", "disk-full", "inodes-filling", "inodes-full");

  @Test
  void aDiskThatFillsIsDegradedAndOneThatIsFullFailed() throws Exception {
    try (JudgedNode node = new JudgedNode()) {
      Path data = node.tree().resolve("data");
      mount(data);
      try {
        free(data, 0.08);
        node.awaitOk();
        pass(node);
        assertThat(node.speaks(NODE, "disk-filling")).as("8 % free").isFalse();

        free(data, 0.03);
        awaitSaid(node, "disk-filling", true);
        assertThat(node.speaks(NODE, "disk-full")).as("3 % free").isFalse();
        assertThat(node.evidence(NODE, "disk-filling").getFirst().observed()).contains("/data");

        free(data, 0);
        awaitSaid(node, "disk-full", true);

        free(data, 0.06);
        awaitSaid(node, "disk-full", false);
        pass(node);
        assertThat(node.speaks(NODE, "disk-filling")).as("6 % free: not over yet").isTrue();

        free(data, 0.5);
        awaitSaid(node, "disk-filling", false);
      } finally {
        umount(data);
      }
    }
  }

  @Test
  void aFileSystemThatCanHoldNoMoreFilesIsTheSame() throws Exception {
    try (JudgedNode node = new JudgedNode()) {
      Path data = node.tree().resolve("data");
      mount(data);
      try {
        files(data, 920);
        node.awaitOk();
        pass(node);
        assertThat(node.speaks(NODE, "inodes-filling")).as("8 % free").isFalse();

        files(data, 970);
        awaitSaid(node, "inodes-filling", true);
        assertThat(node.speaks(NODE, "inodes-full")).as("3 % free").isFalse();

        files(data, 995);
        awaitSaid(node, "inodes-full", true);

        files(data, 940);
        awaitSaid(node, "inodes-full", false);
        assertThat(node.speaks(NODE, "inodes-filling")).as("6 % free: not over yet").isTrue();

        files(data, 500);
        awaitSaid(node, "inodes-filling", false);
        assertThat(node.speaks(NODE, "disk-filling")).isFalse();
      } finally {
        umount(data);
      }
    }
  }

  /** So many empty files. */
  private static void files(Path directory, int count) throws IOException {
    for (int i = 0; i < INODES; i++) {
      Path file = directory.resolve("file" + i);
      if (i >= count) {
        Files.deleteIfExists(file);
      } else if (!Files.exists(file)) {
        Files.createFile(file);
      }
    }
  }

  private static void awaitSaid(JudgedNode node, String rule, boolean said) {
    soon()
        .until(() -> {
          pass(node);
          return node.speaks(NODE, rule) == said;
        });
  }

  private static void pass(JudgedNode node) {
    node.settle();
    node.clock.advance(HELD);
    node.ticks(2);
  }

  private static void free(Path directory, double share) throws IOException {
    Path file = directory.resolve("fills");
    Files.deleteIfExists(file);
    Files.write(file, new byte[(int) (SIZE * (1 - share)) / 4096 * 4096]);
  }

  private static void mount(Path at) throws Exception {
    if (run(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=%d,nr_inodes=%d".formatted(SIZE, INODES),
            "none",
            at.toString())
        != 0) {
      abort("no file system can be mounted here: run the tests as root to see this one");
    }
  }

  private static void umount(Path at) throws Exception {
    assertThat(run("umount", at.toString())).isZero();
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
