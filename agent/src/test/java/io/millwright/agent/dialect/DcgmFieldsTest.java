package io.millwright.agent.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of fields against the product's table of them, and against our catalogue. */
class DcgmFieldsTest {
  private static final Path CONTRACT =
      Path.of("src", "test", "resources", "contract", "dcgm-exporter-metrics.tsv");
  private static final Path CATALOGUE =
      Path.of("..", "protocol", "src", "test", "resources", "contract", "metrics-catalogue.tsv");
  private static final Path PAGE = Path.of("..", "docs", "dcgm-fields.md");
  private static final Set<String> SCOPE = Set.of("node", "accelerator", "uuid", "vendor", "model");
  private static final Pattern CLOSED_LIST =
      Pattern.compile("([a-z_]+)=([a-z0-9_]+(?:\\|[a-z0-9_]+)+)");

  /** The names of 4.9 that nobody has seen yet. */
  private static final Set<String> UNSEEN =
      Set.of(
          "DCGM_FI_DEV_FB_USED",
          "DCGM_FI_DEV_FB_FREE",
          "DCGM_FI_DEV_FB_RESERVED",
          "DCGM_FI_DEV_MEM_COPY_UTIL",
          "DCGM_FI_DEV_ENC_UTIL",
          "DCGM_FI_DEV_DEC_UTIL");

  /** What the exporter's table says of itself would not be true of this page. */
  private static final Set<String> OWN_WORDS =
      Set.of("DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION");

  private final List<FieldRow> rows = DcgmFields.packaged().rows();

  private static List<List<String>> table(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .skip(1)
        .map(line -> List.of(line.split("\t", -1)))
        .toList();
  }

  @Test
  void everyFieldOfTheExporterIsThereOnceAndAsItIsThere() throws IOException {
    List<List<String>> contract = table(CONTRACT);
    assertThat(contract).hasSize(151);
    assertThat(rows)
        .extracting(row -> row.classic().name())
        .containsExactlyElementsOf(contract.stream().map(row -> row.get(0)).toList());
    for (int i = 0; i < rows.size(); i++) {
      List<String> given = contract.get(i);
      FieldRow row = rows.get(i);
      assertThat(given.get(1)).as(given.get(0)).contains(row.kind());
      if (!OWN_WORDS.contains(given.get(0))) {
        assertThat(row.meaning()).isEqualTo(given.get(4));
      }
      if (!given.get(3).equals("mixed")) {
        assertThat(row.classic().unit()).as(given.get(0)).isEqualTo(given.get(3));
      }
    }
  }

  @Test
  void namesOf49AreThoseThatWereSeenAndTheOthersSayThatTheyAreGuesses() throws IOException {
    Map<String, FieldRow> byName =
        rows.stream().collect(Collectors.toMap(row -> row.classic().name(), row -> row));
    for (List<String> given : table(CONTRACT)) {
      FieldRow row = Optional.ofNullable(byName.get(given.get(0))).orElseThrow();
      String seen = given.get(7);
      if (seen.startsWith("DCGM_")) {
        assertThat(row.newer().name()).isEqualTo(seen.split(" ", 2)[0]);
      } else if (seen.startsWith("=")) {
        assertThat(row.newer().name()).isEqualTo(row.classic().name());
      }
    }
    assertThat(rows)
        .filteredOn(FieldRow::guessed)
        .extracting(row -> row.classic().name())
        .containsExactlyInAnyOrderElementsOf(UNSEEN);
  }

