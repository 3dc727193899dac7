package io.millwright.protocol.orders;

import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.tls.Pem;
import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * Signs the starts of a collector. As a file, 0600, it is the private key and the public one behind
 * it, both in PEM.
 *
 * <p><i>Threading:</i> any thread; immutable. <i>Failure:</i> a {@link TlsException} with the
 * remedy where a file is none.
 */
public final class OrderSigner {
  /** Beside the collector's credentials. */
  public static final String FILE = "orders-key.pem";

  private static final String BLOCK = "PRIVATE KEY";

  private final PrivateKey secret;
  private final OrderKey shown;

  private OrderSigner(String name, PrivateKey secret, OrderKey shown) {
    this.secret = secret;
    this.shown = shown;
    byte[] probe = {1};
    if (!shown.signed(probe, signature(probe))) {
      throw new TlsException(
          name + " holds two keys that do not belong together: restore it from its backup");
    }
  }

  /** With a key of its own. */
  public static OrderSigner create() {
    try {
      KeyPair keys = KeyPairGenerator.getInstance(OrderKey.ALGORITHM).generateKeyPair();
      return new OrderSigner("a new key", keys.getPrivate(), new OrderKey(keys.getPublic()));
    } catch (GeneralSecurityException unusable) {
      throw new TlsException("making an Ed25519 key with this Java", unusable);
    }
  }

  /** The one of a directory of credentials; empty where it has none, and nothing else is there. */
  public static Optional<OrderSigner> in(Path directory) {
    Path file = directory.resolve(FILE);
    return Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
        ? Optional.empty()
        : Optional.of(read(file));
  }

  /** The one of a file that nobody else may read. */
  public static OrderSigner read(Path file) {
    return read(file.toString(), SecretFiles.read(file));
  }

  static OrderSigner read(String name, String text) {
    byte[] der = Pem.single(name, text, BLOCK);
    OrderKey shown = OrderKey.read(name, text);
    try {
      PrivateKey secret =
          KeyFactory.getInstance(OrderKey.ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(der));
      return new OrderSigner(name, secret, shown);
    } catch (GeneralSecurityException unreadable) {
      throw new TlsException(
          name + " holds a private key that is no Ed25519 key: restore it from its backup",
          unreadable);
    }
  }

  /** The text of its file; a secret. */
  public String text() {
    return Pem.text(secret) + shown.pem();
  }

  /** What nodes know it by. */
  public OrderKey key() {
    return shown;
  }

  /**
   * Signs one start.
   *
   * @param assignment to the last field as the node is sent it
   * @param store the id of the store that granted it
   * @param notAfter seconds since 1970, UTC
   */
  public StartOrder sign(Assignment assignment, String store, long notAfter) {
    String text = new String(JobJson.of(assignment), StandardCharsets.UTF_8);
    byte[] signature = signature(StartText.of(text, assignment, store, notAfter));
    return new StartOrder(
        text, store, notAfter, shown.id(), Base64.getEncoder().encodeToString(signature));
  }

  private byte[] signature(byte[] message) {
    try {
      Signature signing = Signature.getInstance(OrderKey.ALGORITHM);
      signing.initSign(secret);
      signing.update(message);
      return signing.sign();
    } catch (GeneralSecurityException unusable) {
      throw new TlsException("signing with an Ed25519 key", unusable);
    }
  }

  /** Says no secret. */
  @Override
  public String toString() {
    return "signer of key " + shown.id();
  }
}
