package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.frames.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The JSON of evidence, there and back. */
class EvidenceBodyTest {
  private static final BundleManifest MANIFEST =
      new BundleManifest(
          "20270115t080000-1a2b3c4d",
          "n1",
          1_800_000_000_123L,
          "before the reset",
          "inc-7",
          List.of(new BundleManifest.Part("readings.txt", 12, "ab", true)),
          List.of(new BundleManifest.Missing("report", "it did not end in 60 s")));

  @Test
  void readsWhatItWrote() {
    List<EvidenceBody> bodies =
        List.of(
            EvidenceBody.refused("no room"),
            EvidenceBody.of(new EvidenceBody.Bundle(MANIFEST, 400, "cd")),
            EvidenceBody.of(
                List.of(
                    DoctorCheck.ok("links", "18 of 18 are up"),
                    DoctorCheck.fail("disk", "full", "make room"))),
            EvidenceBody.of(
                new TestRecord(
                    "nccl",
                    "/opt/nccl",
                    "ef",
                    TestRecord.Result.CANNOT_TELL,
                    "it did not end in time",
                    OptionalInt.empty(),
                    1.5,
                    7,
                    List.of("a", "b"))));

    bodies.forEach(body -> assertThat(EvidenceBody.of(body.json())).isEqualTo(body));
    assertThat(BundleManifest.of(MANIFEST.json())).isEqualTo(MANIFEST);
  }

  /** A frame holds the largest of them, whatever files and programs say. */
  @Test
  void fitsIntoItsFrameAtItsLongest() {
    String wild = "\\\"\u0001\u00e4".repeat(2000);
    List<BundleManifest.Missing> gaps =
        Collections.nCopies(BundleManifest.MOST_PARTS, new BundleManifest.Missing(wild, wild));
    List<BundleManifest.Part> parts =
        IntStream.range(0, BundleManifest.MOST_PARTS)
            .mapToObj(i -> new BundleManifest.Part("p" + i, i, "f".repeat(64), true))
            .toList();
    EvidenceBody largest =
        EvidenceBody.of(
            new EvidenceBody.Bundle(
                new BundleManifest("a", "n".repeat(253), 1, wild, wild, parts, gaps),
                1,
                "f".repeat(64)));
    EvidenceBody checks =
        EvidenceBody.of(Collections.nCopies(DoctorCheck.MOST, DoctorCheck.fail(wild, wild, wild)));

    assertThat(largest.json()).hasSizeLessThanOrEqualTo(Payload.LONGEST_BODY);
    assertThat(checks.json()).hasSizeLessThanOrEqualTo(Payload.LONGEST_BODY);
    assertThat(EvidenceBody.of(checks.json())).isEqualTo(checks);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    refused("{\"bundel\":1}", "bundel: no such field");
    refused(
        "{\"checks\":[{\"check\":\"a\",\"outcome\":\"fine\",\"found\":\"\",\"fix\":\"\"}]}",
        "'fine'");
    refused("[]", "a JSON object");
    assertThatThrownBy(() -> new BundleManifest("../x", "n", 1, "", "", List.of(), List.of()))
        .hasMessageContaining("id: '../x' is refused");
  }

  private static void refused(String text, String sentence) {
    assertThatThrownBy(() -> EvidenceBody.of(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JsonMistake.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void readsAWishStrictly() {
    assertThat(EvidenceRequest.of(new byte[0])).isEqualTo(new EvidenceRequest("", "", "", false));
    assertThatThrownBy(
            () -> EvidenceRequest.of("{\"test\":\"/bin/sh\"}".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("test: '/bin/sh' is refused");
  }
}
