package io.millwright.simulator.judgement;

import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.simulator.judgement.Outcome.Asked;
import io.millwright.simulator.judgement.Outcome.Removal;
import io.millwright.simulator.judgement.Outcome.Said;
import io.millwright.simulator.judgement.Trace.Timed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Plays a trace to the real engine, a tick a second around each event and fewer between them, and
 * holds what the engine says against what the expert says.
 */
final class Replay {
  private static final long CLOSE = 12;
  private static final long NEAR = 180;
  private static final long LATER = 1_200;
  private static final int FEW = 40;
  private static final long GRACE = 120;

  private final Trace trace;
  private final TracedAgent agent;

  private final List<Removal> removed = new ArrayList<>();
  private final List<Asked> asked = new ArrayList<>();
  private final List<Said> cleared = new ArrayList<>();
  private final List<Said> expected = new ArrayList<>();
  private final Set<Integer> out = new HashSet<>();
  private final List<Wish> wishes = new ArrayList<>();
  private int healthyUnseen;

  /** What the expert asked for, until it came or is too late. */
  private static final class Wish {
    private final int subject;
    private final long atSeconds;
    private final long untilSeconds;
    private final boolean removal;
    private int ticks;

    Wish(int subject, long atSeconds, long withinSeconds, boolean removal) {
      this.subject = subject;
      this.atSeconds = atSeconds;
      this.untilSeconds = atSeconds + withinSeconds;
      this.removal = removal;
    }
  }

  private Replay(RuleCatalogue rules, Trace trace) {
    this.trace = trace;
    this.agent =
        new TracedAgent(
            rules,
            new TracedNode(
                TracedNode.ALONE,
                trace.profile(),
                trace.devices(),
                trace.acts().stream().map(Timed::what).toList()));
  }

  static Outcome of(RuleCatalogue rules, Trace trace) {
    return new Replay(rules, trace).outcome();
  }

  private Outcome outcome() {
    List<Timed<Act>> acts = new ArrayList<>(trace.acts());
    List<Timed<Label>> labels = new ArrayList<>(trace.labels());
    for (long at : ticks()) {
      while (!acts.isEmpty() && acts.getFirst().atSeconds() <= at) {
        agent.act(acts.removeFirst().what(), at);
      }
      HealthReport report = agent.judge(at);
      while (!labels.isEmpty() && labels.getFirst().atSeconds() <= at) {
        label(labels.removeFirst(), report);
      }
      weigh(report, at);
    }
    wishes.forEach(this::late);
    return new Outcome(trace, removed, asked, cleared, expected, healthyUnseen);
  }

  // ---- time

  private Set<Long> ticks() {
    Set<Long> ticks = new TreeSet<>();
    boolean few = trace.acts().size() <= FEW;
    trace.acts().forEach(act -> around(ticks, act.atSeconds(), few));
    trace.labels().forEach(label -> around(ticks, label.atSeconds(), true));
    around(ticks, 0, true);
    add(ticks, 0, trace.lastsSeconds(), 600);
    return ticks;
  }

  /** What happens again and again is looked at less closely. */
  private void around(Set<Long> ticks, long moment, boolean closely) {
    add(ticks, moment, moment + (closely ? CLOSE : 1), 1);
    if (closely) {
      add(ticks, moment + CLOSE, moment + NEAR, 5);
      add(ticks, moment + NEAR, moment + LATER, 60);
    }
  }

  private void add(Set<Long> ticks, long from, long until, long every) {
    for (long at = from; at <= Math.min(until, trace.lastsSeconds()); at += every) {
      ticks.add(at);
    }
  }

  // ---- what the expert says

  private void label(Timed<Label> timed, HealthReport report) {
    long at = timed.atSeconds();
    switch (timed.what()) {
      case Label.Remove(int subject, long until, long within) ->
          wishes.add(new Wish(subject, at, within, true));
      case Label.Notice(int subject, long within) ->
          wishes.add(new Wish(subject, at, within, false));
      case Label.May _ -> {}
      case Label.Clear(int subject) -> {
        Verdict verdict = verdict(report, subject);
        cleared.add(new Said(subject, at, verdict == Verdict.OK, verdict.word()));
      }
      case Label.Expect(int subject, var verdicts) -> {
        Verdict verdict = verdict(report, subject);
        expected.add(new Said(subject, at, verdicts.contains(verdict), verdict.word()));
      }
    }
  }

  /** Unknown where nothing is said of it. */
  private Verdict verdict(HealthReport report, int subject) {
    return judgement(report, subject).map(Judgement::verdict).orElse(Verdict.UNKNOWN);
  }

  private Optional<Judgement> judgement(HealthReport report, int subject) {
    return report.judgements().stream().filter(one -> is(one.subject(), subject)).findFirst();
  }

  private boolean is(Subject judged, int subject) {
    return switch (judged) {
      case Subject.Node() -> subject == Label.NODE;
      case Subject.Device(String index, String uuid) ->
          subject != Label.NODE && uuid.equals(agent.node().uuid(subject));
    };
  }

  private void weigh(HealthReport report, long at) {
    for (int subject = Label.NODE; subject < trace.devices(); subject++) {
      Optional<Judgement> judged = judgement(report, subject);
      boolean unusable = judged.filter(Replay::outOfUse).isPresent();
      if (unusable && out.add(subject)) {
        removed.add(new Removal(subject, at, wanted(subject, at), rules(judged.orElseThrow())));
      }
      if (!unusable) {
        out.remove(subject);
      }
      Verdict verdict = judged.map(Judgement::verdict).orElse(Verdict.UNKNOWN);
      grant(subject, at, unusable, verdict);
      if (subject != Label.NODE && agent.node().unobserved(subject) && verdict == Verdict.OK) {
        healthyUnseen++;
      }
    }
  }

  /** It gets no new job, or what runs on it is to leave. */
  private static boolean outOfUse(Judgement judgement) {
    return judgement.verdict() == Verdict.FAILED
        || judgement.evidence().stream()
            .filter(one -> !one.observeOnly())
            .map(Evidence::advice)
            .anyMatch(advice -> advice == Advice.DRAIN || advice == Advice.REPLACE);
  }

  private static String rules(Judgement judgement) {
    return judgement.evidence().stream()
        .filter(one -> !one.observeOnly())
        .map(Evidence::rule)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private boolean wanted(int subject, long at) {
    return trace.labels().stream()
        .anyMatch(timed ->
            switch (timed.what()) {
              case Label.Remove(int of, long until, long within) ->
                  of == subject && at >= timed.atSeconds() && at <= until + GRACE;
              case Label.May(int of, long until) ->
                  of == subject && at >= timed.atSeconds() && at <= until + GRACE;
              case Label.Notice _, Label.Clear _, Label.Expect _ -> false;
            });
  }

  /** Whether what the expert asked for came with this tick. */
  private void grant(int subject, long at, boolean unusable, Verdict verdict) {
    for (Wish wish : List.copyOf(wishes)) {
      if (wish.subject == subject) {
        wish.ticks++;
        if (wish.removal ? unusable : verdict != Verdict.OK) {
          asked.add(new Asked(subject, wish.atSeconds, wish.removal, wish.ticks));
          wishes.remove(wish);
        } else if (at >= wish.untilSeconds) {
          late(wish);
          wishes.remove(wish);
        }
      }
    }
  }

  private void late(Wish wish) {
    asked.add(new Asked(wish.subject, wish.atSeconds, wish.removal, -1));
  }
}
