package io.millwright.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The collector's stream of events: server-sent events, of which the fields {@code data} and {@code
 * event} are looked at.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> one thread, which waits.
 * <i>Failure:</i> {@link IOException} where it breaks, and where nothing came for so long that the
 * collector, which sends a comment each 15 s, must be gone.
 */
final class EventStream implements AutoCloseable {
  private static final String TYPE = "text/event-stream";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration SILENCE = Duration.ofSeconds(45);
  private static final int LONGEST_LINE = 1 << 20;

  private final HttpURLConnection connection;
  private final InputStream in;

  private EventStream(HttpURLConnection connection) throws IOException {
    this.connection = connection;
    this.in = new BufferedInputStream(connection.getInputStream());
  }

  /**
   * What was answered.
   *
   * @param known whether the collector has streams; one of the version before gives a list
   * @param events empty where there is none now, of which the list says why
   */
  record Opened(boolean known, Optional<EventStream> events) {}

  /**
   * Asks for it. No redirect is followed, so that the token goes nowhere else.
   *
   * @param path with its query
   */
  static Opened open(Address address, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(address.url() + path).toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) CONNECT.toMillis());
    connection.setReadTimeout((int) SILENCE.toMillis());
    connection.setRequestProperty("Accept", TYPE);
    address
        .token()
        .ifPresent(token -> connection.setRequestProperty("Authorization", "Bearer " + token));
    if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
      connection.disconnect();
      return new Opened(true, Optional.empty());
    }
    if (!String.valueOf(connection.getContentType()).startsWith(TYPE)) {
      connection.disconnect();
      return new Opened(false, Optional.empty());
    }
    return new Opened(true, Optional.of(new EventStream(connection)));
  }

  /** The data of the next event; empty where the stream has ended or is cut off. */
  Optional<String> next() throws IOException {
    StringBuilder data = new StringBuilder();
    while (true) {
      Optional<String> line = line();
      if (line.isEmpty() || line.get().startsWith("event: cut-off")) {
        return Optional.empty();
      }
      if (line.get().isEmpty() && !data.isEmpty()) {
        return Optional.of(data.toString());
      }
      if (line.get().startsWith("data: ")) {
        data.append(line.get().substring("data: ".length()));
      }
    }
  }

  private Optional<String> line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        return Optional.empty();
      }
      if (bytes.size() == LONGEST_LINE) {
        throw new IOException(
            "a line of the stream is longer than %d bytes".formatted(LONGEST_LINE));
      }
      bytes.write(next);
    }
    return Optional.of(bytes.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
