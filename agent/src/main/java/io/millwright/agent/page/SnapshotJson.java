package io.millwright.agent.page;

import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;

/**
 * A snapshot for programs, with what the page leaves out: which series exist but could not be read,
 * and why.
 *
 * <pre>
 * {"schema_version":1,"sequence":12,"series":[
 * {"metric":"millwright_accelerator_up","labels":{"node":"n1",...},"state":"measured","value":1,"age_seconds":0.2},
 * {"metric":"...","labels":{...},"state":"unavailable","fault":"timeout"},
 * {"metric":"...","labels":{...},"state":"unsupported"}
 * ]}
 * </pre>
 *
 * <p>Written by hand: two levels of a fixed shape are not worth a library in a daemon this small.
 */
final class SnapshotJson {
  private SnapshotJson() {}

  static void write(NodeSnapshot snapshot, PageBuffer out) {
    out.append("{\"schema_version\":1,\"sequence\":");
    out.append(Long.toString(snapshot.sequence()));
    out.append(",\"series\":[");
    String separator = "\n";
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        out.append(separator);
        series(sample.table().series(i), out);
        state(sample, i, snapshot.takenAtNanos(), out);
        separator = ",\n";
      }
    }
    out.append("\n]}\n");
  }

  private static void series(Series series, PageBuffer out) {
    out.append("{\"metric\":");
    string(series.metric().familyName(), out);
    out.append(",\"labels\":{");
    List<String> names = series.metric().labels();
    for (int i = 0; i < names.size(); i++) {
      out.append(i == 0 ? "" : ",");
      string(names.get(i), out);
      out.append(':');
      string(series.labelValues().get(i), out);
    }
    out.append(series.simulated() ? ",\"simulated\":\"true\"}" : "}");
  }

  private static void state(Sample sample, int index, long takenAtNanos, PageBuffer out) {
    switch (sample.reading(index)) {
      case Reading.Measured(double value) -> {
        out.append(",\"state\":\"measured\",\"value\":");
        number(value, out);
        out.append(",\"age_seconds\":");
        number(Math.max(0, takenAtNanos - sample.readAtNanos(index)) / 1e9, out);
      }
      case Reading.Unsupported() -> out.append(",\"state\":\"unsupported\"");
      case Reading.Unavailable(var fault) -> {
        out.append(",\"state\":\"unavailable\",\"fault\":");
        string(fault.word(), out);
      }
    }
    out.append('}');
  }

  /** JSON has no number for what is not finite; the page's word stands there as a string. */
  private static void number(double value, PageBuffer out) {
    String quote = Double.isFinite(value) ? "" : "\"";
    out.append(quote);
    out.append(value);
    out.append(quote);
  }

  /** A {@link Series} has no control characters left; those two are all that JSON escapes here. */
  private static void string(String text, PageBuffer out) {
    out.append('"');
    out.append(text.replace("\\", "\\\\").replace("\"", "\\\""));
    out.append('"');
  }
}
