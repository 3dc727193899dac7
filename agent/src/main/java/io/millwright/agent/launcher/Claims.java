package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.util.List;

/** What the launcher wrote down of runs when it began them. Stateless. */
public record Claims(Layout layout) {

  /**
   * The accelerators' device nodes that a run was given, {@code nvidia3}; those of the GPUs of MIG
   * instances too. None where nothing is kept of it.
   *
   * @throws LauncherException where it cannot be read
   */
  public List<String> nodes(RunId run) {
    try {
      return Facts.read(layout.directory(run).resolve("claimed"))
          .flatMap(facts -> facts.text("nodes"))
          .map(all -> List.of(all.split(",")))
          .orElse(List.of());
    } catch (IOException e) {
      throw new LauncherException("reading what is kept of " + run.text(), e);
    }
  }
}
