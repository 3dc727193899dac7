package io.millwright.collector.rest;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What to do where a rule calls something failed: the pages of {@code docs/runbooks}, served from
 * the collector's own jar, so that they can be read where no other network is.
 */
public final class Runbooks {
  private static final String PATH = "/runbooks/";
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{1,60}\\.md");

  private Runbooks() {}

  /** Where a runbook is read, as in {@code /runbooks/xid-reset.md}. */
  static String path(String name) {
    return PATH + name;
  }

  public static List<Route> routes() {
    return List.of(Route.get(PATH + "{name}", Role.ANYBODY, Runbooks::page));
  }

  private static Answer page(Request request) {
    String name = request.part("name");
    return read(name)
        .map(bytes -> new Answer(200, "text/plain; charset=utf-8", bytes))
        .orElseGet(() ->
            Answer.problem(
                404, "There is no runbook '%s'; /runbooks/README.md lists them.".formatted(name)));
  }

  /** Some kilobytes, which the operating system keeps: of no page a copy is held. */
  private static Optional<byte[]> read(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    try (InputStream in =
        Runbooks.class.getResourceAsStream("/io/millwright/collector/runbooks/" + name)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("reading the runbook " + name, e);
    }
  }
}
