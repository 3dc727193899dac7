package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Optional;

/**
 * Whether a test of the site has the node's accelerators: decided here alone, by the thread that
 * gives them to runs, so that neither misses the other.
 */
final class Trial {
  private boolean running;

  /**
   * The test has the accelerators when the answer is empty, until {@link #end}.
   *
   * @param of the run around which it is; its own devices are no reason against it
   */
  Optional<String> begin(Book book, Optional<RunId> of) {
    if (running) {
      return Optional.of("another test of the site runs on this node; wait for its end");
    }
    Optional<Run> disturbed =
        book.runs().stream()
            .filter(run -> run.open() && !run.devices().isEmpty())
            .filter(run -> !of.equals(Optional.of(run.id())))
            .findFirst();
    running = disturbed.isEmpty();
    return disturbed.map(run ->
        "a test would disturb %s, which has an accelerator of this node; drain it first"
            .formatted(run.id().text()));
  }

  void end() {
    running = false;
  }

  /** Why these may not be given to a run now. */
  Optional<String> refusal(DeviceSet devices) {
    return running && !devices.uuids().isEmpty()
        ? Optional.of("devices: a test of the site runs on this node; wait for its end")
        : Optional.empty();
  }
}
