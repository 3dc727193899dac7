package io.millwright.collector.incidents;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against a walk over all of them. */
class OnsetsTest {
  private static Held held(int node, long firstMs, Nature nature) {
    return new Held(
        new Symptom(
            Suspect.node("n" + node),
            Symptom.SILENT,
            nature,
            Verdict.UNKNOWN,
            Advice.INSPECT,
            "silent",
            Set.of(),
            false,
            Optional.empty()),
        firstMs);
  }

  @Test
  void findsWhatAWalkWouldFind() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Held> all = new ArrayList<>();
      for (int i = random.nextInt(30); i > 0; i--) {
        all.add(held(i, random.nextInt(60), random.nextInt(4) > 0 ? Nature.SILENCE : Nature.OWN));
      }
      Onsets onsets = Onsets.of(all);
      long at = random.nextLong(-5, 65);
      long window = random.nextInt(20);
      long than = random.nextLong(-5, 65);
      List<Long> near =
          all.stream()
              .filter(one -> one.symptom().nature() == Nature.SILENCE)
              .map(one -> one.firstMs)
              .filter(first -> Math.abs(first - at) <= window)
              .toList();
      assertThat(onsets.near(at, window)).isEqualTo(near.size());
      assertThat(onsets.newer(at, window, than)).isEqualTo(near.stream().anyMatch(f -> f > than));
    }
  }
}
