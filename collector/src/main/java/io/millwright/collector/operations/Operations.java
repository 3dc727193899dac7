package io.millwright.collector.operations;

import io.millwright.collector.racks.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that people and policy want of the nodes. Each change makes a new one.
 *
 * @param orders of people, by node
 * @param windows by id
 * @param overrides by id
 * @param acts by number, those that are over too
 */
public record Operations(
    Map<String, Order> orders,
    Map<String, Window> windows,
    Map<String, ManualOverride> overrides,
    SortedMap<Long, Act> acts) {
  public static final Operations NONE =
      new Operations(Map.of(), Map.of(), Map.of(), new TreeMap<>());

  public Operations {
    orders = Collections.unmodifiableMap(new TreeMap<>(orders));
    windows = Collections.unmodifiableMap(new TreeMap<>(windows));
    overrides = Collections.unmodifiableMap(new TreeMap<>(overrides));
    acts = Collections.unmodifiableSortedMap(new TreeMap<>(acts));
  }

  // ---- what follows

  /** The windows that have not ended. */
  List<Window> windowsNow(long nowMs) {
    List<Window> found = new ArrayList<>();
    for (Window window : windows.values()) {
      if (window.phase(nowMs) != Window.Phase.ENDED) {
        found.add(window);
      }
    }
    return found;
  }

  /** The overrides that hold, by node. */
  Map<String, List<ManualOverride>> overridesByNode(long nowMs) {
    Map<String, List<ManualOverride>> found = new HashMap<>();
    for (ManualOverride one : overrides.values()) {
      if (one.holds(nowMs)) {
        found.computeIfAbsent(one.node(), first -> new ArrayList<>()).add(one);
      }
    }
    return found;
  }

  /** Without windows and overrides that are over; it answers the same questions faster. */
  Operations lively(long nowMs) {
    Map<String, Window> open = new TreeMap<>();
    windowsNow(nowMs).forEach(window -> open.put(window.id(), window));
    Map<String, ManualOverride> held = new TreeMap<>();
    overridesByNode(nowMs).values().forEach(some -> some.forEach(one -> held.put(one.id(), one)));
    return new Operations(orders, open, held, acts);
  }

  /** The windows that a node is in, whatever their phase. */
  List<Window> windows(String node, Place place) {
    List<Window> found = new ArrayList<>();
    for (Window window : windows.values()) {
      if (window.area().covers(node, place)) {
        found.add(window);
      }
    }
    return found;
  }

  /** The window in which a node is worked on now. */
  public Optional<Window> open(String node, Place place, long nowMs) {
    return windows(node, place).stream()
        .filter(window -> window.phase(nowMs) == Window.Phase.OPEN)
        .findFirst();
  }

  /** Whether nobody is to be called for this node: it is in maintenance, or wholly overridden. */
  public boolean suppressed(String node, Place place, long nowMs) {
    return open(node, place, nowMs).isPresent()
        || overrides.values().stream()
            .anyMatch(one -> one.rule().isEmpty() && one.node().equals(node) && one.holds(nowMs));
  }

  /** The override by which a rule is treated as ok on a node. */
  public Optional<ManualOverride> overridden(String node, String rule, long nowMs) {
    return overrides.values().stream()
        .filter(one -> one.covers(node, rule) && one.holds(nowMs))
        .findFirst();
  }

  long nextAct() {
    return acts.isEmpty() ? 1 : acts.lastKey() + 1;
  }

  // ---- changes

  Operations with(Order order) {
    Map<String, Order> next = new TreeMap<>(orders);
    next.put(order.node(), order);
    return new Operations(next, windows, overrides, acts);
  }

  Operations withoutOrder(String node) {
    Map<String, Order> next = new TreeMap<>(orders);
    next.remove(node);
    return new Operations(next, windows, overrides, acts);
  }

  Operations with(Window window) {
    Map<String, Window> next = new TreeMap<>(windows);
    next.put(window.id(), window);
    return new Operations(orders, next, overrides, acts);
  }

  Operations with(ManualOverride override) {
    Map<String, ManualOverride> next = new TreeMap<>(overrides);
    next.put(override.id(), override);
    return new Operations(orders, windows, next, acts);
  }

  Operations withActs(SortedMap<Long, Act> next) {
    return new Operations(orders, windows, overrides, next);
  }
}
