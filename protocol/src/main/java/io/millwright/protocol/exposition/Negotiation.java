package io.millwright.protocol.exposition;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a scraper wants, of what we have (RFC 9110, section 12.5). It always gets a page: whoever
 * accepts nothing of ours gets plain text rather than a refusal, because a page in the wrong
 * dialect can be looked at and an error cannot.
 *
 * <p>Prometheus 2.42 sends, in this order, OpenMetrics 1.0.0 with weight 1, OpenMetrics 0.0.1 with
 * 0.75, text 0.0.4 with 0.5 and anything with 0.1. Prometheus 3 adds {@code escaping=}; our names
 * are the same under every scheme.
 */
public final class Negotiation {
  private static final String TEXT = "text/plain";
  private static final String OPENMETRICS = "application/openmetrics-text";

  private Negotiation() {}

  /** One alternative of a header: {@code text/plain;version=0.0.4;q=0.5}. */
  private record Clause(String value, Map<String, String> parameters, double weight) {
    boolean hasVersion(String version) {
      return parameters.getOrDefault("version", version).equals(version);
    }
  }

  /** The format for the values of the header {@code Accept}. OpenMetrics only where named. */
  public static TextFormat format(List<String> accept) {
    List<Clause> clauses = clauses(accept);
    double openMetrics =
        weight(clauses, c -> c.value().equals(OPENMETRICS) && c.hasVersion("1.0.0"));
    double text = weight(clauses, c -> c.value().equals(TEXT) && c.hasVersion("0.0.4"));
    if (text < 0) {
      text = weight(clauses, c -> c.value().equals("text/*"));
    }
    if (text < 0) {
      text = weight(clauses, c -> c.value().equals("*/*"));
    }
    return openMetrics > 0 && openMetrics >= text ? TextFormat.OPENMETRICS : TextFormat.PROMETHEUS;
  }

  /** Whether the values of the header {@code Accept-Encoding} want gzip. */
  public static boolean gzip(List<String> acceptEncoding) {
    List<Clause> clauses = clauses(acceptEncoding);
    double gzip = weight(clauses, c -> c.value().equals("gzip") || c.value().equals("x-gzip"));
    if (gzip < 0) {
      gzip = weight(clauses, c -> c.value().equals("*"));
    }
    return gzip > 0 && gzip >= weight(clauses, c -> c.value().equals("identity"));
  }

  /** The greatest weight of the clauses that match; -1 where none does. */
  private static double weight(List<Clause> clauses, Predicate<Clause> matches) {
    return clauses.stream().filter(matches).mapToDouble(Clause::weight).max().orElse(-1);
  }

  private static List<Clause> clauses(List<String> header) {
    List<Clause> clauses = new ArrayList<>();
    for (String line : header) {
      for (String text : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        Clause clause = clause(text);
        if (clause.weight() >= 0 && clause.weight() <= 1) {
          clauses.add(clause);
        }
      }
    }
    return clauses;
  }

  private static Clause clause(String text) {
    String[] parts = text.split(";", -1);
    Map<String, String> parameters = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals > 0) {
        parameters.put(
            parts[i].substring(0, equals).strip(),
            parts[i].substring(equals + 1).replace('"', ' ').strip());
      }
    }
    return new Clause(parts[0].strip(), parameters, weight(parameters.getOrDefault("q", "1")));
  }

  /** Zero to one with at most three decimals; -1, which no clause has, for anything else. */
  private static double weight(String text) {
    return text.matches("[01](\\.[0-9]{0,3})?") ? Double.parseDouble(text) : -1;
  }
}
