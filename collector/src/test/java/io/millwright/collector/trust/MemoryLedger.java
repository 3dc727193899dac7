package io.millwright.collector.trust;

import io.millwright.protocol.tls.Fingerprint;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tokens that are forgotten with the test. */
final class MemoryLedger implements TokenLedger {
  private final Map<Fingerprint, Entry> entries = new ConcurrentHashMap<>();
  private final Set<Fingerprint> used = ConcurrentHashMap.newKeySet();

  @Override
  public void add(Fingerprint key, Entry entry) {
    entries.put(key, entry);
  }

  @Override
  public Standing standing(Fingerprint key) {
    return Optional.ofNullable(entries.get(key))
        .<Standing>map(
            entry -> used.contains(key) ? new Standing.Used(entry) : new Standing.Open(entry))
        .orElseGet(Standing.Unknown::new);
  }

  @Override
  public boolean spend(Fingerprint key) {
    return used.add(key);
  }
}
