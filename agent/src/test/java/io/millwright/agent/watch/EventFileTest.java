package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millwright.agent.events.Entry;
import io.millwright.agent.events.Pending;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.agent.health.Memory.Standing;
import io.millwright.agent.health.Tally;
import io.millwright.agent.watch.EventFile.Kept;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  private static final Memory MEMORY =
      new Memory(
          "boot",
          41,
          List.of(
              new Tally(
                  "GPU-1",
                  "79",
                  ErrorCode.xid(79),
                  2,
                  10,
                  20,
                  10,
                  Event.Gravity.FATAL,
                  1234.5,
                  "gi1ci0",
                  "words",
                  List.of(new Tally.Hit("train", "train-r1", 15))),
              new Tally(
                  "pci:0000:1a:00",
                  "other",
                  ErrorCode.xid(4242),
                  1,
                  5,
                  5,
                  0,
                  Event.Gravity.UNSAID,
                  Double.NaN,
                  "",
                  "",
                  List.of()),
              new Tally(
                  "pci:0000:86:00",
                  "20034",
                  ErrorCode.sxid(20034),
                  1,
                  5,
                  5,
                  5,
                  Event.Gravity.FATAL,
                  Double.NaN,
                  "",
                  "Link 30",
                  List.of()),
              new Tally(
                  "neuron-19fcda00f5ff6eb9",
                  "hbm_ue",
                  ErrorCode.neuron("HBM_UNCORRECTABLE_ERROR"),
                  1,
                  5,
                  5,
                  5,
                  Event.Gravity.UNSAID,
                  Double.NaN,
                  "",
                  "nc-id=5",
                  List.of())),
          List.of(new KernelTally("oom", 3, 1, 9, "a process was killed", 1)),
          List.of(
              new Standing("fabric-lost", "", List.of("mlx5_0"), 7, "it fell off"),
              new Standing("probe-failing inventory", "", List.of(), 8, "it fails")),
          Map.of("nvidia", 8));

  private static final NodeEvent EVENT =
      new NodeEvent(
          "earlier",
          "error-code",
          Severity.FATAL,
          "GPU-1",
          "0",
          "",
          "79",
          3,
          10,
          20,
          Optional.of("train-r1"),
          "Xid 79: it fell off the bus");
  private static final Kept KEPT =
      new Kept(MEMORY, new Pending(List.of(new Entry(7, 21, EVENT)), List.of(EVENT), 5));

  @TempDir private Path above;
  private Path directory = Path.of("/");

  @BeforeEach
  void choose() {
    directory = above.resolve("health");
  }

  private EventFile file() {
    return new EventFile(directory);
  }

  @Test
  void comesBackAsItWas() {
    assertThat(file().save(KEPT)).isTrue();
    assertThat(file().load("boot")).isEqualTo(KEPT);
  }

  @Test
  void ofAnotherBootItIsGivenAsItWas() {
    file().save(KEPT);
    assertThat(file().load("next").memory().bootId()).isEqualTo("boot");
  }

  @Test
  void nothingThereIsNothingKept() {
    assertThat(file().load("boot")).isEqualTo(Kept.none("boot"));
    assertThat(directory).doesNotExist();
  }

  /** Written by an agent that did not tell instances apart, and knew no errors of switches. */
  @Test
  void anOlderFileIsUnderstood() throws IOException {
    file().save(KEPT);
    Path path = directory.resolve("events.json");
    String older =
        Files.readString(path)
            .replaceAll("\"instance\":\"[a-z0-9]*\",", "")
            .replaceAll("(?s)\"switch_errors\":.*?\"neuron_errors\"", "\"neuron_errors\"")
            .replaceAll(",\"standing\".*", "}");
    assertThat(older).doesNotContain("instance").doesNotContain("switch_errors");
    Files.writeString(path, older);
    assertThat(file().load("boot").pending()).isEqualTo(Pending.NOTHING);
    assertThat(file().load("boot").memory().tallies())
        .extracting(Tally::count, Tally::instance)
        .containsExactly(tuple(2L, ""), tuple(1L, ""), tuple(1L, ""));
  }

  /** Written by an agent that did not keep how far the collector had its events. */
  @Test
  void aFileWithoutWhatIsAcknowledgedIsUnderstood() throws IOException {
    file().save(KEPT);
    Path path = directory.resolve("events.json");
    Files.writeString(path, Files.readString(path).replace(",\"acknowledged\":5", ""));
    assertThat(file().load("boot").pending())
        .isEqualTo(new Pending(List.of(new Entry(7, 21, EVENT)), List.of(EVENT), 0));
  }

  /** A disk that takes no event for long costs the oldest of them, and no count. */
  @Test
  void whatIsTooMuchToBeReadAgainIsNotWritten() {
    NodeEvent snowy =
        new NodeEvent(
            "boot",
            "error-code",
            Severity.FATAL,
            "GPU-1",
            "0",
            "",
            "79",
            3,
            10,
            20,
            Optional.empty(),
            "\u2603".repeat(1_000));
    List<Entry> told =
        LongStream.rangeClosed(1, 2_048).mapToObj(number -> new Entry(number, 1, snowy)).toList();
    Pending most = new Pending(told, Collections.nCopies(1_024, snowy), 0);
    assertThat(file().save(new Kept(MEMORY, most))).isTrue();
    Kept read = file().load("boot");
    assertThat(read.memory()).isEqualTo(MEMORY);
    assertThat(read.pending().newest()).isEqualTo(2_048);
    assertThat(read.pending().outgoing()).hasSizeGreaterThan(500);
  }

  /** Cut at every byte: either it is understood as it was, or it is moved aside. */
  @Test
  void aDamagedFileIsMovedAsideAndCountingBeginsAnew() throws IOException {
    file().save(KEPT);
    byte[] whole = Files.readAllBytes(directory.resolve("events.json"));
    for (int length = 0; length < whole.length; length += 29) {
      Files.write(directory.resolve("events.json"), Arrays.copyOf(whole, length));
      assertThat(file().load("boot")).as("%d bytes", length).isEqualTo(Kept.none("boot"));
      assertThat(directory.resolve("events.json.damaged")).exists();
      assertThat(directory.resolve("events.json")).doesNotExist();
    }
    assertThat(file().save(KEPT)).isTrue();
  }

  @Test
  void aDiskThatTakesNothingIsToldAndSurvived() throws IOException {
    Files.writeString(directory, "a file where the directory should be");
    EventFile file = file();
    assertThat(file.save(KEPT)).isFalse();
    Files.delete(directory);
    assertThat(file.save(KEPT)).isTrue();
  }
}
