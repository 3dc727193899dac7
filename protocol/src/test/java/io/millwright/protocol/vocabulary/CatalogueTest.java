package io.millwright.protocol.vocabulary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@link Metric} against the product's catalogue, both ways. */
class CatalogueTest {
  private static final Path CATALOGUE =
      Path.of("src/test/resources/contract/metrics-catalogue.tsv");
  private static final Path WIRE_CODES = Path.of("src/test/resources/contract/wire-codes.tsv");

  /** What a row of the catalogue and a constant of the enum have in common. */
  private record Row(String name, String type, String unit, List<String> labels, String meaning) {}

  @Test
  void carriesTheBaseTierExactly() throws IOException {
    assertThat(carried(Metric.Tier.BASE)).isEqualTo(listed("base"));
  }

  @Test
  void carriesTheExtendedTierExactly() throws IOException {
    assertThat(carried(Metric.Tier.EXTENDED)).isEqualTo(listed("extended"));
  }

  @Test
  void carriesOfTheOptionalTierOnlyWhatTheCatalogueHas() throws IOException {
    assertThat(listed("optional")).containsAllEntriesOf(carried(Metric.Tier.OPTIONAL));
  }

  /** A code that was given once is on disks and in other versions: it stays with its name. */
  @Test
  void neverRenumbersAWireCode() throws IOException {
    Map<String, Integer> checkedIn =
        Files.readAllLines(WIRE_CODES, UTF_8).stream()
            .map(line -> line.split("\t", -1))
            .collect(toMap(cells -> cells[1], cells -> Integer.valueOf(cells[0])));
    Map<String, Integer> carried =
        Arrays.stream(Metric.values()).collect(toMap(Metric::familyName, Metric::code));
    assertThat(carried).as("append new codes to %s", WIRE_CODES).isEqualTo(checkedIn);
    assertThat(carried.values()).doesNotHaveDuplicates().allMatch(code -> code > 0);
  }

  @Test
  void endsEachNameWithItsUnit() {
    assertThat(Metric.values())
        .filteredOn(metric -> metric.unit().named())
        .allSatisfy(metric ->
            assertThat(metric.familyName().replaceAll("_total$", ""))
                .endsWith("_" + metric.unit().word()));
  }

  @Test
  void endsCountersWithTotalAndInfosWithInfoAndNothingElse() {
    assertThat(Metric.values())
        .allSatisfy(metric -> {
          assertThat(metric.familyName().endsWith("_total"))
              .isEqualTo(metric.kind() == Metric.Kind.COUNTER);
          assertThat(metric.familyName().endsWith("_info"))
              .isEqualTo(metric.kind() == Metric.Kind.INFO);
        });
  }

  private static Map<String, Row> carried(Metric.Tier tier) {
    return byName(
        Arrays.stream(Metric.values())
            .filter(metric -> metric.tier() == tier)
            .map(metric ->
                new Row(
                    metric.familyName(),
                    metric.kind().name().toLowerCase(Locale.ROOT),
                    metric.unit().word(),
                    metric.labels(),
                    metric.help())));
  }

  private static Map<String, Row> listed(String tier) throws IOException {
    return byName(
        Files.readAllLines(CATALOGUE, UTF_8).stream()
            .skip(1)
            .map(line -> line.split("\t", -1))
            .filter(cells -> cells[8].equals(tier))
            .map(cells -> new Row(cells[0], cells[1], cells[2], labels(cells[3]), cells[4])));
  }

  private static List<String> labels(String cell) {
    return cell.equals("-") ? List.of() : List.of(cell.split(",", -1));
  }

  private static Map<String, Row> byName(Stream<Row> rows) {
    return rows.collect(toMap(Row::name, row -> row, (a, b) -> a, LinkedHashMap::new));
  }
}
