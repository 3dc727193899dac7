package io.millwright.agent.evidence;

import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's evidence, as its collector wants it: bundles, the doctor's checks, the site's tests.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close}. <i>Threading:</i> the thread {@code
 * evidence} takes one bundle after the other, the thread {@code site-tests} carries out the checks
 * and tests, which may last, the thread {@code bundles} reads; each is asked by a bounded queue,
 * and whoever asks never waits, but for {@link #test}. <i>Failure:</i> a sentence in the answer;
 * the node is watched all the same.
 */
public final class EvidenceRoom implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EvidenceRoom.class);
  private static final int MOST_ORDERS = 4;
  private static final int MOST_QUESTIONS = 64;
  private static final int MOST_BUNDLES = 8;
  private static final long MOST_BYTES = 256L << 20;

  /** A bundle is ready by then, whatever hangs. */
  private static final Duration LONGEST_BUNDLE = Duration.ofMinutes(2);

  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss").withZone(ZoneOffset.UTC);
  private static final int ID_TAIL = 8;

  private final Path directory;
  private final Capture capture;
  private final Supplier<List<DoctorCheck>> checks;
  private final SiteTests tests;
  private final TestShelf records;
  private final CheckMarks marks;
  private final EvidenceSeries series;
  private final Shelf shelf;
  private final Clock clock;
  private final BlockingQueue<Runnable> orders = new ArrayBlockingQueue<>(MOST_ORDERS);
  private final BlockingQueue<Runnable> trials = new ArrayBlockingQueue<>(MOST_ORDERS);
  private final BlockingQueue<Runnable> questions = new ArrayBlockingQueue<>(MOST_QUESTIONS);
  private final Thread worker;
  private final Thread tester;
  private final Thread reader;
  private volatile boolean stopping;
  private boolean kept;

  /**
   * @param directory that keeps bundles and records; its parent must be there
   * @param tool of the bundles; what {@code checks} and {@code tests} use is another
   * @param checks of the doctor, which may take seconds
   */
  public EvidenceRoom(
      String node,
      Path directory,
      List<Source> sources,
      ReportTool report,
      Tool tool,
      Supplier<List<DoctorCheck>> checks,
      SiteTests tests,
      CheckMarks marks,
      Clock clock) {
    this.directory = directory;
    this.capture = new Capture(node, sources, report, tool, clock);
    this.checks = checks;
    this.tests = tests;
    this.records = new TestShelf(directory);
    this.marks = marks;
    this.series = new EvidenceSeries(node, records::records, records::told, tests.all(), marks);
    this.shelf = new Shelf(directory, MOST_BUNDLES, MOST_BYTES);
    this.clock = clock;
    this.worker = Threads.platform("evidence", () -> run(orders));
    this.tester = Threads.platform("site-tests", () -> run(trials));
    this.reader = Threads.platform("bundles", () -> run(questions));
  }

  public void start() {
    try {
      Path parent = directory.getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        LOG.info("no evidence is kept: there is no {}", parent);
      } else {
        shelf.open();
        records.open();
        marks.open();
        kept = true;
      }
    } catch (IOException e) {
      LOG.error("no evidence is kept: its directory cannot be used path={}", directory, e);
    }
    worker.start();
    tester.start();
    reader.start();
  }

  @Override
  public void close() {
    stopping = true;
    worker.interrupt();
    tester.interrupt();
    reader.interrupt();
  }

  /** The words of HELLO. */
  public List<String> capabilities() {
    return List.of(Capability.EVIDENCE);
  }

  /** The newest record of each of the site's tests. */
  public List<TestRecord> records() {
    return records.records();
  }

  /** The same, and what checks around jobs found, as series. */
  public EvidenceSeries series() {
    return series;
  }

  /**
   * Runs a test around a job, once the node's accelerators are not in use and when those before it
   * have ended. Waits for the first of both, on the thread that asks. A test whose answer is
   * cancelled is ended.
   *
   * @param deadline of waiting and running together
   */
  public CompletableFuture<SiteTests.Answer> test(RunId of, String name, Duration deadline) {
    CompletableFuture<SiteTests.Answer> answer = new CompletableFuture<>();
    long until = clock.nanos() + deadline.toNanos();
    Optional<String> why = tests.begin(name, Optional.of(of), deadline);
    if (why.isPresent()) {
      answer.complete(new SiteTests.Answer.Refused(why.get()));
    } else if (!trials.offer(() -> begun(name, until, answer))) {
      tests.end(name);
      answer.complete(new SiteTests.Answer.Refused("too many tests wait on this node"));
    }
    return answer;
  }

  private void begun(String name, long until, CompletableFuture<SiteTests.Answer> answer) {
    SiteTests.Answer came;
    try {
      Duration left = Duration.ofNanos(until - clock.nanos());
      came =
          left.isPositive() && !answer.isDone()
              ? kept(directory -> tests.begun(name, directory, left, answer::isDone))
              : new SiteTests.Answer.Refused("its time passed while others were run");
    } catch (IOException | RuntimeException e) {
      came = new SiteTests.Answer.Refused("it could not be run: " + e);
    } finally {
      tests.end(name);
    }
    answer.complete(came);
  }

  /**
   * Takes an order.
   *
   * @param answer on the thread that carries it out, or at once where too many wait
   */
  public void capture(Frame.Capture order, Consumer<Frame.Captured> answer) {
    long arrived = clock.nanos();
    if (!queue(order).offer(() -> answer(order, carriedOut(order, arrived), answer))) {
      answer(order, EvidenceBody.refused("other evidence is being taken; ask again"), answer);
    }
  }

  /** A bundle is wanted of a node in trouble, and waits for no test. */
  private BlockingQueue<Runnable> queue(Frame.Capture order) {
    return switch (order.what()) {
      case BUNDLE, UNKNOWN -> orders;
      case CHECKS, TEST -> trials;
    };
  }

  private static void answer(
      Frame.Capture order, EvidenceBody body, Consumer<Frame.Captured> answer) {
    answer.accept(new Frame.Captured(order.number(), Payload.of(body.json())));
  }

  private void run(BlockingQueue<Runnable> asked) {
    while (!stopping) {
      try {
        asked.take().run();
      } catch (InterruptedException stop) {
        return;
      } catch (RuntimeException | Error e) {
        LOG.error("taking evidence failed", e);
      }
    }
  }

  private EvidenceBody carriedOut(Frame.Capture order, long arrivedNanos) {
    Duration left =
        Duration.ofMillis(order.deadlineMillis())
            .minus(Duration.ofNanos(clock.nanos() - arrivedNanos));
    if (!left.isPositive()) {
      return EvidenceBody.refused("its time passed while other evidence was taken; ask again");
    }
    try {
      return switch (order.what()) {
        case BUNDLE -> bundle(order, left);
        case CHECKS -> EvidenceBody.of(checks.get());
        case TEST -> test(order, left);
        case UNKNOWN -> EvidenceBody.refused("this agent does not know what is wanted: upgrade it");
      };
    } catch (IOException | RuntimeException e) {
      LOG.error("evidence could not be taken what={}", order.what(), e);
      return EvidenceBody.refused("it could not be taken: " + e);
    }
  }

  private EvidenceBody bundle(Frame.Capture order, Duration left) throws IOException {
    if (!kept) {
      return EvidenceBody.refused(unkept());
    }
    Instant now = clock.wall();
    String id = ID.format(now) + "-" + UUID.randomUUID().toString().substring(0, ID_TAIL);
    Duration deadline = left.compareTo(LONGEST_BUNDLE) < 0 ? left : LONGEST_BUNDLE;
    try {
      EvidenceBody.Bundle bundle =
          capture.take(
              new Capture.Order(id, order.reason(), order.incident(), deadline),
              shelf.scratch(id),
              shelf.unfinished(id));
      shelf.keep(id);
      LOG.info(
          "evidence is kept id={} bytes={} missing={}",
          id,
          bundle.bytes(),
          bundle.manifest().missing().size());
      return EvidenceBody.of(bundle);
    } catch (IOException e) {
      Files.deleteIfExists(shelf.unfinished(id));
      throw e;
    }
  }

  private String unkept() {
    return "evidence.directory: %s cannot be used; allowed is a directory whose parent the agent may write to"
        .formatted(directory);
  }

  private EvidenceBody test(Frame.Capture order, Duration left) throws IOException {
    return switch (kept(directory -> tests.run(order.test(), directory, left, Optional.empty()))) {
      case SiteTests.Answer.Refused(String why) -> EvidenceBody.refused(why);
      case SiteTests.Answer.Ran(TestRecord record) -> EvidenceBody.of(record);
    };
  }

  /** Runs a test in a directory of its own, and keeps its record. */
  private SiteTests.Answer kept(Function<Path, SiteTests.Answer> test) throws IOException {
    if (!kept) {
      return new SiteTests.Answer.Refused(unkept());
    }
    Path scratch = shelf.scratch("test-" + UUID.randomUUID());
    Files.createDirectory(scratch);
    try {
      SiteTests.Answer answer = test.apply(scratch);
      if (answer instanceof SiteTests.Answer.Ran(TestRecord record)) {
        records.keep(record);
        LOG.info(
            "a test of the site was run name={} result={} seconds={}",
            record.name(),
            record.result().word(),
            record.seconds());
      }
      return answer;
    } finally {
      Capture.cleanUp(scratch);
    }
  }

  // ---- reading

  /** Tells a piece of a bundle, on the thread {@code bundles}. */
  public void read(Frame.ReadBundle question, Consumer<Frame.Bundle> answer) {
    if (!questions.offer(() -> answer.accept(answer(question)))) {
      answer.accept(refused(question, "too many ask for bundles at once; ask again"));
    }
  }

  private Frame.Bundle answer(Frame.ReadBundle question) {
    try {
      Optional<Shelf.Piece> piece =
          shelf.read(question.bundle(), question.offset(), question.most());
      return piece.isEmpty()
          ? refused(question, "no bundle of this id is kept on the node")
          : new Frame.Bundle(
              question.number(),
              question.offset(),
              piece.get().ended(),
              "",
              Payload.of(piece.get().bytes()));
    } catch (IOException | RuntimeException e) {
      return refused(question, "the bundle cannot be read: " + e.getMessage());
    }
  }

  /** For a session that has no room, too. */
  public static Frame.Bundle refused(Frame.ReadBundle question, String why) {
    String ascii = why.replaceAll("[^\\x20-\\x7e]", "?");
    return new Frame.Bundle(
        question.number(),
        question.offset(),
        true,
        ascii.substring(0, Math.min(ascii.length(), 256)),
        Payload.EMPTY);
  }
}
