package io.millwright.agent.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.BundleManifest;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.CaptureKind;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles on a real disk, of sources that answer, fail and hang, and of tools that misbehave. */
class EvidenceRoomTest {
  @TempDir Path state;
  private final List<EvidenceRoom> rooms = new ArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private final AtomicReference<Optional<String>> busy = new AtomicReference<>(Optional.empty());
  private final AtomicInteger has = new AtomicInteger();

  /** Counts what a test has, as the room of jobs would. */
  private final TestGate gate =
      new TestGate() {
        @Override
        public Optional<String> begin(Optional<RunId> of, Duration longest) {
          Optional<String> why = Objects.requireNonNull(busy.get());
          if (why.isEmpty()) {
            has.incrementAndGet();
          }
          return why;
        }

        @Override
        public void end() {
          has.decrementAndGet();
        }
      };

  /** Makes a tree whose names are longer than a path may be: nobody deletes it by its path. */
  private static final String DEEP =
      "d=$(printf 'd%.0s' $(seq 200)); p=a; q=b;"
          + " for i in 1 2 3 4 5 6 7 8 9 10 11 12; do p=$p/$d; q=$q/$d; done;"
          + " mkdir -p $p $q; mv b $p/b";

  @AfterEach
  void close() throws IOException, InterruptedException {
    never.countDown();
    rooms.forEach(EvidenceRoom::close);
    new ProcessBuilder("rm", "-rf", directory().toString()).start().waitFor();
  }

  private EvidenceRoom room(List<String> report, Source... sources) {
    EvidenceRoom room =
        new EvidenceRoom(
            "n1",
            directory(),
            List.of(sources),
            new ReportTool(report, Duration.ofSeconds(1)),
            new Tool(Clock.system()),
            () -> List.of(DoctorCheck.ok("devices", "8 of 8")),
            new SiteTests(
                List.of(
                    test("good", "echo fine; exit 0"),
                    test("bad", "echo 'bus bandwidth too low'; exit 1"),
                    test("unsure", "exit 75"),
                    test("deep", DEEP),
                    test(
                        "long", "while [ ! -e " + state.resolve("end") + " ]; do sleep 0.05; done"),
                    new SiteTest("slow", Duration.ofMillis(200), List.of("/bin/sleep", "600"))),
                gate,
                new Tool(Clock.system()),
                Clock.system()),
            new CheckMarks(directory(), "boot"),
            Clock.system());
    rooms.add(room);
    room.start();
    return room;
  }

  private static SiteTest test(String name, String script) {
    return new SiteTest(name, Duration.ofSeconds(20), List.of("/bin/sh", "-c", script));
  }

  private Path directory() {
    return state.resolve("evidence");
  }

