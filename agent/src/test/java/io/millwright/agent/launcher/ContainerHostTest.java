package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a node has the programs that make a container. */
class ContainerHostTest {
  @TempDir Path root;

  @Test
  void withoutItsProgramsNoContainerBegins() throws IOException {
    ContainerHost host = ContainerHost.under(root);
    assertThat(host.refusal())
        .contains(
            "container: there is no %s on this node; install podman and crun"
                .formatted(host.podman()));
    Files.createDirectories(root.resolve("usr/bin"));
    for (Path program : new Path[] {host.podman(), host.crun()}) {
      assertThat(host.refusal()).isPresent();
      Files.setPosixFilePermissions(
          Files.createFile(program), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertThat(host.refusal()).isEmpty();
  }
}
