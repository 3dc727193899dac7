package io.millwright.collector.acceptance;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Versioned;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The acceptance of all nodes in the store, each change with its entry in the audit log. */
final class AcceptanceStore {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptanceStore.class);
  private static final String KEYS = "/mw/acceptance/";

  private final AuditLog audit;

  AcceptanceStore(AuditLog audit) {
    this.audit = audit;
  }

  /** By node. One that cannot be read is as if it had never been seen: it is not accepted. */
  static SortedMap<String, NodeAcceptance> read(StateStore store) {
    SortedMap<String, NodeAcceptance> nodes = new TreeMap<>();
    for (Versioned kept : store.range(KEYS).values()) {
      try {
        NodeAcceptance node = EquipmentJson.node(kept.value());
        nodes.put(node.node(), node);
      } catch (IllegalArgumentException e) {
        LOG.warn("the acceptance of a node that is kept cannot be read key={}", kept.key(), e);
      }
    }
    return nodes;
  }

  /**
   * Forgets nodes.
   *
   * @param gone at most {@link AuditLog#MOST_ENTRIES}
   */
  void forget(List<String> gone, List<AuditDraft> drafts) {
    audit.commit(gone.stream().<Op>map(node -> new Op.Delete(KEYS + node)).toList(), drafts);
  }

  /**
   * Makes them durable, with what is written down of it.
   *
   * @param changed at most {@link AuditLog#MOST_ENTRIES}
   */
  void commit(List<NodeAcceptance> changed, List<AuditDraft> drafts) {
    List<Op> ops =
        changed.stream()
            .<Op>map(node -> new Op.Put(KEYS + node.node(), EquipmentJson.of(node)))
            .toList();
    audit.commit(ops, drafts);
  }
}
