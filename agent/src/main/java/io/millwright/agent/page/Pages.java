package io.millwright.agent.page;

import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.dialect.DialectWriter;
import io.millwright.agent.self.SelfMetrics;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The documents of the newest snapshot. Each is rendered once and compressed once, however many ask
 * for it. A snapshot that does not change is rendered again after a second, because the agent's own
 * metrics go on changing; that is what shows a sampler which stands still.
 *
 * <p><i>Lifecycle:</i> holds native memory until {@link #close()}. <i>Threading:</i> the edge
 * thread. <i>Failure:</i> what the writers throw.
 */
final class Pages implements AutoCloseable {
  private static final long LONGEST_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int FIRST_CAPACITY = 64 * 1024;

  private final Supplier<NodeSnapshot> snapshots;
  private final SelfMetrics self;
  private final Clock clock;
  private final PageWriter writer = new PageWriter();
  private final PageBuffer buffer = new PageBuffer(FIRST_CAPACITY);
  private final Gzip gzip = new Gzip();
  private final Map<Document, DialectWriter> dialects = new EnumMap<>(Document.class);
  private final Map<Document, Rendering> renderings = new EnumMap<>(Document.class);

  Pages(Supplier<NodeSnapshot> snapshots, List<Dialect> dialects, SelfMetrics self, Clock clock) {
    this.snapshots = snapshots;
    for (Dialect dialect : dialects) {
      this.dialects.put(Document.of(dialect.name()), new DialectWriter(dialect));
    }
    this.self = self;
    this.clock = clock;
  }

  /** One document of one snapshot. */
  private static final class Rendering {
    private final NodeSnapshot snapshot;
    private final long atNanos;
    private final byte[] plain;
    private byte @Nullable [] compressed;

    Rendering(NodeSnapshot snapshot, long atNanos, byte[] plain) {
      this.snapshot = snapshot;
      this.atNanos = atNanos;
      this.plain = plain;
    }

    /** The very snapshot: to compare a thousand readings would cost more than to render them. */
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(NodeSnapshot newest, long nowNanos) {
      return snapshot == newest && nowNanos - atNanos < LONGEST_NANOS;
    }

    byte[] compressed(Gzip gzip) {
      byte[] bytes = compressed == null ? gzip.compressed(plain) : compressed;
      compressed = bytes;
      return bytes;
    }
  }

  /** Whether the configuration wants it. */
  boolean has(Document document) {
    return switch (document) {
      case PROMETHEUS, OPENMETRICS, JSON -> true;
      case DCGM, DCGM49, NEURON -> dialects.containsKey(document);
    };
  }

  /** The document's bytes; shared with others, so not to be written to. */
  byte[] bytes(Document document, boolean compressed) {
    Rendering rendering = rendering(document);
    return compressed ? rendering.compressed(gzip) : rendering.plain;
  }

  /** Renders all there is once, so that the first scraper does not wait for cold code. */
  void warm() {
    for (Document document : Document.values()) {
      if (has(document)) {
        bytes(document, true);
      }
    }
  }

  private Rendering rendering(Document document) {
    NodeSnapshot newest = snapshots.get();
    long now = clock.nanos();
    Rendering last = renderings.get(document);
    if (last != null && last.isOf(newest, now)) {
      return last;
    }
    Rendering rendering = new Rendering(newest, now, rendered(newest, document));
    renderings.put(document, rendering);
    return rendering;
  }

  private byte[] rendered(NodeSnapshot snapshot, Document document) {
    buffer.clear();
    switch (document) {
      case PROMETHEUS -> page(snapshot, TextFormat.PROMETHEUS);
      case OPENMETRICS -> {
        page(snapshot, TextFormat.OPENMETRICS);
        buffer.append("# EOF\n");
      }
      case JSON -> SnapshotJson.write(snapshot, buffer);
      case DCGM, DCGM49, NEURON ->
          Objects.requireNonNull(dialects.get(document), "this dialect is off")
              .write(snapshot, buffer);
    }
    return buffer.toByteArray();
  }

  private void page(NodeSnapshot snapshot, TextFormat format) {
    long start = clock.nanos();
    int series = writer.write(snapshot, format, buffer) + self.write(format, buffer);
    self.rendered(clock.nanos() - start, series);
  }

  @Override
  public void close() {
    gzip.close();
  }
}
