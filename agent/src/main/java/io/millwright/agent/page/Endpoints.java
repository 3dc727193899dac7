package io.millwright.agent.page;

import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.exposition.Negotiation;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be had under which path.
 *
 * <p><i>Threading:</i> the edge thread. <i>Failure:</i> a request that cannot be answered gets a
 * 500 of its own; the log hears of it when that begins and when it ends.
 */
final class Endpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
  private static final String INDEX =
      """
      Millwright node agent

      /metrics         readings for Prometheus, as text 0.0.4 or OpenMetrics 1.0.0
      /metrics/dcgm    the same in the names of dcgm-exporter to 4.8, where page.dialects has dcgm
      /metrics/dcgm49  the same in the names of dcgm-exporter 4.9, where page.dialects has dcgm49
      /metrics/neuron  the same in the names of neuron-monitor-prometheus, where page.dialects has neuron
      /v1/snapshot     the same readings as JSON, with what could not be read
      /v1/health       the verdicts on node and devices as JSON, with what speaks for them
      /livez           200 while the agent runs, whatever the hardware does
      /readyz          200 when everything is in place, else 503 with what is missing\
      """;

  private final Pages pages;
  private final Supplier<Optional<String>> missing;
  private final Supplier<HealthReport> health;
  private boolean failing;

  /**
   * @param missing one sentence about what keeps the agent from being ready; empty when it is
   */
  Endpoints(Pages pages, Supplier<Optional<String>> missing, Supplier<HealthReport> health) {
    this.pages = pages;
    this.missing = missing;
    this.health = health;
  }

  /** Never throws for what a request or a snapshot holds. */
  FullHttpResponse answer(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return Answers.malformed(request.decoderResult().cause());
    }
    try {
      return routed(request);
    } catch (RuntimeException e) {
      failed(e);
      return Answers.failed();
    }
  }

  private FullHttpResponse routed(HttpRequest request) {
    return switch (path(request.uri())) {
      case "/metrics" -> readable(request, this::metrics);
      case "/metrics/dcgm" -> readable(request, r -> dialect(Document.DCGM, "dcgm", r));
      case "/metrics/dcgm49" -> readable(request, r -> dialect(Document.DCGM49, "dcgm49", r));
      case "/metrics/neuron" -> readable(request, r -> dialect(Document.NEURON, "neuron", r));
      case "/v1/snapshot" -> readable(request, r -> document(Document.JSON, r, "accept-encoding"));
      case "/v1/health" -> readable(request, r -> verdicts());
      case "/livez" -> readable(request, r -> Answers.of(HttpResponseStatus.OK, "ok"));
      case "/readyz" -> readable(request, r -> readiness());
      case "/" -> readable(request, r -> Answers.of(HttpResponseStatus.OK, INDEX));
      default -> Answers.notFound();
    };
  }

  /** How one path answers a request that is in order. */
  private interface Endpoint {
    FullHttpResponse answer(HttpRequest request);
  }

  private static FullHttpResponse readable(HttpRequest request, Endpoint endpoint) {
    boolean reads =
        HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
    if (!reads) {
      return Answers.methodNotAllowed();
    }
    return hasBody(request) ? Answers.bodyRefused() : endpoint.answer(request);
  }

  private FullHttpResponse metrics(HttpRequest request) {
    Document document =
        Document.of(Negotiation.format(request.headers().getAll(HttpHeaderNames.ACCEPT)));
    return document(document, request, "accept, accept-encoding");
  }

  /** Text in any case: OpenMetrics would want other names. */
  private FullHttpResponse dialect(Document document, String word, HttpRequest request) {
    return pages.has(document)
        ? document(document, request, "accept-encoding")
        : Answers.of(
            HttpResponseStatus.NOT_FOUND,
            "This page is off: add %s to page.dialects in the configuration and restart the agent."
                .formatted(word));
  }

  private FullHttpResponse document(Document document, HttpRequest request, String vary) {
    HttpHeaders asked = request.headers();
    boolean gzip = Negotiation.gzip(asked.getAll(HttpHeaderNames.ACCEPT_ENCODING));
    FullHttpResponse response =
        Answers.of(HttpResponseStatus.OK, document.contentType(), pages.bytes(document, gzip));
    recovered();
    response.headers().set(HttpHeaderNames.VARY, vary);
    if (gzip) {
      response.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
    }
    return response;
  }

  private FullHttpResponse verdicts() {
    return Answers.of(
        HttpResponseStatus.OK, Document.JSON.contentType(), HealthBody.json(health.get()));
  }

  private FullHttpResponse readiness() {
    return missing
        .get()
        .map(sentence -> Answers.of(HttpResponseStatus.SERVICE_UNAVAILABLE, sentence))
        .orElseGet(() -> Answers.of(HttpResponseStatus.OK, "ready"));
  }

  /** Whether bytes of a body follow the headers. */
  static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) > 0;
  }

  private static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  private void failed(RuntimeException cause) {
    if (!failing) {
      failing = true;
      LOG.error("page cannot be rendered", cause);
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.info("page is rendered again");
    }
  }
}
