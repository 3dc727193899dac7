package io.millwright.agent;

import io.millwright.agent.audit.KeptHeads;
import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.Chronicle;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.inventory.AcceptedInventory;
import io.millwright.agent.power.PowerRoom;
import io.millwright.agent.renewal.OwnCredentials;
import io.millwright.agent.renewal.Renewals;
import io.millwright.agent.spool.Spool;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.PeerIdentity;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The uplink that a configuration wants, with its credentials read.
 *
 * @param site whose collector is spoken to
 */
record Uplinks(UplinkOptions options, OwnCredentials credentials, String site) {
  /**
   * Empty where the site has no collector.
   *
   * @throws io.millwright.protocol.tls.TlsException where the credentials cannot be used
   * @throws IllegalArgumentException where they are somebody else's
   */
  static Optional<Uplinks> of(AgentConfig config, Clock clock) {
    if (!config.collector().wanted()) {
      return Optional.empty();
    }
    Credentials own = Credentials.read(Path.of(config.collector().credentials()));
    PeerIdentity identity = own.identity();
    if (!(identity instanceof PeerIdentity.Node node)
        || !node.name().equals(config.node().name())) {
      throw new IllegalArgumentException(
          "the certificate in %s is of %s, and this is node %s; set node.name, or join as that node"
              .formatted(config.collector().credentials(), identity.words(), config.node().name()));
    }
    UplinkOptions options =
        new UplinkOptions(
            config.collector().host(),
            config.collector().port(),
            node.name(),
            BootId.read(),
            BuildFacts.read().version(),
            config.jobs().address(),
            new Hardware(Path.of("/")).words(),
            config.mode(),
            Optional.empty());
    return Optional.of(
        new Uplinks(
            options,
            new OwnCredentials(Path.of(config.collector().credentials()), node, own, clock),
            node.site()));
  }

  /** The uplink, not yet started. */
  Uplink uplink(
      Optional<Orders> orders,
      Optional<PowerRoom> power,
      Optional<EvidenceRoom> evidence,
      AcceptedInventory inventory,
      KeptHeads audit,
      Chronicle events,
      Optional<Spool> spool,
      Clock clock) {
    return new Uplink(
        options,
        credentials::tls,
        site,
        orders,
        power,
        evidence,
        Optional.of(inventory),
        Optional.of(audit),
        events,
        spool,
        new SecureRandom(),
        clock);
  }

  /** What keeps the credentials from ending, not yet started. */
  Renewals renewals(Renewals.Account account, Clock clock) {
    return new Renewals(
        options.host(),
        options.port(),
        credentials,
        options.hardware(),
        account,
        new SecureRandom(),
        clock);
  }
}
