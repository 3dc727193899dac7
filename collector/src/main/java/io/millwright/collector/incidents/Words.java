package io.millwright.collector.incidents;

import io.millwright.collector.incidents.Incident.Member;
import io.millwright.protocol.health.RuleCatalogue;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** An incident in one sentence. */
final class Words {
  private static final String INNOCENT = "no evidence against the nodes";
  private static final RuleCatalogue RULES = RuleCatalogue.load();

  /** That a device does not answer stands behind what else is said of it, which may be why. */
  private static final Comparator<Symptom> GRAVITY =
      Comparator.comparing(Symptom::verdict).thenComparing(one -> !RULES.blinds(one.rule()));

  private Words() {}

  static String summary(Cause cause, Optional<Suspect> root, List<Member> members, int suspects) {
    return switch (cause.kind()) {
      case DEVICE, NODE -> own(root, cause, members);
      case SITE ->
          "Most nodes fell silent at once, %d of them: look at the collector and its network first; %s"
              .formatted(suspects, INNOCENT);
      case RACK, DOMAIN, COOLING, FEED, SWITCH -> shared(cause, root, suspects);
    };
  }

  private static String shared(Cause cause, Optional<Suspect> root, int suspects) {
    String part = cause.kind().word() + " " + cause.name();
    return switch (cause.nature()) {
      case SILENCE -> "Loss of %s: %d nodes fell silent; %s".formatted(part, suspects, INNOCENT);
      case LINK, SYMPATHY -> link(part, root, suspects);
      case POWER -> "Power trouble of %s: %d suspects tell of it".formatted(part, suspects);
      case THERMAL -> "Cooling trouble of %s: %d suspects tell of it".formatted(part, suspects);
      case OWN -> "Trouble of %s: %d suspects tell of it".formatted(part, suspects);
    };
  }

  private static String link(String part, Optional<Suspect> root, int suspects) {
    return root.map(from ->
            "Link trouble in %s: it began at %s with Xid 149; %d others complain of it"
                .formatted(part, from.text(), suspects - 1))
        .orElseGet(() ->
            "Link trouble in %s: %d complain of it, and none tells where it began"
                .formatted(part, suspects));
  }

  private static String own(Optional<Suspect> root, Cause cause, List<Member> members) {
    Optional<Member> worst = Optional.empty();
    for (Member one : members) {
      boolean worse = worst.isEmpty() || GRAVITY.compare(one.symptom(), worst.get().symptom()) > 0;
      worst = worse ? Optional.of(one) : worst;
    }
    String who = root.map(Suspect::text).orElse("node " + cause.name());
    return worst
        .map(Member::symptom)
        .map(symptom ->
            symptom.nature() == Nature.SILENCE
                ? "Node %s fell silent: its agent, its network or its power; nothing is known of its devices"
                    .formatted(cause.name())
                : "%s is %s by %s: %s"
                    .formatted(who, symptom.verdict().word(), symptom.rule(), symptom.observed()))
        .orElse(who);
  }
}
