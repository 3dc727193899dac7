package io.millwright.collector.page;

import io.millwright.collector.control.JobShare;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Jobs by name and user, and what they use: a page of its own, because names and users are not for
 * everybody who may see the machines.
 *
 * <p><i>Threading:</i> one owner thread, that of the port.
 */
public final class JobPage {
  private static final String NO_ARRAY = "";
  private static final int FIRST_CAPACITY = 16 * 1024;

  private final Supplier<List<JobShare>> shares;
  private final PageBuffer buffer = new PageBuffer(FIRST_CAPACITY);

  public JobPage(Supplier<List<JobShare>> shares) {
    this.shares = shares;
  }

  /** The page in this format. */
  public byte[] text(TextFormat format) {
    Map<Series, Double> values = new LinkedHashMap<>();
    shares.get().forEach(share -> write(share, values));
    buffer.clear();
    new PageWriter()
        .write(new NodeSnapshot(1, 0, List.of(FleetSample.sample(values))), format, buffer);
    if (format == TextFormat.OPENMETRICS) {
      buffer.append("# EOF\n");
    }
    return buffer.toByteArray();
  }

  private static void write(JobShare share, Map<Series, Double> values) {
    String node = share.node();
    String run = share.run().text();
    for (JobShare.HeldDevice device : share.devices()) {
      values.put(
          Series.of(
              Metric.ACCELERATOR_JOB_INFO,
              node,
              device.index(),
              device.uuid(),
              run,
              share.user(),
              share.project(),
              JobSample.PARTITION),
          1.0);
    }
    values.put(
        Series.of(
            Metric.JOB_INFO,
            node,
            run,
            share.user(),
            share.project(),
            JobSample.PARTITION,
            share.run().job(),
            NO_ARRAY),
        1.0);
    values.put(
        Series.of(Metric.JOB_ACCELERATORS, node, run, share.held().kind().vendor()),
        (double) share.devices().size());
    share
        .started()
        .ifPresent(at -> values.put(Series.of(Metric.JOB_START_TIMESTAMP_SECONDS, node, run), at));
    share
        .joules()
        .ifPresent(sum ->
            values.put(Series.of(Metric.JOB_ACCELERATOR_ENERGY_JOULES_TOTAL, node, run), sum));
    share
        .peakMemoryBytes()
        .ifPresent(bytes ->
            values.put(Series.of(Metric.JOB_ACCELERATOR_MEMORY_PEAK_BYTES, node, run), bytes));
    values.put(
        Series.of(Metric.JOB_ACCELERATOR_BUSY_SECONDS_TOTAL, node, run), share.busySeconds());
    values.put(
        Series.of(Metric.JOB_ACCELERATOR_ALLOCATED_SECONDS_TOTAL, node, run), share.heldSeconds());
  }
}
