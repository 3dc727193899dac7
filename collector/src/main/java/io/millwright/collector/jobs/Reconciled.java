package io.millwright.collector.jobs;

/**
 * What came of bringing a book and the nodes together, in runs.
 *
 * @param adopted that were queued here and were found on nodes
 * @param ended of which a node told the end
 * @param untracked that their nodes do not know, or that were on nodes that were lost
 * @param givenUp that were cancelled in the queue and that no node has, or whose number a node
 *     knows of another run
 */
public record Reconciled(int adopted, int ended, int untracked, int givenUp) {
  public static final Reconciled NOTHING = new Reconciled(0, 0, 0, 0);

  /** For people. */
  public String words() {
    return "%d adopted, %d ended, %d untracked, %d given up"
        .formatted(adopted, ended, untracked, givenUp);
  }
}
