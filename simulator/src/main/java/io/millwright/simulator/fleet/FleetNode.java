package io.millwright.simulator.fleet;

import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkLoops;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One node of the fleet: its values, its events, and the session of its present start.
 *
 * <p><i>Threading:</i> the thread {@code fleet}; {@link #connected} and {@link #log} from any.
 */
final class FleetNode {
  private static final UUID BOOT = new UUID(0, 1);
  private static final String VERSION = "simulated";

  private final UplinkOptions options;
  private final Optional<MutualTls> tls;
  private final ModelledNode model;
  private final NodeLog log;
  private final UplinkLoops loops;
  private final RandomGenerator random;
  private final Clock clock;
  private volatile @Nullable Uplink uplink;
  private volatile @Nullable Uplink leaving;
  private long sequence;
  private long backNanos;
  private Optional<HealthReport> report = Optional.empty();
  private boolean turned = true;
  private boolean judged;

  FleetNode(
      UplinkOptions options,
      Optional<MutualTls> tls,
      UplinkLoops loops,
      RandomGenerator random,
      Clock clock) {
    this.options = options;
    this.tls = tls;
    this.model = new ModelledNode(options.node(), random);
    this.log = new NodeLog(new UUID(random.nextLong(), random.nextLong()));
    this.loops = loops;
    this.random = random;
    this.clock = clock;
  }

  static UplinkOptions options(String host, int port, String node, Optional<InetAddress> source) {
    return new UplinkOptions(host, port, node, BOOT, VERSION, "", List.of(), source);
  }

  ModelledNode model() {
    return model;
  }

  NodeLog log() {
    return log;
  }

  boolean connected() {
    Uplink now = uplink;
    return now != null && now.connected();
  }

  /** Whether the session that it left has ended. */
  boolean left() {
    Uplink ending = leaving;
    return ending == null || !ending.connected();
  }

  /** Whether its agent runs. */
  boolean present() {
    return uplink != null;
  }

  /** Whether it may come back. */
  boolean due(long nowNanos) {
    return nowNanos - backNanos >= 0;
  }

  /** Its agent starts, with an incarnation of its own. */
  void come() {
    Uplink starting =
        Uplink.simulated(options, tls, log, loops, new SplittableRandom(random.nextLong()), clock);
    uplink = starting;
    judged = false;
    starting.start();
  }

  /** Its agent stops in order, and may start again then. */
  void go(long backNanos) {
    Uplink ending = uplink;
    uplink = null;
    leaving = ending;
    this.backNanos = backNanos;
    if (ending != null) {
      ending.leave();
    }
  }

  /** A tick: the values of the next second. */
  void tick(long nowNanos) {
    Sample next = model.next(nowNanos);
    if (turned) {
      turned = false;
      judged = false;
      report = Optional.of(model.report(wallMs())); // of this very sample
    }
    offer(next, nowNanos);
  }

  /** A tick in which nothing moves. */
  void stand(long nowNanos) {
    Optional<Sample> last = model.last();
    if (last.isPresent()) {
      offer(last.get(), nowNanos);
    } else {
      tick(nowNanos);
    }
  }

  private void offer(Sample sample, long nowNanos) {
    Uplink now = uplink;
    if (now == null) {
      return;
    }
    if (!judged) {
      judged = true;
      report.ifPresent(now::judged);
    }
    sequence++;
    now.offer(new NodeSnapshot(sequence, nowNanos, List.of(sample)));
  }

  // ---- faults

  /** A device is lost or returns: values, verdict and event. */
  void lose(int device, boolean gone) {
    model.lose(device, gone);
    turned = true;
    tell(
        gone ? EventKind.DEVICE_LOST : EventKind.DEVICE_RETURNED,
        gone ? Severity.FATAL : Severity.INFO,
        device,
        "",
        gone ? "The simulated device is lost." : "The simulated device is back.");
  }

  void xid(int device, String code) {
    model.count(device, code);
    tell(
        EventKind.ERROR_CODE,
        Severity.WARNING,
        device,
        code,
        "Xid %s of a simulated device.".formatted(code));
  }

  private void tell(EventKind kind, Severity severity, int device, String code, String message) {
    long at = wallMs();
    log.tell(
        at,
        new NodeEvent(
            BOOT.toString(),
            kind.word(),
            severity,
            model.uuid(device),
            "" + device,
            "",
            code,
            1,
            at,
            at,
            Optional.empty(),
            message));
  }

  private long wallMs() {
    return clock.wall().toEpochMilli();
  }
}
