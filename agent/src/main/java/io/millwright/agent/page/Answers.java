package io.millwright.agent.page;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Responses; each error is one plain sentence that says what to do. */
final class Answers {
  private static final String PLAIN = "text/plain; charset=utf-8";

  private Answers() {}

  static FullHttpResponse of(HttpResponseStatus status, String sentence) {
    return of(status, PLAIN, (sentence + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static FullHttpResponse of(HttpResponseStatus status, String contentType, byte[] body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("x-content-type-options", "nosniff");
    return response;
  }

  static FullHttpResponse notFound() {
    return of(HttpResponseStatus.NOT_FOUND, "There is nothing here; / lists what there is.");
  }

  static FullHttpResponse methodNotAllowed() {
    FullHttpResponse response =
        of(HttpResponseStatus.METHOD_NOT_ALLOWED, "This can only be read: use GET or HEAD.");
    response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
    return response;
  }

  static FullHttpResponse bodyRefused() {
    return of(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "No request here has a body: send it without one.");
  }

  static FullHttpResponse malformed(@Nullable Throwable cause) {
    return cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException
        ? of(
            HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The request line may have 4096 bytes and all headers together 8192: send fewer.")
        : of(HttpResponseStatus.BAD_REQUEST, "This is no HTTP/1.1 request.");
  }

  static FullHttpResponse failed() {
    return of(
        HttpResponseStatus.INTERNAL_SERVER_ERROR,
        "The page could not be rendered; the agent's log says why.");
  }

  static FullHttpResponse tooMany() {
    return of(
        HttpResponseStatus.SERVICE_UNAVAILABLE,
        "All connections are taken: try again later, or raise the limit in the configuration.");
  }
}
