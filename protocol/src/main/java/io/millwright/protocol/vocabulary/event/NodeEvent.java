package io.millwright.protocol.vocabulary.event;

import io.millwright.protocol.vocabulary.job.RunAccount;
import java.util.Optional;
import java.util.Set;

/**
 * Something that happened on a node, once or so many times, as its agent tells it.
 *
 * @param bootId of the kernel's boot in which it happened
 * @param kind as in {@code error-code}
 * @param device uuid, or {@code pci:} and the address of one that no known device has; empty for
 *     the node
 * @param accelerator index of the device; empty where it is not known, and for the node
 * @param instance what of the device it was put down to, as in {@code gi1/ci0}; empty for all
 * @param code as in {@code 79}, {@code fs_error} or {@code failed}; empty where the kind says all
 * @param count how many are told of here, from 1
 * @param firstMs when the first of them was, by the node's wall clock
 * @param lastMs when the last of them was
 * @param job the run that had the device when the last of them came
 * @param message one sentence about the last of them
 * @param account what a run used that has ended; of {@link EventKind#JOB_ACCOUNTED} alone
 */
public record NodeEvent(
    String bootId,
    String kind,
    Severity severity,
    String device,
    String accelerator,
    String instance,
    String code,
    long count,
    long firstMs,
    long lastMs,
    Optional<String> job,
    String message,
    Optional<RunAccount> account) {
  private static final Set<String> OF_RUNS =
      Set.of(
          EventKind.JOB_BEGAN.word(),
          EventKind.JOB_ENDED.word(),
          EventKind.FOREIGN_HOLDER_FOUND.word(),
          EventKind.FOREIGN_HOLDER_GONE.word());

  private static final int LONGEST_WORD = 128;
  private static final int LONGEST_MESSAGE = 1_000;

  public NodeEvent {
    word("boot_id", bootId);
    word("kind", kind);
    word("device", device);
    word("accelerator", accelerator);
    word("instance", instance);
    word("code", code);
    job.ifPresent(run -> word("job", run));
    if (kind.isEmpty()) {
      throw new IllegalArgumentException("kind: an empty one is refused; allowed is a word");
    }
    if (count < 1) {
      throw new IllegalArgumentException(
          "count: %d is refused; allowed is a whole number from 1".formatted(count));
    }
    if (message.length() > LONGEST_MESSAGE) {
      throw new IllegalArgumentException(
          "message: %d characters are refused; allowed are %d"
              .formatted(message.length(), LONGEST_MESSAGE));
    }
  }

  /** One without an account. */
  public NodeEvent(
      String bootId,
      String kind,
      Severity severity,
      String device,
      String accelerator,
      String instance,
      String code,
      long count,
      long firstMs,
      long lastMs,
      Optional<String> job,
      String message) {
    this(
        bootId,
        kind,
        severity,
        device,
        accelerator,
        instance,
        code,
        count,
        firstMs,
        lastMs,
        job,
        message,
        Optional.empty());
  }

  private static void word(String field, String given) {
    if (given.length() > LONGEST_WORD) {
      throw new IllegalArgumentException(
          "%s: %d characters are refused; allowed are %d"
              .formatted(field, given.length(), LONGEST_WORD));
    }
  }

  /** A text without control characters that is no longer than a message may be. */
  public static String message(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .limit(LONGEST_MESSAGE / 2) // a code point may be two characters
        .forEach(point -> plain.appendCodePoint(Character.isISOControl(point) ? ' ' : point));
    return plain.toString();
  }

  /** Whether it is the same thing that happened again. */
  public boolean sameAs(NodeEvent other) {
    return bootId.equals(other.bootId)
        && kind.equals(other.kind)
        && device.equals(other.device)
        && instance.equals(other.instance)
        && code.equals(other.code)
        && ownRun().equals(other.ownRun());
  }

  /** The run that it is about, where it is about a run and not only hit one; empty otherwise. */
  public String ownRun() {
    return OF_RUNS.contains(kind) ? job.orElse("") : "";
  }

  /** Both together; the words are those of the later one. */
  public NodeEvent and(NodeEvent later) {
    return new NodeEvent(
        bootId,
        kind,
        severity.graver(later.severity),
        device,
        later.accelerator,
        instance,
        code,
        count + later.count,
        Math.min(firstMs, later.firstMs),
        Math.max(lastMs, later.lastMs),
        later.job.or(() -> job),
        later.message,
        later.account);
  }
}
