package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every constant of the drivers of NVIDIA's devices has a row in {@code vocabulary.tsv} that says
 * which of the header's it is, or that it is of our own; a new one without a row fails.
 *
 * <table>
 *   <caption>kinds</caption>
 *   <tr><td>is<td>the value, or values in their order, of these; {@code |} for bits taken together
 *   <tr><td>index<td>words, each at the place that is the value of this; {@code -} for none
 *   <tr><td>bit<td>the same, at the place of the bit
 *   <tr><td>least<td>no less than this
 *   <tr><td>own<td>no constant of the header, and why
 * </table>
 *
 * <p>Return codes and field ids are held by {@link ConstantsTest}, offsets by the tests of layouts.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VocabularyTest {
  private static final Path SOURCES = Path.of("src/main/java/io/millwright/drivers/nvml");
  private static final Set<String> HELD_ELSEWHERE = Set.of("NvmlCode", "FieldIds");
  private static final Pattern BARE_NUMBER = Pattern.compile("\\bcase -?\\d");

  private final Map<String, Long> header = header();
  private final Map<String, Row> rows = rows();
  private final Map<String, Field> constants = constants();

  private record Row(String kind, String words) {
    List<String> names() {
      return List.of(words.split(", "));
    }
  }

  @Test
  void eachConstantHasARowAndEachRowAConstant() {
    assertThat(constants).hasSizeGreaterThan(100);
    assertThat(rows.keySet()).containsExactlyElementsOf(constants.keySet());
  }

  @Test
  void eachIsWhatItsRowSays() throws IllegalAccessException {
    int compared = 0;
    for (Map.Entry<String, Row> entry : rows.entrySet()) {
      Field field = Objects.requireNonNull(constants.get(entry.getKey()), entry.getKey());
      field.setAccessible(true);
      compared += compare(entry.getKey(), entry.getValue(), values(field.get(null)));
    }
    assertThat(compared).isGreaterThan(80);
  }

  private int compare(String constant, Row row, List<Object> values) {
    switch (row.kind()) {
      case "is" -> {
        assertThat(row.names()).as(constant).hasSameSizeAs(values);
        for (int i = 0; i < values.size(); i++) {
          same(constant, ((Number) values.get(i)).longValue(), value(row.names().get(i)));
        }
      }
      case "index" -> places(constant, row, values, this::value);
      case "bit" -> places(constant, row, values, name -> Long.numberOfTrailingZeros(value(name)));
      case "least" ->
          assertThat(((Number) values.getFirst()).longValue())
              .as(constant)
              .isGreaterThanOrEqualTo(value(row.words()));
      case "own" -> {
        assertThat(row.words()).as(constant).isNotBlank();
        return 0;
      }
      default -> throw new AssertionError(constant + ": " + row);
    }
    return values.size();
  }

  /** As a number of C that is 32 bits wide, with a sign or without. */
  private static void same(String constant, long value, long wanted) {
    assertThat(List.of(wanted, wanted & 0xFFFFFFFFL)).as(constant).contains(value);
  }

  private void places(String constant, Row row, List<Object> words, ToLongFunction<String> place) {
    assertThat(row.names()).as(constant).hasSameSizeAs(words);
    for (int i = 0; i < words.size(); i++) {
      String name = row.names().get(i);
      if (!name.equals("-")) {
        assertThat(place.applyAsLong(name)).as(constant + " " + words.get(i)).isEqualTo(i);
      }
    }
  }

  private long value(String names) {
    return Arrays.stream(names.split(" \\| "))
        .mapToLong(name -> Objects.requireNonNull(header.get(name), name))
        .reduce(0, (a, b) -> a | b);
  }

  /** A number in a switch is a constant that no row can hold. */
  @Test
  void noSwitchHasABareNumber() throws IOException {
    List<String> bare = new ArrayList<>();
    int files = 0;
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        files++;
        Files.readString(source)
            .lines()
            .filter(line -> BARE_NUMBER.matcher(line).find())
            .forEach(line -> bare.add(source.getFileName() + ": " + line.strip()));
      }
    }
    assertThat(files).isGreaterThan(50);
    assertThat(bare).isEmpty();
  }

  // ---- the constants

  private static Map<String, Field> constants() {
    Map<String, Field> found = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millwright.drivers.nvml")) {
      if (!HELD_ELSEWHERE.contains(type.getSimpleName())) {
        boolean layout = type.getSimpleName().endsWith("Layout"); // of these the version words
        Arrays.stream(type.reflect().getDeclaredFields())
            .filter(VocabularyTest::isConstant)
            .filter(field -> !layout || field.getName().endsWith("VERSION"))
            .forEach(field -> found.put(type.getSimpleName() + "." + field.getName(), field));
      }
    }
    return found;
  }

  private static boolean isConstant(Field field) {
    boolean constant =
        Modifier.isStatic(field.getModifiers())
            && Modifier.isFinal(field.getModifiers())
            && !field.isSynthetic();
    return constant
        && (Set.of(int.class, long.class, int[].class).contains(field.getType())
            || isListOf(field, String.class)
            || isListOf(field, Integer.class));
  }

  private static boolean isListOf(Field field, Class<?> element) {
    return field.getGenericType() instanceof ParameterizedType type
        && type.getRawType() == List.class
        && type.getActualTypeArguments()[0] == element;
  }

  private static List<Object> values(Object constant) {
    return switch (constant) {
      case int[] numbers -> Arrays.stream(numbers).<Object>mapToObj(number -> number).toList();
      case List<?> list -> List.<Object>copyOf(list);
      default -> List.of(constant);
    };
  }

  // ---- the tables

  private static Map<String, Long> header() {
    return lines("nvml-constants.tsv")
        .filter(row -> row.get(1).matches("-?\\d{1,18}"))
        .collect(
            Collectors.toMap(
                row -> row.get(0), row -> Long.valueOf(row.get(1)), (first, again) -> first));
  }

  private static Map<String, Row> rows() {
    return lines("vocabulary.tsv")
        .collect(
            Collectors.toMap(
                row -> row.get(0),
                row -> new Row(row.get(1), row.get(2)),
                (first, again) -> {
                  throw new AssertionError("two rows: " + first + ", " + again);
                },
                TreeMap::new));
  }

  private static Stream<List<String>> lines(String table) {
    try (InputStream in =
        Objects.requireNonNull(VocabularyTest.class.getResourceAsStream("/nvml/" + table))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .map(line -> List.of(line.split("\t", -1)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + table, e);
    }
  }
}
