package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A list from the collector.
 *
 * @param trees as they came, which may have more fields than the views
 * @param views the same in the same order
 */
record Fetched<T>(List<JsonNode> trees, List<T> views) {
  Fetched {
    trees = List.copyOf(trees);
    views = List.copyOf(views);
  }

  static <T> Fetched<T> of(Collector collector, String path, Listing<T> listing) {
    return of(collector, collector.get(path), listing);
  }

  /** The same of a list that came already. */
  static <T> Fetched<T> of(Collector collector, JsonNode list, Listing<T> listing) {
    if (!list.isArray()) {
      throw collector.strange("is no list of " + listing.name());
    }
    List<JsonNode> trees = new ArrayList<>();
    list.forEach(trees::add);
    return new Fetched<>(
        trees, trees.stream().map(tree -> collector.view(tree, listing.type())).toList());
  }

  /** One alone. */
  static <T> Fetched<T> one(Collector collector, JsonNode tree, Listing<T> listing) {
    return new Fetched<>(List.of(tree), List.of(collector.view(tree, listing.type())));
  }

  /** One list of several, in their order. */
  static <T> Fetched<T> joined(List<Fetched<T>> parts) {
    return new Fetched<>(
        parts.stream().flatMap(part -> part.trees().stream()).toList(),
        parts.stream().flatMap(part -> part.views().stream()).toList());
  }

  /** Those that are wanted; asked for each once, from the first to the last. */
  Fetched<T> only(Predicate<T> wanted) {
    List<JsonNode> left = new ArrayList<>();
    List<T> leftViews = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      if (wanted.test(views.get(i))) {
        left.add(trees.get(i));
        leftViews.add(views.get(i));
      }
    }
    return new Fetched<>(left, leftViews);
  }
}
