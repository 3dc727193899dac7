package io.millwright.dashboards.grafana;

import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Arrays;
import java.util.List;

/**
 * Words that stand for numbers. The colours are those of Okabe and Ito, which people who do not see
 * red or green tell apart.
 */
public record Words(List<Word> words) {
  public static final String GREEN = "#009E73";
  public static final String AMBER = "#E69F00";
  public static final String RED = "#D55E00";
  public static final String GREY = "#999999";
  public static final String BLUE = "#56B4E9";

  public Words {
    words = List.copyOf(words);
  }

  /** A word, and the number it stands for. */
  public record Word(int value, String text, String colour) {}

  /** The verdicts by their rank, the better first. */
  public static Words verdicts() {
    return new Words(
        Arrays.stream(Verdict.values())
            .map(verdict -> new Word(rank(verdict), verdict.word(), colour(verdict)))
            .toList());
  }

  /** The number of a verdict in the expressions of the boards, the better the lower. */
  public static int rank(Verdict verdict) {
    return switch (verdict) {
      case OK -> 0;
      case DEGRADED -> 1;
      case UNKNOWN -> 2;
      case FAILED -> 3;
    };
  }

  public static String colour(Verdict verdict) {
    return switch (verdict) {
      case OK -> GREEN;
      case DEGRADED -> AMBER;
      case UNKNOWN -> GREY;
      case FAILED -> RED;
    };
  }

  /**
   * @param bad the word of 0
   * @param good the word of 1
   */
  public static Words ofTruth(String bad, String good) {
    return new Words(List.of(new Word(0, bad, RED), new Word(1, good, GREEN)));
  }

  /** The other way round: 1 is what nobody wants. */
  public static Words ofTrouble(String good, String bad) {
    return new Words(List.of(new Word(0, good, GREEN), new Word(1, bad, RED)));
  }
}
