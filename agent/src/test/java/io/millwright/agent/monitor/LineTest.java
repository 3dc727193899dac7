package io.millwright.agent.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineTest {

  private static Line line(String text, int longest, long patience) {
    return new Line(new ByteArrayInputStream(text.getBytes(UTF_8)), longest, patience);
  }

  @Test
  void endsWhereTheLineDoes() throws IOException {
    Line line = line("one\n\ntwo\r\nthree", 100, 100);
    List<String> seen = new ArrayList<>();
    while (line.begin()) {
      seen.add(new String(line.readAllBytes(), UTF_8));
      line.finish();
    }
    assertThat(seen).containsExactly("one", "two\r", "three");
  }

  @Test
  void whatIsLeftOfALineIsPassedOver() throws IOException {
    Line line = line("abcdef\ngh\n", 100, 100);
    assertThat(line.begin()).isTrue();
    assertThat(line.read()).isEqualTo('a');
    line.finish();
    assertThat(line.begin()).isTrue();
    assertThat(line.read()).isEqualTo('g');
  }

  @Test
  void aLineThatIsTooLongIsRefusedAndPassedOver() throws IOException {
    Line line = line("x".repeat(30_000) + "\nnext\n", 10_000, 100_000);
    assertThat(line.begin()).isTrue();
    assertThatExceptionOfType(Line.TooLong.class).isThrownBy(line::readAllBytes);
    line.finish();
    assertThat(line.begin()).isTrue();
    assertThat(line.readAllBytes()).asString().isEqualTo("next");
  }

  @Test
  void aLineThatNeverEndsIsGivenUp() throws IOException {
    Line line = line("x".repeat(300_000), 10, 100_000);
    assertThat(line.begin()).isTrue();
    assertThatExceptionOfType(Line.TooLong.class).isThrownBy(line::finish);
  }

  /** However the bytes come, in whatever pieces they are read. */
  @Test
  void linesAreWhatStandsBetweenLineFeeds() throws IOException {
    long seed = System.nanoTime();
    System.out.println("LineTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(1, 20); i > 0; i--) {
        text.append("y".repeat(random.nextInt(1, 9_000))).append('\n');
      }
      List<String> seen = new ArrayList<>();
      Line line = new Line(inPieces(text.toString(), random), 10_000, 10_000);
      while (line.begin()) {
        seen.add(new String(line.readAllBytes(), UTF_8));
        line.finish();
      }
      assertThat(seen).as("seed %d", seed).isEqualTo(text.toString().lines().toList());
    }
  }

  private static InputStream inPieces(String text, Random random) {
    InputStream whole = new ByteArrayInputStream(text.getBytes(UTF_8));
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return whole.read();
      }

      @Override
      public int read(byte[] bytes, int offset, int most) throws IOException {
        return whole.read(bytes, offset, random.nextInt(1, most + 1));
      }
    };
  }
}
