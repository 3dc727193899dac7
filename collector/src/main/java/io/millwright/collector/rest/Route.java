package io.millwright.collector.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One method of one path, as in {@code GET /v1/nodes/{node}}.
 *
 * @param role least that may ask
 * @param answer on the thread {@code rest}; must not block
 */
public record Route(
    String method,
    List<String> segments,
    Role role,
    Function<Request, CompletionStage<Answer>> answer) {

  /** A route that is answered at once. */
  public static Route get(String path, Role role, Function<Request, Answer> answer) {
    return new Route(
        "GET",
        split(path),
        role,
        request -> CompletableFuture.completedFuture(answer.apply(request)));
  }

  /** A route that is answered once somebody else has answered. */
  public static Route ask(
      String path, Role role, Function<Request, CompletionStage<Answer>> answer) {
    return new Route("GET", split(path), role, answer);
  }

  /** A route that changes something. */
  public static Route post(
      String path, Role role, Function<Request, CompletionStage<Answer>> answer) {
    return new Route("POST", split(path), role, answer);
  }

  static List<String> split(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  /** The parts that the path fills in; empty where it is another path. */
  Optional<Map<String, String>> parts(List<String> path) {
    if (path.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> parts = new HashMap<>();
    for (int i = 0; i < path.size(); i++) {
      String segment = segments.get(i);
      if (segment.startsWith("{")) {
        parts.put(segment.substring(1, segment.length() - 1), path.get(i));
      } else if (!segment.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(parts);
  }
}
