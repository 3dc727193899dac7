package io.millwright.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Puts what was seen on stdout, in the format that is wanted. */
final class Screen {
  private static final String SCHEMA_VERSION = "schema_version";
  private static final int SCHEMA = 1;

  private final Surroundings around;
  private final Format format;
  private final boolean colour;

  Screen(Surroundings around, Format format, boolean colour) {
    this.around = around;
    this.format = format;
    this.colour = colour;
  }

  boolean wide() {
    return format == Format.WIDE;
  }

  <T> void list(Listing<T> listing, Fetched<T> rows) {
    switch (format) {
      case TABLE, WIDE -> print(listing.table(rows.views(), wide()));
      case CSV -> csv(listing, rows.trees());
      case JSON, YAML -> {
        ObjectNode tree = Json.object().put(SCHEMA_VERSION, SCHEMA);
        tree.putArray(listing.name()).addAll(rows.trees());
        text(tree);
      }
    }
  }

  /**
   * A list that goes on: the titles once, JSON as one object a line, YAML as one list.
   *
   * @param widths of the columns so far; empty at the first call, and kept by the caller
   * @return whether somebody still reads
   */
  <T> boolean follow(Listing<T> listing, Fetched<T> rows, List<Integer> widths, boolean first) {
    switch (format) {
      case TABLE, WIDE ->
          (first ? listing.table(rows.views(), wide()) : listing.more(rows.views(), wide()))
              .lines(colour, widths)
              .forEach(around.out()::println);
      case CSV -> {
        String text = csvText(listing, rows.trees());
        around.out().print(first ? text : text.substring(text.indexOf('\n') + 1));
      }
      case JSON -> rows.trees().forEach(tree -> around.out().println(Json.line(tree)));
      case YAML -> {
        if (!rows.trees().isEmpty()) {
          yaml(Json.list(rows.trees()));
        }
      }
    }
    return !around.out().checkError(); // flushes
  }

  /**
   * Shows one thing.
   *
   * @param details the tables that people see, asked for only when they do
   */
  <T> void one(Listing<T> listing, JsonNode tree, Supplier<List<Table>> details) {
    switch (format) {
      case TABLE, WIDE -> print(details.get());
      case CSV -> csv(listing, List.of(tree));
      case JSON, YAML -> text(versioned(tree));
    }
  }

  /**
   * Shows one thing whose rows are the list in it that has the listing's name; without any, CSV is
   * the titles.
   *
   * @param details the tables that people see, asked for only when they do
   */
  <T> void rows(Listing<T> listing, JsonNode tree, Supplier<List<Table>> details) {
    if (format == Format.CSV) {
      csv(listing, tree.path(listing.name()));
      return;
    }
    one(listing, tree, details);
  }

  private static JsonNode versioned(JsonNode tree) {
    return tree instanceof ObjectNode fields && !fields.has(SCHEMA_VERSION)
        ? Json.object().put(SCHEMA_VERSION, SCHEMA).setAll(fields)
        : tree;
  }

  /** With an empty line between. */
  private void print(List<Table> tables) {
    boolean first = true;
    for (Table table : tables) {
      if (!first) {
        around.out().println();
      }
      print(table);
      first = false;
    }
  }

  private void print(Table table) {
    table.lines(colour).forEach(around.out()::println);
  }

  /** A terminal may not get what a file may. */
  private void csv(Listing<?> listing, Iterable<JsonNode> trees) {
    around.out().print(csvText(listing, trees));
  }

  private String csvText(Listing<?> listing, Iterable<JsonNode> trees) {
    UnaryOperator<String> shown = around.terminal() ? Printable::text : UnaryOperator.identity();
    return new Csv(listing.fields(), shown).text(trees);
  }

  private void text(JsonNode tree) {
    if (format == Format.JSON) {
      around.out().println(Json.pretty(tree));
      return;
    }
    yaml(tree);
  }

  private void yaml(JsonNode tree) {
    try {
      around
          .out()
          .print(
              YAMLMapper.builder()
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                  .build()
                  .writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing a tree as YAML", e);
    }
  }
}
