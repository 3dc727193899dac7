package io.millwright.protocol.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WholeCharactersTest {
  @Test
  void saysWhatAnEncoderWouldSay() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int whole = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(6); n > 0; n--) {
        switch (random.nextInt(5)) {
          case 0 -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
          case 1 -> text.append((char) (Character.MIN_SURROGATE + random.nextInt(0x800)));
          case 2 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
          default -> text.append((char) ('a' + random.nextInt(26)));
        }
      }
      String one = text.toString();
      boolean encodes = StandardCharsets.UTF_8.newEncoder().canEncode(one);
      assertThat(WholeCharacters.in(one)).as("seed %d, text %d", seed, i).isEqualTo(encodes);
      whole += encodes ? 1 : 0;
    }
    assertThat(whole).isBetween(1, 19_999);
  }
}
