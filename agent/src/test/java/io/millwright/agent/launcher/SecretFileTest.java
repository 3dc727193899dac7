package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of a node are given to jobs as secrets; what root owns needs root to be made. */
class SecretFileTest {
  @TempDir Path directory;

  private Path file = Path.of("/");

  @BeforeEach
  void write() throws IOException {
    assumeTrue(UnixUsers.self() == 0, "needs root");
    file = Files.writeString(directory.toRealPath().resolve("hf-token"), "hunter2");
    mode(file, "rw-------");
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void rootsAloneIsGiven() {
    assertThat(SecretFile.refusal(file)).isEmpty();
  }

  @Test
  void whatOthersMayReadIsNot() throws IOException {
    mode(file, "rw-r-----");
    assertThat(SecretFile.refusal(file))
        .contains(
            "secrets: 'hf-token' is refused: %s: it may be read by others (mode 640); chmod 600 it"
                .formatted(file));
  }

  @Test
  void whatOthersOwnOrLeadToIsNot() throws IOException {
    Files.setAttribute(file, "unix:uid", 54_321);
    assertThat(SecretFile.refusal(file).orElseThrow()).contains("belongs to uid 54321");
    Files.setAttribute(file, "unix:uid", 0);
    Path link = Files.createSymbolicLink(file.resolveSibling("link"), file);
    assertThat(SecretFile.refusal(link).orElseThrow()).contains("is a link, which is refused");
    Path loose = Files.createDirectory(file.resolveSibling("loose"));
    Path inside = Files.writeString(loose.resolve("x"), "hunter2");
    mode(inside, "rw-------");
    mode(loose, "rwxrwxrwx");
    assertThat(SecretFile.refusal(inside).orElseThrow()).contains("may be changed by others");
    assertThat(SecretFile.refusal(loose).orElseThrow()).contains("not a regular file");
  }

  @Test
  void whatIsAbsentOrTooLargeIsNot() throws IOException {
    assertThat(SecretFile.refusal(file.resolveSibling("none")).orElseThrow())
        .startsWith("secrets: 'none' is refused")
        .contains("there is no such file");
    Files.write(file, new byte[64 * 1024 + 1]);
    assertThat(SecretFile.refusal(file).orElseThrow()).contains("it has 65537 bytes");
  }
}
