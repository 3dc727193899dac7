package io.millwright.simulator.determinism;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What happened in a history, for whoever looks for the cause of a violation; with each frame where
 * somebody listens.
 */
final class Trace {
  private static final int LONGEST_LINE = 600;

  /** Of journals, which have others in each run, and the directory of {@link Ground}. */
  private static final Pattern RANDOM_ID =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|mw-histories-[0-9-]{17}");

  private final boolean whole;
  private final List<Line> lines = new ArrayList<>();

  private record Line(int step, long nanos, String what) {
    String text() {
      String shown = what.substring(0, Math.min(what.length(), LONGEST_LINE));
      return "%4d %8.3f %s".formatted(step, nanos / 1e9, shown);
    }
  }

  /**
   * @param whole whether with each frame
   */
  Trace(boolean whole) {
    this.whole = whole;
  }

  void tell(int step, long nanos, String what) {
    lines.add(new Line(step, nanos, what));
  }

  void seen(int step, long nanos, Supplier<String> what) {
    if (whole) {
      tell(step, nanos, what.get());
    }
  }

  /** Each line, cut where it is long. */
  List<String> text() {
    return lines.stream().map(Line::text).toList();
  }

  /** Each line as a whole, with the random ids by their order. */
  List<String> comparable() {
    Map<String, String> names = new HashMap<>();
    List<String> comparable = new ArrayList<>();
    for (Line line : lines) {
      Matcher ids = RANDOM_ID.matcher(line.what());
      String what =
          ids.replaceAll(id -> names.computeIfAbsent(id.group(), n -> "#" + names.size()));
      comparable.add("%d %d %s".formatted(line.step(), line.nanos(), what));
    }
    return comparable;
  }

  /** Of all that happened: two runs of a seed have the same. */
  String digest() {
    MessageDigest digest = sha256();
    comparable().forEach(line -> digest.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has it", e);
    }
  }
}
