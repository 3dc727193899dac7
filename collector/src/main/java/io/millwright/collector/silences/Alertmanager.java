package io.millwright.collector.silences;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The silences of an Alertmanager, by its API v2 ({@code api/v2/openapi.yaml} of its sources): GET
 * and POST {@code /api/v2/silences}, DELETE {@code /api/v2/silence/ID}.
 *
 * <p><i>Threading:</i> one thread; each call waits, 10 s at most for each step. <i>Failure:</i>
 * {@link IOException} whose message is one clause.
 */
final class Alertmanager {
  private static final int PATIENCE_MS = 10_000;
  private static final int LARGEST = 8 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final String author;
  private final Pattern marked;

  /**
   * @param store id of the store whose silences are ours
   */
  Alertmanager(URI base, String store) {
    this.base = base;
    this.author = Silence.author(store);
    this.marked =
        Pattern.compile("(?s).*" + Pattern.quote(Silence.mark(store, "")) + "([a-z0-9]+)");
  }

  /**
   * Those of ours that have not expired, by their ids. Who makes a silence anew from one of ours
   * copies the comment and is another author; another collector has another store.
   */
  Map<String, Silence> ours() throws IOException {
    Map<String, Silence> found = new LinkedHashMap<>();
    for (JsonNode one : JSON.readTree(asked("GET", "/api/v2/silences", Optional.empty()))) {
      String comment = one.path("comment").asText();
      Matcher mark = marked.matcher(comment);
      boolean ours = one.path("createdBy").asText().equals(author) && mark.matches();
      if (ours && !one.at("/status/state").asText().equals("expired")) {
        found.put(one.path("id").asText(), silence(one, comment, mark.group(1)));
      }
    }
    return found;
  }

  private static Silence silence(JsonNode one, String comment, String window) throws IOException {
    String nodes = "";
    for (JsonNode matcher : one.path("matchers")) {
      if (matcher.path("name").asText().equals("node")) {
        nodes = matcher.path("value").asText();
      }
    }
    try {
      return new Silence(
          window,
          nodes,
          Instant.parse(one.path("startsAt").asText()),
          Instant.parse(one.path("endsAt").asText()),
          one.path("createdBy").asText(),
          comment);
    } catch (DateTimeParseException e) {
      throw new IOException("a silence has a time that is none", e);
    }
  }

  /**
   * Makes a silence, or changes one.
   *
   * @param id of the one to change; Alertmanager may give it another
   */
  void put(Optional<String> id, Silence silence) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    id.ifPresent(there -> body.put("id", there));
    body.putArray("matchers")
        .addObject()
        .put("name", "node")
        .put("value", silence.nodes())
        .put("isRegex", true)
        .put("isEqual", true);
    body.put("startsAt", silence.start().toString())
        .put("endsAt", silence.end().toString())
        .put("createdBy", silence.by())
        .put("comment", silence.comment());
    asked("POST", "/api/v2/silences", Optional.of(JSON.writeValueAsBytes(body)));
  }

  /** Ends a silence now. */
  void expire(String id) throws IOException {
    if (!id.matches("[A-Za-z0-9-]{1,64}")) {
      throw new IOException("a silence has an id that is none");
    }
    asked("DELETE", "/api/v2/silence/" + id, Optional.empty());
  }

  private byte[] asked(String method, String path, Optional<byte[]> body) throws IOException {
    URI uri = URI.create(base.toString().replaceAll("/+$", "") + path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      connection.setRequestMethod(method);
      connection.setConnectTimeout(PATIENCE_MS);
      connection.setReadTimeout(PATIENCE_MS);
      connection.setInstanceFollowRedirects(false); // nowhere but where the site said
      connection.setRequestProperty("Connection", "close");
      if (body.isPresent()) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body.get());
        }
      }
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException(
            "%s %s was answered with status %d%s"
                .formatted(method, path, status, said(connection)));
      }
      try (InputStream in = connection.getInputStream()) {
        return in.readNBytes(LARGEST);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static String said(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      if (in == null) {
        return "";
      }
      String text = new String(in.readNBytes(200), StandardCharsets.UTF_8);
      return ": " + text.replaceAll("\\p{Cntrl}", " ").strip();
    }
  }
}
