package io.millwright.agent.self;

import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A registry as a part of a page, by the client's own writers. */
final class RegistryText {
  private static final byte[] END = "# EOF\n".getBytes(StandardCharsets.US_ASCII);

  private final PrometheusRegistry registry;
  private final ExpositionFormatWriter prometheus = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

  RegistryText(PrometheusRegistry registry) {
    this.registry = registry;
  }

  int write(TextFormat format, PageBuffer page) {
    byte[] text = withoutEnd(text(writer(format)));
    page.append(text);
    return samples(text);
  }

  private ExpositionFormatWriter writer(TextFormat format) {
    return switch (format) {
      case PROMETHEUS -> prometheus;
      case OPENMETRICS -> openMetrics;
    };
  }

  private byte[] text(ExpositionFormatWriter writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    try {
      writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /** The end of the page is the page's. */
  private static byte[] withoutEnd(byte[] text) {
    int length = text.length - END.length;
    boolean ended = length >= 0 && Arrays.equals(text, length, text.length, END, 0, END.length);
    return ended ? Arrays.copyOf(text, length) : text;
  }

  private static int samples(byte[] text) {
    int samples = 0;
    boolean lineStart = true;
    for (byte b : text) {
      if (lineStart && b != '#') {
        samples++;
      }
      lineStart = b == '\n';
    }
    return samples;
  }
}
