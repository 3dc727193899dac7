package io.millwright.agent.dialect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a {@link Source} as the table of fields has it; the table's heading tells the grammar.
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} with the part that is wrong.
 */
final class SourceText {
  private static final Pattern TERM =
      Pattern.compile("(?:([0-9.]+) \\* )?([a-z][a-z0-9_]*)(?:\\{([^{}]+)\\})?(\\?)?");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=([A-Za-z0-9_.]+)");
  private static final String NOTHING = "- ";
  private static final String RATE = "rate ";
  private static final String OF_INFO = "label ";
  private static final String LAST_XID = "last xid";

  private SourceText() {}

  static Source parse(String text) {
    if (text.startsWith(NOTHING)) {
      return new Source.Nothing(text.substring(NOTHING.length()));
    }
    if (text.startsWith(RATE)) {
      return new Source.Rate(sum(text.substring(RATE.length())));
    }
    if (text.startsWith(OF_INFO)) {
      return new Source.OfInfo(text.substring(OF_INFO.length()));
    }
    return text.equals(LAST_XID) ? new Source.LastXid() : value(text);
  }

  private static Source value(String text) {
    String[] without = parts(text, " without ");
    String[] with = parts(without[0], " with ");
    String[] quotient = parts(with[0], " / ");
    return new Source.Value(
        sum(quotient[0]),
        quotient.length > 1 ? sum(quotient[1]) : List.of(),
        with.length > 1 ? Optional.of(term(with[1])) : Optional.empty(),
        without.length > 1 ? Optional.of(term(without[1])) : Optional.empty());
  }

  private static String[] parts(String text, String separator) {
    String[] parts = text.split(Pattern.quote(separator), -1);
    if (parts.length > 2) {
      throw new IllegalArgumentException("'" + separator.strip() + "' stands twice in: " + text);
    }
    return parts;
  }

  private static List<Term> sum(String text) {
    List<Term> terms = new ArrayList<>();
    for (String part : text.split(" \\+ ", -1)) {
      terms.add(term(part));
    }
    return terms;
  }

  private static Term term(String text) {
    Matcher term = TERM.matcher(text);
    if (!term.matches()) {
      throw new IllegalArgumentException("this is no series: " + text);
    }
    double weight = term.group(1) == null ? 1 : Double.parseDouble(term.group(1));
    String labels = term.group(3) == null ? "" : term.group(3);
    return new Term(weight, term.group(2), labels(labels), term.group(4) != null);
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      Matcher label = LABEL.matcher(part);
      if (!label.matches() || labels.put(label.group(1), label.group(2)) != null) {
        throw new IllegalArgumentException("this is no label, or one that stands twice: " + part);
      }
    }
    return labels;
  }
}
