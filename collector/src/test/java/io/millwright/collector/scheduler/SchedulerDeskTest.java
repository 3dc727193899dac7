package io.millwright.collector.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.incidents.Cause;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Nature;
import io.millwright.collector.incidents.Suspect;
import io.millwright.collector.incidents.Symptom;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real programs, a real store, the real audit log; the incidents and the time are told. */
@SuppressWarnings("NullAway.Init") // set before each test
class SchedulerDeskTest {
  @TempDir private Path directory;
  private final ToldClock clock = new ToldClock();
  private SqliteStore store;
  private AuditLog audit;
  private Path record;
  private Path script;
  private List<Incident> incidents = List.of();

  /** Goes on while a program is waited for, and otherwise when it is told. */
  private static final class ToldClock implements Clock {
    private final Clock real = Clock.system();
    private long aheadNanos;

    @Override
    public long nanos() {
      return real.nanos() + aheadNanos;
    }

    @Override
    public Instant wall() {
      return real.wall().plusNanos(aheadNanos);
    }

    @Override
    public void parkUntil(long nanos) {
      real.parkUntil(nanos - aheadNanos);
    }
  }

  @BeforeEach
  void start() throws IOException {
    store = SqliteStore.open(directory.resolve("collector.db"));
    audit = AuditLog.open(store, clock);
    record = directory.resolve("argv");
    script = program("printf '%s\\0' \"$@\" >>'" + record + "'; printf '\\n' >>'" + record + "'");
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private Path program(String body) throws IOException {
    Path file = directory.resolve("tell");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  private SchedulerDesk desk(String more) {
    SchedulerOptions options =
        SchedulerOptions.of(
            """
            opened: ["%s", "update", "nodename={node}", "state=drain", "reason={reason}"]
            closed: ["%s", "update", "nodename={node}", "state=resume"]
            %s
            """
                .formatted(script, script, more));
    return new SchedulerDesk(
        options,
        store,
        () -> incidents,
        (changes, draft) -> {
          audit.commit(changes, List.of(draft));
          return CompletableFuture.completedFuture(true);
        },
        clock);
  }

  private static Incident incident(
      String id, String node, Verdict verdict, Incident.Page page, boolean open, String summary) {
    Symptom symptom =
        new Symptom(
            Suspect.node(node),
            verdict == Verdict.FAILED ? "disk-read-only" : "agent-silent",
            verdict == Verdict.FAILED ? Nature.OWN : Nature.SILENCE,
            verdict,
            Advice.DRAIN,
            "seen",
            Set.of(),
            false,
            Optional.empty());
    return new Incident(
        id,
        List.of(),
        new Cause(Cause.Kind.NODE, node, Nature.OWN),
        summary,
        open,
        Incident.Severity.CRITICAL,
        1,
        1,
        1,
        OptionalLong.empty(),
        open ? OptionalLong.empty() : OptionalLong.of(9),
        page,
        Optional.empty(),
        1,
        1,
        List.of(new Incident.Member(symptom, 1, OptionalLong.empty())),
        Optional.empty());
  }

  private static Incident failed(String id, String node) {
    return incident(id, node, Verdict.FAILED, Incident.Page.SENT, true, "node " + node + " is bad");
  }

  /** The arguments of each run, one after the other. */
  private List<List<String>> runs() throws IOException {
    if (!Files.exists(record)) {
      return List.of();
    }
    List<List<String>> runs = new ArrayList<>();
    for (String line : Files.readString(record, StandardCharsets.UTF_8).split("\n")) {
      runs.add(Arrays.asList(line.split("\0")));
    }
    return runs;
  }

  private List<String> written() {
    return audit.entries(0, 99).stream()
        .map(one -> one.draft().what() + " " + one.draft().subject() + " " + one.draft().after())
        .toList();
  }

  @Test
  void aNodeIsTakenOutOnceAndBroughtBackWhenItsIncidentIsOver() throws IOException {
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    desk.look();
    assertThat(runs())
        .containsExactly(
            List.of(
                "update", "nodename=n4", "state=drain", "reason=millwright inc-1: node n4 is bad"));
    SchedulerDesk after = desk("mode: act"); // as after kill -9
    after.look();
    assertThat(runs()).hasSize(1);
    incidents =
        List.of(
            incident("inc-1", "n4", Verdict.FAILED, Incident.Page.SENT, false, "over"),
            failed("inc-2", "n4"));
    after.look();
    assertThat(runs()).as("another incident has the node").hasSize(1);
    incidents = List.of();
    after.look();
    after.look();
    assertThat(runs())
        .hasSize(2)
        .last()
        .isEqualTo(List.of("update", "nodename=n4", "state=resume"));
    assertThat(after.count(SchedulerDesk.Step.CLOSE, SchedulerDesk.Result.DONE)).isEqualTo(1);
    assertThat(store.range(SchedulerDesk.OUT).values()).isEmpty();
    assertThat(audit.entries(0, 99))
        .extracting(one -> one.draft().what())
        .containsExactly("scheduler.open", "scheduler.close");
  }

  @Test
  void silenceAndWhatCallsNobodyTakeNoNodeOut() throws IOException {
    SchedulerDesk desk = desk("mode: act");
    incidents =
        List.of(
            incident("inc-1", "n1", Verdict.UNKNOWN, Incident.Page.SENT, true, "silent"),
            incident("inc-2", "n2", Verdict.FAILED, Incident.Page.WAITING, true, "in a window"),
            incident("inc-3", "n3", Verdict.FAILED, Incident.Page.NONE, true, "new"));
    desk.look();
    assertThat(runs()).isEmpty();
    assertThat(written()).isEmpty();
  }

  @Test
  void withoutAWordOfTheSiteItIsADryRun() throws IOException {
    SchedulerDesk desk = desk("");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    desk.look();
    assertThat(runs()).isEmpty();
    assertThat(desk.count(SchedulerDesk.Step.OPEN, SchedulerDesk.Result.DRY_RUN)).isEqualTo(1);
    assertThat(written())
        .singleElement()
        .asString()
        .startsWith("scheduler.open n4 dry run, would run: [");
    SchedulerDesk acting = desk("mode: act");
    acting.look();
    assertThat(runs()).as("what was only said is done once it is to be").hasSize(1);
  }

  @Test
  void whatADryRunSaidIsNotTakenBackByACommand() throws IOException {
    incidents = List.of(failed("inc-1", "n4"));
    desk("").look();
    incidents = List.of();
    desk("mode: act").look();
    assertThat(runs()).isEmpty();
    assertThat(store.range(SchedulerDesk.OUT).values()).isEmpty();
  }

  @Test
  void noNameAndNoSummaryIsMoreThanOneArgument() throws IOException {
    SchedulerDesk desk = desk("mode: act");
    incidents =
        List.of(
            incident(
                "inc-1",
                "n4",
                Verdict.FAILED,
                Incident.Page.SENT,
                true,
                "a\n`reboot`; $(reboot) \"x\" {node} state=resume é"),
            failed("inc-2", "ALL"),
            failed("inc-3", "n[1-99]"),
            failed("inc-4", "n1,n2"),
            failed("inc-5", "-h"));
    desk.look();
    assertThat(runs())
        .containsExactly(
            List.of(
                "update",
                "nodename=n4",
                "state=drain",
                "reason=millwright inc-1: a?reboot; (reboot) x {node} state=resume ?"));
    assertThat(desk.failing()).isEqualTo(4);
    assertThat(written()).filteredOn(one -> one.contains("name is refused")).hasSize(4);
  }

  @Test
  void aCommandThatFailsIsTriedAgainLaterAndLater() throws IOException {
    Path fails = directory.resolve("fails");
    Files.createFile(fails);
    script =
        program(
            "echo x >>'%s'; test ! -e '%s' || { echo slurmctld is away >&2; exit 3; }"
                .formatted(record, fails));
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    desk.look();
    assertThat(runs()).hasSize(1);
    assertThat(desk.failing()).isEqualTo(1);
    assertThat(written())
        .containsExactly("scheduler.open n4 failed: it ended with 3: slurmctld is away");
    clock.aheadNanos += Duration.ofSeconds(6).toNanos();
    desk.look();
    desk.look();
    assertThat(runs()).hasSize(2);
    clock.aheadNanos += Duration.ofSeconds(6).toNanos();
    desk.look();
    assertThat(runs()).as("the second wait is longer").hasSize(2);
    Files.delete(fails);
    clock.aheadNanos += Duration.ofSeconds(6).toNanos();
    desk.look();
    assertThat(desk.failing()).isZero();
    assertThat(desk.count(SchedulerDesk.Step.OPEN, SchedulerDesk.Result.DONE)).isEqualTo(1);
    assertThat(desk.count(SchedulerDesk.Step.OPEN, SchedulerDesk.Result.FAILED)).isEqualTo(2);
    assertThat(written()).hasSize(2);
  }

  @Test
  void oneThatHangsOrTalksWithoutEndIsEnded() throws IOException {
    script = program("while :; do echo 0123456789012345678901234567890123456789; done");
    SchedulerDesk desk = desk("mode: act\ndeadline: 1s");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    assertThat(written())
        .singleElement()
        .asString()
        .startsWith(
            "scheduler.open n4 failed: it had not ended by its deadline and was killed: 0123456789")
        .hasSizeLessThan(400);
  }

  @Test
  void aProgramThatIsNotThereIsSaid() throws IOException {
    Files.delete(script);
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    assertThat(written())
        .singleElement()
        .asString()
        .endsWith("is no program that the collector's user may run");
  }

  @Test
  void soManyNodesAnHourAndNoMore() throws IOException {
    SchedulerDesk desk = desk("mode: act\nper_hour: 2");
    incidents = List.of(failed("inc-1", "n1"), failed("inc-2", "n2"), failed("inc-3", "n3"));
    desk.look();
    desk.look();
    assertThat(runs()).hasSize(2);
    assertThat(desk.count(SchedulerDesk.Step.OPEN, SchedulerDesk.Result.LIMITED)).isEqualTo(1);
    clock.aheadNanos += Duration.ofMinutes(61).toNanos();
    desk.look();
    assertThat(runs()).hasSize(3);
  }

  @Test
  void commandsThatFailReachNoMoreNodesThanThoseThatWork() throws IOException {
    script = program("echo x >>'%s'; echo \"$2\" >>'%s.nodes'; exit 1".formatted(record, record));
    SchedulerDesk desk = desk("mode: act\nper_hour: 2");
    incidents =
        List.of(
            failed("inc-1", "n1"),
            failed("inc-2", "n2"),
            failed("inc-3", "n3"),
            failed("inc-4", "n[1-99]"));
    desk.look();
    clock.aheadNanos += Duration.ofMinutes(6).toNanos();
    desk.look();
    assertThat(runs()).as("both were tried again").hasSize(4);
    SchedulerDesk after = desk("mode: act\nper_hour: 2"); // as after kill -9
    after.look();
    assertThat(Files.readAllLines(directory.resolve("argv.nodes")))
        .containsOnly("nodename=n1", "nodename=n2")
        .hasSize(6);
    assertThat(after.count(SchedulerDesk.Step.OPEN, SchedulerDesk.Result.LIMITED)).isEqualTo(1);
    clock.aheadNanos += Duration.ofMinutes(61).toNanos();
    incidents = List.of(failed("inc-3", "n3"));
    after.look();
    assertThat(Files.readAllLines(directory.resolve("argv.nodes"))).last().isEqualTo("nodename=n3");
    assertThat(store.range(Allowance.BEGUN).values())
        .as("what is over is not kept")
        .singleElement()
        .satisfies(one -> assertThat(one.key()).endsWith("/n3"));
  }

  @Test
  void aNodeThatCannotBeCountedIsNotTaken() throws IOException {
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-1", "n4"));
    store.close();
    desk.look();
    assertThat(runs()).isEmpty();
    assertThat(desk.failing()).isEqualTo(1);
  }

  @Test
  void aRestartGrantsNoFurtherNodes() throws IOException {
    incidents = List.of(failed("inc-1", "n1"), failed("inc-2", "n2"));
    desk("per_hour: 2").look(); // what a dry run said counts for none that acts
    desk("mode: act\nper_hour: 2").look();
    assertThat(runs()).hasSize(2);
    incidents = List.of(failed("inc-1", "n1"), failed("inc-2", "n2"), failed("inc-3", "n3"));
    desk("mode: act\nper_hour: 2").look(); // as after kill -9
    assertThat(runs()).hasSize(2);
    clock.aheadNanos += Duration.ofMinutes(61).toNanos();
    desk("mode: act\nper_hour: 2").look();
    assertThat(runs()).hasSize(3);
  }

  @Test
  void aNodeThatALargeIncidentOnlyCountsStaysOut() throws IOException {
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-1", "n4"));
    desk.look();
    Incident small = failed("inc-1", "n5");
    Incident large =
        new Incident(
            "inc-7",
            List.of("inc-1"),
            small.cause(),
            small.summary(),
            true,
            small.severity(),
            2,
            1,
            1,
            OptionalLong.empty(),
            OptionalLong.empty(),
            Incident.Page.SENT,
            Optional.empty(),
            1,
            Incident.MOST_MEMBERS + 1,
            Collections.nCopies(Incident.MOST_MEMBERS, small.members().getFirst()),
            Optional.empty());
    incidents = List.of(large);
    desk.look();
    assertThat(runs()).as("n5 out, and n4 not back").hasSize(2);
    assertThat(store.range(SchedulerDesk.OUT).values()).hasSize(2);
    incidents = List.of();
    desk.look();
    assertThat(runs()).hasSize(4);
  }

  @Test
  void aRecordThatCannotBeReadKeepsNothingElseFromBeingTold() throws IOException {
    for (String key : List.of(SchedulerDesk.OUT + "n1", Allowance.BEGUN + "n1")) {
      assertThat(store.txn(new Txn(List.of(), List.of(new Op.Put(key, "{\"node\":7")))))
          .isInstanceOf(TxnResult.Committed.class);
    }
    SchedulerDesk desk = desk("mode: act");
    incidents = List.of(failed("inc-2", "n2"));
    desk.look();
    assertThat(runs()).hasSize(1);
    assertThat(store.range(SchedulerDesk.OUT).values()).as("it is left").hasSize(2);
  }
}
