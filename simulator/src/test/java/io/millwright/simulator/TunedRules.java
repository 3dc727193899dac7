package io.millwright.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory of a site's rules, in which packaged ones speak after other times than usual. */
final class TunedRules {
  private TunedRules() {}

  /**
   * @param parent where the directory is made
   * @param tunes as in {@code driver-unanswered: {held: 3s}}
   */
  static Path in(Path parent, String tunes) throws IOException {
    Path rules = Files.createDirectory(parent.resolve("rules.d"));
    Files.writeString(rules.resolve("10-tuned.yaml"), "tune: {%s}\n".formatted(tunes));
    return rules;
  }
}
