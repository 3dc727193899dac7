package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.ContainerRule;
import io.millwright.agent.launcher.Layout;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line by which a job's unit makes its container, from a fixed text (podman 4.3,
 * podman-run(1)). Pure. Of a job's words there are the root file system, the directory and what is
 * behind them; none of these can be taken for an option.
 *
 * <p>Podman runs as the job's user, in the job's unit and with its walls. That user alone is known
 * inside, where it is called root and has no capability: a unit gains no privilege, so nobody could
 * map a second one. What podman keeps lies in the unit's own /var/tmp and goes with it. Processes,
 * network, memory shared between processes and the host's name are those of the unit, as without a
 * container: what would be new of these needs mounts that the unit's walls forbid.
 *
 * @param directory that the job begins in
 * @param nodes of its devices, all that the unit may open
 */
record Podman(
    ContainerHost host,
    ContainerRule rule,
    Assignment assignment,
    Container container,
    Path directory,
    List<Path> nodes) {
  /** The job's variables among its credentials; no secret's name begins so. */
  static final String VARIABLES = "_environment";

  /** The unit's own, on the disk and empty. */
  private static final String STATE = "/var/tmp/containers";

  /**
   * Podman's own variables, and nothing of the job's.
   *
   * @param configuration in the place of the site's and the user's
   */
  static List<String> environment(Path configuration) {
    return List.of(
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "HOME=/var/tmp",
        "TMPDIR=/var/tmp",
        "CONTAINERS_CONF=" + configuration);
  }

  Podman {
    nodes = List.copyOf(nodes);
  }

  List<String> words() {
    JobSpec spec = assignment.spec();
    List<String> words = new ArrayList<>();
    words.add(host.podman().toString());
    words.add("--log-level=fatal");
    words.add("--root=" + STATE + "/storage");
    words.add("--runroot=" + STATE + "/run");
    words.add("--tmpdir=" + STATE + "/tmp");
    words.add("--storage-driver=vfs"); // of which nothing is stored
    words.add("--runtime=" + host.crun());
    words.add("--cgroup-manager=cgroupfs");
    words.add("--events-backend=none");
    words.add("--default-mounts-file=/dev/null"); // in the place of /etc/containers/mounts.conf
    words.add("run");
    words.add("--rm");
    words.add("--pull=never");
    words.add("--cgroups=no-conmon"); // none can be made below the unit's, so that is the only one
    words.add("--pids-limit=-1");
    for (String namespace : List.of("cgroupns", "network", "pid", "ipc", "uts")) {
      words.add("--" + namespace + "=host");
    }
    words.add("--user=0:0");
    words.add("--group-add=keep-groups");
    words.add("--cap-drop=all");
    words.add("--security-opt=no-new-privileges");
    words.add("--security-opt=label=disable");
    words.add("--security-opt=seccomp=unconfined"); // the unit's own filter stays
    words.add("--read-only");
    words.add("--ulimit=host");
    words.add("--umask=0077");
    words.add("--log-driver=passthrough");
    words.add("--http-proxy=false");
    words.add("--systemd=false");
    words.add("--sdnotify=ignore");
    Path credentials = Layout.credentials(assignment.id());
    words.add("--env-file=" + credentials.resolve(VARIABLES));
    if (!spec.secrets().isEmpty()) {
      words.add(volume(credentials) + ":ro");
    }
    rule.mounts().stream()
        .filter(mount -> !mount.equals(directory)) // of one place there is one mount
        .forEach(mount -> words.add(volume(mount) + ":ro"));
    words.add(volume(Path.of("/tmp")));
    if (!directory.startsWith("/tmp") && !directory.startsWith("/var/tmp")) {
      words.add(volume(directory));
    }
    words.add("--workdir=" + directory);
    nodes.forEach(node -> words.add("--device=" + node));
    assignment.channel().ifPresent(channel -> words.add("--device=" + ImexNodes.seen(channel)));
    words.add("--entrypoint=" + spec.argv().getFirst());
    words.add("--rootfs");
    words.add(container.root());
    words.addAll(spec.argv().subList(1, spec.argv().size()));
    return words;
  }

  private static String volume(Path path) {
    return "--volume=" + path + ":" + path;
  }
}
