package io.millwright.protocol.tls;

/**
 * A node that wants its next certificate: a new key pair, which never leaves it, asked for over
 * {@link MutualTls} with the present one.
 *
 * <p><i>Threading:</i> any thread; immutable.
 */
public final class Renewing {
  private final NewKey next;

  /**
   * @param own of a node; an {@link IllegalArgumentException} for anybody else's
   */
  public Renewing(Credentials own) {
    if (!(own.identity() instanceof PeerIdentity.Node node)) {
      throw new IllegalArgumentException(
          "%s is refused; allowed is a node".formatted(own.identity().words()));
    }
    this.next =
        new NewKey(node, Fingerprint.of(own.authority()), "compare the collector's address");
  }

  /** PKCS#10 of the new key, in DER. */
  public byte[] request() {
    return next.request();
  }

  /** Takes the body of the answer. */
  public Joining.Result accept(byte[] answer) {
    return next.accept(answer);
  }
}
