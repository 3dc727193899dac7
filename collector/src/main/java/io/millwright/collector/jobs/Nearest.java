package io.millwright.collector.jobs;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was meant: one insertion, deletion, substitution or swap is one step. */
final class Nearest {
  private static final int LONGEST = 40;

  private Nearest() {}

  /** The nearest of the words; empty where none is near. The first by name of equally near ones. */
  static Optional<String> of(String given, Collection<String> words) {
    if (given.length() > LONGEST) {
      return Optional.empty();
    }
    String folded = given.toLowerCase(Locale.ROOT).replace('-', '_');
    int most = Math.clamp(folded.length() / 3, 1, 3);
    return words.stream()
        .filter(word -> steps(folded, word) <= most)
        .min(
            Comparator.<String>comparingInt(word -> steps(folded, word))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static int steps(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        steps[i][j] = i == 0 || j == 0 ? i + j : least(steps, a, b, i, j);
      }
    }
    return steps[a.length()][b.length()];
  }

  private static int least(int[][] steps, String a, String b, int i, int j) {
    int other = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least =
        Math.min(steps[i - 1][j - 1] + other, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, steps[i - 2][j - 2] + 1) : least;
  }
}
