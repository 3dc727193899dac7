package io.millwright.dashboards.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.dashboards.boards.Boards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The committed dashboards have the form that Grafana reads, and are whole in themselves. */
class BoardJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int COLUMNS = 24;
  private static final int MOST_VISIBLE = 26;
  private static final Set<String> TYPES =
      Set.of("row", "stat", "timeseries", "table", "state-timeline");
  private static final Set<String> UNITS =
      Arrays.stream(Scale.values()).map(Scale::word).collect(Collectors.toSet());
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z_]+)(?![a-z_.])");
  private static final Pattern UID = Pattern.compile("/d/([a-z-]+)");

  private static JsonNode board(BoardId id) throws IOException {
    return JSON.readTree(Files.readString(Path.of("grafana", id.uid() + ".json")));
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  /** Of the board and of its collapsed rows. */
  private static List<JsonNode> panels(JsonNode board) {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode panel : board.get("panels")) {
      all.add(panel);
      panel.path("panels").forEach(all::add);
    }
    return all;
  }

  private static List<JsonNode> filled(JsonNode board) {
    return panels(board).stream().filter(p -> !p.get("type").asText().equals("row")).toList();
  }

  @ParameterizedTest
  @EnumSource
  void isOfTheClassicSchema(BoardId id) throws IOException {
    JsonNode board = board(id);
    assertThat(board.get("uid").asText()).isEqualTo(id.uid());
    assertThat(board.get("id").isNull()).isTrue();
    assertThat(board.get("schemaVersion").asInt()).isBetween(39, 41);
    assertThat(board.get("editable").asBoolean()).isFalse();
    assertThat(board.get("refresh").asText()).isEqualTo("30s");
    assertThat(board.get("time").get("to").asText()).isEqualTo("now");
    assertThat(board.get("description").asText()).isNotBlank();
    assertThat(Boards.ALL).extracting(Board::id).contains(id);
  }

  @ParameterizedTest
  @EnumSource
  void idsAndTitlesAreUnique(BoardId id) throws IOException {
    List<JsonNode> panels = panels(board(id));
    assertThat(panels).extracting(panel -> panel.get("id").asInt()).doesNotHaveDuplicates();
    assertThat(filled(board(id)))
        .extracting(panel -> panel.get("title").asText())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void panelsLieInTheGridAndNotOnEachOther(BoardId id) throws IOException {
    JsonNode board = board(id);
    assertFree(list(board.get("panels")));
    for (JsonNode row : board.get("panels")) {
      assertFree(list(row.path("panels")));
    }
    long visible =
        list(board.get("panels")).stream()
            .filter(panel -> !panel.get("type").asText().equals("row"))
            .count();
    assertThat(visible).isBetween(4L, (long) MOST_VISIBLE);
  }

  private static void assertFree(List<JsonNode> panels) {
    Set<String> taken = new HashSet<>();
    for (JsonNode panel : panels) {
      JsonNode place = panel.get("gridPos");
      int x = place.get("x").asInt();
      int y = place.get("y").asInt();
      assertThat(x).isNotNegative();
      assertThat(x + place.get("w").asInt()).isLessThanOrEqualTo(COLUMNS);
      for (int column = x; column < x + place.get("w").asInt(); column++) {
        for (int line = y; line < y + place.get("h").asInt(); line++) {
          assertThat(taken.add(column + "," + line)).as("%s", panel.get("title")).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void panelsAreOfKnownFormAndUnitAndSayWhatTheyShow(BoardId id) throws IOException {
    for (JsonNode panel : panels(board(id))) {
      assertThat(TYPES).contains(panel.get("type").asText());
    }
    for (JsonNode panel : filled(board(id))) {
      String title = panel.get("title").asText();
      assertThat(panel.get("description").asText()).as(title).endsWith(".").hasSizeGreaterThan(15);
      assertThat(UNITS).contains(panel.at("/fieldConfig/defaults/unit").asText());
      assertThat(panel.get("targets")).as(title).isNotEmpty();
      assertThat(panel.at("/fieldConfig/defaults/thresholds/steps/0/value").isNull()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everythingAsksTheChosenPrometheus(BoardId id) throws IOException {
    JsonNode board = board(id);
    for (JsonNode panel : filled(board)) {
      assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      for (JsonNode target : panel.get("targets")) {
        assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      }
    }
    for (JsonNode variable : list(board.at("/templating/list"))) {
      if (!variable.get("type").asText().equals("datasource")) {
        assertThat(variable.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachVariableIsDefinedAndUsed(BoardId id) throws IOException {
    JsonNode board = board(id);
    Set<String> defined =
        list(board.at("/templating/list")).stream()
            .map(variable -> variable.get("name").asText())
            .collect(Collectors.toSet());
    Set<String> used = new HashSet<>(Set.of("datasource"));
    for (JsonNode panel : filled(board)) {
      for (JsonNode target : panel.get("targets")) {
        used.addAll(variables(target.get("expr").asText()));
      }
    }
    assertThat(used).isEqualTo(defined);
  }

  private static Set<String> variables(String text) {
    return VARIABLE
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(name -> !name.startsWith("__"))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @EnumSource
  void linksLeadToOurBoardsAndTheirVariables(BoardId id) throws IOException {
    String text = Files.readString(Path.of("grafana", id.uid() + ".json"));
    Set<String> known =
        Arrays.stream(BoardId.values()).map(BoardId::uid).collect(Collectors.toSet());
    assertThat(UID.matcher(text).results().map(found -> found.group(1)))
        .hasSizeGreaterThanOrEqualTo(BoardId.values().length - 1)
        .isSubsetOf(known);
    for (JsonNode url : board(id).findValues("url")) {
      String target = UID.matcher(url.asText()).results().findFirst().orElseThrow().group(1);
      Set<String> variables = new HashSet<>();
      JSON.readTree(Files.readString(Path.of("grafana", target + ".json")))
          .at("/templating/list")
          .forEach(variable -> variables.add("var-" + variable.get("name").asText()));
      assertThat(Pattern.compile("var-[a-z]+").matcher(url.asText()).results())
          .extracting(found -> found.group())
          .isSubsetOf(variables);
    }
  }
}
