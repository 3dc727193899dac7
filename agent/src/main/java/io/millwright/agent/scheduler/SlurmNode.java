package io.millwright.agent.scheduler;

import java.util.Arrays;
import java.util.Optional;

/**
 * What {@code scontrol show node} tells of a node.
 *
 * @param draining whether it has the flag {@code DRAIN}
 * @param settling whether a job's end is still under way there, or the controller does not reach it
 * @param reason as it was given, without who gave it and when; empty where there is none
 */
record SlurmNode(boolean draining, boolean settling, String reason) {
  private static final String BY = " [";

  /** Of the text that Slurm 22.05 to 25.05 print; empty where there is no state in it. */
  static Optional<SlurmNode> of(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("State="))
        .findFirst()
        .map(line -> new SlurmNode(draining(line), settling(line), reason(text)));
  }

  /** {@code State=IDLE+DRAIN ThreadsPerCore=1 …}; marks as {@code *} may stand behind a word. */
  private static boolean draining(String line) {
    return Arrays.stream(state(line).split("\\+"))
        .map(word -> word.replaceAll("[^A-Z_]", ""))
        .anyMatch(
            word -> word.equals("DRAIN") || word.equals("DRAINED") || word.equals("DRAINING"));
  }

  /** A node that does not answer has the mark {@code *} or the flag, by Slurm's version. */
  private static boolean settling(String line) {
    String state = state(line);
    return state.contains("*") || state.contains("COMPLETING") || state.contains("NOT_RESPONDING");
  }

  private static String state(String line) {
    return line.substring("State=".length()).split(" ", 2)[0];
  }

  private static String reason(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("Reason="))
        .findFirst()
        .map(line -> line.substring("Reason=".length()))
        .map(said -> said.lastIndexOf(BY) < 0 ? said : said.substring(0, said.lastIndexOf(BY)))
        .orElse("");
  }
}
