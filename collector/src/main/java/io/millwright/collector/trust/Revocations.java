package io.millwright.collector.trust;

import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.tls.Refusal.Reason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that the authority took back, to look things up in. Immutable; any thread. */
public final class Revocations implements Door.Revoked {
  public static final Revocations NONE = new Revocations(List.of());

  private final Map<String, Revocation> nodes = new HashMap<>();
  private final Map<String, Revocation> hardware = new HashMap<>();
  private final Map<String, Revocation> serials = new HashMap<>();

  public Revocations(Collection<Revocation> all) {
    for (Revocation one : all) {
      Map<String, Revocation> kind =
          switch (one.kind()) {
            case NODE -> nodes;
            case SERIAL -> serials;
            case HARDWARE -> hardware;
          };
      kind.merge(one.subject(), one, (a, b) -> a.at().isAfter(b.at()) ? a : b);
    }
  }

  /** Nodes and certificates; what is known of hardware is not counted. */
  public int size() {
    return nodes.size() + serials.size();
  }

  /** Until when what was issued to a node is no longer good; empty where nothing was revoked. */
  public Optional<Instant> until(String node) {
    return Optional.ofNullable(nodes.get(node)).map(Revocation::at);
  }

  /** Until when what was seen of a node's hardware counts no more. */
  public Optional<Instant> hardwareUntil(String node) {
    Optional<Instant> forgotten = Optional.ofNullable(hardware.get(node)).map(Revocation::at);
    Optional<Instant> revoked = until(node);
    return forgotten.filter(at -> revoked.filter(at::isBefore).isEmpty()).or(() -> revoked);
  }

  @Override
  public Optional<Refusal> refusal(PeerIdentity peer, X509Certificate certificate) {
    return Optional.ofNullable(serials.get(certificate.getSerialNumber().toString(16)))
        .or(() -> ofNode(peer, certificate))
        .map(revocation ->
            new Refusal(
                Reason.REVOKED,
                "the certificate of %s was refused: it was revoked at %s (%s); a machine that may be %1$s again joins with a new token"
                    .formatted(peer.words(), revocation.at(), revocation.reason())));
  }

  private Optional<Revocation> ofNode(PeerIdentity peer, X509Certificate certificate) {
    return peer instanceof PeerIdentity.Node node
        ? Optional.ofNullable(nodes.get(node.name()))
            .filter(revocation -> !Life.issued(certificate).isAfter(revocation.at()))
        : Optional.empty();
  }
}
