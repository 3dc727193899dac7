package io.millwright.protocol.tls;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the collector answers to a {@link JoinRequest}; a body of at most 16 KiB in a {@link
 * JoinFrame}.
 */
public sealed interface JoinAnswer {

  byte[] bytes();

  /**
   * <pre>{@code
   * millwright-join-answer 1
   * certificate MIIB…
   * authority MIIB…
   * }</pre>
   *
   * @param certificate of the node
   * @param authority that signed it
   */
  record Issued(X509Certificate certificate, X509Certificate authority) implements JoinAnswer {
    @Override
    public byte[] bytes() {
      Map<String, String> lines = new LinkedHashMap<>();
      lines.put("certificate", Form.der(certificate));
      lines.put("authority", Form.der(authority));
      return JoinText.write(Form.HEADING, lines);
    }
  }

  /**
   * <pre>{@code
   * millwright-join-answer 1
   * refused token-used
   * sentence the token of node gpu-07 was used already; …
   * }</pre>
   *
   * @param sentence with the remedy, printable
   */
  record Refused(Reason reason, String sentence) implements JoinAnswer {
    private static final int LONGEST = 1000;

    public Refused {
      sentence = Names.printable(sentence.substring(0, Math.min(LONGEST, sentence.length())));
    }

    @Override
    public byte[] bytes() {
      Map<String, String> lines = new LinkedHashMap<>();
      lines.put("refused", reason.word());
      lines.put("sentence", sentence);
      return JoinText.write(Form.HEADING, lines);
    }
  }

  /** Why a node may not join; the words are those of the wire and are never changed. */
  enum Reason {
    MALFORMED("malformed"),
    TOKEN_UNKNOWN("token-unknown"),
    TOKEN_EXPIRED("token-expired"),
    TOKEN_USED("token-used"),
    /** The request is for another node than the token. */
    OTHER_NAME("other-name"),
    /** The request is not signed by the key that it holds, or that key is of another kind. */
    BAD_REQUEST("bad-request"),
    /** A node of this name is in, and the token does not say that it may be replaced. */
    NAME_TAKEN("name-taken"),
    /** Of a renewal: the old certificate was taken back, or its machine is another. */
    NOT_ADMITTED("not-admitted"),
    /** The collector itself could not. */
    UNAVAILABLE("unavailable"),
    /** A word that this version does not know. */
    OTHER("other");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** The answer of these bytes; a refusal of the reason malformed where they are none. */
  static JoinAnswer parse(byte[] bytes) {
    return JoinText.parse(bytes, JoinText.LARGEST_ANSWER, Form.HEADING)
        .flatMap(Form::answer)
        .orElseGet(() ->
            new Refused(
                Reason.MALFORMED,
                "the answer is none to a join: compare the collector's address and version"));
  }

  /** How it is written. */
  final class Form {
    private static final String HEADING = "millwright-join-answer 1";

    private Form() {}

    private static Optional<JoinAnswer> answer(Map<String, String> lines) {
      if (lines.keySet().equals(Set.of("refused", "sentence"))) {
        return Optional.of(
            new Refused(
                reason(lines.getOrDefault("refused", "")), lines.getOrDefault("sentence", "")));
      }
      if (!lines.keySet().equals(Set.of("certificate", "authority"))) {
        return Optional.empty();
      }
      return certificate(lines.getOrDefault("certificate", ""))
          .flatMap(certificate ->
              certificate(lines.getOrDefault("authority", ""))
                  .map(authority -> new Issued(certificate, authority)));
    }

    private static Reason reason(String word) {
      return Arrays.stream(Reason.values())
          .filter(reason -> reason.word.equals(word))
          .findFirst()
          .orElse(Reason.OTHER);
    }

    private static Optional<X509Certificate> certificate(String value) {
      try {
        return JoinText.binary(value).map(der -> Pem.certificate("the answer", der));
      } catch (TlsException unreadable) {
        return Optional.empty();
      }
    }

    private static String der(X509Certificate certificate) {
      try {
        return JoinText.binary(certificate.getEncoded());
      } catch (CertificateEncodingException broken) {
        throw new TlsException("encoding a certificate that was read before", broken);
      }
    }
  }
}
