package io.millwright.protocol.frames;

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

  private final SeededHash hash = new SeededHash();
  private final KeptOnce<SchemaShape> shapes = new KeptOnce<>();
  private final KeptOnce<String> words = new KeptOnce<>();

  SchemaShape shape(SchemaShape read) {
    return shapes.one(hash.of(read), read);
  }

  String label(String read) {
    return read.length() > LONGEST_WORD ? read : words.one(hash.of(read), read);
  }

  /** Shapes that some schema has; for tests. */
  int shapes() {
    return shapes.size();
  }

  /** Words that some schema has; for tests. */
  int words() {
    return words.size();
  }
}
