package io.millwright.agent.evidence;

import io.millwright.agent.tool.Ended;
import io.millwright.agent.tool.Ending;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.bodies.TestRecord.Result;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * Runs the site's own tests, and says what each says of the node: exit 0 is a pass, another a
 * failure; 75 (EX_TEMPFAIL), 126, 127, a signal or no end by the deadline say nothing.
 *
 * <p><i>Threading:</i> one thread runs them, and waits; {@link #begin} and {@link #end} on any.
 * <i>Failure:</i> a record that cannot tell.
 */
public final class SiteTests {
  private static final int TEMPORARY = 75;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int SIGNALS = 128;

  private final List<SiteTest> tests;
  private final TestGate gate;
  private final Tool tool;
  private final Clock clock;

  /** What came of asking for a test. */
  public sealed interface Answer {
    record Ran(TestRecord record) implements Answer {}

    record Refused(String sentence) implements Answer {}
  }

  /**
   * @param gate decides who has the accelerators
   */
  public SiteTests(List<SiteTest> tests, TestGate gate, Tool tool, Clock clock) {
    this.tests = List.copyOf(tests);
    this.gate = gate;
    this.tool = tool;
    this.clock = clock;
  }

  /** As the site configured them. */
  List<SiteTest> all() {
    return tests;
  }

  /**
   * Runs the test of this name to its end.
   *
   * @param longest that whoever asks will wait
   * @param of the run around which it is; empty where somebody asked for it
   */
  public Answer run(String name, Path directory, Duration longest, Optional<RunId> of) {
    Optional<String> why = begin(name, of, Duration.ZERO);
    if (why.isPresent()) {
      return new Answer.Refused(why.get());
    }
    try {
      return begun(name, directory, longest, () -> false);
    } finally {
      end(name);
    }
  }

  private Optional<SiteTest> find(String name) {
    return tests.stream().filter(test -> test.name().equals(name)).findFirst();
  }

  /**
   * Waits until the test may run: whatever that needs it has when the answer is empty, until {@link
   * #end}; else why not.
   *
   * @param of the run around which it is; empty where somebody asked for it
   */
  Optional<String> begin(String name, Optional<RunId> of, Duration longest) {
    Optional<SiteTest> found = find(name);
    if (found.isEmpty()) {
      return Optional.of(
          "test: '%s' is refused; allowed are those of evidence.tests: %s"
              .formatted(
                  name,
                  tests.isEmpty()
                      ? "none"
                      : String.join(", ", tests.stream().map(SiteTest::name).toList())));
    }
    return found.get().besideJobs() ? Optional.empty() : gate.begin(of, longest);
  }

  void end(String name) {
    if (!find(name).orElseThrow().besideJobs()) {
      gate.end();
    }
  }

  /**
   * Runs one that {@link #begin} has let begin.
   *
   * @param unwanted whether nobody waits for it any more; it is ended then, and says nothing
   */
  Answer begun(String name, Path directory, Duration longest, BooleanSupplier unwanted) {
    TestRecord record = run(find(name).orElseThrow(), directory, longest, unwanted);
    return unwanted.getAsBoolean()
        ? new Answer.Refused("nobody waits for it any more")
        : new Answer.Ran(record);
  }

  private TestRecord run(
      SiteTest test, Path directory, Duration longest, BooleanSupplier unwanted) {
    Duration deadline = test.deadline().compareTo(longest) < 0 ? test.deadline() : longest;
    long at = clock.wall().toEpochMilli();
    String sha256 = sha256(Path.of(test.argv().getFirst()));
    Ended ended = tool.run(test.argv(), directory, deadline, unwanted);
    return new TestRecord(
        test.name(),
        test.argv().getFirst(),
        sha256,
        result(ended.ending()),
        why(ended.ending(), deadline),
        exit(ended.ending()),
        ended.seconds(),
        at,
        lines(ended.output()));
  }

  private static String sha256(Path program) {
    try {
      return Files.isRegularFile(program) ? Archive.sha256(program) : "";
    } catch (IOException unreadable) {
      return "";
    }
  }

  private static Result result(Ending ending) {
    return switch (ending) {
      case Ending.Exited(int code) -> result(code);
      case Ending.Overran(String _), Ending.NotBegun(String _) -> Result.CANNOT_TELL;
    };
  }

  private static Result result(int code) {
    boolean says =
        code != TEMPORARY && code != NOT_EXECUTABLE && code != NOT_FOUND && code <= SIGNALS;
    if (!says) {
      return Result.CANNOT_TELL;
    }
    return code == 0 ? Result.PASS : Result.FAIL;
  }

  private static String why(Ending ending, Duration deadline) {
    return switch (ending) {
      case Ending.Exited(int code) ->
          result(code) == Result.CANNOT_TELL
              ? "exit code %d says nothing of the node".formatted(code)
              : "exit code %d".formatted(code);
      case Ending.Overran(String left) ->
          "it did not end within %d s%s"
              .formatted(deadline.toSeconds(), left.isEmpty() ? "" : ", and " + left);
      case Ending.NotBegun(String why) -> why;
    };
  }

  private static OptionalInt exit(Ending ending) {
    return ending instanceof Ending.Exited(int code) ? OptionalInt.of(code) : OptionalInt.empty();
  }

  private static List<String> lines(byte[] output) {
    return new ArrayList<>(new String(output, StandardCharsets.UTF_8).lines().toList());
  }
}
