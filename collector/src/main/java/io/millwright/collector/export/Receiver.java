package io.millwright.collector.export;

import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The receiver, over HTTP/1.1.
 *
 * <p><i>Threading:</i> any; answers come on a thread of the JDK's client. <i>Failure:</i> is an
 * {@link Answer}. No redirect is followed: the address that the site named is the only one.
 */
final class Receiver implements AutoCloseable {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final ExportOptions options;
  private final Encoding encoding;
  private final Clock clock;
  private final HttpClient client;

  /**
   * @throws IOException where the file of the receiver's authority cannot be used; one sentence
   */
  Receiver(ExportOptions options, Encoding encoding, Clock clock) throws IOException {
    this.options = options;
    this.encoding = encoding;
    this.clock = clock;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.timeout());
    if (options.authority().isPresent()) {
      builder.sslContext(trusting(options.authority().get()));
    }
    this.client = builder.build();
  }

  static SSLContext trusting(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("ca" + trusted.size(), one);
      }
      if (trusted.size() == 0) {
        throw new GeneralSecurityException("it has none");
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "ca_file %s: it is refused (%s); allowed are certificates in PEM"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** {@code HOST:PORT} or {@code HOST}; never a path, which may have a secret. */
  String name() {
    int port = options.url().getPort();
    return port < 0 ? options.url().getHost() : options.url().getHost() + ":" + port;
  }

  /**
   * Sends a request.
   *
   * @return never fails, and is there by the time-out at the latest
   */
  CompletableFuture<Answer> send(byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(options.url())
            .header("Content-Type", "application/x-protobuf")
            .header("User-Agent", "millwright-collector")
            .POST(BodyPublishers.ofByteArray(body));
    encoding.headers().forEach(request::header);
    options.authorization().ifPresent(secret -> request.header("Authorization", secret.header()));
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request.build(), answered -> new FirstBytes());
    return exchange
        .handle((response, failure) -> failure == null ? answer(response) : failed(failure))
        .completeOnTimeout(
            again(
                "no answer within %d s".formatted(options.timeout().toSeconds()), Optional.empty()),
            options.timeout().toNanos(),
            TimeUnit.NANOSECONDS)
        .whenComplete((answer, failure) -> exchange.cancel(true));
  }

  private static Answer again(String why, Optional<Duration> wait) {
    return new Answer.Again(why, false, wait);
  }

  private static Answer failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String said = cause.getMessage();
    return cause instanceof CancellationException
        ? again("it was given up", Optional.empty())
        : again(
            cause.getClass().getSimpleName() + (said == null ? "" : ": " + Shown.text(said)),
            Optional.empty());
  }

  private Answer answer(HttpResponse<byte[]> response) {
    return encoding.answer(response.statusCode(), response.body(), retryAfter(response));
  }

  /** Seconds or a date (RFC 9110, 10.2.3), at most five minutes. */
  private Optional<Duration> retryAfter(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .flatMap(this::wait)
        .map(wait -> wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
  }

  private Optional<Duration> wait(String given) {
    if (given.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(given)));
    }
    try {
      Duration wait =
          Duration.between(
              clock.wall(),
              ZonedDateTime.parse(given, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException _) {
      return Optional.empty(); // as if it had said nothing
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
