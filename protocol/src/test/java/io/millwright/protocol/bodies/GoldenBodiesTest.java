package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.frames.Payload;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies in JSON of the frames, as an older or newer version sees them. */
class GoldenBodiesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/bodies.txt");

  @Test
  void readsAndWritesTheTextsOfTheGoldenFile() throws IOException {
    List<String> lines = Files.readAllLines(GOLDEN);
    assertThat(lines).hasSizeGreaterThan(10);
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      byte[] read = again(words[0], words[1].getBytes(StandardCharsets.UTF_8));
      assertThat(new String(read, StandardCharsets.UTF_8)).isEqualTo(words[1]);
    }
  }

  private static byte[] again(String frame, byte[] body) {
    return switch (frame) {
      case "APPLIED" -> AppliedBody.of(body).json();
      case "CAPTURED" -> EvidenceBody.of(body).json();
      case "AUDIT_HEADS" -> AuditHeadsBody.of(body).json();
      case "DESIRED" -> DesiredBody.of(body).json();
      case "EVENT" -> EventBody.json(EventBody.of("xid", body));
      case "HEALTH" -> HealthBody.json(HealthBody.of(body), Payload.LONGEST_BODY);
      case "INVENTORY" -> InventoryBody.of(body).json();
      case "POWER_CAPPED" -> PowerBody.of(body).json();
      case "STATUS" -> StatusBody.of(body).json();
      default -> throw new IllegalArgumentException(frame + " has no body in JSON");
    };
  }

  /** A parser that is given bytes would guess these from the zeros. */
  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
  void refusesAnotherEncodingThanUtf8(String charset) {
    byte[] text = "{\"watts\":600}".getBytes(Charset.forName(charset));
    assertThatThrownBy(() -> PowerRequest.of(text)).isInstanceOf(JsonMistake.class);
  }

  @Test
  void refusesBytesThatAreNoText() {
    byte[] text = {(byte) 0, 0, 0, (byte) 0xff, 'f', 't', 's', 'a'};
    assertThatThrownBy(() -> PowerRequest.of(text))
        .isInstanceOf(JsonMistake.class)
        .hasMessage("the request: not UTF-8; allowed is one JSON object in UTF-8");
  }

  /**
   * Of an unknown field with a long name nothing stays, or a peer could fill the heap with them.
   */
  @Test
  void keepsNoNames() {
    String pad = "n".repeat(40_000);
    long before = live();
    for (int i = 0; i < 500; i++) {
      byte[] text = "{\"%d%s\":1}".formatted(i, pad).getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> StatusBody.of(text)).isInstanceOf(JsonMistake.class);
    }
    assertThat(live() - before).as("bytes of 20 MB of names").isLessThan(4 << 20);
  }

  private static long live() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
