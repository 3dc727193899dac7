package io.millwright.protocol.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The right to join a site once, under one name. It travels in a file or through stdin, never in an
 * argument.
 *
 * @param node the name it is bound to
 * @param authority the SHA-256 of the authority's certificate, by which the node knows the
 *     collector
 * @param secret 256 random bits in 43 characters of Base64url; never printed
 */
public record JoinToken(PeerIdentity.Node node, Fingerprint authority, String secret) {
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Pattern TEXT =
      Pattern.compile("mwjoin1:([^:\\s]+):([^:\\s]+):([0-9a-f]{64}):([A-Za-z0-9_-]{43})\\s*");
  private static final int LONGEST = 1024;

  public JoinToken {
    checkSecret(secret);
  }

  /** One line. */
  public String text() {
    return "mwjoin1:%s:%s:%s:%s\n".formatted(node.site(), node.name(), authority.hex(), secret);
  }

  /** A {@link TlsException} with one sentence, which never repeats the text, where it is none. */
  public static JoinToken parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (text.length() > LONGEST || !parts.matches()) {
      throw new TlsException(
          "the join token cannot be read: allowed is the one line that 'millwright collector ca token' wrote");
    }
    try {
      return new JoinToken(
          new PeerIdentity.Node(parts.group(1), parts.group(2)),
          new Fingerprint(parts.group(3)),
          parts.group(4));
    } catch (IllegalArgumentException wrongName) {
      throw new TlsException("the join token names no site and node", wrongName);
    }
  }

  /** From a file that nobody else may read. */
  public static JoinToken read(Path file) {
    return parse(SecretFiles.read(file));
  }

  /** From stdin, to its end. */
  public static JoinToken read(InputStream in) {
    try {
      return parse(new String(in.readNBytes(LONGEST + 1), StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new TlsException("reading the join token", failure);
    }
  }

  /** By which an authority knows a token again without keeping its secret. */
  public Fingerprint key() {
    return keyOf(secret);
  }

  /** As {@link #key()}, of a secret that came in a request. */
  public static Fingerprint keyOf(String secret) {
    return Fingerprint.of(secret);
  }

  /** Says no secret. */
  @Override
  public String toString() {
    return "join token of " + node.words();
  }

  static void checkSecret(String secret) {
    if (!SECRET.matcher(secret).matches()) {
      throw new IllegalArgumentException(
          "secret: the given one is refused; allowed are 43 characters of Base64url");
    }
  }
}
