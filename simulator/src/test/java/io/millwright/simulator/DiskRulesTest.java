package io.millwright.simulator;

import static io.millwright.simulator.JudgedNode.NODE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The rules about free space, on a file system of 4 MiB that this test mounts. */
class DiskRulesTest {
  private static final int SIZE = 4 << 20;
  private static final Duration HELD = Duration.ofSeconds(61);

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

  private static void awaitSaid(JudgedNode node, String rule, boolean said) {
    soon()
        .until(() -> {
          pass(node);
          return node.speaks(NODE, rule) == said;
        });
  }

  private static void pass(JudgedNode node) {
    node.ticks(5);
    node.clock.advance(HELD);
    node.ticks(2);
  }

  private static void free(Path directory, double share) throws IOException {
    Path file = directory.resolve("fills");
    Files.deleteIfExists(file);
    Files.write(file, new byte[(int) (SIZE * (1 - share)) / 4096 * 4096]);
  }

  private static void mount(Path at) throws Exception {
    if (run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", at.toString()) != 0) {
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
