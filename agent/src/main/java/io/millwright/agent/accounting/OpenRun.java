package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run that has its devices, or whose last readings are still to come. Owned by the thread {@code
 * accounts}.
 */
final class OpenRun {
  /** So long first and last readings are waited for. */
  private static final Duration LATEST = Duration.ofSeconds(1);

  /** First readings that came later than a tenth of the run are none of its beginning. */
  private static final int SHARE = 10;

  private static final double MILLIS = 1e3;
  private static final double NANOS = 1e9;

  private final Beginning beginning;
  private final long beganMs;
  private final long beganNanos;
  private final boolean takenUp;
  private final Map<String, Counters> before = new HashMap<>();
  private final Map<String, Counters> after = new HashMap<>();
  private final Set<String> shared = new HashSet<>();
  private final Gauges gauges;
  private final HostUse host = new HostUse();
  private long lateMs;
  private long endedMs;
  private long endedNanos;
  private boolean ended;

  /** Whether its length is known by the wall clock alone, which may have been set meanwhile. */
  private boolean byWall;

  private String end = "";

  /** One that begins now. */
  OpenRun(Beginning beginning, long nowMs, long nowNanos) {
    this(beginning, nowMs, nowNanos, nowNanos, false);
  }

  private OpenRun(
      Beginning beginning, long beganMs, long beganNanos, long nowNanos, boolean takenUp) {
    this.beginning = beginning;
    this.beganMs = beganMs;
    this.beganNanos = beganNanos;
    this.takenUp = takenUp;
    this.gauges = new Gauges(beginning.devices(), nowNanos);
  }

  /**
   * One that an earlier agent followed; what it lacks of first readings stays unknown.
   *
   * @param beganNanos by the monotonic clock, which agents of one boot share
   */
  static OpenRun takenUp(
      Beginning beginning,
      long beganMs,
      long beganNanos,
      long lateMs,
      Map<String, Counters> before,
      Set<String> shared,
      long nowNanos) {
    OpenRun run = new OpenRun(beginning, beganMs, Math.min(beganNanos, nowNanos), nowNanos, true);
    beginning
        .devices()
        .forEach(uuid -> run.before.put(uuid, before.getOrDefault(uuid, Counters.NONE)));
    run.lateMs = lateMs;
    run.shared.addAll(shared);
    return run;
  }

  Beginning beginning() {
    return beginning;
  }

  long beganMs() {
    return beganMs;
  }

  long beganNanos() {
    return beganNanos;
  }

  long lateMs() {
    return lateMs;
  }

  Map<String, Counters> before() {
    return before;
  }

  Set<String> shared() {
    return shared;
  }

  HostUse host() {
    return host;
  }

  boolean ended() {
    return ended;
  }

  long endedMs() {
    return endedMs;
  }

  /** How it ended; empty where that is not known. */
  String how() {
    return end;
  }

  /** Whether an earlier agent began it, so that its end may have been missed. */
  boolean takenUp() {
    return takenUp;
  }

  /** Whether its first readings are known, or known not to come. */
  boolean begun() {
    return before.keySet().containsAll(beginning.devices());
  }

  /** Whether nothing more is to come of it. */
  boolean settled() {
    return ended && after.keySet().containsAll(beginning.devices());
  }

  void shares(Set<String> devices) {
    beginning.devices().stream().filter(devices::contains).forEach(shared::add);
  }

  void end(String how, long nowMs, long nowNanos) {
    ended = true;
    end = how;
    endedMs = Math.max(nowMs, beganMs);
    endedNanos = nowNanos;
    beginning
        .devices()
        .forEach(uuid -> before.putIfAbsent(uuid, Counters.NONE)); // they are of later
  }

  /** It ended while nobody looked. */
  void endedUnseen(String how, long lastSeenMs) {
    end(how, lastSeenMs, beganNanos);
    byWall = true;
    beginning.devices().forEach(uuid -> after.put(uuid, Counters.NONE));
  }

  /** Its devices are another's now; when and how it had ended before stays. */
  void replaced(long nowMs, long nowNanos) {
    if (!ended) {
      end("", nowMs, nowNanos);
    }
    beginning.devices().forEach(uuid -> after.putIfAbsent(uuid, Counters.NONE));
  }

  /**
   * Takes a snapshot in.
   *
   * @return whether its first readings became known by it
   */
  boolean look(NodeSnapshot snapshot, long nowNanos) {
    boolean were = begun();
    if (!ended) {
      gauges.observe(snapshot);
      take(before, snapshot, beganNanos, nowNanos);
      if (!were && begun()) {
        lateMs = Duration.ofNanos(nowNanos - beganNanos).toMillis();
      }
    } else {
      take(after, snapshot, endedNanos, nowNanos);
    }
    return !were && begun();
  }

  private void take(
      Map<String, Counters> into, NodeSnapshot snapshot, long sinceNanos, long nowNanos) {
    boolean last = nowNanos - sinceNanos >= LATEST.toNanos();
    for (String uuid : beginning.devices()) {
      if (!into.containsKey(uuid)) {
        CounterReading reading = CounterReading.of(snapshot, uuid, sinceNanos);
        if (reading.whole() || last) {
          into.put(uuid, reading.counters());
        }
      }
    }
  }

  /** What it has used until now, by the newest snapshot. */
  RunAccount soFar(NodeSnapshot snapshot, long nowMs, long nowNanos) {
    Map<String, Counters> now = new HashMap<>();
    for (String uuid : beginning.devices()) {
      now.put(uuid, CounterReading.of(snapshot, uuid, Long.MIN_VALUE / 2 + nowNanos).counters());
    }
    return account(now, Math.max(nowMs, beganMs), nowNanos);
  }

  /** What it has used, once it has {@link #settled}. */
  RunAccount account() {
    return account(after, endedMs, endedNanos);
  }

  private RunAccount account(Map<String, Counters> last, long untilMs, long untilNanos) {
    double seconds = byWall ? (untilMs - beganMs) / MILLIS : (untilNanos - beganNanos) / NANOS;
    boolean near = lateMs * SHARE <= seconds * MILLIS;
    List<DeviceAccount> devices = new ArrayList<>();
    for (String uuid : beginning.devices()) {
      boolean known = near && !shared.contains(uuid);
      devices.add(
          Accounts.of(
              uuid,
              seconds,
              known ? before.getOrDefault(uuid, Counters.NONE) : Counters.NONE,
              last.getOrDefault(uuid, Counters.NONE),
              gauges));
    }
    return new RunAccount(
        beginning.run(),
        beginning.scheduler(),
        beginning.user(),
        beginning.project(),
        beganMs,
        untilMs,
        end,
        !shared.isEmpty(),
        Accounts.coverage(gauges, seconds),
        devices,
        host.account());
  }
}
