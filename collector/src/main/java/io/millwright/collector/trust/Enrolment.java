package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Fingerprint;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Names;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.TlsException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets nodes in, and lets those that are in go on.
 *
 * <p><i>Threading:</i> any thread; the ledger settles who was first. It writes files: not for an
 * event loop. <i>Failure:</i> every request gets an answer; what the collector could not do itself
 * is logged as an error and answered as {@code unavailable}.
 */
public final class Enrolment {
  private static final Logger LOG = LoggerFactory.getLogger(Enrolment.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 32;

  /** So long after its end a certificate can be renewed at the most, and its name is taken. */
  public static final Duration LONGEST_GRACE = Duration.ofDays(90);

  private static final String NEW_TOKEN =
      "make a new one with 'millwright collector ca token --node %s'";

  private final Authority authority;
  private final TokenLedger ledger;
  private final NodeRegister register;
  private final Clock clock;

  public Enrolment(Authority authority, TokenLedger ledger, NodeRegister register, Clock clock) {
    this.authority = authority;
    this.ledger = ledger;
    this.register = register;
    this.clock = clock;
  }

  /** With the tokens and the register beside an authority. */
  public static Enrolment of(Path directory, Authority authority, Clock clock) {
    return new Enrolment(
        authority, Authority.tokens(directory), Authority.register(directory), clock);
  }

  /** A token for a node that is new to this site. */
  public JoinToken invite(String node, Duration ttl) {
    return invite(node, ttl, false);
  }

  /**
   * A token for one node of this site, on record before it is handed out.
   *
   * @param replaces whether one that is in under this name may be replaced; without it a {@link
   *     TlsException} where there is one
   */
  public JoinToken invite(String node, Duration ttl, boolean replaces) {
    if (!replaces) {
      taken(node)
          .ifPresent(sentence -> {
            throw new TlsException(sentence);
          });
    }
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    JoinToken token =
        new JoinToken(
            new PeerIdentity.Node(authority.site(), node),
            Fingerprint.of(authority.certificate()),
            Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    Instant ends = clock.wall().plus(ttl).truncatedTo(ChronoUnit.SECONDS);
    ledger.add(token.key(), new TokenLedger.Entry(node, ends, replaces));
    return token;
  }

  /** Answers the body of a {@link JoinRequest}, whatever it is; who knows the peer logs it. */
  public JoinAnswer answer(byte[] body) {
    return JoinRequest.parse(body).map(this::tried).orElseGet(Enrolment::malformed);
  }

  /**
   * Answers a node that is in and wants its next certificate.
   *
   * @param node as its certificate says, once a door has let it in
   * @param shown that certificate; what was taken back is looked at once more, as the door may not
   *     have heard of it yet
   * @param der PKCS#10 of its new key
   */
  public JoinAnswer renew(PeerIdentity.Node node, X509Certificate shown, byte[] der) {
    return revoked(node, shown)
        .orElseGet(() ->
            proven(
                der,
                node.name(),
                request -> {
                  JoinAnswer next = issued(node, request.key());
                  return revoked(node, shown).orElse(next); // what was taken back meanwhile
                }));
  }

  private Optional<JoinAnswer> revoked(PeerIdentity.Node node, X509Certificate shown) {
    return register
        .revocations()
        .refusal(node, shown)
        .map(refusal -> refused(Reason.NOT_ADMITTED, refusal.sentence()));
  }

  /**
   * The credentials of a node that cannot reach the collector, made here. What was issued under its
   * name before is taken back last: where they cannot be kept, all is as it was.
   *
   * @param replaces as of {@link #invite(String, Duration, boolean)}
   * @param keep takes them to where they are to lie
   */
  public void carry(String node, boolean replaces, Consumer<Credentials> keep) {
    Optional<String> taken = taken(node);
    if (taken.isPresent() && !replaces) {
      throw new TlsException(taken.get());
    }
    Optional<Revocation> before = takenBack(node, replaces);
    KeyPair keys = CertificateRequest.newKeys();
    keep.accept(
        new Credentials(
            keys.getPrivate(),
            certified(
                new PeerIdentity.Node(authority.site(), node),
                keys.getPublic(),
                before.map(Revocation::at).orElse(Instant.EPOCH)),
            authority.certificate()));
    before.ifPresent(this::takeBack);
  }

  /** Why this name is not free. */
  private Optional<String> taken(String node) {
    Instant cut = register.revocations().until(node).orElse(Instant.MIN);
    return register
        .newest(node)
        .filter(newest -> newest.issued().isAfter(cut))
        .filter(newest -> !clock.wall().isAfter(newest.ends().plus(LONGEST_GRACE)))
        .map(newest ->
            "node %s is in already, its certificate ends at %s: where another machine is to take its name, make a token with 'millwright collector ca token --node %1$s --replace'"
                .formatted(node, newest.ends()));
  }

  /**
   * What is no longer good once another machine has this name: all that was issued under it; where
   * that has ended long ago, what is known of the hardware.
   */
  private Optional<Revocation> takenBack(String node, boolean replaces) {
    if (!replaces && register.newest(node).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Revocation.made(
            replaces ? Revocation.Kind.NODE : Revocation.Kind.HARDWARE,
            node,
            clock.wall(),
            "join",
            "another machine joined in its place"));
  }

  private void takeBack(Revocation before) {
    register.revoke(before);
    LOG.warn(
        "taken back kind={} node={}: another machine joins in its place",
        before.kind(),
        before.subject());
  }

  private JoinAnswer tried(JoinRequest request) {
    try {
      Fingerprint key = JoinToken.keyOf(request.secret());
      return switch (ledger.standing(key)) {
        case TokenLedger.Standing.Unknown() ->
            refused(
                Reason.TOKEN_UNKNOWN,
                "the token is not known here: it was made by another collector; "
                    + NEW_TOKEN.formatted("NAME"));
        case TokenLedger.Standing.Used(TokenLedger.Entry entry) -> used(entry);
        case TokenLedger.Standing.Open(TokenLedger.Entry entry) -> open(key, entry, request);
      };
    } catch (TlsException failure) {
      LOG.error("join failed", failure);
      return refused(
          Reason.UNAVAILABLE, "the collector cannot let nodes join now; its log says why");
    }
  }

  private JoinAnswer open(Fingerprint key, TokenLedger.Entry entry, JoinRequest request) {
    Instant now = clock.wall();
    if (now.isAfter(entry.ends())) {
      return refused(
          Reason.TOKEN_EXPIRED,
          "the token of node %s ended at %s, and the collector's clock says %s; %s"
              .formatted(
                  entry.node(),
                  entry.ends(),
                  now.truncatedTo(ChronoUnit.SECONDS),
                  NEW_TOKEN.formatted(entry.node())));
    }
    PeerIdentity.Node node = new PeerIdentity.Node(authority.site(), entry.node());
    return proven(request.der(), node.name(), proof -> admitted(key, entry, node, proof.key()));
  }

  private JoinAnswer admitted(
      Fingerprint key, TokenLedger.Entry entry, PeerIdentity.Node node, PublicKey holder) {
    Optional<String> taken = taken(node.name());
    if (taken.isPresent() && !entry.replaces()) {
      return refused(Reason.NAME_TAKEN, taken.get());
    }
    if (!ledger.spend(key)) {
      return used(entry);
    }
    takenBack(node.name(), entry.replaces()).ifPresent(this::takeBack);
    return issued(node, holder);
  }

  /** What is to be done once a request is found good. */
  private interface Next {
    JoinAnswer of(SignedRequest request);
  }

  private static JoinAnswer proven(byte[] der, String name, Next next) {
    Optional<SignedRequest> request = SignedRequest.of(der);
    if (request.isEmpty()) {
      return refused(
          Reason.BAD_REQUEST,
          "the certificate request for node %s was refused: it was changed on the way, or is not signed by the ECDSA P-256 key that it holds; send it again"
              .formatted(name));
    }
    if (!request.get().name().equals(name)) {
      return refused(
          Reason.OTHER_NAME,
          "node '%s' was refused: the right to join is node %s's; %s"
              .formatted(
                  bounded(request.get().name()), name, NEW_TOKEN.formatted("NAME, its own name")));
    }
    return next.of(request.get());
  }

  private JoinAnswer issued(PeerIdentity.Node node, PublicKey key) {
    return new JoinAnswer.Issued(certified(node, key, Instant.EPOCH), authority.certificate());
  }

  /**
   * @param after it counts as issued later than this, and than what was taken back of the node
   */
  private X509Certificate certified(PeerIdentity.Node node, PublicKey key, Instant after) {
    Instant revoked = register.revocations().until(node.name()).orElse(Instant.EPOCH);
    X509Certificate certificate =
        authority.certify(node, List.of(), key, revoked.isAfter(after) ? revoked : after);
    register.issued(
        node.name(),
        new NodeRegister.Entry(Life.issued(certificate), certificate.getNotAfter().toInstant()));
    LOG.info(
        "certificate issued node={} serial={} ends={}",
        node.name(),
        certificate.getSerialNumber().toString(16),
        certificate.getNotAfter().toInstant());
    return certificate;
  }

  private static JoinAnswer used(TokenLedger.Entry entry) {
    return refused(
        Reason.TOKEN_USED,
        "the token of node %s was used already, and a token works once; %s, and find out who used it"
            .formatted(entry.node(), NEW_TOKEN.formatted(entry.node())));
  }

  private static JoinAnswer malformed() {
    return refused(
        Reason.MALFORMED,
        "what was sent is no request to join of at most 4 KiB: compare the versions of both sides");
  }

  /** A name that could be one is shown; anything else is not worth a line in a log. */
  private static String bounded(String name) {
    try {
      return Names.node(name);
    } catch (IllegalArgumentException none) {
      return "?";
    }
  }

  private static JoinAnswer refused(Reason reason, String sentence) {
    return new JoinAnswer.Refused(reason, sentence);
  }
}
