package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/nvml-coverage.md}: of each function of NVML's header whether it is bound, what is
 * shown of it, what the simulated library makes of it, and why it is left out.
 */
class NvmlCoverageTest {
  private static final Path PAGE = Path.of("../docs/nvml-coverage.md");
  private static final Path NATIVE = Path.of("native");
  private static final int FUNCTION = 0;
  private static final int SINCE = 1;
  private static final int OLD_LIBRARY = 3;

  private final Set<String> bound = bound();
  private final Set<String> refused = refused();
  private final NativeLibrary library = NativeLibrary.getInstance(LIBRARY);

  private static final String LIBRARY =
      Path.of("target/native/libnvidia-ml.so.1").toAbsolutePath().toString();

  /** A row of {@code coverage.tsv}. */
  private record Word(String name, String kind, String words) {
    boolean fits(String function) {
      return Pattern.matches(name.replace("*", ".*"), function);
    }

    String shown() {
      return kind.equals("shown")
          ? Arrays.stream(words.split(", "))
              .map(family -> "`millwright_" + family + "`")
              .collect(Collectors.joining(", "))
          : words;
    }
  }

  @Test
  void pageSaysOfEachFunctionWhatItIsFor() throws IOException {
    String generated = page(functions(), words());
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(PAGE).hasContent(generated);
  }

  @Test
  void whatIsBoundSaysWhatItIsForAndWhatIsNotSaysWhy() throws IOException {
    Map<String, Word> words = wordsOfAll();
    assertThat(bound).isNotEmpty();
    assertThat(words.keySet()).containsAll(bound);
    words.forEach((function, word) ->
        assertThat(!word.kind().equals("left"))
            .as("%s is bound: %s", function, word)
            .isEqualTo(bound.contains(function)));
  }

  @Test
  void noWordIsSpentInVain() throws IOException {
    Set<Word> used = Set.copyOf(wordsOfAll().values());
    assertThat(words()).allSatisfy(word -> assertThat(used).contains(word));
  }

  @Test
  void familiesAreThoseOfTheCatalogue() throws IOException {
    Set<String> families =
        Arrays.stream(Metric.values()).map(Metric::familyName).collect(Collectors.toSet());
    for (Word word : words()) {
      if (word.kind().equals("shown")) {
        for (String family : word.words().split(", ")) {
          assertThat(families).contains("millwright_" + family);
        }
      }
    }
  }

  /** What the driver calls can be simulated; what is missing may only be a newer name of it. */
  @Test
  void theSimulatedLibraryHasWhatIsBound() {
    assertThat(bound).allSatisfy(function -> assertThat(simulated(function)).isEqualTo("yes"));
  }

  private static Set<String> bound() {
    return new ClassFileImporter()
        .importPackages("io.millwright.drivers.nvml.binding").stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.NATIVE))
            .map(JavaMethod::getName)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> refused() {
    try {
      Matcher names =
          Pattern.compile("^[DF]\\((nvml\\w+)\\)", Pattern.MULTILINE)
              .matcher(Files.readString(NATIVE.resolve("unsupported.inc")));
      return names.results().map(result -> result.group(1)).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String simulated(String function) {
    try {
      library.getFunction(function);
      return refused.contains(function) ? "answers 3" : "yes";
    } catch (UnsatisfiedLinkError absent) {
      return "absent";
    }
  }

  private static List<List<String>> functions() throws IOException {
    return rows("nvml-functions.tsv");
  }

  private static List<Word> words() throws IOException {
    return rows("coverage.tsv").stream()
        .map(row -> new Word(row.get(0), row.get(1), row.get(2)))
        .toList();
  }

  private static List<List<String>> rows(String name) throws IOException {
    Path file = Path.of("src/test/resources/nvml").resolve(name);
    return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
        .skip(1)
        .map(line -> List.of(line.split("\t", -1)))
        .toList();
  }

  private static Map<String, Word> wordsOfAll() throws IOException {
    List<Word> words = words();
    Map<String, Word> found = new LinkedHashMap<>();
    for (List<String> function : functions()) {
      String name = function.get(FUNCTION);
      found.put(name, word(words, name));
    }
    return found;
  }

  private static Word word(List<Word> words, String function) {
    return words.stream()
        .filter(word -> word.fits(function))
        .findFirst()
        .orElseThrow(() -> new AssertionError("coverage.tsv has no word on " + function));
  }

  private String page(List<List<String>> functions, List<Word> words) {
    StringBuilder page =
        new StringBuilder(
            """
            # NVML, function by function

            Generated by `NvmlCoverageTest`; do not edit. Words: `simulator/src/test/resources/nvml/coverage.tsv`.

            All functions of the header of driver R610. *Since* is the first header that has the name ("old": before 418),
            *535* whether Debian's library of driver 535 exports it. *Simulated*: the simulated library behaves (yes), refuses
            with NOT_SUPPORTED (answers 3), or has no such symbol (absent), where a caller finds FUNCTION_NOT_FOUND.

            """);
    page.append(
        "%d functions, %d bound, %d simulated.%n%n"
            .formatted(
                functions.size(),
                bound.size(),
                functions.stream().filter(f -> simulated(f.get(FUNCTION)).equals("yes")).count()));
    section(page, "Bound", functions, words, true);
    section(page, "Not bound", functions, words, false);
    return page.toString();
  }

  private void section(
      StringBuilder page,
      String title,
      List<List<String>> functions,
      List<Word> words,
      boolean wanted) {
    page.append("## ").append(title).append("\n\n");
    page.append(
        wanted
            ? "| function | since | 535 | simulated | shown as, or what for |\n"
            : "| function | since | 535 | simulated | why not |\n");
    page.append("|---|---|---|---|---|\n");
    for (List<String> function : functions) {
      String name = function.get(FUNCTION);
      if (bound.contains(name) == wanted) {
        page.append(
            "| `%s` | %s | %s | %s | %s |%n"
                .formatted(
                    name,
                    function.get(SINCE),
                    function.get(OLD_LIBRARY).equals("y") ? "yes" : "no",
                    simulated(name),
                    word(words, name).shown()));
      }
    }
    page.append("\n");
  }
}
