package io.millwright.protocol.vocabulary.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What one check around a job came to.
 *
 * @param check as the job's spec has it
 * @param found what was seen, in one sentence
 */
public record CheckResult(JobChecks.Moment moment, String check, Result result, String found) {
  /** Of one run, before and after it together. */
  public static final int MOST = 16;

  private static final int LONGEST_NAME = 40;
  private static final int LONGEST = 240;

  /** How it came out. */
  public enum Result {
    PASSED,
    FAILED,
    /** It gave no answer in time, or one that says nothing. */
    UNKNOWN,
    /** There is nothing on this node that it could look at. */
    SKIPPED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Result> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }
  }

  public CheckResult {
    check = line(check, LONGEST_NAME);
    found = line(found, LONGEST);
  }

  private static String line(String text, int longest) {
    String line = text.replaceAll("[^\\x20-\\x7e]", "?");
    return line.substring(0, Math.min(line.length(), longest));
  }

  /** Whether a run may begin after it: what is not known to be good does not count as good. */
  public boolean lets() {
    return result == Result.PASSED || result == Result.SKIPPED;
  }

  /** {@code check links failed: accelerator 3 has 17 of 18 nvlink up}. */
  public String sentence() {
    return "check %s %s: %s".formatted(check, result.word(), found);
  }
}
