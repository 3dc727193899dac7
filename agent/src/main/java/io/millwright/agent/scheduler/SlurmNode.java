package io.millwright.agent.scheduler;

import java.util.Arrays;
import java.util.Optional;

/**
 * What {@code scontrol show node} tells of a node.
 *
 * @param draining whether it has the flag {@code DRAIN}
 * @param reason as it was given, without who gave it and when; empty where there is none
 */
record SlurmNode(boolean draining, String reason) {
  private static final String BY = " [";

  /** Of the text that Slurm 22.05 to 25.05 print; empty where there is no state in it. */
  static Optional<SlurmNode> of(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("State="))
        .findFirst()
        .map(line -> new SlurmNode(draining(line), reason(text)));
  }

  /** {@code State=IDLE+DRAIN ThreadsPerCore=1 …}; marks as {@code *} may stand behind a word. */
  private static boolean draining(String line) {
    String state = line.substring("State=".length()).split(" ", 2)[0];
    return Arrays.stream(state.split("\\+"))
        .map(word -> word.replaceAll("[^A-Z]", ""))
        .anyMatch(
            word -> word.equals("DRAIN") || word.equals("DRAINED") || word.equals("DRAINING"));
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
