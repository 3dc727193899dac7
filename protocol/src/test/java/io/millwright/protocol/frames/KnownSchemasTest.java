package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.ArrayList;
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
