package io.millwright.protocol.tls;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A node on its way into a site: it makes its key pair, which never leaves it, asks, and looks hard
 * at what it is given.
 *
 * <pre>{@code
 * Joining joining = new Joining(token);
 * // over new JoinTls(token, clock): send joining.request(), read the answer
 * switch (joining.accept(answer)) {
 *   case Joining.Joined(Credentials credentials) -> credentials.create(directory);
 *   case Joining.Refused(JoinAnswer.Refused refusal) -> say(refusal.sentence());
 * }
 * }</pre>
 *
 * <p><i>Threading:</i> any thread; immutable.
 */
public final class Joining {
  private final JoinToken token;
  private final KeyPair keys = CertificateRequest.newKeys();

  public Joining(JoinToken token) {
    this.token = token;
  }

  /** How it ended. */
  public sealed interface Result {}

  /** The node is in. */
  public record Joined(Credentials credentials) implements Result {}

  /** It is not. */
  public record Refused(JoinAnswer.Refused refusal) implements Result {}

  /** The body to send. */
  public byte[] request() {
    return JoinRequest.of(token.secret(), CertificateRequest.of(keys, token.node().name())).bytes();
  }

  /** Takes the body of the answer. */
  public Result accept(byte[] answer) {
    return switch (JoinAnswer.parse(answer)) {
      case JoinAnswer.Refused refused -> new Refused(refused);
      case JoinAnswer.Issued(X509Certificate certificate, X509Certificate authority) ->
          fault(certificate, authority)
              .<Result>map(
                  fault -> new Refused(new JoinAnswer.Refused(JoinAnswer.Reason.MALFORMED, fault)))
              .orElseGet(
                  () -> new Joined(new Credentials(keys.getPrivate(), certificate, authority)));
    };
  }

  /** What is wrong with what was issued; the collector may be an impostor's. */
  private Optional<String> fault(X509Certificate certificate, X509Certificate authority) {
    if (!Fingerprint.of(authority).equals(token.authority())) {
      return wrong("names another authority than the token");
    }
    if (!Credentials.isSignedBy(certificate, authority)) {
      return wrong("holds a certificate that its authority did not sign");
    }
    if (!certificate.getPublicKey().equals(keys.getPublic())) {
      return wrong("holds a certificate of another key");
    }
    if (!PeerIdentity.of(certificate).equals(Optional.of(token.node()))) {
      return wrong("holds a certificate of another than " + token.node().words());
    }
    return Optional.empty();
  }

  private static Optional<String> wrong(String what) {
    return Optional.of("the answer was refused: it %s; ask for a new token".formatted(what));
  }
}
