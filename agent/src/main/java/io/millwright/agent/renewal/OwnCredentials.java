package io.millwright.agent.renewal;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import java.nio.file.Path;

/**
 * What this node shows of itself: the newest, whenever somebody asks.
 *
 * <p><i>Threading:</i> any thread; {@link #adopt} only {@code renewal}.
 */
public final class OwnCredentials {
  private final Path directory;
  private final PeerIdentity.Node node;
  private final Clock clock;
  private volatile Held held;

  private record Held(Credentials credentials, MutualTls tls) {}

  /**
   * @param directory where they lie
   * @param node whose they are
   */
  public OwnCredentials(
      Path directory, PeerIdentity.Node node, Credentials credentials, Clock clock) {
    this.directory = directory;
    this.node = node;
    this.clock = clock;
    this.held = new Held(credentials, new MutualTls(credentials, clock));
  }

  public Path directory() {
    return directory;
  }

  public PeerIdentity.Node node() {
    return node;
  }

  public Credentials newest() {
    return held.credentials();
  }

  /** For the next connection. */
  public MutualTls tls() {
    return held.tls();
  }

  void adopt(Credentials next) {
    held = new Held(next, new MutualTls(next, clock));
  }
}
