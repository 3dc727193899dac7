package io.millwright.agent.events;

import io.millwright.agent.health.News;
import io.millwright.agent.health.Tally;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts what the rules found into events: new counts as they are, and of the verdicts what is other
 * than at the tick before.
 *
 * <p><i>Threading:</i> one owner, the caller.
 */
final class Narrator {
  private static final String NODE = "";

  private RuleCatalogue rules;
  private final String bootId;
  private final Map<String, Said> subjects = new HashMap<>();
  private final Set<String> seen = new HashSet<>();
  private boolean driverGone;

  /** How a subject was at the tick before. */
  private record Said(String index, Verdict verdict, boolean lost, boolean probeFails) {}

  Narrator(RuleCatalogue rules, String bootId) {
    this.rules = rules;
    this.bootId = bootId;
  }

  /** Words events by these rules from now on. */
  void follow(RuleCatalogue next) {
    rules = next;
  }

  /** Of the agent or the node as such. */
  NodeEvent of(EventKind kind, Severity severity, long nowMs, String message) {
    return event(kind, severity, NODE, "", "", 1, nowMs, nowMs, Optional.empty(), message);
  }

  // ---- runs

  /**
   * Its name is in the field for it alone, which is for those who may see jobs; so is the reason,
   * which may tell of users and of other runs, and stands with the job.
   */
  NodeEvent of(RunNews news) {
    if (news.state() == JobState.STUCK) {
      return event(
          EventKind.JOB_STUCK,
          Severity.WARNING,
          NODE,
          "",
          "",
          1,
          news.atMs(),
          news.atMs(),
          Optional.of(news.run()),
          "A run does not end, or somebody holds a device of it: why stands with the job.");
    }
    boolean ofNode =
        news.outcome().filter(outcome -> outcome.kind().result().equals("node_fail")).isPresent();
    return event(
        news.outcome().isPresent() ? EventKind.JOB_ENDED : EventKind.JOB_BEGAN,
        ofNode ? Severity.WARNING : Severity.INFO,
        NODE,
        "",
        news.outcome().map(outcome -> outcome.kind().word()).orElse(""),
        1,
        news.atMs(),
        news.atMs(),
        Optional.of(news.run()),
        news.outcome()
            .map(outcome -> "A run has ended: %s.".formatted(outcome.brief()))
            .orElse("A run has begun."));
  }

  /** The number of the process is the code: another process is another holder. */
  NodeEvent of(HolderNews news) {
    return event(
        news.holds() ? EventKind.FOREIGN_HOLDER_FOUND : EventKind.FOREIGN_HOLDER_GONE,
        news.holds() ? Severity.WARNING : Severity.INFO,
        news.device(),
        "",
        Long.toString(news.process()),
        1,
        news.atMs(),
        news.atMs(),
        Optional.of(news.run()),
        news.sentence());
  }

  /** Whose it is stands in the account, which is for those who may see jobs. */
  NodeEvent of(RunAccount account) {
    return new NodeEvent(
        bootId,
        EventKind.JOB_ACCOUNTED.word(),
        Severity.INFO,
        NODE,
        "",
        "",
        "",
        1,
        account.endedMs(),
        account.endedMs(),
        Optional.of(account.run().text()),
        "A run is accounted.",
        Optional.of(account));
  }

  // ---- counts

  NodeEvent of(News news, long nowMs) {
    return switch (news) {
      case News.Occurred one ->
          event(
              EventKind.ERROR_CODE,
              severity(one.code()),
              one.device(),
              one.instance(),
              one.code().text(),
              one.times(),
              one.firstMs(),
              one.lastMs(),
              one.hit().map(Tally.Hit::run),
              spoken(one));
      case News.Ended(String device, ErrorCode code, boolean reset) ->
          event(
              EventKind.ERROR_CLEARED,
              Severity.INFO,
              device,
              "",
              code.text(),
              1,
              nowMs,
              nowMs,
              Optional.empty(),
              code.spoken()
                  + (reset
                      ? " counts no more: the device was reset."
                      : " counts no more: no other came for long."));
      case News.KernelOccurred one ->
          event(
              EventKind.KERNEL_PATTERN,
              severity(one.pattern()),
              NODE,
              "",
              one.pattern(),
              one.times(),
              one.firstMs(),
              one.lastMs(),
              Optional.empty(),
              "Kernel log: " + one.detail());
      case News.KernelEnded(String pattern) ->
          event(
              EventKind.KERNEL_CLEARED,
              Severity.INFO,
              NODE,
              "",
              pattern,
              1,
              nowMs,
              nowMs,
              Optional.empty(),
              "No other " + pattern + " came for long.");
    };
  }

  private String spoken(News.Occurred one) {
    String said = one.detail().isEmpty() ? "" : " (" + one.detail() + ")";
    return "%s: %s%s".formatted(one.code().spoken(), rules.meaning(one.code()), said);
  }

  private Severity severity(ErrorCode code) {
    return Severity.ofWord(rules.severity(code)).orElse(Severity.WARNING);
  }

  private Severity severity(String pattern) {
    Severity worst = Severity.INFO;
    for (Rule rule : rules.all()) {
      if (rule.condition() instanceof Condition.Kernel(String own) && own.equals(pattern)) {
        worst = worst.graver(severity(rule.verdict()));
      }
    }
    return worst;
  }

