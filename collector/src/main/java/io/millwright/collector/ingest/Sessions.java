package io.millwright.collector.ingest;

import io.millwright.protocol.frames.DecodedSchema;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.KnownSchemas;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SeriesSchema;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The open sessions by node, and what a node's next session goes on from. On the thread {@code
 * ingest}.
 */
final class Sessions {
  private final Map<String, Known> nodes = new HashMap<>();
  private final KnownSchemas schemas = new KnownSchemas();
  private long epochs;
  private final AtomicInteger open = new AtomicInteger(); // read by any

  private static final class Known {
    private @Nullable Session open;
    private @Nullable SeriesSchema schema;
    private Position live = Position.NONE;
    private final Received received = new Received();
  }

  /** A higher number with each session of this collector's start. */
  long nextEpoch() {
    epochs++;
    return epochs;
  }

  int open() {
    return open.get();
  }

  Optional<Session> of(String node) {
    return Optional.ofNullable(nodes.get(node)).map(known -> known.open);
  }

  void opened(String node, Session session) {
    Known known = known(node);
    if (known.open == null) {
      open.incrementAndGet();
    }
    known.open = session;
  }

  /** Forgets the session unless a newer one has taken its place. */
  void closed(String node, Session session) {
    Known known = known(node);
    if (known.open == session) {
      known.open = null;
      open.decrementAndGet();
    }
  }

  /** The schema that the node last told, if it has this hash. */
  Optional<SeriesSchema> schema(String node) {
    return Optional.ofNullable(known(node).schema);
  }

  void schema(String node, SeriesSchema schema) {
    known(node).schema = schema;
  }

  /** What an agent sent; one that the node has told before is that one, whatever it is for. */
  DecodedSchema read(String node, Frame.Schema frame) {
    Optional<SeriesSchema> told = schema(node).filter(one -> one.hash().equals(frame.hash()));
    return told.isPresent() ? told.get() : SeriesSchema.decode(frame, schemas);
  }

  /** The newest live sample of the node. */
  Position live(String node) {
    return known(node).live;
  }

  void live(String node, Position at) {
    known(node).live = at;
  }

  /** Notes that this sample of the node has come; false where it had before. */
  boolean received(String node, Position at) {
    return known(node).received.add(at);
  }

  private Known known(String node) {
    return nodes.computeIfAbsent(node, first -> new Known());
  }
}
