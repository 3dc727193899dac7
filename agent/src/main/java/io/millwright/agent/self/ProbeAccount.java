package io.millwright.agent.self;

import static io.millwright.protocol.vocabulary.Metric.AGENT_PROBE_DURATION_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_PROBE_FAILURES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_PROBE_OVERRUNS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.AGENT_PROBE_UP;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Fault;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/**
 * The account of one probe: {@code nvml}, {@code neuron}, {@code host}, {@code kmsg} and so on.
 *
 * <p><i>Lifecycle:</i> for the life of the process; two of one name write to the same series.
 * <i>Threading:</i> any thread, without locks. <i>Failure:</i> none.
 */
public final class ProbeAccount {

  /** The families that all probes share. */
  record Accounts(Gauge up, Gauge duration, Gauge lastSuccess, Counter failures, Counter overruns) {
    Accounts(Families families) {
      this(
          families.gauge(AGENT_PROBE_UP),
          families.gauge(AGENT_PROBE_DURATION_SECONDS),
          families.gauge(AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS),
          families.counter(AGENT_PROBE_FAILURES_TOTAL),
          families.counter(AGENT_PROBE_OVERRUNS_TOTAL));
    }
  }

  private static final double NANOS = 1e9;

  private final Accounts accounts;
  private final String node;
  private final String name;
  private final Clock clock;

  /** Its counters stand at 0 from now on, so that their first increment is seen as one. */
  ProbeAccount(Accounts accounts, String node, String name, Clock clock) {
    this.accounts = accounts;
    this.node = node;
    this.name = name;
    this.clock = clock;
    accounts.overruns().initLabelValues(node, name);
    for (Fault fault : Fault.values()) {
      if (fault != Fault.IN_USE) {
        accounts.failures().initLabelValues(node, name, fault.word());
      }
    }
  }

  /** A run ended well after this many nanoseconds. */
  public void succeeded(long durationNanos) {
    ended(1, durationNanos);
    accounts.lastSuccess().labelValues(node, name).set(clock.wall().toEpochMilli() / 1e3);
  }

  /** A run ended badly, or was given up, after this many nanoseconds. */
  public void failed(Fault reason, long durationNanos) {
    ended(0, durationNanos);
    accounts.failures().labelValues(node, name, reason.word()).inc();
  }

  /** A run was left out because the one before it had not ended. */
  public void overrun() {
    accounts.overruns().labelValues(node, name).inc();
  }

  private void ended(int up, long durationNanos) {
    accounts.up().labelValues(node, name).set(up);
    accounts.duration().labelValues(node, name).set(durationNanos / NANOS);
  }
}
