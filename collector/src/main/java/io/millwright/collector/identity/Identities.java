package io.millwright.collector.identity;

import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What the collector knows of nodes beyond what stands in their certificates.
 *
 * <p><i>Threading:</i> any; nothing here waits.
 */
public interface Identities extends Door.Revoked {
  /** Of a collector that knows nothing, and renews nothing. */
  Identities NONE = new Unknowing();

  /** So long after its end a certificate may be renewed. */
  Duration grace();

  /**
   * A node speaks on this hardware.
   *
   * @param hardware as in its HELLO
   * @param peer its address
   * @return why it may not: it was seen on other hardware
   */
  Optional<Refusal> seen(String node, List<String> hardware, String peer);

  /**
   * A node that has a session tells which accelerators it has.
   *
   * @param hardware as in its HELLO
   * @param serials of them, as far as they are known
   * @param peer its address
   * @return why it may not go on: it was seen with none of them
   */
  Optional<Refusal> equipped(String node, List<String> hardware, List<String> serials, String peer);

  /**
   * Gives a node its next certificate some time.
   *
   * @param shown its present one, which a door has let in
   * @param request PKCS#10 of its new key, in DER
   * @param there whether it still waits
   * @param then takes the answer, on another thread
   */
  void renew(
      PeerIdentity.Node node,
      X509Certificate shown,
      byte[] request,
      BooleanSupplier there,
      Consumer<JoinAnswer> then);

  /** What a collector without the authority's key answers. */
  JoinAnswer NO_AUTHORITY =
      new JoinAnswer.Refused(
          JoinAnswer.Reason.UNAVAILABLE,
          "this collector renews no certificates: run it with --authority, or join again with a token of --replace");

  /** Nothing is known. */
  final class Unknowing implements Identities {
    private Unknowing() {}

    @Override
    public Duration grace() {
      return Duration.ZERO;
    }

    @Override
    public Optional<Refusal> refusal(PeerIdentity peer, X509Certificate certificate) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> seen(String node, List<String> hardware, String peer) {
      return Optional.empty();
    }

    @Override
    public Optional<Refusal> equipped(
        String node, List<String> hardware, List<String> serials, String peer) {
      return Optional.empty();
    }

    @Override
    public void renew(
        PeerIdentity.Node node,
        X509Certificate shown,
        byte[] request,
        BooleanSupplier there,
        Consumer<JoinAnswer> then) {
      then.accept(NO_AUTHORITY);
    }
  }
}
