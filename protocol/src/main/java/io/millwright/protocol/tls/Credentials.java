package io.millwright.protocol.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/**
 * What somebody shows of itself, and whom it believes. As a directory: {@code identity.pem}, its
 * key and its certificate in one file so that a renewal replaces both in one step, and {@code
 * ca.pem}.
 *
 * @param key private; never printed
 * @param certificate its own
 * @param authority of the site, which signed it
 */
public record Credentials(PrivateKey key, X509Certificate certificate, X509Certificate authority) {
  public static final String IDENTITY_FILE = "identity.pem";
  public static final String AUTHORITY_FILE = "ca.pem";

  public Credentials {
    if (!belong(key, certificate.getPublicKey())) {
      throw new TlsException(
          "the private key is not the one of the certificate of %s: restore both from one backup, or join again"
              .formatted(Validity.subject(certificate)));
    }
    if (!isSignedBy(certificate, authority)) {
      throw new TlsException(
          "the certificate of %s is not signed by the authority %s beside it: restore both from one backup, or join again"
              .formatted(Validity.subject(certificate), Fingerprint.of(authority).brief()));
    }
  }

  /** Reads such a directory; a {@link TlsException} with one sentence where it is not whole. */
  public static Credentials read(Path directory) {
    Path identity = directory.resolve(IDENTITY_FILE);
    Path authority = directory.resolve(AUTHORITY_FILE);
    String own = SecretFiles.read(identity);
    return new Credentials(
        Pem.key(identity.toString(), own),
        Pem.certificates(identity.toString(), own).getFirst(),
        Pem.certificates(authority.toString(), SecretFiles.readPublic(authority)).getFirst());
  }

  /** Makes such a directory, as a whole or not at all. */
  public void create(Path directory) {
    SecretFiles.createDirectory(directory, files());
  }

  /** Puts a renewed certificate and its key in the place of the old ones, in one step. */
  public void replace(Path directory) {
    SecretFiles.replaceFile(directory.resolve(IDENTITY_FILE), identityText());
  }

  /** The content of such a directory. */
  public Map<String, String> files() {
    return Map.of(IDENTITY_FILE, identityText(), AUTHORITY_FILE, Pem.text(authority));
  }

  /** Who this is. */
  public PeerIdentity identity() {
    return PeerIdentity.of(certificate)
        .orElseThrow(() ->
            new TlsException(
                "the certificate of %s names no role and name of Millwright: let the site's authority issue it"
                    .formatted(Validity.subject(certificate))));
  }

  /** The names and addresses that a server's certificate is for. */
  public List<String> hosts() {
    return AlternativeNames.hosts(certificate);
  }

  /** Says no secret. */
  @Override
  public String toString() {
    return "credentials of " + Validity.subject(certificate);
  }

  /** Whether a certificate carries the signature of this authority. */
  static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException foreign) {
      return false;
    }
  }

  private String identityText() {
    return Pem.text(key) + Pem.text(certificate);
  }

  private static boolean belong(PrivateKey key, PublicKey shown) {
    byte[] probe = {1};
    try {
      Signature signing = Signature.getInstance(CertificateRequest.ALGORITHM);
      signing.initSign(key);
      signing.update(probe);
      Signature verifying = Signature.getInstance(CertificateRequest.ALGORITHM);
      verifying.initVerify(shown);
      verifying.update(probe);
      return verifying.verify(signing.sign());
    } catch (GeneralSecurityException otherKind) {
      return false;
    }
  }
}
