package io.millwright.collector.control;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people do with jobs, and what is refused to them, in the audit log.
 *
 * <p>A change and its entry are one transaction. Refusals change nothing, so that somebody could
 * fill the disk with them: of each caller there are {@value #AT_ONCE} at once and one more every
 * ten seconds; the next entry says how many were left out. They are written with the next turn.
 *
 * <p><i>Threading:</i> the thread {@code control} owns it; {@link #leftOut} from any.
 * <i>Failure:</i> as the log's; what could not be written of refusals waits, a bounded number.
 */
public final class JobAudit {
  private static final Logger LOG = LoggerFactory.getLogger(JobAudit.class);
  private static final int AT_ONCE = 20;
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final int MOST_CALLERS = 1_000;
  private static final int MOST_WAITING = 1_000;
  private static final int LONGEST = 300;

  private final Optional<AuditLog> log;
  private final Clock clock;
  private final Deque<AuditDraft> waiting = new ArrayDeque<>();
  private final AtomicLong leftOut = new AtomicLong();
  private final Map<String, Allowance> callers =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
          return size() > MOST_CALLERS;
        }
      };

  /** What one caller may still have written. */
  private static final class Allowance {
    private double left = AT_ONCE;
    private long nanos;
    private long omitted;

    Allowance(long nanos) {
      this.nanos = nanos;
    }
  }

  public JobAudit(AuditLog log, Clock clock) {
    this(Optional.of(log), clock);
  }

  private JobAudit(Optional<AuditLog> log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Of a collector that keeps no audit log. */
  static JobAudit none(Clock clock) {
    return new JobAudit(Optional.empty(), clock);
  }

  /** Makes a change of the book, with its entry where it changes something. */
  <T> T changed(JobBook book, Function<Run, AuditDraft> words, Supplier<T> change) {
    return log.isPresent() ? book.noted(log.get(), words, change) : change.get();
  }

  /** Writes down what is done at once, and is kept nowhere else. */
  void done(AuditDraft what) {
    log.ifPresent(kept -> kept.commit(List.of(), List.of(what)));
  }

  /**
   * Something was refused.
   *
   * @param what as in {@code job.submit}
   * @param subject the job or run, empty where it is not known
   */
  void refused(String by, String what, String subject, String sentence) {
    if (log.isEmpty()) {
      return;
    }
    long now = clock.nanos();
    Allowance allowance = callers.computeIfAbsent(by, first -> new Allowance(now));
    double more = (double) (now - allowance.nanos) / EVERY.toNanos();
    allowance.left = Math.min(AT_ONCE, allowance.left + more);
    allowance.nanos = now;
    if (allowance.left < 1 || waiting.size() >= MOST_WAITING) {
      allowance.omitted++;
      leftOut.incrementAndGet();
      return;
    }
    allowance.left--;
    String before = allowance.omitted == 0 ? "" : "%d more before it".formatted(allowance.omitted);
    allowance.omitted = 0;
    waiting.add(
        new AuditDraft(
            by, what + ".refused", subject, before, "nothing was changed", cut(sentence)));
  }

  private static String cut(String sentence) {
    return sentence.codePointCount(0, sentence.length()) > LONGEST
        ? sentence.substring(0, sentence.offsetByCodePoints(0, LONGEST)) + "…"
        : sentence;
  }

  /** Writes what was refused since the last turn, but for what no entry can say. */
  void turn() {
    int most = AuditLog.MOST_ENTRIES;
    while (log.isPresent() && !waiting.isEmpty()) {
      List<AuditDraft> some = waiting.stream().limit(most).toList();
      try {
        log.get().commit(List.of(), some);
      } catch (IllegalArgumentException e) {
        if (some.size() > 1) {
          most = 1; // to find which it is
          continue;
        }
        LOG.warn("a refusal cannot be written into the audit log", e);
        leftOut.incrementAndGet();
      }
      some.forEach(done -> waiting.removeFirst());
    }
  }

  /** Refusals that the log has no entry of, since the start. */
  public long leftOut() {
    return leftOut.get();
  }
}
