package io.millwright.agent.launcher.root;

import java.io.IOException;
import java.time.Duration;

/**
 * The program that calls the driver's setters: a process of its own, because a call may hang for
 * ever and what hangs in the driver cannot be killed. One at a time.
 */
public interface PowerProgram {

  /** Whether an earlier one has not ended. */
  boolean busy() throws IOException;

  /**
   * Begins it and waits for its end.
   *
   * @param longest after this it is left alone
   * @return whether it ended
   */
  boolean run(Duration longest) throws IOException;
}
