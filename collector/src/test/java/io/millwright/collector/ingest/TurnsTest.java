package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns<Integer> turns = new Turns<>();
  private final List<Integer> turned = new ArrayList<>();

  private List<Integer> second() {
    turned.clear();
    for (int i = 0; i < Turns.SHARES; i++) {
      turns.turn(turned::add);
    }
    return turned;
  }

  @Test
  void eachConnectionHasItsTurnOnceASecond() {
    List<Integer> shares = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      shares.add(turns.add(i));
    }
    assertThat(second()).hasSize(50).doesNotHaveDuplicates();
    turns.remove(7, shares.get(7));
    assertThat(second()).hasSize(49).doesNotContain(7);
  }

  @Test
  void noShareHasMoreThanItsPart() {
    for (int i = 0; i < 50; i++) {
      turns.add(i);
    }
    for (int i = 0; i < Turns.SHARES; i++) {
      turned.clear();
      turns.turn(turned::add);
      assertThat(turned).hasSizeBetween(50 / Turns.SHARES, 1 + 50 / Turns.SHARES);
    }
  }

  /** As a session does whose peer is silent. */
  @Test
  void oneMayGoByItsOwnTurn() {
    int share = turns.add(1);
    turns.add(2);
    for (int i = 0; i < Turns.SHARES; i++) {
      turns.turn(one -> {
        turned.add(one);
        if (one == 1) {
          turns.remove(one, share);
        }
      });
    }
    assertThat(turned).containsExactlyInAnyOrder(1, 2);
    assertThat(second()).containsExactly(2);
  }
}
