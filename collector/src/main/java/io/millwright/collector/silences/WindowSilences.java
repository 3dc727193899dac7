package io.millwright.collector.silences;

import io.millwright.collector.operations.Operations;
import io.millwright.collector.operations.Window;
import io.millwright.collector.racks.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Windows of maintenance as silences. Pure. */
public final class WindowSilences {
  private WindowSilences() {}

  /**
   * Those of the windows that have not ended and have nodes.
   *
   * @param store id of the store in which the windows are
   * @param nodes all that are known
   */
  public static List<Silence> of(
      String store,
      Operations operations,
      Collection<String> nodes,
      Function<String, Place> places,
      long nowMs) {
    List<Silence> silences = new ArrayList<>();
    for (Window window : operations.windows().values()) {
      List<String> covered =
          nodes.stream().filter(node -> window.area().covers(node, places.apply(node))).toList();
      if (window.phase(nowMs) != Window.Phase.ENDED && !covered.isEmpty()) {
        silences.add(
            new Silence(
                window.id(),
                Silence.expression(covered),
                Instant.ofEpochMilli(window.startMs()),
                Instant.ofEpochMilli(window.endMs()),
                Silence.author(store),
                "%s %s".formatted(window.words(), Silence.mark(store, window.id()))));
      }
    }
    return silences;
  }
}
