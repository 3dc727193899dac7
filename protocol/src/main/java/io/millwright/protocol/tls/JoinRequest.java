package io.millwright.protocol.tls;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a node sends to join: a body of at most 4 KiB in a {@link JoinFrame}, over {@link JoinTls}
 * only.
 *
 * <pre>{@code
 * millwright-join 1
 * token 2zYk…
 * request MIHzMIGa…
 * }</pre>
 *
 * @param secret of its token; never printed
 * @param request PKCS#10 with the node's name as common name, in Base64
 */
public record JoinRequest(String secret, String request) {
  /** Of a body; whoever sends it has shown no certificate yet. */
  public static final int LARGEST_BYTES = JoinText.LARGEST_REQUEST;

  private static final String HEADING = "millwright-join 1";

  public JoinRequest {
    JoinToken.checkSecret(secret);
    if (JoinText.binary(request).isEmpty()) {
      throw new IllegalArgumentException("request: the given one is refused; allowed is Base64");
    }
  }

  /** Of a request in DER. */
  public static JoinRequest of(String secret, byte[] der) {
    return new JoinRequest(secret, JoinText.binary(der));
  }

  /** The request in DER. */
  public byte[] der() {
    return JoinText.binary(request).orElseThrow();
  }

  public byte[] bytes() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("token", secret);
    lines.put("request", request);
    return JoinText.write(HEADING, lines);
  }

  /** The request of these bytes; empty where they are none. */
  public static Optional<JoinRequest> parse(byte[] bytes) {
    return JoinText.parse(bytes, JoinText.LARGEST_REQUEST, HEADING)
        .filter(lines -> lines.keySet().equals(Set.of("token", "request")))
        .flatMap(lines -> of(lines.getOrDefault("token", ""), lines.getOrDefault("request", "")));
  }

  private static Optional<JoinRequest> of(String secret, String request) {
    try {
      return Optional.of(new JoinRequest(secret, request));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  /** Says no secret. */
  @Override
  public String toString() {
    return "join request";
  }
}
