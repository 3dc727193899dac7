package io.millwright.collector.ingest;

import io.millwright.collector.identity.Identities;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;
import io.netty.channel.ChannelHandler;
import java.util.Optional;

/**
 * The agents' port of a collector without its socket. It stands in the package of what it opens.
 */
public final class SteppedIngest {
  private final IngestOptions options;
  private final Optional<Session.Secured> secured;
  private final Ingested ingested;
  private final Clock clock;
  private final Sessions sessions = new Sessions();

  public SteppedIngest(IngestOptions options, MutualTls tls, Ingested ingested, Clock clock) {
    this.options = options;
    this.secured =
        Optional.of(
            new Session.Secured(tls, Door.forNodes(options.site(), clock), Identities.NONE));
    this.ingested = ingested;
    this.clock = clock;
  }

  /** The handler of a connection that an agent has opened. */
  public ChannelHandler next() {
    return new Session(options, secured, sessions, ingested, clock);
  }
}
