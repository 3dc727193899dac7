package io.millwright.protocol.frames;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the schemas of a fleet have in common, so that it is kept once: how nodes are built, and
 * words that stand in the labels of many. Which node has which value is not in it.
 *
 * <p><i>Lifecycle:</i> one for each reader of many schemas. It keeps nothing alive: what no schema
 * has any more is forgotten, so that it is bounded by the schemas that are held. <i>Threading:</i>
 * one owner thread.
 */
public final class KnownSchemas {
  /** Serials and UUIDs are longer, and each stands in one node. */
  private static final int LONGEST_WORD = 20;

  private final Map<SchemaShape, WeakReference<SchemaShape>> shapes = new WeakHashMap<>();
  private final Map<String, WeakReference<String>> words = new WeakHashMap<>();

  SchemaShape shape(SchemaShape read) {
    return one(shapes, read);
  }

  String label(String read) {
    return read.length() > LONGEST_WORD ? read : one(words, read);
  }

  /** Shapes that some schema has; for tests. */
  int shapes() {
    return shapes.size();
  }

  /** Words that some schema has; for tests. */
  int words() {
    return words.size();
  }

  private static <T> T one(Map<T, WeakReference<T>> known, T read) {
    WeakReference<T> before = known.get(read);
    @Nullable T kept = before == null ? null : before.get();
    if (kept != null) {
      return kept;
    }
    known.put(read, new WeakReference<>(read));
    return read;
  }
}
