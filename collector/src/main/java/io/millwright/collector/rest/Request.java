package io.millwright.collector.rest;

import java.util.Map;
import java.util.Optional;

/**
 * A request that has found its route.
 *
 * @param parameters the parts of the path that the route names, and those of the query
 * @param accept value of the header {@code Accept}, empty where there is none
 * @param acceptEncoding that of the header {@code Accept-Encoding}
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
public record Request(
    Caller caller,
    Map<String, String> parameters,
    String accept,
    String acceptEncoding,
    byte[] body) {

  /** One that the route names, so that it is there. */
  public String part(String name) {
    return Optional.ofNullable(parameters.get(name))
        .orElseThrow(() -> new IllegalArgumentException("the route has no part " + name));
  }

  /** One of the query, if given. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(parameters.get(name));
  }
}
