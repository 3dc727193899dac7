package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What the launcher wrote down of runs when it began them. Stateless. */
public record Claims(Layout layout) {
  private static final String IMEX = "IMEX ";

  /** A channel as it stands there. */
  public static String word(ImexChannel channel) {
    return IMEX + channel.node();
  }

  /** The channel of such a word; empty where it is none. */
  public static Optional<ImexChannel> channel(String word) {
    return word.startsWith(IMEX)
        ? ImexChannel.ofNode(word.substring(IMEX.length()))
        : Optional.empty();
  }

  /**
   * The accelerators' device nodes that nobody but a run may have open, {@code nvidia3}; none of
   * one on MIG instances, for others have instances of the same GPU. None where nothing is kept of
   * it.
   *
   * @throws LauncherException where it cannot be read
   */
  public List<String> nodes(RunId run) {
    return read(run).flatMap(facts -> facts.text("nodes")).map(Claims::names).orElse(List.of());
  }

  /**
   * All accelerators' device nodes that a run's processes may open, {@code nvidia3}; those of the
   * GPUs of MIG instances too. None where nothing is kept of it; those of {@link #nodes} where it
   * was begun by a launcher that did not write these.
   *
   * @throws LauncherException where it cannot be read
   */
  public List<String> opened(RunId run) {
    return read(run)
        .flatMap(facts -> facts.text("opened").or(() -> facts.text("nodes")))
        .map(Claims::names)
        .orElse(List.of());
  }

  private static List<String> names(String all) {
    return List.of(all.split(","));
  }

  private Optional<Facts> read(RunId run) {
    try {
      return Facts.read(layout.directory(run).resolve("claimed"));
    } catch (IOException e) {
      throw new LauncherException("reading what is kept of " + run.text(), e);
    }
  }
}
