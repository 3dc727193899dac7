package io.millwright.agent.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.health.News;
import io.millwright.agent.page.StillClock;
import io.millwright.agent.records.Disk;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleTest {
  private static final HealthReport NOTHING = new HealthReport(5, List.of());

  @TempDir private Path directory;
  private final StillClock clock = new StillClock();

  private Chronicle chronicle(Pending kept) {
    clock.advance(Duration.ofSeconds(10));
    Chronicle chronicle = new Chronicle(settings(), clock);
    chronicle.open(kept, true, false);
    return chronicle;
  }

  private Chronicle.Settings settings() {
    return new Chronicle.Settings("n1", "boot", directory.resolve("events"), Limits.USUAL, true);
  }

  private static News xid(long times) {
    return new News.Occurred(
        "GPU-1", "gi1", ErrorCode.xid(79), times, 5, 9, Optional.empty(), "fell off");
  }

  private static Judgement device(String uuid, Verdict verdict, String... rules) {
    return new Judgement(
        new Subject.Device("0", uuid),
        verdict,
        List.of(rules).stream()
            .map(rule ->
                new Evidence(
                    rule,
                    1,
                    verdict,
                    Advice.REBOOT_NODE,
                    Scope.NODE,
                    "it is gone",
                    5,
                    "the device answers",
                    Optional.empty(),
                    false))
            .toList());
  }

  @Test
  void aRunThatBeginsAndEndsIsTwoEvents() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    chronicle.ran(new RunNews("train-r1", JobState.RUNNING, Optional.empty(), 7));
    chronicle.ran(new RunNews("other-r1", JobState.RUNNING, Optional.empty(), 8));
    chronicle.ran(
        new RunNews("train-r1", JobState.STUCK, Optional.of(Outcome.of(Outcome.Kind.OOM)), 8));
    chronicle.observe(List.of(), NOTHING);
    chronicle.ran(new RunNews("train-r1", JobState.ENDED, Optional.of(Outcome.exit(7)), 9));
    chronicle.ran(
        new RunNews(
            "other-r1", JobState.ENDED, Optional.of(Outcome.of(Outcome.Kind.NODE_REBOOTED)), 9));
    chronicle.ran(
        new RunNews(
            "third-r1",
            JobState.ENDED,
            Optional.of(Outcome.refused("anna has no secret of secret-r2")),
            9));
    chronicle.observe(List.of(), NOTHING);
    chronicle.keep(chronicle.pending());
    chronicle.close();
    assertThat(stored())
        .extracting(Entry::event)
        .filteredOn(event -> event.kind().startsWith("job-"))
        .extracting(event ->
            "%s %s %s: %s"
                .formatted(
                    event.kind(), event.job().orElse(""), event.severity().word(), event.message()))
        .containsExactly(
            "job-began train-r1 info: A run has begun.",
            "job-began other-r1 info: A run has begun.",
            "job-stuck train-r1 warning: A run does not end, or somebody holds a device of it: why"
                + " stands with the job.",
            "job-ended train-r1 info: A run has ended: exit(7).",
            "job-ended other-r1 warning: A run has ended: node-rebooted.",
            "job-ended third-r1 info: A run has ended: refused.");
  }

  /** Each process by itself, and the run in the field for it alone. */
  @Test
  void whoHasADeviceOfARunOpenIsAnEventAndItsEndAnother() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    for (long process : List.of(41L, 42L)) {
      chronicle.held(held(process, true));
    }
    chronicle.observe(List.of(), NOTHING);
    chronicle.held(held(41, false));
    chronicle.held(held(42, false));
    chronicle.observe(List.of(), NOTHING);
    chronicle.keep(chronicle.pending());
    chronicle.close();
    assertThat(stored())
        .extracting(Entry::event)
        .filteredOn(event -> event.kind().startsWith("foreign-"))
        .extracting(event ->
            "%s %s %s %s %s %d: %s"
                .formatted(
                    event.kind(),
                    event.severity().word(),
                    event.device(),
                    event.code(),
                    event.job().orElse(""),
                    event.firstMs(),
                    event.message()))
        .containsExactly(
            "foreign-holder-found warning GPU-1 41 train-r1 7: It has nvidia0 open: true.",
            "foreign-holder-found warning GPU-1 42 train-r1 7: It has nvidia0 open: true.",
            "foreign-holder-gone info GPU-1 41 train-r1 7: It has nvidia0 open: false.",
            "foreign-holder-gone info GPU-1 42 train-r1 7: It has nvidia0 open: false.");
  }

  private static HolderNews held(long process, boolean holds) {
    return new HolderNews(
        "train-r1", "GPU-1", process, holds, "It has nvidia0 open: %s.".formatted(holds), 7);
  }

  private List<Entry> stored() {
    EventStore store = EventStore.open(directory.resolve("events"), Disk.real(), Limits.USUAL);
    List<Entry> all = store.after(0, 1_000);
    store.close();
    return all;
  }

  private static List<String> kinds(List<Entry> entries) {
    return entries.stream().map(entry -> entry.event().kind()).toList();
  }

  /** Killed when the counts were saved and the events were not: they come with the next start. */
  @Test
  void aKillBetweenTheTwoFilesLosesNothingAndDoublesNothing() {
    Chronicle killed = chronicle(Pending.NOTHING);
    killed.observe(List.of(xid(1)), NOTHING);
    Pending saved = killed.pending();
    Chronicle next = chronicle(saved);
    next.keep(next.pending());
    assertThat(kinds(stored())).containsExactly("agent-started", "error-code", "agent-started");
    Chronicle third = chronicle(saved); // the file was not written again before the next kill
    third.keep(third.pending());
    assertThat(kinds(stored()))
        .containsExactly("agent-started", "error-code", "agent-started", "agent-started");
    assertThat(stored()).extracting(Entry::sequence).doesNotHaveDuplicates().isSorted();
  }

  /**
   * The store's disk takes nothing, that of the counts does: what is in memory alone stays there.
   */
  @Test
  void whatTheStoreCouldNotWriteStaysWithTheCounts() {
    Disk full =
        new Disk() {
          @Override
          public void write(FileChannel to, ByteBuffer bytes) throws IOException {
            throw new IOException("no space left on device");
          }
        };
    Chronicle failing = new Chronicle(settings(), full, clock);
    failing.open(Pending.NOTHING, true, false);
    failing.observe(List.of(xid(1)), NOTHING);
    failing.keep(failing.pending());
    Pending saved = failing.pending();
    assertThat(kinds(saved.outgoing())).containsExactly("agent-started", "error-code");
    Chronicle next = chronicle(saved);
    next.keep(next.pending());
    assertThat(kinds(stored())).containsExactly("agent-started", "error-code", "agent-started");
    assertThat(next.pending().outgoing()).isEmpty();
  }

  /** Else all that is kept would look as if the collector had none of it. */
  @Test
  void howFarTheCollectorHasThemOutlivesTheAgent() {
    Chronicle first = chronicle(Pending.NOTHING);
    first.keep(first.pending());
    first.acknowledged(first.newest());
    Pending saved = first.ended();
    assertThat(saved.acknowledged()).isEqualTo(first.newest());
    first.keep(saved);
    Chronicle next = chronicle(saved);
    clock.advance(Duration.ofHours(1));
    next.keep(next.pending());
    assertThat(age(next)).isEqualTo(3_610); // of the stop, which the collector has not got
    next.acknowledged(next.newest());
    next.keep(next.pending());
    assertThat(age(next)).isZero();
  }

  @Test
  void eventsAreWordedByTheRulesInForce() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    RuleCatalogue packaged = RuleCatalogue.load();
    Rule milder =
        packaged.row("xid-reboot").orElseThrow().tuned(Map.of("verdict", "degraded")).rule();
    chronicle.follow(packaged.with(Map.of("xid-reboot", milder), Set.of()));
    chronicle.observe(List.of(xid(1)), NOTHING);
    assertThat(chronicle.pending().outgoing().getLast().event().severity())
        .isEqualTo(Severity.WARNING);
  }

  private static double age(Chronicle chronicle) {
    Sample sample = chronicle.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).metric() == Metric.AGENT_EVENTS_OLDEST_UNACKNOWLEDGED_SECONDS) {
        return sample.value(i);
      }
    }
    throw new AssertionError("there is no such series");
  }

  @Test
  void whatWaitedForItsMinuteIsToldByTheNextStart() {
    Chronicle first = chronicle(Pending.NOTHING);
    first.observe(List.of(xid(1), xid(40), xid(2)), NOTHING);
    Chronicle next = chronicle(first.pending());
    next.observe(List.of(), NOTHING);
    next.keep(next.pending());
    assertThat(stored())
        .filteredOn(entry -> entry.event().kind().equals("error-code"))
        .extracting(entry -> entry.event().count())
        .containsExactly(1L, 42L);
  }

  /** Numbers that were told and never came to the disk are not used for other events. */
  @Test
  void numbersRiseOverAStartThatForgotThem() {
    Chronicle first = chronicle(Pending.NOTHING);
    first.observe(List.of(xid(1)), NOTHING);
    long newest = first.pending().newest();
    assertThat(chronicle(Pending.NOTHING).pending().newest()).isGreaterThan(newest);
  }

  @Test
  void verdictsAreToldWhenTheyTurn() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    Verdict[] turns = {Verdict.OK, Verdict.OK, Verdict.FAILED, Verdict.FAILED, Verdict.OK};
    for (Verdict verdict : turns) {
      clock.advance(Duration.ofMinutes(2)); // further apart than a roll-up
      chronicle.observe(
          List.of(),
          new HealthReport(
              5,
              List.of(
                  verdict == Verdict.FAILED
                      ? device("GPU-1", verdict, "device-lost")
                      : device("GPU-1", verdict))));
    }
    assertThat(kinds(chronicle.pending().outgoing()))
        .containsExactly(
            "agent-started",
            "verdict-changed",
            "device-lost",
            "verdict-changed",
            "device-returned");
    assertThat(chronicle.pending().outgoing().get(1).event().message())
        .isEqualTo("Was ok, is failed by device-lost version 1: it is gone; advice: reboot-node.");
  }

  @Test
  void oneDriverThatGoesIsOneEvent() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    List<Judgement> gone =
        List.of(
            device("GPU-1", Verdict.UNKNOWN, "driver-gone"),
            device("GPU-2", Verdict.UNKNOWN, "driver-gone"));
    chronicle.observe(List.of(), new HealthReport(5, gone));
    chronicle.observe(List.of(), new HealthReport(6, gone));
    chronicle.observe(
        List.of(),
        new HealthReport(7, List.of(device("GPU-1", Verdict.OK), device("GPU-2", Verdict.OK))));
    assertThat(kinds(chronicle.pending().outgoing()))
        .containsOnlyOnce("driver-gone", "driver-returned");
  }

  /** What is unknown of an instance because of its device is told of the device. */
  @Test
  void anInstanceWhoseDeviceIsNotObservedIsNoNews() {
    Chronicle chronicle = chronicle(Pending.NOTHING);
    for (Verdict verdict : List.of(Verdict.OK, Verdict.UNKNOWN, Verdict.OK)) {
      chronicle.observe(List.of(), new HealthReport(5, List.of(device("MIG-1", verdict))));
    }
    assertThat(kinds(chronicle.pending().outgoing())).containsExactly("agent-started");
  }
}
