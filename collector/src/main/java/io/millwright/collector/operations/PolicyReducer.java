package io.millwright.collector.operations;

import io.millwright.collector.operations.Act.Cause;
import io.millwright.collector.operations.Sighting.Finding;
import io.millwright.collector.racks.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What verdicts make of the acts of policy. Pure.
 *
 * <p>Each cause, a rule that holds on a thing, has one open act. It settles, is held against
 * people, maintenance, limits and evidence, is carried out or waits and says why, lapses when the
 * verdict clears before, and is taken back when it is clear for a while after. Of a node that is
 * not heard nothing clears and nothing begins.
 */
public final class PolicyReducer {
  private static final long KEPT_MS = 7L * 24 * 3_600_000;
  private static final int MOST_KEPT = 2_000;

  private PolicyReducer() {}

  /**
   * What a step sees.
   *
   * @param evidence what is captured of a node since a wall time
   * @param paused why nothing is begun now; empty where nothing keeps it
   * @param nowMs wall clock of the collector
   */
  public record Input(
      Policy policy,
      List<Sighting> fleet,
      Function<String, Place> places,
      EvidenceSource evidence,
      Optional<String> paused,
      long nowMs) {
    public Input {
      fleet = List.copyOf(fleet);
    }
  }

  /** The acts after this look, by number. */
  public static SortedMap<Long, Act> step(Operations before, Input input) {
    return new Step(before, input).acts();
  }

  /** One look. */
  private static final class Step {
    private final Operations before;
    private final Input in;
    private final long now;
    private final Map<String, Sighting> seen = new HashMap<>();
    private final Map<Cause, Finding> holding = new LinkedHashMap<>();
    private final SortedMap<Long, Act> acts = new TreeMap<>();
    private final Set<Cause> open = new HashSet<>();
    private final Map<Cause, Long> firstSeen = new HashMap<>();
    private final Map<String, List<ManualOverride>> overrides;
    private final List<Window> windows;

    Step(Operations before, Input in) {
      this.before = before;
      this.in = in;
      this.now = in.nowMs();
      this.overrides = before.overridesByNode(now);
      this.windows = before.windowsNow(now);
    }

    SortedMap<Long, Act> acts() {
      look();
      for (Act act : before.acts().values()) {
        Act after = act.stage().open() ? watched(act) : act;
        if (act.stage() != Stage.SETTLING || after.stage().open()) {
          put(after); // what never was due is nothing to tell of
        }
      }
      begin();
      decide();
      forget();
      return acts;
    }

    private void put(Act act) {
      acts.put(act.id(), act);
      if (act.stage().open()) {
        open.add(act.cause());
      }
    }

    private void look() {
      for (Sighting node : in.fleet()) {
        seen.put(node.node(), node);
        if (node.heard()) {
          hold(node);
        }
      }
    }

    private void hold(Sighting node) {
      for (Finding finding : node.findings()) {
        holding.putIfAbsent(new Cause(node.node(), finding.device(), finding.rule()), finding);
      }
    }

    private Optional<ManualOverride> override(String node, String rule) {
      return overrides.getOrDefault(node, List.of()).stream()
          .filter(one -> one.covers(node, rule))
          .findFirst();
    }

    // ---- what becomes of an open act

    private Act watched(Act old) {
      Act act = old.holding(holding.containsKey(old.cause()));
      Optional<ManualOverride> override = override(act.node(), act.rule());
      if (override.isPresent()) {
        return overridden(act, override.get());
      }
      Finding finding = holding.get(act.cause());
      if (finding != null) {
        return standing(act.clearSince(OptionalLong.empty()), finding);
      }
      boolean heard = seen.containsKey(act.node()) && seen.get(act.node()).heard();
      if (!heard) {
        return act.clearSince(OptionalLong.empty());
      }
      return act.stage().ahead()
          ? act.ended(Stage.LAPSED, "the verdict cleared before anything was done", now)
          : clearing(act);
    }

    private Act overridden(Act act, ManualOverride override) {
      String why =
          "overridden by %s until %s".formatted(override.by(), Times.words(override.untilMs()));
      return act.ended(act.stands() ? Stage.LIFTED : Stage.CLOSED, why, now);
    }

    /** What was not done, or only as a dry run, follows the policy of now. */
    private Act standing(Act act, Finding finding) {
      Optional<Policy.Rule> rule = in.policy().of(act.rule(), finding.advice());
      boolean same =
          rule.isPresent()
              && rule.get().action() == act.action()
              && (rule.get().mode() == Policy.Mode.DRY_RUN) == act.dry();
      boolean free = act.stage().ahead() || (act.dry() && act.stage() != Stage.OVERRULED);
      if (same || !free) {
        return act;
      }
      firstSeen.put(act.cause(), act.seenMs());
      return act.ended(Stage.CLOSED, "the policy has changed", now);
    }

    private Act clearing(Act act) {
      if (act.clearMs().isEmpty()) {
        return act.clearSince(OptionalLong.of(now));
      }
      if (now - act.clearMs().getAsLong() < in.policy().clearMs()) {
        return act;
      }
      return act.stands()
          ? act.ended(Stage.LIFTED, "the verdict cleared", now)
          : act.ended(Stage.CLOSED, "the verdict cleared; " + act.why(), now);
    }

    // ---- what begins

    private void begin() {
      long next = before.nextAct();
      for (Map.Entry<Cause, Finding> one : holding.entrySet()) {
        Cause cause = one.getKey();
        Optional<Policy.Rule> rule = in.policy().of(cause.rule(), one.getValue().advice());
        boolean wanted =
            rule.isPresent()
                && !open.contains(cause)
                && override(cause.node(), cause.rule()).isEmpty();
        if (wanted) {
          long since = firstSeen.getOrDefault(cause, now);
          put(Act.seen(next, cause, one.getValue().observed(), rule.get(), since));
          next++;
        }
      }
    }

