package io.millwright.protocol.tls;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a peer was not let in.
 *
 * @param reason for programs, and for the peer in a GOAWAY frame
 * @param sentence for the log of the side that refuses and for the peer's: who, what was found,
 *     what is allowed, what to do
 */
public record Refusal(Reason reason, String sentence) {

  /** The kinds of refusal; the words are those of the wire and are never changed. */
  public enum Reason {
    /** The handshake failed for another reason than those below. */
    HANDSHAKE("handshake"),
    TLS_VERSION("tls-version"),
    NO_CERTIFICATE("no-certificate"),
    OTHER_AUTHORITY("other-authority"),
    EXPIRED("expired"),
    NOT_YET_VALID("not-yet-valid"),
    /** A server's certificate is for other hosts than the one that was asked for. */
    OTHER_HOST("other-host"),
    NO_IDENTITY("no-identity"),
    OTHER_SITE("other-site"),
    WRONG_ROLE("wrong-role"),
    /** The extended key usage is not the role's. */
    WRONG_PURPOSE("wrong-purpose"),
    /** The name that was claimed is not the certificate's. */
    OTHER_NAME("other-name"),
    /** The authority has taken the certificate back. */
    REVOKED("revoked"),
    /** The name was seen on other hardware before. */
    OTHER_HARDWARE("other-hardware");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    /** The reason of this word; empty where there is none. */
    public static Optional<Reason> ofWord(String word) {
      return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
    }
  }
}
