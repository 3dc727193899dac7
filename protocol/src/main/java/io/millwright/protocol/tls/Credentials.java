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
 * key, its certificate and the authority in one file so that all are replaced in one step, and
 * {@code ca.pem}, the authority once more for programs that want it alone.
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

  /**
   * Reads such a directory; a {@link TlsException} with one sentence where it is not whole. An
   * identity without its authority is believed by {@code ca.pem}.
   */
  public static Credentials read(Path directory) {
    Path identity = directory.resolve(IDENTITY_FILE);
    String text = SecretFiles.read(identity);
    List<X509Certificate> shown = Pem.certificates(identity.toString(), text);
    return new Credentials(
        Pem.key(identity.toString(), text),
        shown.getFirst(),
        shown.size() > 1 ? shown.get(1) : authority(directory.resolve(AUTHORITY_FILE)));
  }

  private static X509Certificate authority(Path file) {
    return Pem.certificates(file.toString(), SecretFiles.readPublic(file)).getFirst();
  }

  /** Makes such a directory, as a whole or not at all. */
  public void create(Path directory) {
    SecretFiles.createDirectory(directory, files());
  }

  /** Puts these in the place of the old ones, if there are any, in one step. */
  public void replace(Path directory) {
    SecretFiles.replaceFile(directory.resolve(IDENTITY_FILE), identityText());
    SecretFiles.replaceFile(directory.resolve(AUTHORITY_FILE), Pem.text(authority));
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
    return Pem.text(key) + Pem.text(certificate) + Pem.text(authority);
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
