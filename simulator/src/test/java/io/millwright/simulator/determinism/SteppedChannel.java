package io.millwright.simulator.determinism;

import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * A channel whose tasks run one after the other, as those of an event loop do: the one that it
 * extends begins the next in the middle of another that flushes.
 */
final class SteppedChannel extends EmbeddedChannel {
  private boolean running;

  SteppedChannel(VirtualClock clock, ChannelHandler... handlers) {
    super(builder().ticker(clock.ticker()).handlers(handlers).register(false));
  }

  @Override
  public void runPendingTasks() {
    if (running) {
      return;
    }
    running = true;
    try {
      super.runPendingTasks();
    } finally {
      running = false;
    }
  }

  /** Opens it, with what its handlers do at once. */
  SteppedChannel opened() {
    try {
      register();
    } catch (Exception e) {
      throw new IllegalStateException("opening a channel", e);
    }
    runPendingTasks();
    return this;
  }
}
