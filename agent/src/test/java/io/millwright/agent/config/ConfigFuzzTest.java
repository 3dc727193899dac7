package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Whatever the bytes are: a configuration or reasons, never an exception. */
class ConfigFuzzTest {
  private static final int RUNS = Integer.getInteger("fuzz.runs", 4000);
  private static final byte[] GOOD = ConfigReaderTest.FULL.getBytes(StandardCharsets.UTF_8);
  private static final String ALPHABET = "\n\n  :::---[]{},&*!|>'\"%@`#?\\abcnod0 1\t~";
  private static final List<String> SCRAPS =
      List.of(
          "&a",
          "*a",
          "!!int ",
          "!<",
          "%YAML 1.2\n",
          "%YAML 9999999999.1\n",
          "%TAG ! a%zz\n",
          "---\n",
          "...\n",
          "- ",
          "? ",
          ": ",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "'",
          "|\n",
          ">-\n",
          "|9",
          "\t",
          "#",
          "\\",
          "\"\\x",
          "\"\\U00110000\"",
          "\"\\UFFFFFFFF\"",
          "\u0000",
          "\ufeff",
          "\u2028",
          "\u0085",
          "\r",
          "999999999999",
          "-1",
          "null",
          "~",
          "<<: *a\n",
          "@",
          "`",
          "!%41%FF x",
          "! ",
          ",");

  @Test
  void survivesRandomBytes() {
    survives(random -> {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      return bytes;
    });
  }

  @Test
  void survivesRandomAscii() {
    survives(random ->
        random
            .ints(random.nextInt(120), 0, ALPHABET.length())
            .mapToObj(i -> ALPHABET.substring(i, i + 1))
            .reduce("", String::concat)
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void survivesRandomScraps() {
    survives(random -> {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(SCRAPS.get(random.nextInt(SCRAPS.size())));
      }
      return text.toString().getBytes(StandardCharsets.UTF_8);
    });
  }

  @Test
  void survivesMutationsOfAGoodFile() {
    survives(ConfigFuzzTest::mutated);
  }

  @Test
  void survivesAMebibyteOfOneThing() {
    for (String scrap :
        List.of(
            "[",
            "{",
            "- ",
            "? ",
            "a: ",
            "!a ",
            "&a ",
            "*a\n",
            "- - ",
            "\"\\n",
            "'",
            "|\n",
            ": ",
            "a\n",
            "[a: ",
            "[]\n",
            "#\n",
            "x: 1\n",
            "---\n",
            "- [\n",
            "\ud83d\ude00",
            ",",
            "{a: ")) {
      byte[] bytes =
          scrap
              .repeat((1 << 20) / scrap.getBytes(StandardCharsets.UTF_8).length)
              .getBytes(StandardCharsets.UTF_8);
      check("a mebibyte of " + scrap, bytes);
    }
  }

  @Test
  void survivesAnyEnvironmentAndOptions() {
    long seed = Long.getLong("fuzz.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      Key<?> key = AgentKeys.ALL.get(random.nextInt(AgentKeys.ALL.size()));
      String text = new String(mutated(random), StandardCharsets.UTF_8);
      int begin = random.nextInt(text.length());
      String value = text.substring(begin, Math.min(text.length(), begin + random.nextInt(30)));
      Map<String, String> environment = Map.of(key.variable(), value, "MILLWRIGHT_" + value, "x");
      Map<String, String> options = Map.of(key.path(), value, value + ".", value);
      assertThatCode(() -> consistent(Reads.layers("", environment, options)))
          .as(() -> "-Dfuzz.seed=" + seed + " " + key.path() + " " + Quote.of(value))
          .doesNotThrowAnyException();
    }
  }

  private static void survives(Function<Random, byte[]> bytes) {
    long seed = Long.getLong("fuzz.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      check("-Dfuzz.seed=" + seed + " run " + run, bytes.apply(random));
    }
  }

  private static void check(String name, byte[] bytes) {
    assertThatCode(() -> consistent(Reads.bytes(bytes)))
        .as(() -> name + " of " + Quote.of(new String(bytes, StandardCharsets.UTF_8)))
        .doesNotThrowAnyException();
  }

  /** What is loaded reads back as the same; what is rejected can be shown on a terminal. */
  private static void consistent(ConfigResult result) {
    switch (result) {
      case ConfigResult.Loaded loaded ->
          assertThat(Reads.file(AgentConfigText.of(loaded.config()))).isEqualTo(loaded);
      case ConfigResult.Rejected(List<Problem> problems) ->
          assertThat(problems)
              .hasSizeBetween(1, 101)
              .allMatch(p -> Quote.isVisible(p.sentence()) && p.sentence().length() < 1000);
    }
  }

  private static byte[] mutated(Random random) {
    StringBuilder text = new StringBuilder(new String(GOOD, StandardCharsets.UTF_8));
    for (int i = random.nextInt(4); i >= 0; i--) {
      mutate(random, text);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void mutate(Random random, StringBuilder text) {
    int at = random.nextInt(text.length() + 1);
    int end = Math.min(text.length(), at + random.nextInt(20));
    switch (random.nextInt(4)) {
      case 0 -> text.delete(at, end);
      case 1 -> text.insert(at, SCRAPS.get(random.nextInt(SCRAPS.size())));
      case 2 -> text.insert(at, text.substring(at, end));
      default -> text.insert(at, (char) random.nextInt(0x3000));
    }
  }
}
