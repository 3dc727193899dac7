package io.millwright.dashboards.grafana;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** The small parts of Grafana's JSON. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Keys sorted, a line each, with a newline at the end. */
  static String text(JsonNode tree) {
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent);
    try {
      return MAPPER.writer(printer).writeValueAsString(tree) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON has no text", e);
    }
  }

  static ObjectNode datasource() {
    return object().put("type", "prometheus").put("uid", "${datasource}");
  }

  static ObjectNode place(int x, int y, int width, int height) {
    return object().put("x", x).put("y", y).put("w", width).put("h", height);
  }

  static ArrayNode mappings(Optional<Words> words) {
    ArrayNode mappings = array();
    words.ifPresent(these -> {
      ObjectNode options = object();
      these
          .words()
          .forEach(word ->
              options
                  .putObject(Integer.toString(word.value()))
                  .put("index", word.value())
                  .put("text", word.text())
                  .put("color", word.colour()));
      mappings.add(object().put("type", "value").set("options", options));
    });
    return mappings;
  }

  /**
   * A click on a series or a row leads to the board about it.
   *
   * @param fields where Grafana finds the labels
   */
  static ArrayNode links(BoardId board, String fields) {
    String chosen =
        switch (board) {
          case NODE -> "&var-node=${%s.node}".formatted(fields);
          case ACCELERATOR ->
              "&var-node=${%1$s.node}&var-accelerator=${%1$s.accelerator}".formatted(fields);
          case JOB -> "&var-job=${%s.job_id}".formatted(fields);
          case FLEET, POWER, HEALTH -> "";
        };
    ArrayNode links = array();
    links
        .addObject()
        .put("title", board.title())
        .put(
            "url",
            "/d/%s?var-datasource=${datasource}%s&${__url_time_range}"
                .formatted(board.uid(), chosen));
    return links;
  }
}
