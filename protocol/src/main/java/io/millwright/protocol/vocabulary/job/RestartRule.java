package io.millwright.protocol.vocabulary.job;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When a job is begun again after a run of it has ended, as its next run.
 *
 * @param on causes after which it is; at least one
 * @param most how often, from 1 to 10
 * @param backoffMs from an end to the first restart, doubled for each further one and at most
 *     {@link #LONGEST_BACKOFF_MS}; from 0
 */
public record RestartRule(Set<Cause> on, int most, long backoffMs) {
  /** Where the job does not say how often. */
  public static final int MOST = 3;

  /** Where the job does not say how long. */
  public static final long BACKOFF_MS = 10_000;

  public static final long LONGEST_BACKOFF_MS = 600_000;
  private static final int LARGEST = 10;

  /** Why a run ended that may be begun again. */
  public enum Cause {
    /** An accelerator of it failed. */
    DEVICE_FAULT,
    /** Its node rebooted, was declared lost, or lost sight of it. */
    NODE_LOST,
    /** A node of it would or could not begin it. */
    REFUSED,
    /** The program itself failed: its exit code, a signal, or its memory. */
    FAILURE;

    private static final String ALL =
        Arrays.stream(values()).map(Cause::word).collect(Collectors.joining(", "));

    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Cause> ofWord(String word) {
      return Arrays.stream(values()).filter(cause -> cause.word().equals(word)).findFirst();
    }

    /** The words that are allowed. */
    public static String words() {
      return ALL;
    }

    /**
     * Empty where such an end is somebody's will, or no failure. That a gang failed is a cause only
     * where its members still waited for their go; who asks looks at that.
     */
    public static Optional<Cause> of(Outcome.Kind kind) {
      return switch (kind) {
        case DEVICE_FAULT -> Optional.of(DEVICE_FAULT);
        case NODE_REBOOTED, NODE_LOST, LEASE_EXPIRED, UNTRACKED -> Optional.of(NODE_LOST);
        case REFUSED, PREPARE_FAILED, START_FAILED, GROUP_FAILED -> Optional.of(REFUSED);
        case EXIT, SIGNAL, OOM -> Optional.of(FAILURE);
        case COMPLETED, TIME_LIMIT, STOPPED_BY_REQUEST, PREEMPTED -> Optional.empty();
      };
    }
  }

  public RestartRule {
    if (on.isEmpty()) {
      throw Wording.refused("restart.on", "nothing", "at least one of " + Cause.words());
    }
    on = Set.copyOf(EnumSet.copyOf(on));
    Wording.between("restart.max", most, 1, LARGEST);
    Wording.between("restart.backoff_ms", backoffMs, 0, LONGEST_BACKOFF_MS);
  }

  /** From the end of a run to its restart, which is the number-th from 1. */
  public long backoffMs(int number) {
    return Math.min(LONGEST_BACKOFF_MS, backoffMs << Math.min(number - 1, LARGEST));
  }
}
