package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NodeMapTest {
  private static final long SEED = Long.getLong("seed", new Random().nextLong());

  private static NodeState node(String name, long arrived) {
    return new NodeState(
        name,
        "1",
        1,
        arrived,
        0,
        0,
        new Readings(SeriesTable.builder().build()).sample(),
        Optional.empty(),
        List.of(),
        Findings.NONE);
  }

  /** As a sorted map would be; what was made before stays as it was. */
  @Test
  void isASortedMapOfEachMoment() {
    System.out.println("NodeMapTest -Dseed=" + SEED);
    Random random = new Random(SEED);
    NodeMap map = NodeMap.EMPTY;
    Map<String, NodeState> model = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      Map<String, NodeState> changed = new HashMap<>();
      int known = random.nextInt(4) == 0 ? 60 : Math.max(1, model.size());
      for (int k = random.nextInt(5); k > 0; k--) {
        String name =
            model.isEmpty() || known == 60
                ? "n" + random.nextInt(60)
                : List.copyOf(model.keySet()).get(random.nextInt(known));
        changed.put(name, node(name, i));
      }
      NodeMap before = map;
      Map<String, NodeState> beforeModel = new TreeMap<>(model);
      map = map.with(changed);
      model.putAll(changed);
      assertThat(List.copyOf(map.entrySet()))
          .as("-Dseed=%d", SEED)
          .isEqualTo(List.copyOf(model.entrySet()));
      assertThat(before).as("-Dseed=%d", SEED).isEqualTo(beforeModel);
      assertThat(map.get("n" + i)).isEqualTo(model.get("n" + i));
      assertThat(map.containsKey("n7")).isEqualTo(model.containsKey("n7"));
      assertThat(map).hasSize(model.size());
    }
    assertThat(NodeMap.of(map)).isSameAs(map);
  }
}
