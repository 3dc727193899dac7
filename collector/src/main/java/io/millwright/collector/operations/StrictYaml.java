package io.millwright.collector.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.util.Iterator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * The YAML of a site's file as a tree whose values are all texts. Read from the parser's events
 * with a bounded depth; aliases, tags, a key twice and a second document are refused.
 */
public final class StrictYaml {
  private static final int DEEPEST = 4;

  private final Iterator<Event> events;

  private StrictYaml(String text) {
    LoadSettings settings = LoadSettings.builder().setBufferSize(text.length() + 2).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /**
   * @throws JsonMistake with one sentence
   */
  public static JsonNode tree(String text) {
    try {
      return new StrictYaml(text).document();
    } catch (JsonMistake mistake) {
      throw mistake;
    } catch (RuntimeException syntax) {
      // Also the JDK's own exceptions, which snakeyaml-engine 3.0.1 lets out for some escapes.
      String said = String.valueOf(syntax.getMessage()).lines().findFirst().orElse("");
      throw new JsonMistake(
          "the text: not YAML (%s); allowed is one document of keys".formatted(Shown.text(said)),
          syntax);
    }
  }

  private JsonNode document() {
    JsonNode found = Json.object();
    boolean there = false;
    while (events.hasNext()) {
      if (events.next() instanceof NodeEvent node) {
        if (there) {
          throw refused(node, "a second document");
        }
        found = node(node, 1);
        there = true;
      }
    }
    return found;
  }

  private JsonNode node(NodeEvent event, int depth) {
    if (event.getAnchor().isPresent()) {
      throw refused(event, "an anchor or an alias");
    }
    return switch (event) {
      case ScalarEvent scalar when scalar.getTag().isEmpty() ->
          Json.array().add(scalar.getValue()).get(0);
      case MappingStartEvent mapping when mapping.getTag().isEmpty() && depth <= DEEPEST ->
          mapping(depth);
      case CollectionStartEvent list when list.getTag().isEmpty() && depth <= DEEPEST ->
          list(depth);
      default -> throw refused(event, "a tag, or nesting this deep");
    };
  }

  private ArrayNode list(int depth) {
    ArrayNode items = Json.array();
    while (events.next() instanceof NodeEvent node) {
      items.add(node(node, depth + 1));
    }
    return items;
  }

  private ObjectNode mapping(int depth) {
    ObjectNode entries = Json.object();
    while (events.next() instanceof NodeEvent key) {
      JsonNode name = node(key, depth + 1);
      if (!name.isTextual() || entries.has(name.textValue())) {
        throw refused(key, "a key that is no word, or a second time the same");
      }
      if (!(events.next() instanceof NodeEvent value)) {
        throw refused(key, "a key without a value");
      }
      entries.set(name.textValue(), node(value, depth + 1));
    }
    return entries;
  }

  private static JsonMistake refused(Event at, String given) {
    int line = at.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return new JsonMistake(
        "line %d: %s is refused; allowed are keys with plain values, each key once"
            .formatted(line, given));
  }
}
