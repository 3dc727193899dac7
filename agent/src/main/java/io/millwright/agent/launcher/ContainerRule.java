package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Container;
import java.nio.file.Path;
import java.util.List;

/**
 * Which containers jobs may ask for on this node.
 *
 * @param roots directories beneath which root file systems lie
 * @param mounts directories of the node that every container has too, to read
 */
public record ContainerRule(List<Path> roots, List<Path> mounts) {
  public ContainerRule {
    roots = List.copyOf(roots);
    mounts = List.copyOf(mounts);
  }

  /** Whether jobs may have this one, as far as its path tells. */
  boolean allows(Container container) {
    Path wanted = Path.of(container.root());
    return roots.stream().anyMatch(root -> wanted.startsWith(root) && !wanted.equals(root));
  }
}
