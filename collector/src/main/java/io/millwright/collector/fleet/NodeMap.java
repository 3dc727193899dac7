package io.millwright.collector.fleet;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * States of nodes by name, in the names' order. One with other states of nodes that are known
 * shares the names with the one before, so that ten thousand cost a copy of ten thousand
 * references.
 *
 * <p><i>Threading:</i> immutable.
 */
final class NodeMap extends AbstractMap<String, NodeState> {
  static final NodeMap EMPTY = new NodeMap(new String[0], new NodeState[0]);

  private final String[] names;
  private final NodeState[] states;

  private NodeMap(String[] names, NodeState[] states) {
    this.names = names;
    this.states = states;
  }

  static NodeMap of(Map<String, NodeState> nodes) {
    return nodes instanceof NodeMap made ? made : EMPTY.with(nodes);
  }

  /** With these instead of those of their names. */
  NodeMap with(Map<String, NodeState> changed) {
    return changed.keySet().stream().allMatch(this::containsKey)
        ? replaced(changed)
        : merged(changed);
  }

  private NodeMap replaced(Map<String, NodeState> changed) {
    NodeState[] next = states.clone();
    changed.forEach((name, state) -> next[place(name)] = state);
    return new NodeMap(names, next);
  }

  private NodeMap merged(Map<String, NodeState> changed) {
    Map<String, NodeState> all = new HashMap<>(this);
    all.putAll(changed);
    String[] sorted = all.keySet().toArray(new String[0]);
    Arrays.sort(sorted);
    return new NodeMap(sorted, Arrays.stream(sorted).map(all::get).toArray(NodeState[]::new));
  }

  /** Where the node of this name stands; negative where none is. */
  private int place(@Nullable Object name) {
    return name instanceof String known ? Arrays.binarySearch(names, known) : -1;
  }

  @Override
  public @Nullable NodeState get(@Nullable Object name) {
    int place = place(name);
    return place < 0 ? null : states[place];
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return place(name) >= 0;
  }

  @Override
  public int size() {
    return states.length;
  }

  @Override
  public Set<Map.Entry<String, NodeState>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return states.length;
      }

      @Override
      public Iterator<Map.Entry<String, NodeState>> iterator() {
        return new Entries();
      }
    };
  }

  private final class Entries implements Iterator<Map.Entry<String, NodeState>> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < states.length;
    }

    @Override
    public Map.Entry<String, NodeState> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("there are %d nodes".formatted(states.length));
      }
      int at = next;
      next++;
      return Map.entry(names[at], states[at]);
    }
  }
}
