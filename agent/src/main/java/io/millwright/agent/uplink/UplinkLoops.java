package io.millwright.agent.uplink;

import io.millwright.protocol.clock.Threads;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loop threads of uplinks. An agent has one; a process of many simulated nodes shares a
 * few among all of them.
 *
 * <p><i>Lifecycle:</i> made with its threads, {@link #close} once all uplinks have stopped.
 */
public final class UplinkLoops implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final EventLoopGroup group;

  /**
   * @param threads how many, from 1
   */
  public UplinkLoops(int threads) {
    ThreadFactory made = task -> Threads.platform("uplink", task);
    group = new MultiThreadIoEventLoopGroup(threads, made, NioIoHandler.newFactory());
  }

  EventLoopGroup group() {
    return group;
  }

  void close(Duration longest) {
    group
        .shutdownGracefully(0, longest.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    close(PATIENCE);
  }
}
