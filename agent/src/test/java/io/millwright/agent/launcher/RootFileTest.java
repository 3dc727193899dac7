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

/** Which files beside the policy count; what root owns needs root to be made. */
class RootFileTest {
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
    assertThat(RootFile.secret(file)).isEmpty();
  }

  @Test
  void whatOthersMayReadIsNot() throws IOException {
    mode(file, "rw-r-----");
    assertThat(RootFile.secret(file))
        .contains(
            "secrets: 'hf-token' is refused: %s: it may be read by others (mode 640); chmod 600 it"
                .formatted(file));
  }

  @Test
  void whatOthersOwnOrLeadToIsNot() throws IOException {
    Files.setAttribute(file, "unix:uid", 54_321);
    assertThat(RootFile.secret(file).orElseThrow()).contains("belongs to uid 54321");
    Files.setAttribute(file, "unix:uid", 0);
    Path link = Files.createSymbolicLink(file.resolveSibling("link"), file);
    assertThat(RootFile.secret(link).orElseThrow()).contains("is a link, which is refused");
    Path loose = Files.createDirectory(file.resolveSibling("loose"));
    Path inside = Files.writeString(loose.resolve("x"), "hunter2");
    mode(inside, "rw-------");
    mode(loose, "rwxrwxrwx");
    assertThat(RootFile.secret(inside).orElseThrow()).contains("may be changed by others");
    assertThat(RootFile.secret(loose).orElseThrow()).contains("not a regular file");
  }

  @Test
  void whatIsAbsentOrTooLargeIsNot() throws IOException {
    assertThat(RootFile.secret(file.resolveSibling("none")).orElseThrow())
        .startsWith("secrets: 'none' is refused")
        .contains("there is no such file");
    Files.write(file, new byte[64 * 1024 + 1]);
    assertThat(RootFile.secret(file).orElseThrow()).contains("it has 65537 bytes");
  }

  @Test
  void aHookIsAProgramOfRootsAlone() throws IOException {
    assertThat(RootFile.hook(file).orElseThrow())
        .isEqualTo("hooks: 'hf-token' is refused: " + file + ": it is no program; chmod 755 it");
    mode(file, "rwxr-xr-x");
    assertThat(RootFile.hook(file)).isEmpty();
    mode(file, "rwxrwxr-x");
    assertThat(RootFile.hook(file).orElseThrow()).contains("may be changed by others (mode 775)");
    mode(file, "rwxr-xr-x");
    Files.setAttribute(file, "unix:uid", 54_321);
    assertThat(RootFile.hook(file).orElseThrow()).contains("belongs to uid 54321");
  }
}
