package io.millwright.collector.acceptance;

import java.util.Optional;

/**
 * Where the site's tests are ordered and their records kept; another room does that.
 *
 * <p><i>Threading:</i> asked by the thread {@code control}; neither method waits.
 */
public interface TestSource {

  /** How far a test is. */
  enum Result {
    RUNNING,
    PASSED,
    FAILED,
    /** It says nothing of the node. */
    CANNOT_TELL
  }

  /**
   * A test that was ordered.
   *
   * @param order by which people find its record; of two, the later is the greater text, whatever
   *     clocks do
   * @param atMs when it was ordered, by the collector's wall clock; for people
   * @param words what came of it, for people
   */
  record Run(String order, long atMs, Result result, String words) {}

  /** The newest run of this test on this node. */
  Optional<Run> newest(String node, String test);

  /** The newest order of all, on whichever node; the empty text before the first. */
  String latest();

  /** Orders it; what comes of it is seen by {@link #newest}. */
  void begin(String node, String test, String reason);
}
