package io.millwright.collector.rest;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who answers a request, after it was seen that the request may be asked.
 *
 * <p><i>Threading:</i> the thread {@code rest}. <i>Failure:</i> what a route throws is a 500 of
 * this request alone; a sentence that it throws as {@link IllegalArgumentException} is a 400.
 */
final class Routes {
  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

  private final List<Route> routes;
  private final Tokens tokens;
  private final KnownHosts hosts;
  private final Optional<RequestRate> rate;

  /**
   * @param rate how often one caller may ask what is beneath {@code /v1/}; empty: as often as it
   *     wants
   */
  Routes(List<Route> routes, Tokens tokens, KnownHosts hosts, Optional<RequestRate> rate) {
    this.routes = List.copyOf(routes);
    this.tokens = tokens;
    this.hosts = hosts;
    this.rate = rate;
  }

  List<Route> all() {
    return routes;
  }

  private record Found(Route route, Map<String, String> parts) {}

  /**
   * @param peer address that asks
   */
  CompletionStage<Answer> answer(FullHttpRequest request, String peer) {
    try {
      return allowed(request, peer);
    } catch (IllegalArgumentException e) {
      return done(Answer.problem(400, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("request failed method={} uri={}", request.method(), request.uri(), e);
      return done(Answer.problem(500, "The collector could not answer; its log says why."));
    }
  }

  private CompletionStage<Answer> allowed(FullHttpRequest request, String peer) {
    if (request.decoderResult().isFailure()) {
      return done(Answer.problem(400, "This is no HTTP/1.1 request."));
    }
    Optional<Answer> foreign = hosts.foreign(request);
    if (foreign.isPresent()) {
      return done(foreign.get());
    }
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    if (!uri.path().isEmpty() && !uri.path().startsWith("/")) {
      return done(Answer.problem(400, "A path begins with '/'."));
    }
    Optional<Caller> caller =
        tokens.caller(Optional.ofNullable(request.headers().get(HttpHeaderNames.AUTHORIZATION)));
    Optional<Answer> limited = limited(uri.path(), caller, peer);
    if (limited.isPresent()) {
      return done(limited.get());
    }
    return caller.isEmpty()
        ? done(Answer.problem(401, "Nobody has this token: send 'Authorization: Bearer TOKEN'."))
        : routed(uri, request, caller.get());
  }

  /** Prometheus asks of every node what is beneath /metrics, and a supervisor asks the probes. */
  private Optional<Answer> limited(String path, Optional<Caller> caller, String peer) {
    if (rate.isEmpty() || (caller.isPresent() && !path.startsWith("/v1/"))) {
      return Optional.empty();
    }
    String who =
        caller
            .filter(one -> one.role() != Role.ANYBODY)
            .map(one -> "the token of " + one.name())
            .orElse("the address " + peer + " without a token");
    OptionalInt wait = rate.get().wait(who);
    return wait.isEmpty()
        ? Optional.empty()
        : Optional.of(tooMany(who, rate.get().perSecond(), wait.getAsInt()));
  }

  private static Answer tooMany(String who, int perSecond, int seconds) {
    return Answer.problem(
            429,
            "%s asked more than %d times a second; allowed is that many: ask again in %d s, and for all at once where there is a list, or raise --requests-per-second of the collector."
                .formatted(
                    Character.toUpperCase(who.charAt(0)) + who.substring(1), perSecond, seconds))
        .with(Map.of("retry-after", Integer.toString(seconds)));
  }

  private CompletionStage<Answer> routed(
      QueryStringDecoder uri, FullHttpRequest request, Caller caller) {
    List<Found> found = found(Route.split(uri.path().isEmpty() ? "/" : uri.path()));
    if (found.isEmpty()) {
      return done(
          Answer.problem(404, "There is nothing here; /v1/openapi.json lists what there is."));
    }
    String method = HttpMethod.HEAD.equals(request.method()) ? "GET" : request.method().name();
    return found.stream()
        .filter(one -> one.route().method().equals(method))
        .findFirst()
        .map(one -> answered(one, uri, request, caller))
        .orElseGet(() -> done(methodNotAllowed(found)));
  }

  private List<Found> found(List<String> path) {
    return routes.stream()
        .flatMap(route -> route.parts(path).map(parts -> new Found(route, parts)).stream())
        .toList();
  }

  private static Answer methodNotAllowed(List<Found> found) {
    String methods =
        found.stream()
            .map(one -> one.route().method())
            .distinct()
            .collect(Collectors.joining(", "));
    return Answer.problem(405, "This path is for " + methods + ".").with(Map.of("allow", methods));
  }

  private CompletionStage<Answer> answered(
      Found found, QueryStringDecoder uri, FullHttpRequest request, Caller caller) {
    if (!caller.role().mayWhat(found.route().role())) {
      return done(forbidden(caller, found.route().role()));
    }
    Map<String, String> parameters = new HashMap<>();
    uri.parameters().forEach((name, values) -> parameters.put(name, values.getFirst()));
    parameters.putAll(found.parts());
    Optional.ofNullable(request.headers().get(EventRoutes.LAST_EVENT))
        .ifPresent(seen -> parameters.put(EventRoutes.LAST_EVENT, seen));
    byte[] body = new byte[request.content().readableBytes()];
    request.content().getBytes(request.content().readerIndex(), body);
    String accept = String.join(",", request.headers().getAll(HttpHeaderNames.ACCEPT));
    String encoding = String.join(",", request.headers().getAll(HttpHeaderNames.ACCEPT_ENCODING));
    return found.route().answer().apply(new Request(caller, parameters, accept, encoding, body));
  }

  private static Answer forbidden(Caller caller, Role needed) {
    return caller.role() == Role.ANYBODY
        ? Answer.problem(
            401,
            "This needs the role %s: send 'Authorization: Bearer TOKEN' with a token of that role."
                .formatted(needed.word()))
        : Answer.problem(
            403,
            "This needs the role %s, and the token of %s has %s."
                .formatted(needed.word(), caller.name(), caller.role().word()));
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
