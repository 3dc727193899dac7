package io.millwright.protocol.frames;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The one table of frames says what the code does. */
class ProtocolPageTest {
  private static final Path PAGE = Path.of("..", "docs", "protocol.md");

  @Test
  void tableHasEachTypeWithItsCodeSendersAndLimit() throws IOException {
    List<String> rows =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.matches("\\| \\d+ \\| [A-Z_]+ .*"))
            .toList();
    assertThat(rows.stream().map(row -> row.replaceAll("(^(\\| [^|]+){4}\\|).*", "$1")))
        .containsExactlyElementsOf(
            Arrays.stream(FrameType.values()).map(ProtocolPageTest::row).toList());
  }

  private static String row(FrameType type) {
    String senders =
        type.comesFrom(Side.AGENT) && type.comesFrom(Side.COLLECTOR)
            ? "both"
            : type.comesFrom(Side.AGENT) ? "agent" : "collector";
    return "| %d | %s | %s | %d |".formatted(type.code(), type, senders, type.longest());
  }

  @Test
  void tablesOfWordsHaveEachCode() throws IOException {
    String page = Files.readString(PAGE).replaceAll("\\s+", " ");
    Stream.of(GoAwayReason.values())
        .forEach(reason -> assertThat(page).contains("%d %s".formatted(reason.code(), reason)));
    Stream.of(AppliedAnswer.values())
        .forEach(answer -> assertThat(page).contains("%d %s".formatted(answer.code(), answer)));
    Stream.of(CaptureKind.values())
        .forEach(kind -> assertThat(page).contains("%d %s".formatted(kind.code(), kind)));
  }

  @Test
  void numbersAreThoseOfTheCode() throws IOException {
    assertThat(Files.readString(PAGE))
        .contains("| versions of the protocol | " + ProtocolVersion.CURRENT + " |")
        .contains("| body or part in JSON | " + Payload.LONGEST_BODY + " bytes |")
        .contains(
            "| desired state as a whole | "
                + DesiredPart.LARGEST_BODY
                + " bytes, "
                + DesiredPart.MOST_PARTS
                + " parts |")
        .contains("| series of a schema | " + SeriesSchema.MOST_SERIES + " |")
        .contains("| series of a block | " + SeriesSchema.BLOCK + " |")
        .contains("| schema, inflated | " + SeriesSchema.LARGEST + " bytes |")
        .contains("| samples from one KEY to the next | " + SampleEncoder.KEY_EVERY + " |");
  }
}
