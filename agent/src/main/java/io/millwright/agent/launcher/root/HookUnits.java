package io.millwright.agent.launcher.root;

import java.io.IOException;

/**
 * Begins the units of hooks, and says which units live. An exception says nothing of what was done.
 */
interface HookUnits {
  /** Returns when the start is queued. */
  void begin(HookProperties hook) throws IOException;

  /** Whether a process of it may be there, or come. */
  boolean alive(String unit) throws IOException;
}
