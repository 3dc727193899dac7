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

/** What a node says of containers by files in the form that NVIDIA's toolkit and others write. */
class ContainerHostTest {
  private static final String GPU = "nvidia.com/gpu";

  /** In the order and depth of {@code nvidia-ctk cdi generate}; written for this test. */
  private static final String NVIDIA =
      """
      ---
      cdiVersion: 0.5.0
      containerEdits:
        deviceNodes:
        - path: /dev/nvidiactl
        hooks:
        - args:
          - nvidia-ctk
          - hook
          - update-ldcache
          - --folder
          - /usr/lib/x86_64-linux-gnu
          hookName: createContainer
          path: /usr/bin/nvidia-ctk
      devices:
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia0
        name: GPU-a
      - containerEdits:
          deviceNodes:
          - path: /dev/nvidia1
        name: GPU-b
      - containerEdits: {}
        name: all
      kind: nvidia.com/gpu
      """;

  @TempDir Path given;
  private ContainerHost host = ContainerHost.under(Path.of("/"));
  private Path etc = Path.of("/");
  private Path run = Path.of("/");

  @BeforeEach
  void place() throws IOException {
    Path root = given.toRealPath();
    host = ContainerHost.under(root);
    etc = directory(root.resolve("etc/cdi"));
    run = directory(root.resolve("run/cdi"));
  }

  private static Path directory(Path path) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    return path;
  }

  private static Path write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return file;
  }

  @Test
  void devicesAreThoseOfAllSpecificationsOfTheirKind() throws IOException {
    assertThat(host.devices(GPU)).isEmpty();
    write(etc.resolve("nvidia.yaml"), NVIDIA);
    write(
        run.resolve("more.json"),
        "{\"kind\": \"nvidia.com/gpu\", \"devices\": [{\"name\": \"MIG-c\"}]}");
    write(
        run.resolve("other.json"),
        "{\"kind\": \"site.example/nic\", \"devices\": [{\"name\": \"x\"}]}");
    write(run.resolve("nvidia.yaml.tmp"), NVIDIA.replace("GPU-a", "GPU-d"));
    assertThat(host.devices(GPU)).containsExactlyInAnyOrder("GPU-a", "GPU-b", "all", "MIG-c");
    assertThat(host.devices("site.example/nic")).containsExactly("x");
    assertThat(host.devices("aws.amazon.com/neuron")).isEmpty();
  }

  @Test
  void whatIsNoSpecificationNamesNothing() throws IOException {
    write(etc.resolve("a.yaml"), "kind: [nvidia.com/gpu\n");
    write(etc.resolve("b.yaml"), "- kind\n");
    write(etc.resolve("c.json"), "{\"kind\": \"nvidia.com/gpu\", \"devices\": {\"name\": \"x\"}}");
    write(etc.resolve("d.json"), "{\"kind\": \"nvidia.com/gpu\", \"devices\": [7, {\"name\": 7}]}");
    write(etc.resolve("e.yaml"), "");
    Files.write(etc.resolve("f.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    directory(etc.resolve("g.yaml"));
    assertThat(host.devices(GPU)).isEmpty();
    write(etc.resolve("h.yaml"), NVIDIA);
    assertThat(host.devices(GPU)).contains("GPU-a");
  }

  /** Whoever could write one could have any node of the host named as a GPU. */
  @Test
  void aSpecificationThatIsNotRootsNamesNothing() throws IOException {
    Path file = write(etc.resolve("nvidia.yaml"), NVIDIA);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThat(host.devices(GPU)).isEmpty();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(host.devices(GPU)).contains("GPU-a");
    assumeTrue(UnixUsers.self() == 0, "needs root to give files to others");
    Files.setAttribute(file, "unix:uid", 54321);
    assertThat(host.devices(GPU)).isEmpty();
  }

  @Test
  void withoutItsProgramsNoContainerBegins() throws IOException {
    assertThat(host.refusal())
        .contains(
            "container: there is no %s on this node; install podman and crun"
                .formatted(host.podman()));
    directory(given.toRealPath().resolve("usr/bin"));
    for (Path program : new Path[] {host.podman(), host.crun()}) {
      assertThat(host.refusal()).isPresent();
      Files.setPosixFilePermissions(
          Files.createFile(program), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertThat(host.refusal()).isEmpty();
  }
}
