package io.millwright.protocol.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Prometheus client reads the same snapshot; both pages must say the same. */
class PageWriterAgainstClientTest {
  private static final int ROUNDS = 200;

  @ParameterizedTest
  @EnumSource
  void saysWhatTheClientSays(TextFormat format) {
    long seed = Long.getLong("seed", new Random().nextLong());
    RandomSnapshots snapshots = new RandomSnapshots(seed);
    PageWriter writer = new PageWriter();
    PageBuffer buffer = new PageBuffer(64);
    for (int round = 0; round < ROUNDS; round++) {
      NodeSnapshot snapshot = snapshots.next();
      buffer.clear();
      int series = writer.write(snapshot, format, buffer);
      compare(
          "-Dseed=" + seed + " round " + round,
          Rendered.page(writer, snapshot, format),
          ClientPage.write(snapshot, format),
          series);
    }
  }

  private static void compare(String when, String ours, String clients, int series) {
    ParsedPage page = ParsedPage.of(ours);
    ParsedPage oracle = ParsedPage.of(clients);
    assertThat(page.values()).as(when).isEqualTo(oracle.values()).hasSize(series);
    assertThat(page.types()).as(when).isEqualTo(oracle.types());
    assertThat(page.helps()).as(when).isEqualTo(oracle.helps());
    assertThat(page.units()).as(when).isEqualTo(oracle.units());
  }
}
