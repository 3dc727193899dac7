package io.millwright.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.installed.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of the packages on a bare Debian where no systemd runs and /tmp is noexec: {@code
 * packages/in-chroot.sh} has the steps.
 */
class ChrootTest {
  @Test
  void installsJoinsServesUpgradesAndLeavesNothing(@TempDir Path directory) throws IOException {
    String testbed = System.getProperty("testbed", "");
    if (!Files.exists(Path.of(testbed, "rootfs.tar.zst"))) {
      Missing.because("no testbed (-Dtestbed=DIR, which ./millwright test builds as root)");
    }
    Built built = Built.packages();
    Shell.Ended ended =
        Shell.run(
            Duration.ofMinutes(5),
            Map.of(),
            List.of(
                "sh",
                Path.of("src/test/resources/packages/chroot.sh").toString(),
                testbed,
                directory.resolve("root").toString(),
                Built.home().resolve("simulator/target/native/libnvidia-ml.so.1").toString(),
                built.agent().toString(),
                built.collector().toString()));
    System.out.print(ended.text());
    assertThat(ended.good()).endsWith("step: done\n");
  }
}
