package io.millwright.simulator.judgement;

import io.millwright.simulator.judgement.RackTrace.Wanted;
import java.util.ArrayList;
import java.util.List;

/** What became of one trace of racks. */
record RackOutcome(RackTrace trace, RackReplay.Made made) {
  private static final String INNOCENT = "no evidence against the nodes";

  boolean pagedAsWanted() {
    return made.pages() >= trace.wanted().leastPages()
        && made.pages() <= trace.wanted().mostPages();
  }

  /** Each thing that went otherwise than the expert says. */
  List<String> misses() {
    Wanted wanted = trace.wanted();
    List<String> misses = new ArrayList<>();
    if (!pagedAsWanted()) {
      misses.add("%d pages, wanted %s".formatted(made.pages(), pages()));
    }
    wanted
        .incidents()
        .ifPresent(count -> {
          if (made.incidents() != count) {
            misses.add("%d incidents, wanted %d".formatted(made.incidents(), count));
          }
        });
    wanted
        .cause()
        .filter(cause -> !made.causes().contains(cause))
        .ifPresent(cause -> misses.add("causes %s, wanted %s".formatted(made.causes(), cause)));
    wanted
        .root()
        .filter(root -> !made.roots().contains(root))
        .ifPresent(root -> misses.add("roots %s, wanted %s".formatted(made.roots(), root)));
    if (wanted.innocent()
        && made.summaries().stream().noneMatch(words -> words.contains(INNOCENT))) {
      misses.add("something is held against the nodes");
    }
    return misses.stream().map(miss -> "racks/" + trace.name() + ": " + miss).toList();
  }

  /** How often somebody should be called, in words. */
  String pages() {
    Wanted wanted = trace.wanted();
    return wanted.leastPages() == wanted.mostPages()
        ? Long.toString(wanted.leastPages())
        : wanted.leastPages() + " or " + wanted.mostPages();
  }
}
