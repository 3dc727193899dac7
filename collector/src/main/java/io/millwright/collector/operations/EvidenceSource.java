package io.millwright.collector.operations;

/**
 * Where evidence is captured before anything disruptive; another room does that.
 *
 * <p><i>Threading:</i> asked by the thread {@code control}; neither method waits.
 */
public interface EvidenceSource {

  /** How it stands with the evidence of a node. */
  sealed interface Readiness {
    /**
     * It is there.
     *
     * @param reference by which people find it
     */
    record Ready(String reference) implements Readiness {}

    /** It is not there, and why. */
    record Missing(String why) implements Readiness {}
  }

  /** Nothing is captured. */
  EvidenceSource NONE =
      new EvidenceSource() {
        @Override
        public void want(String node, String why, long sinceMs) {}

        @Override
        public Readiness ready(String node, long sinceMs) {
          return new Readiness.Missing("this collector captures none");
        }
      };

  /** Evidence is wanted; asked again at each turn until it is ready. */
  void want(String node, String why, long sinceMs);

  /**
   * Whether evidence is there that is no older than this.
   *
   * @param sinceMs wall clock of the collector
   */
  Readiness ready(String node, long sinceMs);
}
