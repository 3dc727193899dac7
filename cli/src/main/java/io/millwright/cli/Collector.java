package io.millwright.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.CollectorException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The collector's REST. Follows no redirect, so that the token goes nowhere else.
 *
 * <p><i>Failure:</i> {@link CollectorException} with one sentence. A change is asked for once and
 * never by itself again.
 */
final class Collector {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  /** How the limiting body handler begins its message. */
  private static final String TOO_LONG = "body exceeds capacity";

  private static final long LARGEST = 64L << 20;
  private static final long LARGEST_OUTPUT = 1L << 20;

  private final Address address;
  private final Duration limit;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  Collector(Address address) {
    this(address, ANSWER_LIMIT);
  }

  /**
   * A collector that has less time.
   *
   * @param limit for a whole answer, from the question to its last byte
   */
  Collector(Address address, Duration limit) {
    this.address = address;
    this.limit = limit;
  }

  /** Output of a job, as raw bytes from an offset on. */
  @SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
  record Output(long offset, long next, boolean ended, byte[] bytes) {}

  Address address() {
    return address;
  }

  /** One part of a path, whatever is in it. */
  static String part(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  JsonNode get(String path) {
    return tree(answer(request(path).GET().build(), LARGEST));
  }

  <T> T get(String path, Class<T> type) {
    return view(get(path), type);
  }

  /** Posts a JSON text, or nothing where it is empty. */
  <T> T post(String path, byte[] json, Class<T> type) {
    return view(post(path, json), type);
  }

  /** The same, whatever the answer is. */
  JsonNode post(String path, byte[] json) {
    HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(json));
    if (json.length > 0) {
      request.header("Content-Type", "application/json");
    }
    return tree(answer(request.build(), LARGEST));
  }

  /** The output from an offset on; at most some ten kilobytes. */
  Output output(String path) {
    HttpResponse<byte[]> answer = answer(request(path).GET().build(), LARGEST_OUTPUT);
    long offset = number(answer, "millwright-offset");
    long next = number(answer, "millwright-next");
    if (offset < 0 || next - offset != answer.body().length) {
      throw strange(
          "has %d bytes from %d on, and says that %d is next"
              .formatted(answer.body().length, offset, next));
    }
    return new Output(
        offset,
        next,
        answer.headers().firstValue("millwright-ended").filter("true"::equals).isPresent(),
        answer.body());
  }

  /** The view of a tree that this collector sent. */
  <T> T view(JsonNode tree, Class<T> type) {
    try {
      return Json.view(tree, type).orElseThrow(() -> strange("is no " + type.getSimpleName()));
    } catch (JsonProcessingException e) {
      throw strange("is no " + type.getSimpleName(), e);
    }
  }

  private long number(HttpResponse<byte[]> answer, String header) {
    try {
      return answer
          .headers()
          .firstValueAsLong(header)
          .orElseThrow(() -> strange("has no header " + header));
    } catch (NumberFormatException e) {
      throw strange("has a header " + header + " that is no number", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.url() + path));
    address.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private HttpResponse<byte[]> answer(HttpRequest request, long largest) {
    HttpResponse<byte[]> answer = sent(request, largest);
    if (answer.statusCode() / 100 != 2) {
      throw problem(answer);
    }
    return answer;
  }

  /** The limit of a request ends with the headers of the answer; ours ends with its last byte. */
  private HttpResponse<byte[]> sent(HttpRequest request, long largest) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), largest));
    try {
      return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw silent(request, "no whole answer within %d s".formatted(limit.toSeconds()), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new CollectorException(Kind.REFUSED, "interrupted while asking " + address, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        throw failed(request, largest, broken);
      }
      throw new IllegalStateException("asking " + address, e);
    }
  }

  private CollectorException failed(HttpRequest request, long largest, IOException failure) {
    if (String.valueOf(failure.getMessage()).startsWith(TOO_LONG)) {
      return strange("has more than %d bytes".formatted(largest), failure);
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException) {
        return new CollectorException(
            Kind.REFUSED,
            "the collector %s is not trusted: %s; see its certificate, and that this Java trusts it"
                .formatted(address, cause.getMessage()),
            failure);
      }
    }
    if (failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException) {
      return new CollectorException(
          Kind.AWAY,
          "the collector %s cannot be reached: %s; start one, or name another with --collector"
              .formatted(address, why(failure)),
          failure);
    }
    return silent(request, why(failure), failure);
  }

  private CollectorException silent(HttpRequest request, String why, Exception cause) {
    return new CollectorException(
        Kind.AWAY,
        "the collector %s does not answer: %s; %s"
            .formatted(
                address,
                why,
                request.method().equals("POST")
                    ? "whether it took the request is not known, "
                        + (request.uri().getPath().startsWith("/v1/jobs")
                            ? "'millwright jobs' will tell"
                            : "so look before you ask again")
                    : "see that it runs, or name another with --collector"),
        cause);
  }

  private static String why(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection within %d s".formatted(CONNECT_LIMIT.toSeconds());
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its name is not known here";
      }
      if (cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    return failure instanceof ConnectException ? "connection refused" : "the connection broke";
  }

  private CollectorException problem(HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    Optional<String> detail = detail(answer.body());
    return new CollectorException(
        switch (status) {
          case 401, 403 -> Kind.FORBIDDEN;
          case 404 -> Kind.NOT_FOUND;
          case 429 -> Kind.UNABLE; // nothing was done, and it may be asked again
          case 503 -> detail.isPresent() ? Kind.UNABLE : Kind.AWAY;
          default -> status >= 500 && detail.isEmpty() ? Kind.AWAY : Kind.REFUSED;
        },
        detail.orElseGet(
            () -> strangeness("has the HTTP status %d and no reason".formatted(status))));
  }

  /** Of an RFC 9457 problem, which may leave out the rest. */
  private static Optional<String> detail(byte[] body) {
    try {
      return Optional.of(Json.read(body).path("detail").asText()).filter(text -> !text.isBlank());
    } catch (IOException notProblem) {
      return Optional.empty();
    }
  }

  private JsonNode tree(HttpResponse<byte[]> answer) {
    try {
      return Json.read(answer.body());
    } catch (IOException e) {
      throw strange("is no JSON", e);
    }
  }

  /** What is said of an answer that is not as it should be. */
  CollectorException strange(String what) {
    return new CollectorException(Kind.REFUSED, strangeness(what));
  }

  private CollectorException strange(String what, Exception cause) {
    return new CollectorException(Kind.REFUSED, strangeness(what), cause);
  }

  private String strangeness(String what) {
    return "the collector's answer is not understood: that of %s %s; is it one of this version?"
        .formatted(address, what);
  }
}
