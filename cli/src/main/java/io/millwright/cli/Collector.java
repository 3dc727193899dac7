package io.millwright.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.views.Problem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The collector's REST. Follows no redirect, so that the token goes nowhere else.
 *
 * <p><i>Failure:</i> {@link CollectorException} with one sentence. A change is asked for once and
 * never by itself again.
 */
final class Collector {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  private final Address address;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  Collector(Address address) {
    this.address = address;
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
    return tree(answer(request(path).GET().build()));
  }

  <T> T get(String path, Class<T> type) {
    return view(get(path), type);
  }

  /** Posts a JSON text, or nothing where it is empty. */
  <T> T post(String path, byte[] json, Class<T> type) {
    HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(json));
    if (json.length > 0) {
      request.header("Content-Type", "application/json");
    }
    return view(tree(answer(request.build())), type);
  }

  /** The output from an offset on; at most some ten kilobytes. */
  Output output(String path) {
    HttpResponse<byte[]> answer = answer(request(path).GET().build());
    return new Output(
        number(answer, "millwright-offset"),
        number(answer, "millwright-next"),
        answer.headers().firstValue("millwright-ended").filter("true"::equals).isPresent(),
        answer.body());
  }

  /** The view of a tree that this collector sent. */
  <T> T view(JsonNode tree, Class<T> type) {
    try {
      return Json.view(tree, type);
    } catch (JsonProcessingException e) {
      throw strange("is no " + type.getSimpleName(), e);
    }
  }

  private long number(HttpResponse<byte[]> answer, String header) {
    try {
      return answer
          .headers()
          .firstValueAsLong(header)
          .orElseThrow(
              () -> new CollectorException(Kind.REFUSED, strangeness("has no header " + header)));
    } catch (NumberFormatException e) {
      throw strange("has a header " + header + " that is no number", e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address.url() + path)).timeout(ANSWER_LIMIT);
    address.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private HttpResponse<byte[]> answer(HttpRequest request) {
    HttpResponse<byte[]> answer = sent(request);
    if (answer.statusCode() / 100 != 2) {
      throw problem(answer);
    }
    return answer;
  }

  private HttpResponse<byte[]> sent(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new CollectorException(
          Kind.AWAY,
          "the collector %s cannot be reached: %s; start one, or name another with --collector"
              .formatted(address, why(e)),
          e);
    } catch (IOException e) {
      throw new CollectorException(
          Kind.AWAY,
          "the collector %s does not answer: %s; %s"
              .formatted(
                  address,
                  why(e),
                  request.method().equals("POST")
                      ? "whether it took the request is not known, 'millwright jobs' will tell"
                      : "see that it runs, or name another with --collector"),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectorException(Kind.REFUSED, "interrupted while asking " + address, e);
    }
  }

  private static String why(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection within %d s".formatted(CONNECT_LIMIT.toSeconds());
    }
    if (failure instanceof HttpTimeoutException) {
      return "no answer within %d s".formatted(ANSWER_LIMIT.toSeconds());
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
    return new CollectorException(
        switch (status) {
          case 401, 403 -> Kind.FORBIDDEN;
          case 404 -> Kind.NOT_FOUND;
          default -> status >= 500 ? Kind.AWAY : Kind.REFUSED;
        },
        detail(answer.body())
            .orElseGet(
                () -> strangeness("has the HTTP status %d and no reason".formatted(status))));
  }

  private static Optional<String> detail(byte[] body) {
    try {
      return Optional.of(Json.view(Json.read(body), Problem.class)).map(Problem::detail);
    } catch (IOException | RuntimeException notProblem) {
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

  private CollectorException strange(String what, Exception cause) {
    return new CollectorException(Kind.REFUSED, strangeness(what), cause);
  }

  private String strangeness(String what) {
    return "the answer of %s %s: is that a collector of this version?".formatted(address, what);
  }
}
