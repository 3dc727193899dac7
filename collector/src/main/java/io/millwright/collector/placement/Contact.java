package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.Rendezvous;

/** Whether the members of a run over several nodes can be told of a node. */
public sealed interface Contact {

  /**
   * Where its processes are reached.
   *
   * @param address as {@link Rendezvous} has it
   */
  record At(String address) implements Contact {

    /** Whether nodes of other machines cannot reach it there. */
    boolean loopback() {
      return Rendezvous.isLoopback(address);
    }
  }

  /**
   * Nobody can be told.
   *
   * @param why in words
   */
  record None(String why) implements Contact {}
}
