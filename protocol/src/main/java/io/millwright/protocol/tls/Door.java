package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Refusal.Reason;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who may come in at one port, asked after the handshake: the handshake proves that a certificate
 * is the authority's and in force, the door looks at what it says.
 *
 * <p>Every port has a door, and so has who connects to one: a node's key must not serve as a
 * collector. A door asked again later finds a certificate that has expired in the meantime, which a
 * resumed TLS session does not.
 *
 * <p><i>Threading:</i> any thread. <i>Failure:</i> a value.
 */
public final class Door {
  private final Class<? extends PeerIdentity> takes;
  private final String one;
  private final String site;
  private final Duration grace;
  private final Revoked revoked;
  private final Clock clock;

  /** Which certificates the authority has taken back; any thread. */
  public interface Revoked {
    /** Nothing was taken back. */
    Revoked NONE = (peer, certificate) -> Optional.empty();

    /** Why this certificate of this peer is no longer good; empty where it is. */
    Optional<Refusal> refusal(PeerIdentity peer, X509Certificate certificate);
  }

  private Door(Class<? extends PeerIdentity> takes, String one, String site, Clock clock) {
    this(takes, one, site, Duration.ZERO, Revoked.NONE, clock);
  }

  private Door(
      Class<? extends PeerIdentity> takes,
      String one,
      String site,
      Duration grace,
      Revoked revoked,
      Clock clock) {
    this.takes = takes;
    this.one = one;
    this.site = Names.site(site);
    this.grace = grace;
    this.revoked = revoked;
    this.clock = clock;
  }

  /** The same door, which knows what was taken back. */
  public Door refusing(Revoked known) {
    return new Door(takes, one, site, grace, known, clock);
  }

  /** The same door for who wants its next certificate only: the last may have ended so long ago. */
  public Door renewing(Duration after) {
    return new Door(takes, one, site, after, revoked, clock);
  }

  /** The collector's port for agents. */
  public static Door forNodes(String site, Clock clock) {
    return new Door(PeerIdentity.Node.class, "a node", site, clock);
  }

  /** A port for people and programs. */
  public static Door forOperators(String site, Clock clock) {
    return new Door(PeerIdentity.Operator.class, "an operator", site, clock);
  }

  /** What an agent, a command line or another collector asks of the server it reached. */
  public static Door forCollectors(String site, Clock clock) {
    return new Door(PeerIdentity.Collector.class, "a collector", site, clock);
  }

  /** Looks at the certificate of a session whose handshake is complete. */
  public Admission admit(SSLSession session) {
    return certificate(session)
        .map(this::admit)
        .orElseGet(() ->
            refused(
                Reason.NO_CERTIFICATE,
                "a peer without a certificate was refused: only %s is taken here; %s"
                    .formatted(one, remedy())));
  }

  /** As {@link #admit(SSLSession)}, and the name is the one that the peer says of itself. */
  public Admission admit(SSLSession session, String claimed) {
    return named(admit(session), claimed);
  }

  /** Looks at a certificate that the handshake found to be the authority's. */
  public Admission admit(X509Certificate certificate) {
    Instant now = clock.wall();
    return Validity.refusal(certificate, now)
        .filter(refusal -> !Validity.endedWithin(certificate, grace, now))
        .<Admission>map(Admission.Refused::new)
        .orElseGet(() -> identified(certificate));
  }

  private Admission identified(X509Certificate certificate) {
    Optional<PeerIdentity> identity = PeerIdentity.of(certificate);
    return identity
        .map(peer -> standing(admit(peer, Purpose.of(certificate)), certificate))
        .orElseGet(() ->
            refused(
                Reason.NO_IDENTITY,
                ("the certificate of '%s' was refused: it names no one role and name of"
                        + " Millwright; only %s is taken here; %s")
                    .formatted(
                        Names.shown(certificate.getSubjectX500Principal().getName()),
                        one,
                        remedy())));
  }

  private Admission admit(PeerIdentity peer, Set<Purpose> purposes) {
    if (!peer.site().equals(site)) {
      return refused(
          Reason.OTHER_SITE,
          "%s of site %s was refused: this is site %s; connect to a collector of its own site"
              .formatted(peer.words(), peer.site(), site));
    }
    if (!takes.isInstance(peer)) {
      return refused(
          Reason.WRONG_ROLE,
          "%s was refused: only %s is taken here; %s".formatted(peer.words(), one, remedy()));
    }
    if (!purposes.equals(peer.purposes())) {
      return refused(
          Reason.WRONG_PURPOSE,
          "%s was refused: the extended key usage of its certificate is %s, allowed is %s; %s"
              .formatted(
                  peer.words(),
                  Purpose.text(purposes),
                  Purpose.text(peer.purposes()),
                  "let the site's authority issue it again"));
    }
    return new Admission.Admitted(peer);
  }

  private Admission standing(Admission admission, X509Certificate certificate) {
    return switch (admission) {
      case Admission.Refused refused -> refused;
      case Admission.Admitted(PeerIdentity peer) ->
          revoked
              .refusal(peer, certificate)
              .<Admission>map(Admission.Refused::new)
              .orElse(admission);
    };
  }

  private Admission named(Admission admission, String claimed) {
    return switch (admission) {
      case Admission.Refused refused -> refused;
      case Admission.Admitted(PeerIdentity peer) when name(peer).equals(claimed) -> admission;
      case Admission.Admitted(PeerIdentity peer) ->
          refused(
              Reason.OTHER_NAME,
              "%s was refused: it says that its name is '%s'; %s"
                  .formatted(
                      peer.words(),
                      Names.shown(claimed),
                      "give it the name of its certificate, or a certificate of that name"));
    };
  }

  private static String name(PeerIdentity peer) {
    return switch (peer) {
      case PeerIdentity.Node node -> node.name();
      case PeerIdentity.Collector collector -> collector.id();
      case PeerIdentity.Operator operator -> operator.name();
    };
  }

  private String remedy() {
    return "that needs the certificate of " + one + " of site " + site;
  }

  /** What the peer showed; empty where that was nothing. */
  public static Optional<X509Certificate> certificate(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate first
          ? Optional.of(first)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException none) {
      return Optional.empty();
    }
  }

  private static Admission refused(Reason reason, String sentence) {
    return new Admission.Refused(new Refusal(reason, sentence));
  }
}