  @Test
  void aFamilyStandsOnceOnEachPage() {
    List<FieldRow> shown =
        rows.stream().filter(row -> !(row.source() instanceof Source.Nothing)).toList();
    assertThat(shown).hasSizeGreaterThan(80);
    assertThat(shown).extracting(row -> row.classic().name()).doesNotHaveDuplicates();
    assertThat(shown)
        .extracting(row -> row.newer().name())
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("DCGM_[A-Z0-9_]+"));
  }

  /** A reader that somebody lands later fills its field by itself, if the words are right now. */
  @Test
  void everySeriesIsOneOfTheCatalogueWithAllItsLabels() throws IOException {
    Map<String, List<String>> catalogue = new HashMap<>();
    table(CATALOGUE).forEach(row -> catalogue.put(row.get(0), row));
    for (FieldRow row : rows) {
      for (Term term : terms(row.source())) {
        assertThat(catalogue).as(row.classic().name()).containsKey(term.family());
        List<String> family = catalogue.getOrDefault(term.family(), List.of());
        Set<String> own =
            Stream.of(family.get(3).split(","))
                .filter(label -> !SCOPE.contains(label))
                .collect(Collectors.toSet());
        assertThat(term.labels().keySet()).as(row.classic().name()).isEqualTo(own);
        Map<String, List<String>> lists = closedLists(family.get(4));
        term.labels()
            .forEach((label, value) ->
                assertThat(lists.getOrDefault(label, List.of(value)))
                    .as(row.classic().name())
                    .contains(value));
      }
    }
  }

  private static Map<String, List<String>> closedLists(String meaning) {
    Map<String, List<String>> lists = new HashMap<>();
    Matcher list = CLOSED_LIST.matcher(meaning);
    while (list.find()) {
      lists.put(list.group(1), List.of(list.group(2).split("\\|")));
    }
    return lists;
  }

  private static List<Term> terms(Source source) {
    return switch (source) {
      case Source.Value(var sum, var over, var with, var without) -> {
        List<Term> terms = new ArrayList<>(sum);
        terms.addAll(over);
        with.ifPresent(terms::add);
        without.ifPresent(terms::add);
        yield terms;
      }
      case Source.Rate(var sum) -> sum;
      case Source.LastXid() -> List.of();
      case Source.OfInfo(String name) -> List.of();
      case Source.Nothing(String why) -> List.of();
    };
  }

  /** A counter of theirs is one of ours, or a rate that they call a counter. */
  @Test
  void countersAreMadeOfCountersAlone() throws IOException {
    Map<String, String> kinds =
        table(CATALOGUE).stream().collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
    Set<String> gaugesOfOurs = Set.of("millwright_accelerator_memory_remapped_rows");
    for (FieldRow row : rows) {
      if (row.kind().equals("counter") && row.source() instanceof Source.Value value) {
        assertThat(value.sum())
            .as(row.classic().name())
            .allMatch(term ->
                "counter".equals(kinds.get(term.family())) || gaugesOfOurs.contains(term.family()));
      }
    }
  }

  @Test
  void mistakesInTheTableAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DcgmFields.of(List.of("heading", "A\tgauge")))
        .withMessageContaining("row 'A' has 2 columns; allowed is 11");
    for (String source : List.of("No_Family", "a{b}", "a{b=c,b=d}", "a with b with c", "a + ")) {
      assertThatIllegalArgumentException().isThrownBy(() -> SourceText.parse(source));
    }
  }

  @Test
  void theReferenceIsWhatTheTableSays() throws IOException {
    String generated = reference();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(PAGE)
        .as("run with -Dgolden.update=true to rewrite, and read the difference")
        .hasContent(generated);
  }

  private String reference() {
    StringBuilder page =
        new StringBuilder(
            """
            # The fields of `/metrics/dcgm` and `/metrics/dcgm49`

            Generated from the table of fields, `dcgm-fields.tsv`. What the pages are for, and what is not as
            in dcgm-exporter, is in [dcgm.md](dcgm.md). A field is on a page where the agent reads what it is
            made of and the device has it: [metrics.md](metrics.md) says which families this version reads. A
            question mark behind a name of 4.9: nobody has seen it yet, it is a guess.

            ## On the pages

            | classic | 4.9 | type | unit, classic | unit, 4.9 | made of |
            |---|---|---|---|---|---|
            """);
    rows.stream()
        .filter(row -> !(row.source() instanceof Source.Nothing))
        .forEach(row ->
            page.append(
                "| `%s` | `%s`%s | %s | %s | %s | %s |\n"
                    .formatted(
                        row.classic().name(),
                        row.newer().name(),
                        row.guessed() ? " ?" : "",
                        row.kind(),
                        row.classic().unit(),
                        row.newer().unit(),
                        madeOf(row.source()))));
    page.append("\n## Not on the pages\n\n| field | because |\n|---|---|\n");
    for (FieldRow row : rows) {
      if (row.source() instanceof Source.Nothing(String why)) {
        page.append("| `%s` | %s |\n".formatted(row.classic().name(), why));
      }
    }
    return page.toString();
  }

  private static String madeOf(Source source) {
    return switch (source) {
      case Source.Value(var sum, var over, var with, var without) ->
          families(sum)
              + (over.isEmpty() || families(sum).equals(families(over)) ? "" : ", as a share")
              + with.map(term -> ", where " + series(term) + " is measured").orElse("")
              + without.map(term -> ", where " + series(term) + " is not measured").orElse("");
      case Source.Rate(var sum) -> "the growth a second of " + families(sum);
      case Source.LastXid() -> "the newest of `millwright_accelerator_error_events_total`";
      case Source.OfInfo(String name) ->
          "`" + name + "` of `millwright_accelerator_info`; a label on every series";
      case Source.Nothing(String why) -> why;
    };
  }

  private static String families(List<Term> terms) {
    boolean oneFamily = terms.stream().map(Term::family).distinct().count() == 1;
    return oneFamily && terms.size() > 2
        ? "`" + terms.getFirst().family() + "`, all of " + terms.getFirst().labels().keySet()
        : terms.stream().map(DcgmFieldsTest::series).collect(Collectors.joining(" + "));
  }

  private static String series(Term term) {
    String labels =
        term.labels().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> entry.getKey() + "=\"" + entry.getValue() + "\"")
            .collect(Collectors.joining(","));
    return "`" + term.family() + (labels.isEmpty() ? "" : "{" + labels + "}") + "`";
  }

  /** Six names are guesses; each can be corrected by a file. */
  @Test
  void aCorrectedNameIsTheOneOnThePage() {
    DcgmFields fields = DcgmFields.packaged();
    for (String classic : UNSEEN) {
      Map<String, String> corrections =
          NameCorrections.of(
              "names", List.of("# ours", "", classic + "\tDCGM_FI_DEV_CORRECTED"), fields);
      assertThat(names(fields.release49(corrections, Snapshots.XIDS)))
          .contains("DCGM_FI_DEV_CORRECTED")
          .hasSameSizeAs(names(fields.release49(Map.of(), Snapshots.XIDS)));
    }
  }

  private static List<String> names(DcgmDialect dialect) {
    return dialect.fields().stream().map(Field::name).toList();
  }

  @Test
  void everyMistakeInAFileOfNamesIsToldAtOnce() {
    List<String> lines =
        List.of(
            "DCGM_FI_DEV_FB_USD DCGM_FI_DEV_FB_USED_BYTES",
            "DCGM_FI_DEV_FB_USED DCGM FI",
            "DCGM_FI_DEV_ENC_UTIL 9lives",
            "DCGM_FI_DEV_DEC_UTIL A",
            "DCGM_FI_DEV_DEC_UTIL B",
            "DCGM_FI_DEV_FB_FREE DCGM_FI_DEV_GPU_UTIL_RATIO",
            "DCGM_FI_DEV_ECC_PENDING C");
    try {
      NameCorrections.of("names", lines, DcgmFields.packaged());
    } catch (DialectException refused) {
      assertThat(Arrays.asList(String.valueOf(refused.getMessage()).split("\n")))
          .containsExactly(
              "names line 1: \"DCGM_FI_DEV_FB_USD\" is no classic name of a field on the page,"
                  + " perhaps DCGM_FI_DEV_FB_USED; docs/dcgm-fields.md lists them",
              "names line 2: \"DCGM_FI_DEV_FB_USED DCGM FI\" has 3 words, allowed is a classic name"
                  + " and its name in 4.9; write both with a blank between them",
              "names line 3: \"9lives\" names no metric, allowed are at most 200 letters, digits,"
                  + " underscores and colons that do not begin with a digit; correct it",
              "names line 5: DCGM_FI_DEV_DEC_UTIL stands in line 4 already; keep one of them",
              "names line 7: \"DCGM_FI_DEV_ECC_PENDING\" is no classic name of a field on the page;"
                  + " docs/dcgm-fields.md lists them",
              "names line 6: DCGM_FI_DEV_GPU_UTIL_RATIO would be the name of both"
                  + " DCGM_FI_DEV_GPU_UTIL and DCGM_FI_DEV_FB_FREE; give each its own");
      return;
    }
    throw new AssertionError("nothing was refused");
  }
}
