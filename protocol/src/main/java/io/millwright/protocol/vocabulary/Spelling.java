package io.millwright.protocol.vocabulary;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the word that was meant. The distance counts insertions, deletions, substitutions and
 * swapped neighbours (optimal string alignment).
 */
public final class Spelling {
  private static final int LONGEST = 80;

  private Spelling() {}

  /** The nearest of the words; empty when none is near. The first of equally near ones. */
  public static Optional<String> nearest(String given, Collection<String> words) {
    String folded = fold(given);
    int best = Math.clamp(folded.length() / 3, 1, 3) + 1;
    Optional<String> nearest = Optional.empty();
    for (String word : words) {
      int distance = distance(folded, fold(word), best);
      if (distance < best) {
        best = distance;
        nearest = Optional.of(word);
      }
    }
    return nearest;
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  private static int distance(String a, String b, int enough) {
    if (a.length() > LONGEST || Math.abs(a.length() - b.length()) >= enough) {
      return enough;
    }
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        rows[i][j] = i == 0 || j == 0 ? i + j : step(rows, a, b, i, j);
      }
    }
    return rows[a.length()][b.length()];
  }

  private static int step(int[][] rows, String a, String b, int i, int j) {
    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(rows[i - 1][j - 1] + same, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
  }
}
