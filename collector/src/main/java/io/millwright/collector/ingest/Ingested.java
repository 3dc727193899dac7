package io.millwright.collector.ingest;

import io.millwright.collector.audit.Witnesses;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.late.LateSink;
import io.millwright.collector.self.Durations;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.vocabulary.Metric;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** What came in: counted here, told to the single writer. Any thread. */
public final class Ingested {
  /** What of jobs may wait before sessions are read more slowly. */
  public static final int MOST_JOBS_WAITING = Session.MOST_TOLD_WAITING;

  private static final double NANOS = 1e9;

  /** What an agent says that is older would hide all others in the sum. */
  private static final double LONGEST_LAG_SECONDS = 3600;

  private final Consumer<Fact> writer;
  private final Consumer<Told> jobs;
  private final IntSupplier jobsWaiting;
  private final EventSink events;
  private final LateSink late;
  private final Witnesses witnesses;
  private final Durations lag =
      new Durations(
          Metric.COLLECTOR_NODE_REPORT_LAG_SECONDS,
          0.01,
          0.025,
          0.05,
          0.1,
          0.25,
          0.5,
          1,
          2.5,
          5,
          10);
  private final LongAdder accepted = new LongAdder();
  private final LongAdder backfilled = new LongAdder();
  private final LongAdder lateAccepted = new LongAdder();
  private final LongAdder lateDuplicate = new LongAdder();
  private final LongAdder lateUnchained = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final Map<Refusal.Reason, LongAdder> refused = new ConcurrentHashMap<>();

  /** Of a collector that keeps no events. */
  public Ingested(Consumer<Fact> writer, Consumer<Told> jobs, IntSupplier jobsWaiting) {
    this(writer, jobs, jobsWaiting, EventSink.NONE, LateSink.NONE, Witnesses.NONE);
  }

  /** Of a collector that keeps no audit log. */
  public Ingested(
      Consumer<Fact> writer,
      Consumer<Told> jobs,
      IntSupplier jobsWaiting,
      EventSink events,
      LateSink late) {
    this(writer, jobs, jobsWaiting, events, late, Witnesses.NONE);
  }

  /**
   * @param jobsWaiting how much of what was told of jobs waits
   * @param events where the agents' events are kept
   * @param late where samples of agents' spools go
   * @param witnesses of the audit log
   */
  public Ingested(
      Consumer<Fact> writer,
      Consumer<Told> jobs,
      IntSupplier jobsWaiting,
      EventSink events,
      LateSink late,
      Witnesses witnesses) {
    this.writer = writer;
    this.jobs = jobs;
    this.jobsWaiting = jobsWaiting;
    this.events = events;
    this.late = late;
    this.witnesses = witnesses;
  }

  Witnesses witnesses() {
    return witnesses;
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

  /** A live sample came so long after it was taken, by clocks that nobody sets. */
  void arrivedAfter(long nanos) {
    lag.took(Math.clamp(nanos / NANOS, 0, LONGEST_LAG_SECONDS));
  }

  /** How old live samples were when they came. */
  public Durations lag() {
    return lag;
  }

  /** Late samples of this schema follow. */
  LateSink.Chain begin(String node, SeriesSchema schema) {
    return late.begin(node, schema);
  }

  /**
   * The decoder's last sample came late and for the first time.
   *
   * @param takenMs when it was taken, by the node's wall clock as it is set now
   * @param aheadMs how far that clock is ahead
   */
  void late(LateSink.Chain chain, SampleDecoder decoder, long takenMs, long aheadMs) {
    backfilled.add(decoder.row().size());
    lateAccepted.increment();
    chain.take(decoder.at(), takenMs, aheadMs, decoder.row());
  }

  /** A sample came a second time. */
  void duplicate() {
    lateDuplicate.increment();
  }

  /** A late sample came without the one that it builds on. */
  void unchained() {
    lateUnchained.increment();
  }

  void rejected() {
    rejected.increment();
  }

  /** Somebody was not let in, or its session ended for that. */
  void refused(Refusal.Reason reason) {
    times(reason).increment();
  }

  /** How often somebody was not let in for this reason. */
  public long refusals(Refusal.Reason reason) {
    return times(reason).sum();
  }

  private LongAdder times(Refusal.Reason reason) {
    return refused.computeIfAbsent(reason, first -> new LongAdder());
  }

  /** Readings accepted since the start, those from spools included. */
  public long samples() {
    return accepted.sum() + backfilled.sum();
  }

  /** Samples that came late, for the first time. */
  public long lateSamples() {
    return lateAccepted.sum();
  }

  /** Samples that came again, and were dropped. */
  public long duplicates() {
    return lateDuplicate.sum();
  }

  /** Late samples that could not be read for want of the one before, and were dropped. */
  public long unchainedSamples() {
    return lateUnchained.sum();
  }

  /** Frames that were none. */
  public long malformed() {
    return rejected.sum();
  }
}
