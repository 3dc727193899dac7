package io.millwright.collector.operations;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Versioned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** The operations in the store, each change with its entry in the audit log. */
final class OperationsStore {
  private static final String ALL = "/mw/operations/";
  private static final String ORDER = ALL + "order/";
  private static final String WINDOW = ALL + "window/";
  private static final String OVERRIDE = ALL + "override/";
  private static final String ACT = ALL + "act/";
  private static final String PAUSE = ALL + "paused-until-ms";

  private final AuditLog audit;

  OperationsStore(AuditLog audit) {
    this.audit = audit;
  }

  static Operations read(StateStore store) {
    Map<String, Order> orders = new HashMap<>();
    Map<String, Window> windows = new HashMap<>();
    Map<String, ManualOverride> overrides = new HashMap<>();
    SortedMap<Long, Act> acts = new TreeMap<>();
    for (Versioned stored : store.range(ALL).values()) {
      String key = stored.key();
      if (key.startsWith(ORDER)) {
        Order order = OperationsJson.order(stored.value());
        orders.put(order.node(), order);
      } else if (key.startsWith(WINDOW)) {
        Window window = OperationsJson.window(stored.value());
        windows.put(window.id(), window);
      } else if (key.startsWith(OVERRIDE)) {
        ManualOverride override = OperationsJson.override(stored.value());
        overrides.put(override.id(), override);
      } else if (key.startsWith(ACT)) {
        Act act = OperationsJson.act(stored.value());
        acts.put(act.id(), act);
      }
    }
    return new Operations(orders, windows, overrides, acts);
  }

  /** Until when nothing automatic is begun, by the wall clock as it was set then. */
  static OptionalLong pausedUntilMs(StateStore store) {
    return store
        .get(PAUSE)
        .map(stored -> OptionalLong.of(Long.parseLong(stored.value())))
        .orElse(OptionalLong.empty());
  }

  /** Keeps a pause over a restart. */
  void paused(long untilMs) {
    audit.commit(List.of(new Op.Put(PAUSE, Long.toString(untilMs))), List.of());
  }

  /** A number that nothing else has, for the next thing that is entered. */
  long next() {
    return audit.head().sequence() + 1;
  }

  /** Makes durable what differs between the two, with what is written down of it. */
  void commit(Operations before, Operations after, List<AuditDraft> drafts) {
    List<Op> ops = new ArrayList<>();
    after
        .orders()
        .forEach((node, order) -> {
          if (!order.equals(before.orders().get(node))) {
            ops.add(new Op.Put(ORDER + node, OperationsJson.of(order)));
          }
        });
    before.orders().keySet().stream()
        .filter(node -> !after.orders().containsKey(node))
        .forEach(node -> ops.add(new Op.Delete(ORDER + node)));
    after
        .windows()
        .forEach((id, window) -> {
          if (!window.equals(before.windows().get(id))) {
            ops.add(new Op.Put(WINDOW + id, OperationsJson.of(window)));
          }
        });
    before.windows().keySet().stream()
        .filter(id -> !after.windows().containsKey(id))
        .forEach(id -> ops.add(new Op.Delete(WINDOW + id)));
    after
        .overrides()
        .forEach((id, override) -> {
          if (!override.equals(before.overrides().get(id))) {
            ops.add(new Op.Put(OVERRIDE + id, OperationsJson.of(override)));
          }
        });
    before.overrides().keySet().stream()
        .filter(id -> !after.overrides().containsKey(id))
        .forEach(id -> ops.add(new Op.Delete(OVERRIDE + id)));
    ops.addAll(acts(before.acts(), after.acts()));
    if (!ops.isEmpty() || !drafts.isEmpty()) {
      audit.commit(ops, drafts);
    }
  }

  private static List<Op> acts(SortedMap<Long, Act> before, SortedMap<Long, Act> after) {
    List<Op> ops = new ArrayList<>();
    after.forEach((id, act) -> {
      Act then = before.get(id);
      boolean known = then != null && then.durable() && then.sameInStore(act);
      if (act.durable() && !known) {
        ops.add(new Op.Put(key(id), OperationsJson.of(act)));
      }
    });
    before.forEach((id, act) -> {
      if (act.durable() && !after.containsKey(id)) {
        ops.add(new Op.Delete(key(id)));
      }
    });
    return ops;
  }

  private static String key(long id) {
    return ACT + "%020d".formatted(id);
  }
}
