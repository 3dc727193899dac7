package io.millwright.collector.grants;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.operations.StrictYaml;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The text of the grants, YAML; each key is known and there once.
 *
 * <pre>
 * principals:
 *   anna: {users: [ml-anna, ml-shared], projects: [llm, vision]}
 *   ci: {users: [ci]}
 * </pre>
 */
final class GrantsText {
  private static final int MOST_PRINCIPALS = 10_000;
  private static final Pattern PRINCIPAL = Pattern.compile("\\S{1,64}");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9}|\\*");
  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_.-]{1,64}|\\*");

  private GrantsText() {}

  /**
   * Reads all of it, or nothing.
   *
   * @throws JsonMistake with one sentence
   */
  static Grants read(String text) {
    Fields all = Fields.of("", StrictYaml.tree(text), List.of("principals"));
    JsonNode named = all.tree("principals");
    if (!named.isObject() || named.isEmpty() || named.size() > MOST_PRINCIPALS) {
      throw JsonMistake.refused(
          "principals",
          Shown.quoted(named.size() + " of them"),
          "1 to %d names of tokens, each with its users".formatted(MOST_PRINCIPALS));
    }
    Map<String, Grants.Grant> principals = new HashMap<>();
    for (Iterator<String> names = named.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      String path = "principals." + Shown.text(name);
      if (!PRINCIPAL.matcher(name).matches()) {
        throw JsonMistake.refused(path, Shown.quoted(name), "the name of a token");
      }
      Fields one = Fields.of(path, named.get(name), List.of("users", "projects"));
      List<String> users = one.texts("users");
      if (users.isEmpty()) {
        throw JsonMistake.refused(
            path + ".users", Shown.quoted("nothing"), "at least one unix user, or '*'");
      }
      each(path + ".users", users, USER, "unix users by name or number, or '*' alone");
      List<String> projects = one.has("projects") ? one.texts("projects") : List.of();
      each(
          path + ".projects",
          projects,
          PROJECT,
          "projects of letters, digits, '_', '.' and '-', or '*' alone");
      principals.put(name, new Grants.Grant(users, projects));
    }
    return new Grants(principals);
  }

  private static void each(String path, List<String> given, Pattern form, String allowed) {
    for (String one : given) {
      if (!form.matcher(one).matches() || (one.equals(Grants.ANY) && given.size() > 1)) {
        throw JsonMistake.refused(path, Shown.quoted(one), allowed);
      }
    }
    if (new HashSet<>(given).size() != given.size()) {
      throw JsonMistake.refused(path, Shown.quoted("one of them twice"), "each once");
    }
  }
}
