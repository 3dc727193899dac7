package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.ContainerRule;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The whole command line that makes a container: nothing is on it that is not here. */
class PodmanTest {
  private static final ContainerHost HOST = ContainerHost.under(Path.of("/"));

  private static Podman podman(
      String from, ContainerRule rule, Assignment job, Path directory, Path... nodes) {
    return new Podman(HOST, rule, job, new Container(from), directory, List.of(nodes));
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
            Path.of("/dev/nvidia0"),
            Path.of("/dev/infiniband/uverbs0"));
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
            "--default-mounts-file=/dev/null",
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
            "--security-opt=seccomp=unconfined",
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
            "--device=/dev/infiniband/uverbs0",
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

  /** Podman refuses two volumes of one place. */
  @Test
  void aDirectoryThatIsMountedForAllIsMountedOnceAndToWrite() {
    ContainerRule rule = roots(Path.of("/data"), Path.of("/data/anna"));
    Assignment job = Assignments.of("a", "/bin/id");
    assertThat(podman("/srv/roots/x", rule, job, Path.of("/data/anna")).words())
        .filteredOn(word -> word.startsWith("--volume="))
        .containsExactly(
            "--volume=/data:/data:ro", "--volume=/tmp:/tmp", "--volume=/data/anna:/data/anna");
  }
}
