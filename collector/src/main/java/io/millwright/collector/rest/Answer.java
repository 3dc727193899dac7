package io.millwright.collector.rest;

import io.millwright.collector.page.Pieces;
import io.millwright.protocol.exposition.Negotiation;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.views.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is sent back.
 *
 * @param status of HTTP
 * @param policy what a browser may do with it, of the header {@code Content-Security-Policy}
 * @param headers further ones
 * @param feed what goes on instead of the body
 * @param pieces what is made while it is sent, instead of the body
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
public record Answer(
    int status,
    String contentType,
    byte[] body,
    String policy,
    Map<String, String> headers,
    Optional<Feed> feed,
    Optional<Pieces> pieces) {
  private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";
  private static final String PLAIN = "text/plain; charset=utf-8";

  /** A document from which a browser may fetch and run nothing. */
  public Answer(int status, String contentType, byte[] body) {
    this(status, contentType, body, NOTHING);
  }

  /** A document with such a policy. */
  public Answer(int status, String contentType, byte[] body, String policy) {
    this(status, contentType, body, policy, Map.of(), Optional.empty(), Optional.empty());
  }

  /** The same with these headers. */
  public Answer with(Map<String, String> more) {
    return new Answer(status, contentType, body, policy, Map.copyOf(more), feed, pieces);
  }

  /** One that goes on until somebody ends it. */
  static Answer stream(String contentType, Feed feed) {
    return new Answer(
        200, contentType, new byte[0], NOTHING, Map.of(), Optional.of(feed), Optional.empty());
  }

  /** One whose body is made while it is sent. */
  static Answer pieces(String contentType, Pieces pieces) {
    return new Answer(
        200, contentType, new byte[0], NOTHING, Map.of(), Optional.empty(), Optional.of(pieces));
  }

  /** A page for Prometheus, compressed for who takes that. */
  static Answer page(Request request, TextFormat format, byte[] plain) {
    boolean gzip = gzip(request);
    return new Answer(200, format.contentType(), gzip ? Gzip.compressed(plain) : plain)
        .with(encoding(gzip));
  }

  /** The same of one that is made while it is sent. */
  static Answer page(Request request, TextFormat format, Pieces plain) {
    boolean gzip = gzip(request);
    return pieces(format.contentType(), gzip ? Gzip.compressed(plain) : plain).with(encoding(gzip));
  }

  private static boolean gzip(Request request) {
    return Negotiation.gzip(
        request.acceptEncoding().isEmpty() ? List.of() : List.of(request.acceptEncoding()));
  }

  private static Map<String, String> encoding(boolean gzip) {
    return gzip
        ? Map.of("vary", "accept, accept-encoding", "content-encoding", "gzip")
        : Map.of("vary", "accept, accept-encoding");
  }

  public static Answer json(Object view) {
    return json(200, view);
  }

  public static Answer json(int status, Object view) {
    return new Answer(status, "application/json", Json.bytes(view));
  }

  public static Answer text(int status, String sentence) {
    return new Answer(status, PLAIN, (sentence + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** RFC 9457. */
  public static Answer problem(int status, String detail) {
    return new Answer(
        status,
        "application/problem+json",
        Json.bytes(new Problem("about:blank", title(status), status, detail)));
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 421 -> "Misdirected Request";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 503 -> "Service Unavailable";
      default -> "Internal Server Error";
    };
  }
}
