package io.millwright.protocol.tls;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A key pair that never leaves this machine, and the hard look at the certificate that comes for
 * it.
 *
 * @param node whose it will be
 * @param authority who is to sign it
 * @param remedy what to do where something else comes
 */
record NewKey(KeyPair keys, PeerIdentity.Node node, Fingerprint authority, String remedy) {
  NewKey(PeerIdentity.Node node, Fingerprint authority, String remedy) {
    this(CertificateRequest.newKeys(), node, authority, remedy);
  }

  /** PKCS#10 in DER. */
  byte[] request() {
    return CertificateRequest.of(keys, node.name());
  }

  /** Takes the body of the answer. */
  Joining.Result accept(byte[] answer) {
    return switch (JoinAnswer.parse(answer)) {
      case JoinAnswer.Refused refused -> new Joining.Refused(refused);
      case JoinAnswer.Issued(X509Certificate certificate, X509Certificate signer) ->
          fault(certificate, signer)
              .<Joining.Result>map(fault ->
                  new Joining.Refused(new JoinAnswer.Refused(JoinAnswer.Reason.MALFORMED, fault)))
              .orElseGet(() ->
                  new Joining.Joined(new Credentials(keys.getPrivate(), certificate, signer)));
    };
  }

  /** What is wrong with what was issued; the collector may be an impostor's. */
  private Optional<String> fault(X509Certificate certificate, X509Certificate signer) {
    if (!Fingerprint.of(signer).equals(authority)) {
      return wrong("names another authority than the one that is believed here");
    }
    if (!Credentials.isSignedBy(certificate, signer)) {
      return wrong("holds a certificate that its authority did not sign");
    }
    if (!certificate.getPublicKey().equals(keys.getPublic())) {
      return wrong("holds a certificate of another key");
    }
    if (!PeerIdentity.of(certificate).equals(Optional.of(node))) {
      return wrong("holds a certificate of another than " + node.words());
    }
    return Optional.empty();
  }

  private Optional<String> wrong(String what) {
    return Optional.of("the answer was refused: it %s; %s".formatted(what, remedy));
  }
}
