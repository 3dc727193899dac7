package io.millwright.collector.rest;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.page.MetricPages;
import io.millwright.protocol.exposition.Negotiation;
import io.millwright.protocol.exposition.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Pages for Prometheus, probes for a supervisor, the web page. */
public final class PageRoutes {
  private final Supplier<FleetState> fleet;
  private final MetricPages pages;
  private final Supplier<String> address;
  private final Supplier<Optional<String>> missing;
  private final Supplier<Optional<String>> limited;

  /**
   * @param address {@code HOST:PORT} by which Prometheus reaches this port
   * @param missing what keeps the collector from being ready, in one sentence
   * @param limited what it does not do for now although it is ready, in one sentence
   */
  public PageRoutes(
      Supplier<FleetState> fleet,
      MetricPages pages,
      Supplier<String> address,
      Supplier<Optional<String>> missing,
      Supplier<Optional<String>> limited) {
    this.fleet = fleet;
    this.pages = pages;
    this.address = address;
    this.missing = missing;
    this.limited = limited;
  }

  /** One element of Prometheus's HTTP service discovery. */
  private record Target(List<String> targets, Map<String, String> labels) {}

  public List<Route> routes() {
    byte[] page = file("index.html");
    String policy = policy(new String(page, StandardCharsets.UTF_8));
    byte[] api = file("openapi.json");
    return List.of(
        Route.get(
            "/", Role.ANYBODY, r -> new Answer(200, "text/html; charset=utf-8", page, policy)),
        Route.get("/v1/openapi.json", Role.ANYBODY, r -> new Answer(200, "application/json", api)),
        Route.get("/livez", Role.ANYBODY, r -> Answer.text(200, "ok")),
        Route.get("/readyz", Role.ANYBODY, r -> ready()),
        Route.get("/metrics", Role.ANYBODY, this::metrics),
        Route.get("/metrics/node/{node}", Role.ANYBODY, this::node),
        Route.get("/sd/targets", Role.ANYBODY, r -> Answer.json(targets())));
  }

  private Answer ready() {
    return missing
        .get()
        .map(why -> Answer.text(503, why))
        .orElseGet(
            () -> Answer.text(200, limited.get().map(why -> "ready; " + why).orElse("ready")));
  }

  private Answer metrics(Request request) {
    TextFormat format = format(request);
    return Answer.page(request, format, pages.fleet(format));
  }

  private Answer node(Request request) {
    TextFormat format = format(request);
    return pages
        .node(request.part("node"), format)
        .map(page -> Answer.page(request, format, page))
        .orElseGet(() -> notTold(request.part("node")));
  }

  private Answer notTold(String node) {
    return fleet.get().node(node).isEmpty()
        ? FleetRoutes.unknownNode(node)
        : Answer.problem(503, "Node '%s' is not connected: its readings are old.".formatted(node));
  }

  static TextFormat format(Request request) {
    return Negotiation.format(request.accept().isEmpty() ? List.of() : List.of(request.accept()));
  }

  /** One target a node, all behind this port. */
  private List<Target> targets() {
    return fleet.get().nodes().keySet().stream()
        .map(node ->
            new Target(
                List.of(address.get()),
                Map.of("__metrics_path__", "/metrics/node/" + node, "millwright_node", node)))
        .toList();
  }

  /** The page may run its own script and style, by their digests, and ask this port; no more. */
  private static String policy(String page) {
    return "default-src 'none'; script-src %s; style-src %s; connect-src 'self'; "
            .formatted(digest(page, "script"), digest(page, "style"))
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  private static String digest(String page, String element) {
    String open = "<" + element + ">";
    String content =
        page.substring(page.indexOf(open) + open.length(), page.indexOf("</" + element + ">"));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] file(String name) {
    try (InputStream in =
        PageRoutes.class.getResourceAsStream("/io/millwright/collector/web/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the collector's jar has no web/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("reading web/" + name, e);
    }
  }
}
