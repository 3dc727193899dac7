package io.millwright.agent.config;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads the one document of a file.
 *
 * <p>Works on the parser's events and not on its node tree: the library composes that tree by
 * recursion, which a deeply nested file turns into a stack overflow, and by following aliases. Here
 * the depth is bounded, and an alias, an anchor, a tag and a second document are problems among the
 * others.
 */
final class YamlParser {
  private static final int DEEPEST = 8;

  private final String file;
  private final Problems problems;
  private final Iterator<Event> events;
  private Place.Line reached;
  private boolean stopped;

  private YamlParser(String file, String text, Problems problems) {
    this.file = file;
    this.problems = problems;
    this.events = new Parse(settings(text)).parseString(text).iterator();
    this.reached = new Place.Line(file, 1, 1);
  }

  /** The content, or empty when there is none or the text is not YAML, which is then a problem. */
  static Optional<Yaml> parse(String file, String text, Problems problems) {
    return new YamlParser(file, text, problems).parse();
  }

  private Optional<Yaml> parse() {
    try {
      return document();
    } catch (MarkedYamlEngineException syntax) {
      problems.add(place(file, syntax.getProblemMark()), "not YAML: " + said(syntax.getProblem()));
    } catch (YamlEngineException syntax) {
      problems.add(reached, "not YAML after this place: " + said(syntax.getMessage()));
    } catch (RuntimeException fault) {
      // snakeyaml-engine 3.0.1 lets the exceptions of the JDK out, as for the escape \UFFFFFFFF.
      problems.add(reached, "not YAML after this place: " + said(fault.getMessage()));
    }
    return Optional.empty();
  }

  /**
   * The whole text in one piece: snakeyaml-engine 3.0.1 overruns its buffer when a character beyond
   * U+FFFF stands at the end of a piece.
   */
  private static LoadSettings settings(String text) {
    return LoadSettings.builder().setBufferSize(text.length() + 2).build();
  }

  private Optional<Yaml> document() {
    Optional<Yaml> first = Optional.empty();
    int documents = 0;
    while (!stopped && events.hasNext()) {
      Event event = next();
      if (event.getEventId() == Event.ID.DocumentStart && ++documents == 2) {
        problems.add(place(event), "a second document begins here, allowed is one; remove it");
        return first;
      }
      if (event instanceof NodeEvent node) {
        first = Optional.of(node(node, 1));
      }
    }
    return first;
  }

  private Event next() {
    Event event = events.next();
    reached = place(event);
    return event;
  }

  private Yaml node(NodeEvent event, int depth) {
    decoration(event);
    return switch (event) {
      case ScalarEvent scalar -> new Yaml.Scalar(scalar.getValue(), scalar.isPlain(), place(event));
      case AliasEvent _ -> new Yaml.Refused(place(event));
      case CollectionStartEvent _ when depth > DEEPEST -> tooDeep(event);
      case MappingStartEvent _ -> new Yaml.Mapping(entries(depth), place(event));
      default -> new Yaml.Sequence(items(depth), place(event));
    };
  }

  private List<Yaml> items(int depth) {
    List<Yaml> items = new ArrayList<>();
    Optional<NodeEvent> next = nextInside();
    while (next.isPresent()) {
      items.add(node(next.get(), depth + 1));
      next = nextInside();
    }
    return items;
  }

  private List<Yaml.Entry> entries(int depth) {
    List<Yaml> flat = items(depth);
    List<Yaml.Entry> entries = new ArrayList<>(flat.size() / 2);
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      entries.add(new Yaml.Entry(flat.get(i), flat.get(i + 1)));
    }
    return entries;
  }

  /** The next node of a collection; empty at its end. */
  private Optional<NodeEvent> nextInside() {
    return !stopped && next() instanceof NodeEvent node ? Optional.of(node) : Optional.empty();
  }

  /** Ends the reading: the parser's time grows with the square of the depth. */
  private Yaml tooDeep(Event event) {
    problems.add(
        place(event), "nested more than " + DEEPEST + " deep, no key is; remove what is below");
    stopped = true;
    return new Yaml.Refused(place(event));
  }

  private void decoration(NodeEvent event) {
    if (event instanceof AliasEvent alias) {
      refuse(event, "the alias *" + alias.getAlias(), "write the value out");
      return;
    }
    event.getAnchor().ifPresent(name -> refuse(event, "the anchor &" + name, "remove it"));
    tag(event).ifPresent(name -> refuse(event, "the tag " + name, "remove it"));
  }

  private static Optional<String> tag(NodeEvent event) {
    return switch (event) {
      case ScalarEvent scalar -> scalar.getTag();
      case CollectionStartEvent collection -> collection.getTag();
      default -> Optional.empty();
    };
  }

  private void refuse(Event event, String what, String remedy) {
    problems.add(place(event), Quote.bare(what, 80) + " is not allowed here; " + remedy);
  }

  private Place.Line place(Event event) {
    return place(file, event.getStartMark());
  }

  private static Place.Line place(String file, Optional<Mark> mark) {
    return new Place.Line(
        file, mark.map(Mark::getLine).orElse(0) + 1, mark.map(Mark::getColumn).orElse(0) + 1);
  }

  private static String said(@Nullable String message) {
    return message == null
        ? "no reason given"
        : Quote.bare(message.lines().findFirst().orElse(""), 200);
  }
}
