package io.millwright.agent.config;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes the values of a file. Owned by the thread that reads. */
final class FileLayer {
  private final Values values;
  private final Problems problems;

  FileLayer(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** Takes all that stands in the root of the file. */
  void take(Yaml root) {
    section("", root);
  }

  private void section(String path, Yaml node) {
    switch (node) {
      case Yaml.Mapping mapping -> entries(path, mapping);
      case Yaml.Refused _ -> {}
      case Yaml.Scalar scalar when scalar.isNothing() -> {}
      case Yaml.Scalar _, Yaml.Sequence _ ->
          problems.add(
              node.place(),
              (path.isEmpty() ? "the file" : path)
                  + " is "
                  + kind(node)
                  + ", allowed is a section; write "
                  + names(path)
                  + " below it");
    }
  }

  private void entries(String section, Yaml.Mapping mapping) {
    Map<String, Place.Line> seen = new HashMap<>();
    for (Yaml.Entry entry : mapping.entries()) {
      name(section, entry.key()).ifPresent(name -> entry(section, name, entry, seen));
    }
  }

  private Optional<String> name(String section, Yaml key) {
    return switch (key) {
      case Yaml.Scalar scalar -> Optional.of(scalar.text());
      case Yaml.Refused _ -> Optional.empty();
      case Yaml.Sequence _, Yaml.Mapping _ -> {
        problems.add(
            key.place(),
            "a key is " + kind(key) + ", allowed is a name; write one of " + names(section));
        yield Optional.empty();
      }
    };
  }

  private void entry(String section, String name, Yaml.Entry entry, Map<String, Place.Line> seen) {
    Place.Line place = entry.key().place();
    String path = section.isEmpty() ? name : section + "." + name;
    if (!AgentKeys.names(section).contains(name)) {
      problems.add(place, unknown(section, name, path));
      return;
    }
    Place.Line first = seen.putIfAbsent(name, place);
    if (first != null) {
      problems.add(
          place, path + " is given twice, first on line " + first.line() + "; keep one of them");
      return;
    }
    AgentKeys.find(path)
        .ifPresentOrElse(key -> value(key, entry.value()), () -> section(path, entry.value()));
  }

  private static String unknown(String section, String name, String path) {
    String plain = Quote.bare(path, 80) + " is not a key; ";
    Optional<String> elsewhere =
        AgentKeys.ALL.stream()
            .filter(key -> key.path().equals(name) || key.name().equals(name))
            .findFirst()
            .map(key -> "write " + key.name() + " " + where(key));
    return plain
        + Spelling.nearest(name, AgentKeys.names(section))
            .map(near -> "did you mean " + near + "?")
            .or(() -> elsewhere)
            .orElseGet(() -> "the keys here are " + names(section));
  }

  private static String where(Key<?> key) {
    return key.section().isEmpty() ? "at the top" : "below " + key.section();
  }

  private <T> void value(Key<T> key, Yaml node) {
    switch (node) {
      case Yaml.Refused _ -> {}
      case Yaml.Mapping _ -> wrongKind(key, node);
      case Yaml.Sequence sequence -> list(key, sequence);
      case Yaml.Scalar scalar -> single(key, scalar);
    }
  }

  private <T> void single(Key<T> key, Yaml.Scalar scalar) {
    if (scalar.isNothing()) {
      problems.add(
          key,
          scalar.place(),
          key.path()
              + " has no value, allowed is "
              + key.type().allowed()
              + "; give one or remove it");
      return;
    }
    boolean quoted = !scalar.plain() && !key.type().quotable();
    if (key.type().isList() || (quoted && key.type().parse(scalar.text()).isPresent())) {
      wrongKind(key, scalar);
      return;
    }
    values.take(key, scalar.text(), scalar.place(), problems);
  }

  private <T> void list(Key<T> key, Yaml.Sequence sequence) {
    if (!key.type().isList()) {
      wrongKind(key, sequence);
      return;
    }
    List<String> items = new ArrayList<>();
    for (Yaml item : sequence.items()) {
      item(key, item).ifPresent(items::add);
    }
    if (items.size() < sequence.items().size()) {
      return;
    }
    key.type()
        .parse(items)
        .ifPresentOrElse(
            value -> values.put(key, value, sequence.place()),
            () ->
                problems.add(
                    key,
                    sequence.place(),
                    key.path()
                        + " is a list of "
                        + items.size()
                        + ", allowed is "
                        + key.type().allowed()));
  }

  /** The text of one item; empty when it is not allowed, which is then a problem. */
  private <T> Optional<String> item(Key<T> key, Yaml item) {
    if (item instanceof Yaml.Refused) {
      return Optional.empty();
    }
    if (!(item instanceof Yaml.Scalar scalar)) {
      wrongKind(key, item);
      return Optional.empty();
    }
    if (scalar.isNothing() || key.type().parse(List.of(scalar.text())).isEmpty()) {
      problems.add(key, item.place(), key.refusal(scalar.text()));
      return Optional.empty();
    }
    return Optional.of(scalar.text());
  }

  private void wrongKind(Key<?> key, Yaml node) {
    problems.add(
        key,
        node.place(),
        key.path() + " is " + kind(node) + ", allowed is " + key.type().allowed());
  }

  private static String kind(Yaml node) {
    return switch (node) {
      case Yaml.Scalar scalar when scalar.plain() -> "the value " + Quote.of(scalar.text());
      case Yaml.Scalar scalar -> "the text " + Quote.of(scalar.text()) + " in quotes";
      case Yaml.Sequence _ -> "a list";
      case Yaml.Mapping _ -> "a section";
      case Yaml.Refused _ -> "refused";
    };
  }

  private static String names(String section) {
    return String.join(", ", AgentKeys.names(section));
  }
}
