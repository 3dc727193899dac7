package io.millwright.collector;

import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Quiet;
import io.millwright.collector.paging.IncidentDesk;
import io.millwright.collector.paging.Webhook;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.racks.RackMapFile;
import io.millwright.collector.scheduler.SchedulerDesk;
import io.millwright.collector.self.Backlog;
import io.millwright.collector.store.StateStore;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The incidents with what they need, wired by hand: the site's racks, the webhook, the store.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> those from one
 * thread; the rest from any. <i>Failure:</i> a rack map that cannot be read is refused at the
 * start.
 */
final class Paging implements AutoCloseable {
  private final Optional<RackMapFile> racks;
  private final Optional<Webhook> webhook;
  private final IncidentDesk incidents;

  Paging(CollectorOptions.Paging options, StateStore store, Quiet quiet, Clock clock)
      throws IOException {
    Optional<Path> file = options.racks();
    racks = file.isPresent() ? Optional.of(RackMapFile.open(file.get(), clock)) : Optional.empty();
    webhook = options.webhook().map(one -> new Webhook(one, store, clock));
    incidents = IncidentDesk.open(store, this::racks, webhook, quiet, clock);
  }

  void start() {
    racks.ifPresent(RackMapFile::start);
    webhook.ifPresent(Webhook::start);
  }

  @Override
  public void close() {
    racks.ifPresent(RackMapFile::close);
    webhook.ifPresent(Webhook::close);
  }

  IncidentDesk incidents() {
    return incidents;
  }

  /** Where the nodes stand. */
  RackMap racks() {
    return racks.map(RackMapFile::map).orElse(RackMap.EMPTY);
  }

  /** Whether there is somebody who is called. */
  boolean calls() {
    return webhook.isPresent();
  }

  /** Notices that wait for the webhook; empty where there is none. */
  Optional<Backlog> notices() {
    return webhook.map(one -> Backlog.waiting("webhook", one.waiting(), Webhook.MOST_WAITING));
  }

  /** Why the file of the racks is not in force. */
  Optional<String> trouble() {
    return racks.flatMap(RackMapFile::trouble);
  }

  /** What is open, who was called, and what the webhook took. */
  Sample sample(Optional<SchedulerDesk> scheduler) {
    Map<Series, Double> values = new LinkedHashMap<>();
    for (Incident.Severity severity : Incident.Severity.values()) {
      long open =
          incidents.incidents().stream()
              .filter(one -> one.open() && one.severity() == severity)
              .count();
      values.put(Series.of(Metric.COLLECTOR_INCIDENTS, severity.word()), (double) open);
    }
    put(values, Metric.COLLECTOR_INCIDENT_PAGES_TOTAL, "sent", incidents.pagesSent());
    put(values, Metric.COLLECTOR_INCIDENT_PAGES_TOTAL, "suppressed", incidents.pagesSuppressed());
    webhook.ifPresent(one -> {
      put(values, Metric.COLLECTOR_WEBHOOK_NOTICES_TOTAL, "delivered", one.delivered());
      put(values, Metric.COLLECTOR_WEBHOOK_NOTICES_TOTAL, "failed", one.failed());
      put(values, Metric.COLLECTOR_WEBHOOK_NOTICES_TOTAL, "dropped", one.dropped());
    });
    scheduler.ifPresent(one -> {
      for (SchedulerDesk.Step step : SchedulerDesk.Step.values()) {
        for (SchedulerDesk.Result result : SchedulerDesk.Result.values()) {
          values.put(
              Series.of(Metric.COLLECTOR_SCHEDULER_COMMANDS_TOTAL, step.word(), result.word()),
              (double) one.count(step, result));
        }
      }
      values.put(Series.of(Metric.COLLECTOR_SCHEDULER_FAILING_NODES), (double) one.failing());
    });
    racks.ifPresent(file -> {
      values.put(
          Series.of(Metric.COLLECTOR_RACK_MAP_DISAGREEMENTS),
          (double) incidents.disagreementCount());
      values.put(
          Series.of(Metric.COLLECTOR_RACK_MAP_REFUSED), file.trouble().isPresent() ? 1.0 : 0.0);
    });
    return sample(values);
  }

  private static void put(Map<Series, Double> values, Metric metric, String label, long value) {
    values.put(Series.of(metric, label), (double) value);
  }

  private static Sample sample(Map<Series, Double> values) {
    SeriesTable.Builder table = SeriesTable.builder();
    values.keySet().forEach(series -> table.add(Cadence.FAST, series));
    Readings readings = new Readings(table.build());
    int at = 0;
    for (double value : values.values()) {
      readings.measured(at, value);
      at++;
    }
    return readings.sample();
  }
}
