package io.millwright.agent.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what is wrong, the first hundred of it: a file of a megabyte of unknown keys must not
 * become ten of messages. Owned by the thread that reads.
 */
final class Problems {
  private static final int MOST = 100;
  private static final Comparator<Problem> ORDER =
      Comparator.comparing(Problem::place, Place.ORDER);

  private final List<Problem> first = new ArrayList<>();
  private final Set<String> concerned = new HashSet<>();
  private int more;

  /** A problem with the value of a key. */
  void add(Key<?> key, Place place, String what) {
    concerned.add(key.path());
    add(place, what);
  }

  /** Whether the value of the key was refused. */
  boolean concern(Key<?> key) {
    return concerned.contains(key.path());
  }

  void add(Place place, String what) {
    if (first.size() == MOST) {
      more++;
      return;
    }
    first.add(new Problem(place, what));
  }

  boolean isEmpty() {
    return first.isEmpty();
  }

  /** In the order of {@link Place#ORDER}, with a last one that counts those left out. */
  List<Problem> inOrder() {
    List<Problem> ordered = new ArrayList<>(first);
    ordered.sort(ORDER);
    if (more > 0) {
      Place last = ordered.getLast().place();
      ordered.add(new Problem(last, "and " + more + " more problems that are not shown"));
    }
    return List.copyOf(ordered);
  }
}