    // ---- what is carried out

    private void decide() {
      Tally tally = new Tally(in.policy().limits(), in.places(), in.fleet().size());
      before.orders().keySet().forEach(tally::withdrawn);
      maintained(tally);
      List<Act> due = new ArrayList<>();
      for (Act act : acts.values()) {
        tally.add(act, now);
        if (act.stage().ahead() && now - act.seenMs() >= in.policy().settleMs()) {
          due.add(act);
        }
      }
      due.sort(Comparator.comparingLong(Act::seenMs).thenComparingLong(Act::id));
      Map<Doing, Long> doings = new HashMap<>();
      acts.values().stream()
          .filter(act -> act.stage() == Stage.DONE)
          .forEach(act -> doings.put(Doing.of(act), act.id()));
      for (Act act : due) {
        Act decided = decided(act, tally, doings);
        acts.put(act.id(), decided);
        if (decided.stage() == Stage.DONE) {
          tally.add(decided, now);
          doings.put(Doing.of(decided), decided.id());
        }
      }
    }

    private void maintained(Tally tally) {
      List<Window> worked =
          windows.stream()
              .filter(window -> window.phase(now) == Window.Phase.OPEN || window.drains(now))
              .toList();
      if (worked.isEmpty()) {
        return;
      }
      for (Sighting node : in.fleet()) {
        Place place = in.places().apply(node.node());
        if (worked.stream().anyMatch(window -> window.area().covers(node.node(), place))) {
          tally.maintained(node.node());
        }
      }
    }

    /** What two rules on one thing ask for alike is done once. */
    private record Doing(String node, Optional<String> device, Action action, boolean dry) {
      static Doing of(Act act) {
        return new Doing(
            act.node(),
            act.action().ofNode() ? Optional.empty() : act.device(),
            act.action(),
            act.dry());
      }
    }

    private Act decided(Act act, Tally tally, Map<Doing, Long> doings) {
      Sighting node = seen.get(act.node());
      if (node == null || !node.heard() || !holding.containsKey(act.cause())) {
        return act.at(Stage.WAITING, "the node is not heard");
      }
      if (act.action() == Action.RESET_DEVICE && !node.simulated()) {
        return act.at(
            Stage.REFUSED,
            "a device is reset on simulated hardware alone, and this node's is real");
      }
      return keptFrom(act, tally, doings)
          .map(why -> act.at(Stage.WAITING, why))
          .or(() -> evidenceMissing(act).map(why -> act.awaitingEvidence(why, now)))
          .orElseGet(() -> carriedOut(act));
    }

    private Optional<String> keptFrom(Act act, Tally tally, Map<Doing, Long> doings) {
      return in.paused()
          .or(() -> personHas(act.node()))
          .or(() -> window(act.node()).map(Window::words))
          .or(() ->
              Optional.ofNullable(doings.get(Doing.of(act)))
                  .map(id -> "act %d does the same already".formatted(id)))
          .or(() -> tally.objection(act.node(), act.dry()));
    }

    private Optional<Window> window(String node) {
      Place place = in.places().apply(node);
      return windows.stream()
          .filter(window -> window.phase(now) == Window.Phase.OPEN)
          .filter(window -> window.area().covers(node, place))
          .findFirst();
    }

    private Optional<String> personHas(String node) {
      return Optional.ofNullable(before.orders().get(node))
          .map(order -> "%s has it in hand (%s)".formatted(order.by(), order.kind().word()));
    }

    private Optional<String> evidenceMissing(Act act) {
      if (act.dry() || !act.action().disruptive()) {
        return Optional.empty();
      }
      long due = act.dueMs().orElse(now);
      if (now - due >= Policy.EVIDENCE_MS) {
        return Optional.empty();
      }
      return switch (in.evidence().ready(act.node(), act.seenMs())) {
        case EvidenceSource.Readiness.Ready(String reference) -> Optional.empty();
        case EvidenceSource.Readiness.Missing(String why) ->
            Optional.of(
                "evidence is waited for, %s longer: %s"
                    .formatted(Times.span(Policy.EVIDENCE_MS - (now - due)), why));
      };
    }

    private Act carriedOut(Act act) {
      String why =
          act.dry()
              ? "a dry run: would have been carried out"
              : act.action().asks() ? "asked for" : "carried out";
      OptionalLong deadline =
          act.action() == Action.DRAIN
              ? OptionalLong.of(now + in.policy().drainDeadlineMs())
              : OptionalLong.empty();
      return act.done(why, evidence(act), now, deadline);
    }

    private String evidence(Act act) {
      if (!act.action().wantsEvidence()) {
        return "";
      }
      if (act.dry()) {
        return "would have been captured first";
      }
      return switch (in.evidence().ready(act.node(), act.seenMs())) {
        case EvidenceSource.Readiness.Ready(String reference) -> reference;
        case EvidenceSource.Readiness.Missing(String why) -> "missing: " + why;
      };
    }

    // ---- what is forgotten

    /** The newest stays, for the numbers, and so does what an hour's limit counts. */
    private void forget() {
      List<Act> over =
          acts.values().stream()
              .filter(act -> act.endedMs().isPresent())
              .filter(act -> now - act.doneMs().orElse(0) >= Tally.HOUR_MS)
              .filter(act -> act.id() != acts.lastKey())
              .toList();
      for (int i = 0; i < over.size(); i++) {
        Act act = over.get(i);
        boolean old = now - act.endedMs().orElse(now) > KEPT_MS;
        if (old || i < over.size() - MOST_KEPT) {
          acts.remove(act.id());
        }
      }
    }
  }
}
