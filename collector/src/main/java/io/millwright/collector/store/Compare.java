package io.millwright.collector.store;

/** What must hold for a transaction to take place. */
public sealed interface Compare {
  String key();

  /** The value under the key is still the one put at this revision. */
  record Revision(String key, long revision) implements Compare {
    public Revision {
      Limits.key(key);
    }
  }

  /** Nothing stands under the key. */
  record Absent(String key) implements Compare {
    public Absent {
      Limits.key(key);
    }
  }
}
