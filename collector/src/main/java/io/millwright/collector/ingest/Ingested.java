package io.millwright.collector.ingest;

import io.millwright.collector.downlink.Told;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.fleet.Fact;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** What came in: counted here, told to the single writer. Any thread. */
public final class Ingested {
  private final Consumer<Fact> writer;
  private final Consumer<Told> jobs;
  private final IntSupplier jobsWaiting;
  private final EventSink events;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder backfilled = new LongAdder();
  private final LongAdder rejected = new LongAdder();

  /** Of a collector that keeps no events. */
  public Ingested(Consumer<Fact> writer, Consumer<Told> jobs, IntSupplier jobsWaiting) {
    this(writer, jobs, jobsWaiting, EventSink.NONE);
  }

  /**
   * @param jobsWaiting how much of what was told of jobs waits
   * @param events where the agents' events are kept
   */
  public Ingested(
      Consumer<Fact> writer, Consumer<Told> jobs, IntSupplier jobsWaiting, EventSink events) {
    this.writer = writer;
    this.jobs = jobs;
    this.jobsWaiting = jobsWaiting;
    this.events = events;
  }

  EventSink events() {
    return events;
  }

  int jobsWaiting() {
    return jobsWaiting.getAsInt();
  }

  void tell(Told news) {
    jobs.accept(news);
  }

  void tell(Fact fact) {
    writer.accept(fact);
  }

  void accepted(int values) {
    accepted.add(values);
  }

  void backfilled(int values) {
    backfilled.add(values);
  }

  void rejected() {
    rejected.increment();
  }

  /** Readings accepted since the start, those from spools included. */
  public long samples() {
    return accepted.sum() + backfilled.sum();
  }

  /** Frames that were none. */
  public long malformed() {
    return rejected.sum();
  }
}
