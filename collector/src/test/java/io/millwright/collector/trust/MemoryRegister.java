package io.millwright.collector.trust;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Nodes that are forgotten with the test. */
public final class MemoryRegister implements NodeRegister {
  private final Map<String, Entry> nodes = new ConcurrentHashMap<>();
  private final List<Revocation> revoked = new CopyOnWriteArrayList<>();

  @Override
  public Optional<Entry> newest(String node) {
    return Optional.ofNullable(nodes.get(node));
  }

  @Override
  public void issued(String node, Entry entry) {
    nodes.put(node, entry);
  }

  @Override
  public Revocations revocations() {
    return new Revocations(revoked);
  }

  @Override
  public void revoke(Revocation revocation) {
    revoked.add(revocation);
  }
}
