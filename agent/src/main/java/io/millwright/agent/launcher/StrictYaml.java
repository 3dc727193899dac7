package io.millwright.agent.launcher;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * What stands in a policy. Read from the parser's events with a bounded depth, as the agent's
 * configuration is; the first thing that is not plain text, list or keys is the refusal. JSON is
 * read as the YAML that it is.
 */
sealed interface StrictYaml {
  /** A single value. */
  record Scalar(String text) implements StrictYaml {}

  record Sequence(List<StrictYaml> items) implements StrictYaml {}

  record Mapping(Map<String, StrictYaml> entries) implements StrictYaml {
    StrictYaml get(String key) {
      return entries.getOrDefault(key, new Absent());
    }

    boolean has(String key) {
      return entries.containsKey(key);
    }
  }

  record Absent() implements StrictYaml {}

  /** The keys of the one document; a {@link PolicyText.Refusal} for anything else. */
  static Mapping parse(String text) {
    try {
      return new Reader(text).document();
    } catch (PolicyText.Refusal refusal) {
      throw refusal;
    } catch (RuntimeException syntax) {
      // Also the JDK's own exceptions, which snakeyaml-engine 3.0.1 lets out for some escapes.
      String said = String.valueOf(syntax.getMessage()).lines().findFirst().orElse("");
      throw new PolicyText.Refusal("not YAML: " + said);
    }
  }

  /** One pass over the events. */
  final class Reader {
    private static final int DEEPEST = 4;
    private final Iterator<Event> events;

    private Reader(String text) {
      LoadSettings settings = LoadSettings.builder().setBufferSize(text.length() + 2).build();
      this.events = new Parse(settings).parseString(text).iterator();
    }

    private Mapping document() {
      StrictYaml found = new Absent();
      while (events.hasNext()) {
        if (events.next() instanceof NodeEvent node) {
          if (!(found instanceof Absent)) {
            throw refusal(node, "a second document is refused; remove it");
          }
          found = node(node, 1);
        }
      }
      if (found instanceof Mapping mapping) {
        return mapping;
      }
      throw new PolicyText.Refusal("no keys are in it; write users and argv_roots");
    }

    private StrictYaml node(NodeEvent event, int depth) {
      if (event instanceof AliasEvent || event.getAnchor().isPresent()) {
        throw refusal(event, "anchors and aliases are refused; write the value out");
      }
      return switch (event) {
        case ScalarEvent scalar when scalar.getTag().isEmpty() -> new Scalar(scalar.getValue());
        case CollectionStartEvent c when c.getTag().isEmpty() && depth <= DEEPEST ->
            c instanceof MappingStartEvent ? mapping(depth) : new Sequence(items(depth));
        default -> throw refusal(event, "a tag or nesting this deep is refused; remove it");
      };
    }

    private List<StrictYaml> items(int depth) {
      List<StrictYaml> items = new ArrayList<>();
      while (events.next() instanceof NodeEvent node) {
        items.add(node(node, depth + 1));
      }
      return items;
    }

    private Mapping mapping(int depth) {
      Map<String, StrictYaml> entries = new LinkedHashMap<>();
      while (events.next() instanceof NodeEvent key) {
        if (!(node(key, depth + 1) instanceof Scalar(String name))) {
          throw refusal(key, "a key that is no word is refused");
        }
        if (!(events.next() instanceof NodeEvent value)) {
          throw refusal(key, "a key without a value is refused");
        }
        if (entries.put(name, node(value, depth + 1)) != null) {
          throw refusal(key, "the key '" + name + "' is there twice; remove one");
        }
      }
      return new Mapping(entries);
    }

    private static PolicyText.Refusal refusal(Event at, String sentence) {
      int line = at.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
      return new PolicyText.Refusal("line " + line + ": " + sentence);
    }
  }
}
