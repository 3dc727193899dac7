package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What came of one run of the site's own test command.
 *
 * @param name as the configuration has it
 * @param program that was run
 * @param sha256 of its file, in hexadecimal; empty where it could not be read
 * @param why in one sentence, what its result rests on
 * @param exit code; empty where it did not end by itself
 * @param atMs when it was begun, by the node's wall clock
 * @param lastLines of what it printed, the last one last
 */
public record TestRecord(
    String name,
    String program,
    String sha256,
    Result result,
    String why,
    OptionalInt exit,
    double seconds,
    long atMs,
    List<String> lastLines) {
  private static final List<String> FIELDS =
      List.of(
          "name", "program", "sha256", "result", "why", "exit", "seconds", "at_ms", "last_lines");
  private static final int MOST_LINES = 40;
  private static final int LONGEST_LINE = 200;

  /** What a test says of the node. */
  public enum Result {
    PASS,
    FAIL,
    /** It did not run to an end of its own, so it says nothing. */
    CANNOT_TELL;

    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Result> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
  }

  public TestRecord {
    name = Lines.one(name, LONGEST_LINE);
    program = Lines.one(program, LONGEST_LINE);
    why = Lines.one(why, LONGEST_LINE);
    lastLines =
        lastLines.subList(Math.max(0, lastLines.size() - MOST_LINES), lastLines.size()).stream()
            .map(line -> Lines.one(line, LONGEST_LINE))
            .toList();
  }

  static TestRecord of(Fields test) {
    return new TestRecord(
        test.plainText("name"),
        test.plainText("program"),
        test.plainText("sha256"),
        test.word("result", Result::ofWord, "pass, fail or cannot-tell"),
        test.plainText("why"),
        test.optionalInt("exit"),
        test.number("seconds"),
        test.whole("at_ms"),
        test.texts("last_lines"));
  }

  static TestRecord of(Fields fields, String name) {
    return of(fields.object(name, FIELDS));
  }

  /**
   * @throws JsonMistake for what is no such record
   */
  public static TestRecord of(byte[] text) {
    return of(Fields.of("", Json.read("the record of a test", text), FIELDS));
  }

  ObjectNode tree() {
    ObjectNode tree =
        Json.object()
            .put("name", name)
            .put("program", program)
            .put("sha256", sha256)
            .put("result", result.word())
            .put("why", why);
    exit.ifPresent(code -> tree.put("exit", code));
    tree.put("seconds", seconds).put("at_ms", atMs);
    lastLines.forEach(tree.putArray("last_lines")::add);
    return tree;
  }

  public byte[] json() {
    return Json.bytes(tree());
  }
}
