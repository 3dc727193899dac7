package io.millwright.protocol.vocabulary.job;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is looked at on the devices of a job around it. A check is a word of {@link #OWN}, or {@code
 * test:NAME} for a test of the node's own configuration.
 *
 * @param before the process begins; one that does not pass refuses the run
 * @param after all of it has ended; what fails is told and never changes the job's own outcome
 * @param deadlineMs of all checks of one moment together; what has not answered by then is unknown
 */
public record JobChecks(List<String> before, List<String> after, long deadlineMs) {
  /** Where the job does not say how long its checks may take. */
  public static final long DEADLINE_MS = 90_000;

  /** The checks of the agent's own. */
  public static final Set<String> OWN =
      Set.of("devices", "memory", "links", "pcie", "firmware", "clock", "disks");

  private static final String TEST = "test:";
  private static final Pattern TEST_NAME = Pattern.compile("test:[a-z0-9][a-z0-9-]{0,31}");
  private static final int MOST = 8;
  private static final long LEAST_MS = 1000;
  private static final long LONGEST_MS = 3600L * 1000;
  private static final String ALLOWED =
      "devices, memory, links, pcie, firmware, clock, disks, or test:NAME of the node's"
          + " evidence.tests";

  /** When they are done. */
  public enum Moment {
    BEFORE,
    AFTER;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public JobChecks {
    before = checked("checks.before", before);
    after = checked("checks.after", after);
    Wording.between("checks.deadline_ms", deadlineMs, LEAST_MS, LONGEST_MS);
    if (before.isEmpty() && after.isEmpty()) {
      throw Wording.refused("checks", "nothing", "at least one check, before or after");
    }
  }

  private static List<String> checked(String field, List<String> given) {
    if (given.size() > MOST) {
      throw Wording.refused(field, given.size() + " checks", "at most " + MOST);
    }
    for (String check : given) {
      if (!OWN.contains(check) && !TEST_NAME.matcher(check).matches()) {
        throw Wording.refused(field, check, ALLOWED);
      }
    }
    if (new HashSet<>(given).size() != given.size()) {
      throw Wording.refused(field, String.join(",", given), "each check once");
    }
    return List.copyOf(given);
  }

  /** Those of this moment, in the order in which they are done. */
  public List<String> at(Moment moment) {
    return switch (moment) {
      case BEFORE -> before;
      case AFTER -> after;
    };
  }

  /** The name of the site's test that a check is; empty where it is one of the agent's own. */
  public static Optional<String> testName(String check) {
    return check.startsWith(TEST) ? Optional.of(check.substring(TEST.length())) : Optional.empty();
  }
}
