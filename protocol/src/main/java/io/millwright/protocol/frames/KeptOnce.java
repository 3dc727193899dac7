package io.millwright.protocol.frames;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of each of what is equal, for as long as somebody else has it. One owner thread.
 *
 * <p>Not a {@link java.util.WeakHashMap}, which looks through all that have one hash: of two values
 * with one key the second stays as it is.
 */
final class KeptOnce<T> {
  private final Map<Long, Held<T>> kept = new HashMap<>();
  private final ReferenceQueue<T> gone = new ReferenceQueue<>();

  private static final class Held<T> extends WeakReference<T> {
    private final long key;

    Held(long key, T value, ReferenceQueue<T> gone) {
      super(value, gone);
      this.key = key;
    }
  }

  /**
   * What equals this and was read before, or this.
   *
   * @param key equal for equal values
   */
  T one(long key, T read) {
    forget();
    Held<T> before = kept.get(key);
    @Nullable T known = before == null ? null : before.get();
    if (known == null) {
      kept.put(key, new Held<>(key, read, gone));
      return read;
    }
    return known.equals(read) ? known : read;
  }

  /** Those that somebody has. */
  int size() {
    forget();
    return kept.size();
  }

  private void forget() {
    for (Reference<?> next = gone.poll(); next != null; next = gone.poll()) {
      if (next instanceof Held<?> held) {
        kept.remove(held.key, held);
      }
    }
  }
}
