package io.millwright.agent.config;

import java.util.List;
import java.util.stream.Collectors;

/** Problems as people read them: a line each, then their number. */
public final class ConfigReport {
  private ConfigReport() {}

  /** The lines, each ended by a line feed. Without problems, that is what the only line says. */
  public static String text(List<Problem> problems) {
    return problems.stream().map(p -> p.sentence() + "\n").collect(Collectors.joining())
        + count(problems.size())
        + "\n";
  }

  private static String count(int problems) {
    return switch (problems) {
      case 0 -> "no problems";
      case 1 -> "1 problem";
      default -> problems + " problems";
    };
  }
}
