package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownSchemasTest {
  private final KnownSchemas known = new KnownSchemas();

  private static List<Series> node(String name, int devices) {
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      Accelerator device =
          new Accelerator(name, "" + i, "GPU-%s-%d".formatted(name, i), "nvidia", "B200", false);
      series.add(Series.of(Metric.ACCELERATOR_UP, device));
      series.add(Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "gpu"));
    }
    series.add(Series.of(Metric.NODE_LOAD_AVERAGE, name, "1m"));
    return series;
  }

  private SeriesSchema read(List<Series> series) {
    return (SeriesSchema) SeriesSchema.decode(SeriesSchema.of(series).frame(), known);
  }

  private static List<Series> series(SeriesSchema schema) {
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      series.add(schema.series(i).orElseThrow());
    }
    return series;
  }

  @Test
  void nodesThatAreBuiltAlikeShareTheShapeAndNoLabel() {
    List<SeriesSchema> read = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      read.add(read(node("node-with-a-long-name-" + i, 8)));
    }
    read.add(read(node("node-with-a-long-name-50", 4)));
    for (int i = 0; i < 50; i++) {
      assertThat(series(read.get(i))).isEqualTo(node("node-with-a-long-name-" + i, 8));
      assertThat(read.get(i).hash()).isEqualTo(SeriesSchema.of(series(read.get(i))).hash());
    }
    assertThat(series(read.getLast())).isEqualTo(node("node-with-a-long-name-50", 4));
    assertThat(known.shapes()).isEqualTo(2);
    assertThat(read.get(0).scales()).isSameAs(read.get(49).scales());
    assertThat(read.get(0)).isNotEqualTo(read.get(1));
  }

  /**
   * Nearly as many labels as a SCHEMA holds, made to be of one hash: the thread of all agents reads
   * it.
   */
  @Test
  void labelsOfOneHashTakeNoLongerThanOthers() {
    List<String> words = sameHash(36_000);
    assertThat(words.stream().mapToInt(String::hashCode).distinct()).hasSize(1);
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < words.size(); i += 9) {
      List<String> labels = new ArrayList<>(List.of("n1"));
      labels.addAll(words.subList(i, i + 9));
      series.add(new Series(Metric.NODE_INFO, labels, false));
    }
    Frame.Schema frame = SeriesSchema.of(series).frame();
    long began = Clock.system().nanos();
    SeriesSchema read = (SeriesSchema) SeriesSchema.decode(frame, known);
    long took = Clock.system().nanos() - began;
    assertThat(series(read)).isEqualTo(series);
    assertThat(known.words()).as("each is known").isEqualTo(words.size() + 1);
    assertThat(took).isLessThan(Duration.ofSeconds(10).toNanos());
    assertThat(read(series).label(0, 1)).isSameAs(read.label(0, 1));
  }

  /** Of twenty characters each. */
  private static List<String> sameHash(int count) {
    List<String> pairs = List.of("Aa", "BB", "C#");
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder word = new StringBuilder();
      int rest = i;
      for (int pair = 0; pair < 10; pair++) {
        word.append(pairs.get(rest % 3));
        rest /= 3;
      }
      words.add(word.toString());
    }
    return words;
  }

  /** What differs in anything is another shape. */
  @Test
  void nodesThatAreBuiltOtherwiseShareNothing() {
    Accelerator real = new Accelerator("n1", "0", "GPU-1", "nvidia", "B200", false);
    Metric info = Metric.ACCELERATOR_INFO;
    List<String> same = Collections.nCopies(info.labels().size(), "n1");
    List<List<Series>> nodes =
        List.of(
            List.of(new Series(info, same, false)),
            List.of(new Series(info, same, true)),
            List.of(Series.of(Metric.ACCELERATOR_POWER_WATTS, real, "gpu")),
            List.of(Series.of(Metric.ACCELERATOR_POWER_WATTS, real, "B200")));
    List<SeriesSchema> read = nodes.stream().map(this::read).toList();
    for (int i = 0; i < nodes.size(); i++) {
      assertThat(series(read.get(i))).isEqualTo(nodes.get(i));
    }
    assertThat(known.shapes()).isEqualTo(nodes.size());
  }

  /** Whoever tells one schema after the other fills nothing: what nobody has any more goes. */
  @Test
  void whatNoSchemaHasIsForgotten() {
    SeriesSchema kept = read(node("kept", 3));
    for (int i = 0; i < 300; i++) {
      read(node("n" + i, 1 + i));
    }
    long until = Clock.system().nanos() + Duration.ofSeconds(60).toNanos();
    while (known.shapes() > 1 || known.words() > 20) {
      System.gc();
      assertThat(Clock.system().nanos() - until).as("nanoseconds beyond a minute").isNegative();
    }
    assertThat(series(kept)).isEqualTo(node("kept", 3));
  }
}
