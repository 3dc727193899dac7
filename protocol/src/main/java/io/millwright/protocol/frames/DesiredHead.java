package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.job.Term;

/**
 * Which desired state a DESIRED belongs to.
 *
 * @param term of the collector that wants it
 * @param generation of this node's desired state, higher with each
 * @param full whether it lists all jobs of the node, or only what changes from a base
 * @param baseGeneration what a change builds on; 0 where it is full
 */
public record DesiredHead(Term term, long generation, boolean full, long baseGeneration) {
  public DesiredHead {
    Bounds.count("generation", generation);
    Bounds.between("base generation", baseGeneration, 0, full ? 0 : Long.MAX_VALUE);
  }

  public static DesiredHead full(Term term, long generation) {
    return new DesiredHead(term, generation, true, 0);
  }

  public static DesiredHead change(Term term, long generation, long baseGeneration) {
    return new DesiredHead(term, generation, false, baseGeneration);
  }
}