  private static Severity severity(Verdict verdict) {
    return switch (verdict) {
      case OK -> Severity.INFO;
      case DEGRADED, UNKNOWN -> Severity.WARNING;
      case FAILED -> Severity.FATAL;
    };
  }

  // ---- verdicts

  /** What is other than in the report before. A report without judgements says nothing. */
  void compare(HealthReport report, Consumer<NodeEvent> told) {
    if (report.judgements().isEmpty()) {
      return;
    }
    seen.clear();
    boolean gone = false;
    for (Judgement judgement : report.judgements()) {
      gone |= speaks(judgement, "driver-gone");
      compare(judgement, report.atMs(), told);
    }
    subjects.keySet().retainAll(seen); // what is not told of any more is no change of a verdict
    if (gone != driverGone) {
      driverGone = gone;
      told.accept(
          gone
              ? of(
                  EventKind.DRIVER_GONE,
                  Severity.WARNING,
                  report.atMs(),
                  "There is no driver to ask.")
              : of(EventKind.DRIVER_RETURNED, Severity.INFO, report.atMs(), "The driver is back."));
    }
  }

  private void compare(Judgement judgement, long nowMs, Consumer<NodeEvent> told) {
    String uuid = uuid(judgement.subject());
    seen.add(uuid);
    Said before = subjects.get(uuid);
    Verdict verdict = judgement.verdict();
    if (before != null && before.verdict() == verdict && before.verdict() == Verdict.OK) {
      return; // nothing that is told of here leaves the verdict as it is
    }
    if (before == null && verdict == Verdict.UNKNOWN && why(judgement).isEmpty()) {
      return; // has not answered yet
    }
    boolean lost = speaks(judgement, "device-lost");
    boolean failing = probeFails(judgement);
    Said now = new Said(index(judgement.subject()), verdict, lost, failing);
    if (now.equals(before)) {
      return;
    }
    subjects.put(uuid, now);
    Said then = Objects.requireNonNullElse(before, new Said(now.index(), Verdict.OK, false, false));
    if (then.verdict() != verdict && !ofItsDevice(uuid, then.verdict(), verdict)) {
      told.accept(turned(judgement, before == null, then.verdict(), nowMs));
    }
    if (then.lost() != lost) {
      told.accept(
          lost
              ? at(judgement, EventKind.DEVICE_LOST, Severity.FATAL, nowMs, "The driver lost it.")
              : at(judgement, EventKind.DEVICE_RETURNED, Severity.INFO, nowMs, "It is back."));
    }
    if (then.probeFails() != failing) {
      told.accept(
          failing
              ? at(
                  judgement,
                  EventKind.PROBE_FAILED,
                  Severity.WARNING,
                  nowMs,
                  "A part of the node cannot be looked at" + why(judgement) + ".")
              : at(
                  judgement,
                  EventKind.PROBE_RECOVERED,
                  Severity.INFO,
                  nowMs,
                  "All of the node is looked at again."));
    }
  }

  /** A MIG instance is not observed while its device is not, which is told of the device. */
  private static boolean ofItsDevice(String uuid, Verdict before, Verdict now) {
    return uuid.startsWith("MIG-")
        && (now == Verdict.UNKNOWN || (now == Verdict.OK && before == Verdict.UNKNOWN));
  }

  private NodeEvent turned(Judgement judgement, boolean first, Verdict before, long nowMs) {
    String was = first ? "Is " : "Was " + before.word() + ", is ";
    return at(
        judgement,
        EventKind.VERDICT_CHANGED,
        severity(judgement.verdict()),
        nowMs,
        was + judgement.verdict().word() + why(judgement) + ".");
  }

  private static String why(Judgement judgement) {
    for (Evidence one : judgement.evidence()) {
      if (!one.observeOnly()) {
        return " by %s version %d: %s; advice: %s"
            .formatted(one.rule(), one.version(), one.observed(), one.advice().word());
      }
    }
    return "";
  }

  private boolean probeFails(Judgement judgement) {
    for (Evidence one : judgement.evidence()) {
      if (rules
          .find(one.rule())
          .filter(rule -> rule.condition() instanceof Condition.ProbeFails)
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static boolean speaks(Judgement judgement, String rule) {
    for (Evidence one : judgement.evidence()) {
      if (one.rule().equals(rule)) {
        return true;
      }
    }
    return false;
  }

  // ---- their parts

  private NodeEvent at(
      Judgement judgement, EventKind kind, Severity severity, long nowMs, String message) {
    Optional<String> job =
        judgement.evidence().stream().flatMap(one -> one.job().stream()).findFirst();
    return event(kind, severity, uuid(judgement.subject()), "", "", 1, nowMs, nowMs, job, message);
  }

  private NodeEvent event(
      EventKind kind,
      Severity severity,
      String device,
      String instance,
      String code,
      long times,
      long firstMs,
      long lastMs,
      Optional<String> job,
      String message) {
    Said known = subjects.get(device);
    return new NodeEvent(
        bootId,
        kind.word(),
        severity,
        device,
        known == null ? "" : known.index(),
        instance,
        code,
        times,
        firstMs,
        lastMs,
        job,
        NodeEvent.message(message));
  }

  private static String uuid(Subject subject) {
    return switch (subject) {
      case Subject.Node() -> NODE;
      case Subject.Device(String index, String uuid) -> uuid;
    };
  }

  private static String index(Subject subject) {
    return switch (subject) {
      case Subject.Node() -> "";
      case Subject.Device(String index, String uuid) -> index;
    };
  }
}