  private static Source says(String name, String text) {
    return Source.held(name, () -> true, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Source hangs(String name) {
    return new Source(name, Duration.ofMillis(100), () -> false, out -> wait(out));
  }

  private void wait(OutputStream out) {
    try {
      out.write('x');
      never.await();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static EvidenceBody asked(EvidenceRoom room, CaptureKind what, String test) {
    CompletableFuture<Frame.Captured> answer = new CompletableFuture<>();
    room.capture(new Frame.Capture(7, what, test, "a reason", "inc-1", 60_000), answer::complete);
    Frame.Captured captured = answer.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(captured.number()).isEqualTo(7);
    return EvidenceBody.of(captured.body().toByteArray());
  }

  private static EvidenceBody.Bundle bundle(EvidenceRoom room) {
    EvidenceBody body = asked(room, CaptureKind.BUNDLE, "");
    assertThat(body.refusal()).isEmpty();
    return body.bundle().orElseThrow();
  }

  private Map<String, byte[]> entries(EvidenceBody.Bundle bundle) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    try (InputStream in = Files.newInputStream(file(bundle.manifest().id()));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entries.isEmpty()) {
          assertThat(entry.getName()).isEqualTo("manifest.json");
        }
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] entry(Map<String, byte[]> entries, String name) {
    return Objects.requireNonNull(entries.get(name), name);
  }

  private Path file(String id) {
    return directory().resolve(id + ".zip");
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void keepsABundleWhoseManifestComesFirstAndNamesEachPart() throws Exception {
    EvidenceBody.Bundle bundle = bundle(room(List.of(), says("health.json", "{}")));

    assertThat(Files.getPosixFilePermissions(file(bundle.manifest().id())))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    byte[] whole = Files.readAllBytes(file(bundle.manifest().id()));
    assertThat(bundle.sha256()).isEqualTo(sha256(whole));
    assertThat(bundle.bytes()).isEqualTo(whole.length);
    Map<String, byte[]> entries = entries(bundle);
    assertThat(BundleManifest.of(entry(entries, "manifest.json"))).isEqualTo(bundle.manifest());
    assertThat(bundle.manifest().parts())
        .containsExactly(
            new BundleManifest.Part(
                "health.json", 2, sha256("{}".getBytes(StandardCharsets.UTF_8)), true));
    assertThat(bundle.manifest().reason()).isEqualTo("a reason");
    assertThat(bundle.manifest().incident()).isEqualTo("inc-1");
  }

  @Test
  void isReadyWithoutWhatHangsAndDoesNotAskItTwice() throws IOException {
    EvidenceRoom room =
        room(
            List.of(),
            hangs("kernel-log.txt"),
            Source.held(
                "broken.txt",
                () -> false,
                out -> {
                  throw new IOException("no such file");
                }),
            says("health.json", "{}"));

    EvidenceBody.Bundle first = bundle(room);
    EvidenceBody.Bundle second = bundle(room);

    assertThat(entries(first)).containsOnlyKeys("manifest.json", "health.json");
    assertThat(first.manifest().missing())
        .extracting(BundleManifest.Missing::name, BundleManifest.Missing::why)
        .contains(
            tuple("kernel-log.txt", "it was not there within 0 s"),
            tuple("broken.txt", "IOException: no such file"));
    assertThat(second.manifest().missing())
        .extracting(BundleManifest.Missing::why)
        .contains("an earlier look at it has not ended yet");
  }

  @Test
  void takesTheFilesOfTheReportToolAndNoLinks() throws IOException {
    EvidenceBody.Bundle bundle =
        bundle(
            room(
                List.of(
                    "/bin/sh",
                    "-c",
                    "echo made; echo log > nvidia-bug-report.log; ln -s /etc/passwd link; exit 1")));

    Map<String, byte[]> entries = entries(bundle);
    assertThat(entries)
        .containsOnlyKeys("manifest.json", "report/nvidia-bug-report.log", "report/output.txt");
    assertThat(new String(entry(entries, "report/output.txt"), StandardCharsets.UTF_8))
        .isEqualTo("made\n");
    assertThat(bundle.manifest().missing())
        .extracting(BundleManifest.Missing::name, BundleManifest.Missing::why)
        .containsExactlyInAnyOrder(
            tuple("report/link", "not taken: allowed are 16 plain files of at most 32 MiB"),
            tuple("report", "the tool ended with exit code 1; what it left is there"));
  }

  @Test
  void isReadyWithoutAReportToolThatHangs() throws IOException {
    EvidenceBody.Bundle bundle =
        bundle(
            room(
                List.of("/bin/sh", "-c", "echo half > half.txt; sleep 600"),
                says("health.json", "{}")));

    assertThat(entries(bundle)).containsKeys("health.json", "report/half.txt");
    assertThat(bundle.manifest().missing())
        .extracting(BundleManifest.Missing::why)
        .containsExactly("the tool did not end within 1 s; what it left is there");
  }

  /** A test may last an hour; the bundle is wanted before the node is rebooted. */
  @Test
  void aBundleWaitsForNoTestAndATestIsKnownToRun() throws IOException {
    EvidenceRoom room = room(List.of("/bin/sh", "-c", "echo made"), says("a", "b"));
    AtomicInteger whenAsked = new AtomicInteger(-1);
    busy.set(Optional.of("a job has a device"));
    asked(room, CaptureKind.TEST, "long");
    assertThat(has).hasValue(0);
    busy.set(Optional.empty());
    CompletableFuture<Frame.Captured> test = new CompletableFuture<>();
    room.capture(
        new Frame.Capture(9, CaptureKind.TEST, "long", "", "", 60_000),
        captured -> {
          whenAsked.set(has.get());
          test.complete(captured);
        });

    assertThat(bundle(room).manifest().missing()).isEmpty();
    assertThat(test).isNotDone();
    await(() -> has.get() == 1);
    Files.createFile(state.resolve("end"));
    assertThat(
            EvidenceBody.of(test.orTimeout(60, TimeUnit.SECONDS).join().body().toByteArray())
                .test()
                .orElseThrow()
                .result())
        .isEqualTo(TestRecord.Result.PASS);
    assertThat(whenAsked).hasValue(0);
  }

  private static void await(BooleanSupplier condition) {
    long until = Clock.system().nanos() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean() && Clock.system().nanos() - until < 0) {
      Clock.system().parkUntil(Clock.system().nanos() + 1_000_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void aTestThatDisturbsNobodyAsksNobody() {
    busy.set(Optional.of("a job has a device"));
    SiteTests tests =
        new SiteTests(
            List.of(
                new SiteTest(
                    "light",
                    Duration.ofSeconds(20),
                    List.of("/bin/true"),
                    true,
                    SiteTest.Counts.OBSERVE)),
            gate,
            new Tool(Clock.system()),
            Clock.system());
    assertThat(tests.run("light", state, Duration.ofSeconds(20), Optional.empty()))
        .isInstanceOf(SiteTests.Answer.Ran.class);
  }

  @Test
  void aJobsTestIsRunAfterThoseThatWaitAndNotAfterItsTime() throws IOException {
    EvidenceRoom room = room(List.of());
    CompletableFuture<Frame.Captured> before = new CompletableFuture<>();
    room.capture(new Frame.Capture(9, CaptureKind.TEST, "long", "", "", 60_000), before::complete);
    await(() -> has.get() == 1);
    RunId run = new RunId("train", 1);
    CompletableFuture<SiteTests.Answer> late = room.test(run, "good", Duration.ofMillis(1));
    CompletableFuture<SiteTests.Answer> good = room.test(run, "good", Duration.ofMinutes(1));
    Files.createFile(state.resolve("end"));

    assertThat(late.orTimeout(60, TimeUnit.SECONDS).join())
        .isEqualTo(new SiteTests.Answer.Refused("its time passed while others were run"));
    assertThat(good.orTimeout(60, TimeUnit.SECONDS).join())
        .isInstanceOf(SiteTests.Answer.Ran.class);
  }

  /**
   * The run around which it is was cancelled: its devices are not kept from others until its end.
   */
  @Test
  void aJobsTestThatNobodyWaitsForIsEndedAndLeavesNoRecord() {
    EvidenceRoom room = room(List.of());
    CompletableFuture<SiteTests.Answer> answer =
        room.test(new RunId("train", 1), "long", Duration.ofMinutes(10));
    await(() -> runs(state.resolve("end").toString()));
    answer.cancel(false);
    await(() -> has.get() == 0);
    assertThat(runs(state.resolve("end").toString())).isFalse();
    assertThat(room.records()).isEmpty();
    assertThat(asked(room, CaptureKind.TEST, "good").test().orElseThrow().result())
        .isEqualTo(TestRecord.Result.PASS);
  }

  private static boolean runs(String argument) {
    return ProcessHandle.allProcesses()
        .anyMatch(process ->
            process.info().commandLine().filter(line -> line.contains(argument)).isPresent());
  }

  @Test
  void aRunThatSaysNothingLeavesWhatAnEarlierOneSaid() throws IOException {
    TestShelf shelf = new TestShelf(Files.createDirectory(directory()));
    shelf.keep(record(TestRecord.Result.FAIL));
    shelf.keep(record(TestRecord.Result.CANNOT_TELL));
    TestShelf after = new TestShelf(directory());
    after.open();
    assertThat(after.records())
        .extracting(TestRecord::result)
        .containsExactly(TestRecord.Result.CANNOT_TELL);
    assertThat(after.told()).extracting(TestRecord::result).containsExactly(TestRecord.Result.FAIL);
    after.keep(record(TestRecord.Result.PASS));
    assertThat(after.told()).extracting(TestRecord::result).containsExactly(TestRecord.Result.PASS);
  }

  private static TestRecord record(TestRecord.Result result) {
    return new TestRecord(
        "diag", "/bin/diag", "", result, "why", OptionalInt.empty(), 1, 5, List.of());
  }

  @Test
  void marksOutliveTheAgentAndEndWithAPassOrABoot() throws IOException {
    Files.createDirectory(directory());
    CheckMarks marks = new CheckMarks(directory(), "boot");
    marks.found("links", Set.of("GPU-1", "GPU-2"), Set.of("GPU-2"), false);
    assertThat(marks.marks()).isEmpty(); // before a job it refuses, and marks nothing
    marks.found("links", Set.of("GPU-1", "GPU-2"), Set.of("GPU-2"), true);

    CheckMarks after = new CheckMarks(directory(), "boot");
    after.open();
    assertThat(after.marks()).isEqualTo(Map.of(new CheckMarks.Place("GPU-2", "links"), true));
    CheckMarks booted = new CheckMarks(directory(), "another boot");
    booted.open();
    assertThat(booted.marks()).isEmpty();
    after.found("links", Set.of("GPU-2"), Set.of(), false);
    assertThat(after.marks()).isEqualTo(Map.of(new CheckMarks.Place("GPU-2", "links"), false));
  }

  @Test
  void whatCannotBeDeletedCostsNeitherTheBundleNorTheNextTestNorTheStart() throws IOException {
    EvidenceRoom room =
        room(List.of("/bin/sh", "-c", DEEP + "; echo log > log.txt"), says("a", "b"));
    assertThat(entries(bundle(room))).containsKeys("a", "report/log.txt");
    for (int i = 0; i < 2; i++) {
      assertThat(asked(room, CaptureKind.TEST, "deep").test().orElseThrow().result())
          .isEqualTo(TestRecord.Result.PASS);
    }
    try (Stream<Path> left = Files.list(directory())) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith(".work-")))
          .hasSize(3);
    }
    assertThat(bundle(room(List.of(), says("a", "b"))).bytes()).isPositive();
  }

  /** Something of the report tool may be left, and tidy up. */
  @Test
  void aFileThatGoesCostsItsPartAndNotTheBundle() throws IOException {
    Source tidies =
        Source.held("a", this::tidied, out -> out.write("b".getBytes(StandardCharsets.UTF_8)));
    EvidenceBody.Bundle bundle =
        bundle(
            room(
                List.of("/bin/sh", "-c", "echo log > log.txt"), says("health.json", "{}"), tidies));

    assertThat(entries(bundle))
        .containsOnlyKeys("manifest.json", "health.json", "report/output.txt", "report/log.txt");
    assertThat(bundle.manifest().missing())
        .extracting(BundleManifest.Missing::name)
        .containsExactly("a");
  }

  /** Deletes what the tool made and the part itself, when everything was listed. */
  private boolean tidied() {
    try (Stream<Path> work = Files.list(directory())) {
      for (Path scratch : work.filter(Files::isDirectory).toList()) {
        Files.deleteIfExists(scratch.resolve("report/log.txt"));
        Files.delete(scratch.resolve("a"));
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void keepsTheNewestOverARestartAndCleansUpAfterAKill() throws IOException {
    EvidenceRoom room = room(List.of(), says("a", "b"));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.add(bundle(room).manifest().id());
    }
    Path halfDone = Files.createDirectory(directory().resolve(".work-x"));
    Files.writeString(halfDone.resolve("part"), "half");
    EvidenceRoom after = room(List.of(), says("a", "b"));

    assertThat(halfDone).doesNotExist();
    assertThat(read(after, ids.getFirst(), 0).refusal()).isEmpty();
  }

  @Test
  void keepsSoManyAndSoManyBytesAndTheNewestAlways() throws IOException {
    Shelf shelf = new Shelf(directory(), 3, 100);
    shelf.open();
    for (int i = 1; i <= 5; i++) {
      keep(shelf, "2027-" + i, 10);
    }
    assertThat(shelf.ids()).containsExactly("2027-3", "2027-4", "2027-5");

    keep(shelf, "2027-6", 85);
    assertThat(shelf.ids()).containsExactly("2027-5", "2027-6");

    keep(shelf, "2027-7", 500);
    assertThat(shelf.ids()).containsExactly("2027-7");
  }

  private static void keep(Shelf shelf, String id, int bytes) throws IOException {
    Files.write(shelf.unfinished(id), new byte[bytes]);
    shelf.keep(id);
  }

  private static Frame.Bundle read(EvidenceRoom room, String id, long offset) {
    CompletableFuture<Frame.Bundle> answer = new CompletableFuture<>();
    room.read(new Frame.ReadBundle(3, id, offset, 64), answer::complete);
    return answer.orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Test
  void tellsABundleInPieces() throws IOException {
    EvidenceRoom room = room(List.of(), says("a", "b".repeat(200)));
    EvidenceBody.Bundle bundle = bundle(room);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Frame.Bundle piece;
    do {
      piece = read(room, bundle.manifest().id(), all.size());
      assertThat(piece.offset()).isEqualTo(all.size());
      all.writeBytes(piece.bytes().toByteArray());
    } while (!piece.ended());

    assertThat(all.toByteArray()).isEqualTo(Files.readAllBytes(file(bundle.manifest().id())));
    assertThat(read(room, "../../etc/passwd", 0).refusal())
        .isEqualTo("no bundle of this id is kept on the node");
    assertThat(read(room, bundle.manifest().id(), Long.MAX_VALUE).bytes().length()).isZero();
  }

  @Test
  void saysWhyNothingIsKept() {
    Tool tool = new Tool(Clock.system());
    EvidenceRoom room =
        new EvidenceRoom(
            "n1",
            Path.of("/nonexistent/evidence"),
            List.of(),
            new ReportTool(List.of(), Duration.ofSeconds(1)),
            tool,
            List::of,
            new SiteTests(List.of(), gate, tool, Clock.system()),
            new CheckMarks(Path.of("/nonexistent/evidence"), "boot"),
            Clock.system());
    rooms.add(room);
    room.start();

    assertThat(asked(room, CaptureKind.BUNDLE, "").refusal().orElseThrow())
        .contains("evidence.directory: /nonexistent/evidence cannot be used");
    assertThat(asked(room, CaptureKind.UNKNOWN, "").refusal()).isPresent();
  }

  @Test
  void tellsItsChecks() {
    assertThat(asked(room(List.of()), CaptureKind.CHECKS, "").checks())
        .containsExactly(DoctorCheck.ok("devices", "8 of 8"));
  }

  @Test
  void makesOfTheSitesTestsARecordThatOutlivesTheAgent() {
    EvidenceRoom room = room(List.of());
    TestRecord good = asked(room, CaptureKind.TEST, "good").test().orElseThrow();
    TestRecord bad = asked(room, CaptureKind.TEST, "bad").test().orElseThrow();

    assertThat(good.result()).isEqualTo(TestRecord.Result.PASS);
    assertThat(good.sha256()).hasSize(64);
    assertThat(bad.result()).isEqualTo(TestRecord.Result.FAIL);
    assertThat(bad.lastLines()).containsExactly("bus bandwidth too low");
    assertThat(asked(room, CaptureKind.TEST, "unsure").test().orElseThrow().result())
        .isEqualTo(TestRecord.Result.CANNOT_TELL);
    TestRecord slow = asked(room, CaptureKind.TEST, "slow").test().orElseThrow();
    assertThat(slow.result()).isEqualTo(TestRecord.Result.CANNOT_TELL);
    assertThat(slow.exit()).isEmpty();

    EvidenceRoom after = room(List.of());
    assertThat(after.records())
        .extracting(TestRecord::name)
        .containsExactly("bad", "good", "slow", "unsure");
  }

  @Test
  void runsNoTestThatIsNotConfiguredOrWhileAJobHasADevice() {
    EvidenceRoom room = room(List.of());
    assertThat(asked(room, CaptureKind.TEST, "/bin/sh").refusal().orElseThrow())
        .isEqualTo(
            "test: '/bin/sh' is refused; allowed are those of evidence.tests: good, bad, unsure, deep, long, slow");

    busy.set(Optional.of("a test would disturb train-r1"));
    assertThat(asked(room, CaptureKind.TEST, "good").refusal())
        .contains("a test would disturb train-r1");
  }
}
