package io.millwright.simulator.judgement;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of one trace.
 *
 * @param removed each time that something was taken out of use, and whether the expert wanted it
 * @param asked each removal or notice that the expert asked for, and whether it came
 * @param cleared of each end of trouble, whether the verdict said so
 * @param expected of each other word of the expert, whether the verdict agreed
 * @param healthyUnseen ticks at which something that was not observed was called ok
 */
record Outcome(
    Trace trace,
    List<Removal> removed,
    List<Asked> asked,
    List<Said> cleared,
    List<Said> expected,
    int healthyUnseen) {
  Outcome {
    removed = List.copyOf(removed);
    asked = List.copyOf(asked);
    cleared = List.copyOf(cleared);
    expected = List.copyOf(expected);
  }

  /** What was out of use, and by which rules. */
  record Removal(int subject, long atSeconds, boolean wanted, String rules) {}

  /**
   * @param removal whether a removal was asked for, or only that something be said
   * @param ticks from the evidence to the verdict; negative where none came
   */
  record Asked(int subject, long atSeconds, boolean removal, int ticks) {
    boolean came() {
      return ticks >= 0;
    }
  }

  record Said(int subject, long atSeconds, boolean agreed, String was) {}

  /** Each thing that went otherwise than the expert says, in words that stay the same. */
  List<String> misses() {
    List<String> misses = new ArrayList<>();
    removed.stream()
        .filter(one -> !one.wanted())
        .map(one ->
            "false removal of %s at %s by %s"
                .formatted(Label.spoken(one.subject()), Span.text(one.atSeconds()), one.rules()))
        .forEach(misses::add);
    asked.stream()
        .filter(one -> !one.came())
        .map(one ->
            "%s of %s from %s did not come"
                .formatted(
                    one.removal() ? "removal" : "notice",
                    Label.spoken(one.subject()),
                    Span.text(one.atSeconds())))
        .forEach(misses::add);
    cleared.stream()
        .filter(one -> !one.agreed())
        .map(one ->
            "%s was not clear at %s but %s"
                .formatted(Label.spoken(one.subject()), Span.text(one.atSeconds()), one.was()))
        .forEach(misses::add);
    expected.stream()
        .filter(one -> !one.agreed())
        .map(one ->
            "%s was %s at %s"
                .formatted(Label.spoken(one.subject()), one.was(), Span.text(one.atSeconds())))
        .forEach(misses::add);
    if (healthyUnseen > 0) {
      misses.add("something unobserved was called ok");
    }
    return misses.stream().map(miss -> trace.path() + ": " + miss).toList();
  }
}
