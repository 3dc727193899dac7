package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is held, as text for people and programs. */
public final class Texts {
  private static final int LONGEST_HEALTH = 1 << 20;

  private Texts() {}

  /**
   * Every reading on a line of its own, with what could not be read:
   *
   * <pre>
   * millwright_accelerator_up{node="n1",...} 1 age_seconds=0.2
   * millwright_accelerator_power_watts{...} unavailable timeout
   * </pre>
   */
  public static void readings(NodeSnapshot snapshot, OutputStream out) throws IOException {
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        long age = Math.max(0, snapshot.takenAtNanos() - sample.readAtNanos(i));
        line(sample.table().series(i), value(sample.reading(i), age), out);
      }
    }
  }

  private static String value(Reading reading, long ageNanos) {
    return switch (reading) {
      case Reading.Measured(double value) -> "%s age_seconds=%.1f".formatted(value, ageNanos / 1e9);
      case Reading.Unsupported() -> "unsupported";
      case Reading.Unavailable(var fault) -> "unavailable " + fault.word();
    };
  }

  /** Versions, serial numbers and places: the series that say who somebody is. */
  public static void identity(NodeSnapshot snapshot, OutputStream out) throws IOException {
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric().kind() == Metric.Kind.INFO) {
          line(series, sample.measured(i) ? "" : "not read", out);
        }
      }
    }
  }

  private static void line(Series series, String value, OutputStream out) throws IOException {
    StringBuilder line = new StringBuilder(series.metric().familyName()).append('{');
    List<String> names = series.metric().labels();
    for (int i = 0; i < names.size(); i++) {
      line.append(i == 0 ? "" : ",").append(names.get(i)).append("=\"");
      line.append(series.labelValues().get(i).replace("\\", "\\\\").replace("\"", "\\\""));
      line.append('"');
    }
    line.append(series.simulated() ? ",simulated=\"true\"} " : "} ").append(value).append('\n');
    out.write(line.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether any of it was read from simulated hardware. */
  public static boolean simulated(NodeSnapshot snapshot) {
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.table().series(i).simulated()) {
          return true;
        }
      }
    }
    return false;
  }

  public static void health(HealthReport report, OutputStream out) throws IOException {
    out.write(HealthBody.json(report, LONGEST_HEALTH));
    out.write('\n');
  }

  /** Which run has which accelerator; nothing of its environment. */
  public static void jobs(Map<String, RunId> holders, OutputStream out) throws IOException {
    if (holders.isEmpty()) {
      out.write("no job has an accelerator\n".getBytes(StandardCharsets.US_ASCII));
    }
    for (Map.Entry<String, RunId> held : new TreeMap<>(holders).entrySet()) {
      String line = "%s %s\n".formatted(held.getKey(), held.getValue().text());
      out.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A record on each line. */
  public static void tests(List<TestRecord> records, OutputStream out) throws IOException {
    for (TestRecord record : records) {
      out.write(record.json());
      out.write('\n');
    }
  }
}
