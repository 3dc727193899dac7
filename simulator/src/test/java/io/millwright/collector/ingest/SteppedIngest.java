package io.millwright.collector.ingest;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;
import io.netty.channel.ChannelHandler;

/**
 * The agents' port of a collector without its socket. It stands in the package of what it opens.
 */
public final class SteppedIngest {
  private final IngestOptions options;
  private final MutualTls tls;
  private final Door door;
  private final Ingested ingested;
  private final Clock clock;
  private final Sessions sessions = new Sessions();

  public SteppedIngest(IngestOptions options, MutualTls tls, Ingested ingested, Clock clock) {
    this.options = options;
    this.tls = tls;
    this.door = Door.forNodes(options.site(), clock);
    this.ingested = ingested;
    this.clock = clock;
  }

  /** The handler of a connection that an agent has opened. */
  public ChannelHandler next() {
    return new Session(options, tls, door, sessions, ingested, clock);
  }
}
