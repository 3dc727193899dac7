package io.millwright.protocol.clock;

/** The one door to threads. */
public final class Threads {
  private static final int STACK_BYTES = 256 * 1024;

  private Threads() {}

  /**
   * A named daemon platform thread, not yet started. Native calls run on these only: a virtual
   * thread that is stuck in a native call pins its carrier.
   */
  public static Thread platform(String name, Runnable task) {
    return Thread.ofPlatform().name(name).daemon(true).stackSize(STACK_BYTES).unstarted(task);
  }
}
