package io.millwright.agent.self;

import static io.millwright.protocol.vocabulary.Metric.AGENT_AUDIT_HEAD_CONFLICT;
import static io.millwright.protocol.vocabulary.Metric.AGENT_BUILD_INFO;
import static io.millwright.protocol.vocabulary.Metric.AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_CERTIFICATE_RENEWALS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.AGENT_CONFIG_INFO;
import static io.millwright.protocol.vocabulary.Metric.AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL;
import static io.millwright.protocol.vocabulary.Metric.AGENT_CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_HEALTH_RULES;
import static io.millwright.protocol.vocabulary.Metric.AGENT_HEALTH_RULES_REFUSED;
import static io.millwright.protocol.vocabulary.Metric.AGENT_MEMORY_BYTES;
import static io.millwright.protocol.vocabulary.Metric.AGENT_OVER_BUDGET;
import static io.millwright.protocol.vocabulary.Metric.AGENT_SCRAPE_DURATION_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_SERIES;
import static io.millwright.protocol.vocabulary.Metric.AGENT_START_TIMESTAMP_SECONDS;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The agent's own metrics, in the Prometheus client's registry:
 *
 * <pre>
 * # HELP millwright_agent_probe_up Last run of the probe succeeded. probe=nvml|neuron|...
 * # TYPE millwright_agent_probe_up gauge
 * millwright_agent_probe_up{node="n1",probe="host"} 1.0
 * </pre>
 *
 * <p>None of these families may stand in a snapshot as well: a family has one place on the page.
 *
 * <p><i>Lifecycle:</i> one for the life of the process, nothing to close. <i>Threading:</i> any
 * thread, but {@link #refresh()} only one. <i>Failure:</i> what cannot be read is absent.
 */
public final class SelfMetrics {
  private static final double[] SCRAPE_BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
  private static final long MEMORY_PERIOD_NANOS = Duration.ofSeconds(15).toNanos();
  private static final double NANOS = 1e9;
  private static final List<String> RESOURCES = List.of("memory", "cpu");
  private static final List<String> RENEWALS = List.of("renewed", "refused", "failed");

  private final String node;
  private final Clock clock;
  private final PrometheusRegistry registry;
  private final RegistryText text;
  private final ProbeAccount.Accounts probes;
  private final Histogram scrapes;
  private final Gauge series;
  private final Info config;
  private final Gauge configGood;
  private final Gauge configGoodSince;
  private final Gauge rules;
  private final Gauge rulesRefused;
  private final Gauge certificateEnd;
  private final Gauge auditConflict;
  private final Counter certificateRenewals;
  private final Gauge memory;
  private final OwnMemory ownMemory;
  private final Gauge overBudget;
  private final OwnBudget ownBudget;
  private long memoryReadAtNanos;

  /** The agent starts now. */
  public SelfMetrics(String node, Build build, Clock clock) {
    this(node, build, clock, Path.of("/proc/self"), Path.of("/sys/fs/cgroup"));
  }

  SelfMetrics(String node, Build build, Clock clock, Path process, Path groups) {
    registry = new PrometheusRegistry();
    Families families = new Families(registry);
    this.node = node;
    this.clock = clock;
    text = new RegistryText(registry);
    probes = new ProbeAccount.Accounts(families);
    scrapes = families.histogram(AGENT_SCRAPE_DURATION_SECONDS, SCRAPE_BUCKETS);
    series = families.gauge(AGENT_SERIES);
    config = families.info(AGENT_CONFIG_INFO);
    configGood = families.gauge(AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL);
    configGoodSince = families.gauge(AGENT_CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS);
    rules = families.gauge(AGENT_HEALTH_RULES);
    rulesRefused = families.gauge(AGENT_HEALTH_RULES_REFUSED);
    certificateEnd = families.gauge(AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS);
    auditConflict = families.gauge(AGENT_AUDIT_HEAD_CONFLICT);
    certificateRenewals = families.counter(AGENT_CERTIFICATE_RENEWALS_TOTAL);
    memory = families.gauge(AGENT_MEMORY_BYTES);
    ownMemory = new OwnMemory(process);
    overBudget = families.gauge(AGENT_OVER_BUDGET);
    ownBudget = new OwnBudget(process, groups);
    families.gauge(AGENT_START_TIMESTAMP_SECONDS).labelValues(node).set(wallSeconds());
    families
        .info(AGENT_BUILD_INFO)
        .setLabelValues(
            node, build.version(), build.revision(), build.jvmVersion(), build.buildDate());
  }

  /** The account of the probe of this name. */
  public ProbeAccount probe(String name) {
    return new ProbeAccount(probes, node, name, clock);
  }

  /**
   * Shows native calls by function from now on; once in the life of this.
   *
   * @param bounds upper bounds of the accounts' buckets in seconds
   * @param accounts taken each time a page is written, on the thread that writes it
   */
  public void nativeCalls(double[] bounds, Supplier<List<NativeCall>> accounts) {
    new NativeCalls(node, bounds, accounts).register(registry);
  }

  /** A configuration with this digest, in hexadecimal, is in force from now on. */
  public void configurationLoaded(String sha256) {
    config.setLabelValues(node, sha256);
    configGood.labelValues(node).set(1);
    configGoodSince.labelValues(node).set(wallSeconds());
  }

  /** A configuration was offered and refused; the one before it stays in force. */
  public void configurationRefused() {
    configGood.labelValues(node).set(0);
  }

  /** So many rules of health are in force from now on, by where they are from. */
  public void rulesLoaded(int packaged, int tuned, int added, int disabled) {
    rules.labelValues(node, "packaged").set(packaged);
    rules.labelValues(node, "tuned").set(tuned);
    rules.labelValues(node, "added").set(added);
    rules.labelValues(node, "disabled").set(disabled);
    rulesRefused.labelValues(node).set(0);
  }

  /** The site's rules were refused; those of before stay in force. */
  public void rulesRefused() {
    rulesRefused.labelValues(node).set(1);
  }

  /** The certificate in use ends then. */
  public void certificateEnds(Instant end) {
    certificateEnd.labelValues(node).set((double) end.getEpochSecond());
    RENEWALS.forEach(result -> certificateRenewals.labelValues(node, result).inc(0));
  }

  /**
   * The certificate was renewed, or was not: {@code renewed}, {@code refused} or {@code failed}.
   */
  public void certificateRenewal(String result) {
    certificateRenewals.labelValues(node, result).inc();
  }

  /** Whether a collector's audit log did not continue what this node had kept of it. */
  public void auditConflict(boolean is) {
    auditConflict.labelValues(node).set(is ? 1 : 0);
  }

  /** A page was rendered in this time with so many series; the next page says so. */
  public void rendered(long durationNanos, int seriesWritten) {
    scrapes.labelValues(node).observe(durationNanos / NANOS);
    series.labelValues(node).set(seriesWritten);
  }

  /**
   * Reads what must be asked for: the agent's memory, and whether it has met the limits of its
   * unit, at most every 15 s, because the kernel walks all pages of the process for the first.
   * Never called on the thread of the page.
   */
  public void refresh() {
    long now = clock.nanos();
    if (memoryReadAtNanos != 0 && now - memoryReadAtNanos < MEMORY_PERIOD_NANOS) {
      return;
    }
    memoryReadAtNanos = now;
    ownMemory.read().ifPresentOrElse(this::show, memory::clear);
    Map<String, Boolean> over = ownBudget.look();
    over.forEach((resource, is) -> overBudget.labelValues(node, resource).set(is ? 1 : 0));
    for (String resource : RESOURCES) {
      if (!over.containsKey(resource)) {
        overBudget.remove(node, resource);
      }
    }
  }

  /** Each series is written before any is taken away: a page in between lacks none. */
  private void show(OwnMemory.Usage usage) {
    memory.labelValues(node, "rss").set((double) usage.rssBytes());
    usage
        .privateBytes()
        .ifPresentOrElse(
            bytes -> memory.labelValues(node, "private").set((double) bytes),
            () -> memory.remove(node, "private"));
  }

  /**
   * Appends these metrics as a part of a page, without {@code # EOF}.
   *
   * @return the number of series written
   */
  public int write(TextFormat format, PageBuffer page) {
    return text.write(format, page);
  }

  private double wallSeconds() {
    return clock.wall().toEpochMilli() / 1e3;
  }
}
