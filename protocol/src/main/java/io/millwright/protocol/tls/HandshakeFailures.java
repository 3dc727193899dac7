package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Refusal.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Sentences for handshakes that failed. What our own trust refused is carried in the exception; an
 * alert of the other side is known by the JDK's text alone ({@code sun.security.ssl.Alert}, JDK
 * 25), so these texts are compared here and nowhere else, and the tests make each of them happen.
 */
final class HandshakeFailures {
  private static final Pattern ALERT = Pattern.compile("Received fatal alert: ([a-z_]+)");

  /** Of a client that lists versions, of one too old to list any, and of a server. */
  private static final List<String> OLDER =
      List.of(
          "are not accepted by server preferences",
          "is not enabled or supported in server context",
          "is not accepted by client preferences");

  /** Of the JDK's sockets, and of Netty, whose text goes on with all that was sent, in hex. */
  private static final List<String> NO_TLS =
      List.of("Unsupported or unrecognized SSL message", "not an SSL/TLS record");

  private static final String ONLY_13 = "Millwright speaks TLS 1.3 and nothing older";

  private HandshakeFailures() {}

  /** Where this side shows a certificate: a refusal of it is explained by looking at it. */
  static Refusal explain(IOException failure, Credentials own, Clock clock) {
    return refusedHere(failure)
        .or(() -> alert(failure).map(alert -> refusedThere(alert, own, clock)))
        .orElseGet(
            () -> failure instanceof SSLException ? local(failure) : cut(failure, own, clock));
  }

  /** Where this side has none. */
  static Refusal explain(IOException failure) {
    return refusedHere(failure)
        .or(() -> alert(failure).map(HandshakeFailures::other))
        .orElseGet(() -> local(failure));
  }

  private static Optional<Refusal> refusedHere(Throwable failure) {
    return causes(failure)
        .filter(CertificateRefused.class::isInstance)
        .map(refused -> ((CertificateRefused) refused).refusal())
        .findFirst();
  }

  private static Optional<String> alert(Throwable failure) {
    return causes(failure)
        .map(cause -> ALERT.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst();
  }

  private static Refusal refusedThere(String alert, Credentials own, Clock clock) {
    return switch (alert) {
      case "certificate_unknown",
          "certificate_expired",
          "bad_certificate",
          "unknown_ca",
          "unsupported_certificate",
          "access_denied" ->
          diagnosed(alert, own, clock);
      default -> other(alert);
    };
  }

  /** The alert may have been lost: a server that closes too early resets the connection. */
  private static Refusal cut(IOException failure, Credentials own, Clock clock) {
    return Validity.refusal(own.certificate(), clock.wall())
        .map(refusal ->
            new Refusal(
                refusal.reason(),
                "the connection was cut, most likely because " + refusal.sentence()))
        .orElseGet(() ->
            new Refusal(
                Reason.HANDSHAKE,
                "the connection was cut in the handshake or just after it (%s): the log of the other side says whether it refused the certificate of %s"
                    .formatted(
                        Names.printable(String.valueOf(failure.getMessage())),
                        Validity.subject(own.certificate()))));
  }

  private static Refusal diagnosed(String alert, Credentials own, Clock clock) {
    return Validity.refusal(own.certificate(), clock.wall())
        .map(refusal ->
            new Refusal(refusal.reason(), "the other side refused us: " + refusal.sentence()))
        .orElseGet(() ->
            new Refusal(
                Reason.OTHER_AUTHORITY,
                "the other side refused the certificate of %s (TLS alert %s), which is in force here until %s: it believes another authority than ours, whose SHA-256 begins %s, or its clock is wrong; its log says which"
                    .formatted(
                        Validity.subject(own.certificate()),
                        alert,
                        own.certificate().getNotAfter().toInstant(),
                        Fingerprint.of(own.authority()).brief())));
  }

  private static Refusal other(String alert) {
    return switch (alert) {
      case "protocol_version" ->
          new Refusal(
              Reason.TLS_VERSION,
              "the other side refused the version of TLS that was offered; " + ONLY_13);
      case "certificate_required" ->
          new Refusal(
              Reason.NO_CERTIFICATE,
              "the other side refused us because no certificate was shown; join its site first");
      default ->
          new Refusal(
              Reason.HANDSHAKE,
              "the other side refused the handshake (TLS alert %s); its log says why"
                  .formatted(alert));
    };
  }

  private static Refusal local(IOException failure) {
    String text = Names.printable(String.valueOf(failure.getMessage()));
    if (OLDER.stream().anyMatch(text::contains)) {
      return new Refusal(
          Reason.TLS_VERSION, "the peer was refused: it offered no TLS 1.3; " + ONLY_13);
    }
    if (text.contains("Empty client certificate chain")) {
      return new Refusal(
          Reason.NO_CERTIFICATE,
          "the peer was refused: it showed no certificate, and one of the site's authority is needed");
    }
    if (NO_TLS.stream().anyMatch(text::contains)) {
      return new Refusal(
          Reason.HANDSHAKE,
          "the peer was refused: what it sent is not TLS, and this port speaks nothing else");
    }
    return new Refusal(Reason.HANDSHAKE, "the TLS handshake failed: " + text);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
  }
}
