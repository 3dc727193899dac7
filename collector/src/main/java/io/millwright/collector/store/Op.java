package io.millwright.collector.store;

/** One change of a transaction. */
public sealed interface Op {
  String key();

  /** The value stands under the key, whatever stood there. */
  record Put(String key, String value) implements Op {
    public Put {
      Limits.key(key);
      Limits.value(key, value);
    }
  }

  /** Nothing stands under the key. */
  record Delete(String key) implements Op {
    public Delete {
      Limits.key(key);
    }
  }
}
