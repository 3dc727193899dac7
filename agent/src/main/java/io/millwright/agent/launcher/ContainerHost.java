package io.millwright.agent.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a node has for jobs in containers.
 *
 * @param podman the program that makes a container
 * @param crun the program that it begins the container's own with
 */
public record ContainerHost(Path podman, Path crun) {

  /**
   * @param root {@code /} but in tests
   */
  public static ContainerHost under(Path root) {
    return new ContainerHost(root.resolve("usr/bin/podman"), root.resolve("usr/bin/crun"));
  }

  /** Why no container begins here, in one sentence; empty where one may. */
  public Optional<String> refusal() {
    return List.of(podman, crun).stream()
        .filter(program -> !Files.isExecutable(program))
        .findFirst()
        .map(program ->
            "container: there is no %s on this node; install podman and crun".formatted(program));
  }
}
