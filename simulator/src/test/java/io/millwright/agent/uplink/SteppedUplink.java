package io.millwright.agent.uplink;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.Chronicle;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Uplink} does with its loop and its sockets, over channels that are handed to it: one
 * session after the other, with the real pause between two. It stands in the package of what it
 * opens.
 */
public final class SteppedUplink {
  private final UplinkOptions options;
  private final Peer peer;
  private final Orders orders;
  private final Chronicle events;
  private final Clock clock;
  private final Samples samples;
  private final Backoff backoff;
  private @Nullable EmbeddedChannel channel;
  private @Nullable AgentSession session;
  private long connectAtNanos;

  public SteppedUplink(
      UplinkOptions options,
      MutualTls tls,
      String site,
      Orders orders,
      Chronicle events,
      RandomGenerator random,
      Clock clock) {
    this.options = options;
    this.peer = new Peer.Secured(tls, Door.forCollectors(site, clock));
    this.orders = orders;
    this.events = events;
    this.clock = clock;
    this.samples = new Samples(random.nextLong(), Optional.empty(), clock);
    this.backoff = new Backoff(random);
    this.connectAtNanos = clock.nanos();
    orders.listen(() -> later(AgentSession::reported));
    events.listen(() -> later(AgentSession::happened));
  }

  private interface Telling {
    void to(AgentSession session);
  }

  private void later(Telling telling) {
    EmbeddedChannel open = channel;
    AgentSession told = session;
    if (open != null && told != null) {
      open.eventLoop().execute(() -> telling.to(told));
    }
  }

  /** Whether it wants to connect now. */
  public boolean due() {
    return channel == null && clock.nanos() - connectAtNanos >= 0;
  }

  /** The handler of the next session, for a channel that {@link #connected} gets. */
  public ChannelHandler next() {
    AgentSession next =
        new AgentSession(
            options,
            peer,
            samples,
            Optional::empty,
            Optional.of(orders),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            events,
            Optional.empty(),
            clock,
            backoff::restart);
    session = next;
    return next;
  }

  public void connected(EmbeddedChannel to) {
    channel = to;
  }

  /** Nobody took the connection. */
  public void refused() {
    connectAtNanos = clock.nanos() + backoff.next(Duration.ZERO).toNanos();
  }

  public void offer(NodeSnapshot taken) {
    samples.add(taken);
    if (session != null && channel != null) {
      session.sampled();
    }
  }

  /** What time asks of the session, and what its end does. */
  public void step() {
    EmbeddedChannel open = channel;
    AgentSession told = session;
    if (open == null || told == null) {
      return;
    }
    if (open.isOpen()) {
      open.runPendingTasks();
    }
    if (!open.isOpen()) {
      channel = null;
      session = null;
      samples.backfill().left(told.malformed());
      connectAtNanos = clock.nanos() + backoff.next(told.retryAfter()).toNanos();
    }
  }
}
