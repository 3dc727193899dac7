package io.millwright.protocol.vocabulary.job;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a run of a job ended.
 *
 * @param kind what happened
 * @param detail the number or reason that belongs to the kind, as in {@code exit(7)}; empty where
 *     the kind has none
 */
public record Outcome(Kind kind, String detail) {
  private static final int LONGEST = 256;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
  private static final Pattern TEXT = Pattern.compile("([a-z-]+)(?:\\(([^()]*)\\))?");

  /** {@code result} is the word of {@code millwright_jobs_finished_total{result}}. */
  public enum Kind {
    COMPLETED("completed", "completed", false),
    EXIT("exit", "failed", true),
    SIGNAL("signal", "failed", true),
    OOM("oom", "oom", false),
    TIME_LIMIT("time-limit", "timeout", false),
    STOPPED_BY_REQUEST("stopped-by-request", "cancelled", false),
    PREEMPTED("preempted", "cancelled", false),
    DEVICE_FAULT("device-fault", "node_fail", true),
    NODE_REBOOTED("node-rebooted", "node_fail", false),
    NODE_LOST("node-lost", "node_fail", false),
    LEASE_EXPIRED("lease-expired", "node_fail", false),
    /** The run was lost sight of, and how it ended is not known. */
    UNTRACKED("untracked", "node_fail", false),
    PREPARE_FAILED("prepare-failed", "refused", true),
    START_FAILED("start-failed", "refused", true),
    REFUSED("refused", "refused", true),
    GROUP_FAILED("group-failed", "group_failed", false);

    private static final Map<String, Kind> BY_WORD =
        Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Kind::word, kind -> kind));

    private final String word;
    private final String result;
    private final boolean detailed;

    Kind(String word, String result, boolean detailed) {
      this.word = word;
      this.result = result;
      this.detailed = detailed;
    }

    public String word() {
      return word;
    }

    public String result() {
      return result;
    }

    /** Whether its detail is a number: an exit code, a signal. */
    boolean numbered() {
      return this == EXIT || this == SIGNAL;
    }

    /** Whether a number or a reason belongs to it. */
    public boolean detailed() {
      return detailed;
    }
  }

  /** Parentheses and control characters of a detail become blanks; a long one is cut. */
  public Outcome {
    detail = printable(detail);
    if (kind.detailed() == detail.isEmpty()
        || (kind.numbered() && !NUMBER.matcher(detail).matches())) {
      throw new IllegalArgumentException(
          "outcome %s: '%s' is refused; allowed is %s"
              .formatted(
                  kind.word(),
                  detail,
                  kind.numbered() ? "a number" : kind.detailed() ? "a reason" : "no detail"));
    }
  }

  private static String printable(String detail) {
    String cut = detail.length() > LONGEST ? detail.substring(0, LONGEST) : detail;
    return cut.replaceAll("[()\\p{Cc}]", " ").strip();
  }

  public static Outcome of(Kind kind) {
    return new Outcome(kind, "");
  }

  /** Of a process that ended by itself; code 0 is completed. */
  public static Outcome exit(int code) {
    return code == 0 ? of(Kind.COMPLETED) : new Outcome(Kind.EXIT, Integer.toString(code));
  }

  /** Of a process that a signal ended. */
  public static Outcome signal(int number) {
    return new Outcome(Kind.SIGNAL, Integer.toString(number));
  }

  public static Outcome refused(String reason) {
    return new Outcome(Kind.REFUSED, reason);
  }

  /** {@code exit(7)}, {@code completed}. */
  public String text() {
    return detail.isEmpty() ? kind.word() : kind.word() + "(" + detail + ")";
  }

  /** Without a reason, which may tell of others: {@code exit(7)}, {@code refused}. */
  public String brief() {
    return kind.numbered() ? text() : kind.word();
  }

  /** The outcome of such a text; empty where it is none. */
  public static Optional<Outcome> ofText(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String detail = printable(Optional.ofNullable(matcher.group(2)).orElse(""));
    return Optional.ofNullable(Kind.BY_WORD.get(matcher.group(1)))
        .filter(kind -> kind.detailed() != detail.isEmpty())
        .filter(kind -> !kind.numbered() || NUMBER.matcher(detail).matches())
        .map(kind -> new Outcome(kind, detail));
  }
}
