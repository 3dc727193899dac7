package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.ContainerRule;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole command line that makes a container: nothing is on it that is not here. */
class PodmanTest {
  private static final ContainerHost HOST = ContainerHost.under(Path.of("/"));
  private static final List<Path> NODES =
      List.of(
          Path.of("/dev/nvidia0"),
          Path.of("/dev/nvidia-caps/nvidia-cap30"),
          Path.of("/dev/nvidiactl"),
          Path.of("/dev/infiniband/uverbs0"));

  private static Podman podman(
      String from, ContainerRule rule, Assignment job, Path directory, String... devices) {
    return new Podman(HOST, rule, job, new Container(from), directory, List.of(devices));
  }

  private static ContainerRule roots(Path... mounts) {
    return new ContainerRule(List.of(Path.of("/srv/roots")), List.of(mounts));
  }

  @Test
  void aRootFileSystemIsRunAsItLies() {
    Podman podman =
        podman(
            "/srv/roots/llm",
            roots(Path.of("/data/sets")),
            Assignments.of("train", "/opt/train.sh", "--privileged", "-v", "/:/host", "a $x"),
            Path.of("/data/anna"),
            "/dev/nvidia0",
            "/dev/nvidiactl");
    assertThat(podman.words())
        .containsExactly(
            "/usr/bin/podman",
            "--log-level=fatal",
            "--root=/var/tmp/containers/storage",
            "--runroot=/var/tmp/containers/run",
            "--tmpdir=/var/tmp/containers/tmp",
            "--storage-driver=vfs",
            "--runtime=/usr/bin/crun",
            "--cgroup-manager=cgroupfs",
            "--events-backend=none",
            "run",
            "--rm",
            "--pull=never",
            "--cgroups=no-conmon",
            "--pids-limit=-1",
            "--cgroupns=host",
            "--network=host",
            "--pid=host",
            "--ipc=host",
            "--uts=host",
            "--user=0:0",
            "--group-add=keep-groups",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            "--security-opt=label=disable",
            "--read-only",
            "--ulimit=host",
            "--umask=0077",
            "--log-driver=passthrough",
            "--http-proxy=false",
            "--systemd=false",
            "--sdnotify=ignore",
            "--env-file=/run/credentials/mw-job-train-r1.service/_environment",
            "--volume=/data/sets:/data/sets:ro",
            "--volume=/tmp:/tmp",
            "--volume=/data/anna:/data/anna",
            "--workdir=/data/anna",
            "--device=/dev/nvidia0",
            "--device=/dev/nvidiactl",
            "--entrypoint=/opt/train.sh",
            "--rootfs",
            "/srv/roots/llm",
            "--privileged",
            "-v",
            "/:/host",
            "a $x");
  }

  @Test
  void secretsAreMountedWhereItsVariableSays() {
    Assignment plain = Assignments.of("a", "/bin/id");
    Assignment secret =
        new Assignment(
            plain.id(),
            plain.node(),
            plain.term(),
            plain.generation(),
            plain.spec().withSecrets(List.of("hf-token")),
            plain.devices());
    assertThat(podman("/srv/roots/x", roots(), secret, Path.of("/tmp")).words())
        .contains(
            "--volume=/run/credentials/mw-job-a-r1.service:/run/credentials/mw-job-a-r1.service:ro");
  }

  @Test
  void devicesAreNodesUnlessRootsSpecificationsNameThemAll(@TempDir Path given) throws IOException {
    Path root = given.toRealPath();
    ContainerHost host = ContainerHost.under(root);
    DeviceSet devices = new DeviceSet(DeviceKind.GPU, List.of("GPU-a", "GPU-b"));
    List<String> nodes = NODES.stream().map(Path::toString).toList();
    assertThat(Podman.devices(devices, NODES, host)).isEqualTo(nodes);
    Path cdi = root.resolve("etc/cdi");
    Files.createDirectories(cdi);
    write(cdi, "GPU-a");
    assertThat(Podman.devices(devices, NODES, host)).as("of one it is silent").isEqualTo(nodes);
    write(cdi, "GPU-a\"}, {\"name\": \"GPU-b");
    assertThat(Podman.devices(devices, NODES, host))
        .containsExactly("nvidia.com/gpu=GPU-a", "nvidia.com/gpu=GPU-b", "/dev/infiniband/uverbs0");
    DeviceSet none = new DeviceSet(DeviceKind.GPU, List.of());
    assertThat(Podman.devices(none, List.of(), host)).isEmpty();
    DeviceSet neuron = new DeviceSet(DeviceKind.NEURON, List.of("GPU-a"));
    assertThat(Podman.devices(neuron, List.of(Path.of("/dev/neuron0")), host))
        .containsExactly("/dev/neuron0");
  }

  private static void write(Path cdi, String names) throws IOException {
    Path file = cdi.resolve("nvidia.json");
    Files.writeString(
        file, "{\"kind\": \"nvidia.com/gpu\", \"devices\": [{\"name\": \"%s\"}]}".formatted(names));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(cdi, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(cdi.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
