package io.millwright.agent.evidence;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A test command of the site's configuration.
 *
 * @param besideJobs whether it may run while jobs have accelerators of the node
 * @param counts what a failure of it says of the node
 */
public record SiteTest(
    String name, Duration deadline, List<String> argv, boolean besideJobs, Counts counts) {

  /** What a failed run makes of the node's verdict. */
  public enum Counts {
    /** It is shown as degraded and counts for no verdict. */
    OBSERVE,
    DEGRADED,
    FAILED;

    /** The value of the label {@code counts}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SiteTest {
    argv = List.copyOf(argv);
  }

  /** A disruptive one whose failure is shown alone. */
  public SiteTest(String name, Duration deadline, List<String> argv) {
    this(name, deadline, argv, false, Counts.OBSERVE);
  }
}
