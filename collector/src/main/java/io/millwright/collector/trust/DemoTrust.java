package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Role;
import java.nio.file.Path;
import java.util.List;

/**
 * A whole site in one directory, for demonstrations and tests: an authority, a collector on
 * loopback, an admin and some nodes. Each path is a directory for {@code Credentials.read}.
 *
 * @param directory that holds all of it
 * @param site its name
 */
public record DemoTrust(Path directory, String site) {
  private static final String COLLECTOR = "collector-1";
  private static final String ADMIN = "demo";

  /** Makes it; the directory must not hold one yet. */
  public static DemoTrust create(Path directory, String site, List<String> nodes, Clock clock) {
    return create(directory, site, nodes, List.of(), clock);
  }

  /**
   * The same.
   *
   * @param names under which the collector is reached beside those of loopback
   */
  public static DemoTrust create(
      Path directory, String site, List<String> nodes, List<String> names, Clock clock) {
    DemoTrust trust = new DemoTrust(directory, site);
    Authority authority = Authority.create(trust.authority(), site, COLLECTOR, names, clock);
    authority
        .issue(new PeerIdentity.Operator(site, Role.ADMIN, ADMIN), List.of())
        .create(trust.admin());
    for (String node : nodes) {
      authority.issue(new PeerIdentity.Node(site, node), List.of()).create(trust.node(node));
    }
    return trust;
  }

  /** For {@link Authority#open}. */
  public Path authority() {
    return directory.resolve("ca");
  }

  public Path collector() {
    return authority().resolve(Authority.COLLECTOR_DIRECTORY);
  }

  public Path admin() {
    return directory.resolve("admin");
  }

  public Path node(String name) {
    return directory.resolve("nodes").resolve(name);
  }
}
