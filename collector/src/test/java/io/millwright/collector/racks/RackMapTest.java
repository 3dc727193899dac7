package io.millwright.collector.racks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The site's map, its file, and what the nodes tell of themselves. */
class RackMapTest {
  private static final String HEAD = "node,rack,chassis,slot,tray,switch,feed,domain,cooling";

  @TempDir private Path directory;

  @Test
  void aNodeHasThePlaceThatTheFileSays() {
    RackMap map =
        RackMap.of(
            List.of(
                "# racks of hall 2",
                HEAD,
                "",
                "n1, r1, C1, 4, 3, leaf-1, A, nvl-1, loop-1",
                "n2,r1,,,,leaf-1,B,,"));
    assertThat(map.place("n1").parts())
        .containsExactly(
            new Part(Part.Kind.SWITCH, "leaf-1"),
            new Part(Part.Kind.FEED, "A"),
            new Part(Part.Kind.COOLING, "loop-1"),
            new Part(Part.Kind.DOMAIN, "nvl-1"),
            new Part(Part.Kind.RACK, "r1"));
    assertThat(map.place("n2").slot()).isEmpty();
    assertThat(map.nodes(new Part(Part.Kind.SWITCH, "leaf-1")))
        .containsExactlyInAnyOrder("n1", "n2");
    assertThat(map.place("n3")).isEqualTo(Place.unknown("n3"));
    assertThat(map.place("n2").or(Optional.of("told")).domain()).contains("told");
    assertThat(map.place("n1").or(Optional.of("told")).domain()).contains("nvl-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "node,rak / n1,r1 | line 1, the names of columns: 'rak' is refused; allowed is node, rack, chassis, slot, tray, switch, feed, domain, cooling; meant is rack",
        "rack,slot / r1,2 | line 1, the names of columns: no 'node' is refused; allowed is node and others",
        "node,node / a,b | line 1, the names of columns: 'node' a second time is refused; allowed is each once",
        "node,rack / n1 | line 2, the fields: 1 is refused; allowed is 2, one for each column",
        "node,rack / n1,r1 / n1,r2 | line 3, the column node: 'n1' a second time is refused; allowed is each node once",
        "node,rack / ,r1 | line 2, the column node: '' is refused; allowed is 1 to 64 visible ASCII characters without comma and quotation mark",
        "node,rack / n1,r\u00e41 | line 2, the column rack: 'r?1' is refused; allowed is 1 to 64 visible ASCII characters without comma and quotation mark",
        "# nothing | line 1: no columns are named; begin with a line such as node,rack,slot,switch,feed,domain",
      })
  void aMistakeIsOneSentence(String lines, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RackMap.of(List.of(lines.split(" / ", -1))))
        .withMessage(sentence);
  }

  @Test
  void theOldMapStaysInForceWhileTheFileHasAMistake() throws IOException {
    Path file = directory.resolve("racks.csv");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RackMapFile.open(file, Clock.system()))
        .withMessageContaining("no such file");
    Files.writeString(file, "node,rack\nn1,r1\n");
    RackMapFile read = RackMapFile.open(file, Clock.system());
    Files.writeString(file, "node,rack\nn1,r2,more\n");
    read.look();
    assertThat(read.map().place("n1").rack()).contains("r1");
    assertThat(read.trouble().orElseThrow())
        .contains("line 2, the fields: 3 is refused")
        .endsWith("the map of before stays in force");
    Files.writeString(file, "node,rack\nn1,rack-2\n");
    read.look();
    assertThat(read.map().place("n1").rack()).contains("rack-2");
    assertThat(read.trouble()).isEmpty();
  }

  // ---- what the nodes tell

  private static RackMap trays() {
    StringBuilder text = new StringBuilder("node,chassis,slot,tray\n");
    for (int tray = 0; tray < 18; tray++) {
      text.append("t%d,C1,%d,%d%n".formatted(tray, tray + 10, tray));
    }
    return RackMap.of(text.toString().lines().toList());
  }

  private static Whereabouts at(int tray) {
    return new Whereabouts(
        Optional.of("C1"),
        Optional.of(Integer.toString(tray + 10)),
        Optional.of(Integer.toString(tray)),
        Optional.empty());
  }

  private static Map<String, Whereabouts> told() {
    Map<String, Whereabouts> told = new LinkedHashMap<>();
    for (int tray = 0; tray < 18; tray++) {
      told.put("t" + tray, at(tray));
    }
    return told;
  }

  @Test
  void twoTraysThatTookEachOthersPlacesAreOneFinding() {
    Map<String, Whereabouts> told = told();
    assertThat(MapCheck.disagreements(trays(), told).sentences()).isEmpty();
    told.put("t4", at(7));
    told.put("t7", at(4));
    assertThat(MapCheck.disagreements(trays(), told).sentences())
        .containsExactly("map disagrees: tray 4 ↔ 7 (nodes t4 and t7)");
  }

  @Test
  void aTrayElsewhereIsToldWithBothPlaces() {
    Map<String, Whereabouts> told = told();
    told.put("t4", at(30));
    told.put("t5", Whereabouts.UNTOLD);
    told.put("stranger", at(5));
    assertThat(MapCheck.disagreements(trays(), told).sentences())
        .containsExactly(
            "map disagrees: node t4 stands at chassis C1, slot 14, tray 4 by the map, and tells chassis C1, slot 40, tray 30");
  }

  /** A file of another hall: the thread that looks has other work too. */
  @Test
  void ofAMapThatIsWhollyWrongSomeSentencesAreEnough() {
    Map<String, Whereabouts> told = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder("node,chassis,slot,tray\n");
    for (int node = 0; node < 500; node++) {
      text.append("t%d,C%d,1,1%n".formatted(node, node));
      told.put("t" + node, at(4));
    }
    RackMap map = RackMap.of(text.toString().lines().toList());
    MapCheck.Found found = MapCheck.disagreements(map, told);
    assertThat(found.sentences()).hasSize(MapCheck.MOST_SENTENCES);
    assertThat(found.count()).isEqualTo(500);
  }
}
