package io.millwright.agent.lane;

/** Counts calls that have returned. Called on the lanes' threads; must not block or allocate. */
public interface CallTally {

  /**
   * One call.
   *
   * @param call the C function
   * @param code what it returned
   * @param nanos how long it was in flight
   */
  void count(String call, int code, long nanos);

  /** For calls that nobody counts. */
  CallTally NONE = (call, code, nanos) -> {};
}
