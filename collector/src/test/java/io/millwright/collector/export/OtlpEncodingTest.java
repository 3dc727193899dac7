package io.millwright.collector.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What each family is called in OTLP; its page has the same table. */
class OtlpEncodingTest {
  private static final Path PAGE = Path.of("../docs/otlp.md");
  private static final String HEAD =
      "| family | of which | name | instrument | unit | attributes |\n|---|---|---|---|---|---|\n";
  private static final Set<String> COMMON = Set.of("hw.id", "hw.name", "hw.parent", "hw.type");

  /** Of the site's own besides those of the conventions. */
  private static final Set<String> MORE = Set.of("hw.vendor", "hw.model", "location");

  /** Whatever else differs, these are of one device. */
  private static final Map<String, String> DEVICE =
      Map.of(
          "node", "n1",
          "uuid", "GPU-1",
          "accelerator", "3",
          "vendor", "nvidia",
          "model", "B{node}");

  private final OtlpEncoding encoding = new OtlpEncoding(Map.of("site", "north"));

  private static long seed() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("OtlpEncodingTest seed " + seed);
    return seed;
  }

  /** Values of labels that the tables look at, and others. */
  private static String value(String label, Random random) {
    Map<String, List<String>> known = new HashMap<>();
    known.put("scope", List.of("gpu", "module", "memory", "node", "cpu"));
    known.put("zone", List.of("package", "dram"));
    known.put("state", List.of("ok", "degraded", "failed", "unknown"));
    known.put("severity", List.of("corrected", "uncorrected", "uncorrected_repairable"));
    known.put("threshold", List.of("slowdown", "shutdown", "max_operating", "memory_max"));
    List<String> values =
        known.getOrDefault(
            label, List.of("a" + random.nextInt(5), "b/{uuid}", "ü" + label, "\"", "x y"));
    return values.get(random.nextInt(values.size()));
  }

  /**
   * Whatever the labels are: a series is one series there, of the right kind, and nothing is lost.
   */
  @Test
  void everySeriesOfEveryFamilyIsOneSeriesThere() {
    Random random = new Random(seed());
    Map<Series, Double> sent = new HashMap<>();
    for (Metric metric : Metric.values()) {
      for (int i = 0; i < 12 && metric.kind() != Metric.Kind.HISTOGRAM; i++) {
        String[] values =
            metric.labels().stream()
                .map(label -> DEVICE.getOrDefault(label, value(label, random)))
                .toArray(String[]::new);
        sent.put(Series.of(metric, values), random.nextDouble());
      }
    }
    Encoding.Request request = encoding.request();
    sent.forEach((series, value) ->
        request.add(
            new Source("n1", "2.0"),
            new Point(
                encoding.key(series),
                Double.doubleToRawLongBits(value),
                1_800_000_000_000L,
                encoding.counts(series.metric()) ? 1_700_000_000_000L : 0)));
    assertThat(request.samples()).isEqualTo(sent.size());
    List<OtlpPoint> points = OtlpPoint.of(request.finish());
    assertThat(points).hasSize(sent.size());
    Map<Double, OtlpPoint> byValue = new HashMap<>();
    points.forEach(point -> byValue.put(point.value(), point));
    Set<String> distinct = new HashSet<>();
    sent.forEach((series, value) -> {
      OtlpPoint point = byValue.getOrDefault(value, points.getFirst());
      assertThat(point.value()).isEqualTo(value);
      assertThat(distinct.add(point.series())).as("%s as %s", series, point.series()).isTrue();
      assertThat(point.sinceMs() != 0)
          .isEqualTo(series.metric().kind() == Metric.Kind.COUNTER)
          .isEqualTo(point.kind().equals("counter"));
      if (!point.name().startsWith("hw.")) {
        assertThat(point.name()).isEqualTo(series.metric().familyName());
        assertThat(point.attributes().values())
            .containsExactlyInAnyOrderElementsOf(series.labelValues());
      }
    });
    assertThat(request.samples()).isZero();
  }

  /** Each name, its instrument, its unit and its attributes are those of the conventions. */
  @Test
  void whatIsNamedByTheConventionsIsWhatTheyDefine() throws IOException {
    Map<String, String[]> conventions = new HashMap<>();
    try (InputStream in =
        OtlpEncodingTest.class.getResourceAsStream("/otlp/hardware-conventions.tsv")) {
      new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .forEach(words -> conventions.put(words[0], words));
    }
    Set<String> used = new HashSet<>();
    for (HardwareNames.Name name : HardwareNames.all()) {
      String[] words = conventions.getOrDefault(name.instrument().name(), new String[0]);
      assertThat(words).as(name.instrument().name()).isNotEmpty();
      used.add(name.instrument().name());
      assertThat(kind(name.instrument())).isEqualTo(words[1]);
      assertThat(name.instrument().unit()).isEqualTo(words[2]);
      Set<String> allowed = new HashSet<>(COMMON);
      allowed.addAll(MORE);
      allowed.addAll(List.of((words.length > 3 ? words[3] : "").split(" ")));
      assertThat(allowed).containsAll(name.attributes().keySet());
      assertThat(name.attributes()).containsKey("hw.id");
      boolean counter = name.family().kind() == Metric.Kind.COUNTER;
      assertThat(name.instrument().shape() == Instrument.Shape.COUNTER).isEqualTo(counter);
      for (String label : name.where().keySet()) {
        assertThat(name.family().labels()).contains(label);
      }
      for (String value : name.attributes().values()) {
        Pattern.compile("\\{([^}]*)\\}")
            .matcher(value)
            .results()
            .forEach(label -> assertThat(name.family().labels()).contains(label.group(1)));
      }
    }
    assertThat(used).isEqualTo(conventions.keySet());
  }

  private static String kind(Instrument instrument) {
    return switch (instrument.shape()) {
      case GAUGE -> "gauge";
      case COUNTER -> "counter";
      case UP_DOWN_COUNTER -> "updowncounter";
    };
  }

  @Test
  void thePageHasTheTable() throws IOException {
    List<String> rows = new ArrayList<>();
    for (HardwareNames.Name name : HardwareNames.all()) {
      rows.add(
          "| `%s` | %s | `%s` | %s | `%s` | %s |\n"
              .formatted(
                  name.family().familyName(),
                  String.join(
                      ", ",
                      name.where().entrySet().stream()
                          .map(entry ->
                              "`%s=%s`"
                                  .formatted(entry.getKey(), String.join("\\|", entry.getValue())))
                          .toList()),
                  name.instrument().name(),
                  kind(name.instrument()),
                  name.instrument().unit(),
                  String.join(
                      ", ",
                      new TreeMap<>(name.attributes())
                          .entrySet().stream()
                              .map(entry -> "`%s=%s`".formatted(entry.getKey(), entry.getValue()))
                              .toList())));
    }
    String table = HEAD + String.join("", rows);
    String page = Files.readString(PAGE, UTF_8);
    int from = page.indexOf(HEAD);
    int to = page.indexOf("\n\n", from) + 1;
    if (Boolean.getBoolean("golden.update")) {
      page = page.substring(0, from) + table + page.substring(to);
      Files.writeString(PAGE, page);
      to = from + table.length();
    }
    assertThat(page.substring(from, to))
        .as("run with -Dgolden.update=true to rewrite, and read the difference")
        .isEqualTo(table);
  }

  /** Answers are anybody's bytes. */
  @Test
  void anyBytesAreAnAnswer() {
    Random random = new Random(seed());
    byte[] good =
        ExportMetricsServiceResponse.newBuilder()
            .setPartialSuccess(
                ExportMetricsPartialSuccess.newBuilder()
                    .setRejectedDataPoints(Long.MAX_VALUE)
                    .setErrorMessage("words"))
            .build()
            .toByteArray();
    assertThat(encoding.answer(200, good, Optional.empty()))
        .isEqualTo(new Answer.Taken(Long.MAX_VALUE, "words"));
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = i % 2 == 0 ? Arrays.copyOf(good, good.length) : new byte[random.nextInt(40)];
      if (i % 2 == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 3));
      } else {
        random.nextBytes(bytes);
      }
      assertThat(encoding.answer(200, bytes, Optional.empty())).isInstanceOf(Answer.Taken.class);
      assertThat(encoding.answer(400, bytes, Optional.empty())).isInstanceOf(Answer.Refused.class);
    }
  }

  /** A receiver says in a google.rpc.Status what is wrong: a code in field 1, words in field 2. */
  @Test
  void theWordsOfARefusalAreShown() {
    byte[] status = {8, 3, 18, 5, 'w', 'o', 'r', 'd', 's'};
    assertThat(encoding.answer(400, status, Optional.empty()))
        .isEqualTo(new Answer.Refused("status 400: words"));
    assertThat(encoding.answer(413, "too large\n".getBytes(UTF_8), Optional.empty()))
        .isEqualTo(new Answer.Refused("status 413: too large"));
  }
}
