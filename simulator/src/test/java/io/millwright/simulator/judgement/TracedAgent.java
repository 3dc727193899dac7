package io.millwright.simulator.judgement;

import io.millwright.agent.health.Engine;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Observation;
import io.millwright.agent.health.Tally;
import io.millwright.agent.watch.KernelText;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The real engine over the node of a trace, in virtual time. The seconds are those of the trace.
 */
final class TracedAgent {
  static final long START_MS = 1_790_000_000_000L;
  private static final long START_NANOS = 1_000_000_000_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Those that the rules ask for: in a trace they have answered, and fail where it says so. */
  private static final Set<String> PROBES =
      Set.of(
          "host",
          "inventory",
          "filesystems",
          "upkeep",
          "modules",
          "services",
          "fabric",
          "pcie",
          "nvme",
          "rapl",
          "dcmi",
          "holders",
          "kmsg");

  private final RuleCatalogue rules;
  private final TracedNode node;
  private final KernelText kernel = new KernelText();
  private final List<Event> events = new ArrayList<>();
  private final Map<String, RunId> holders = new HashMap<>();
  private final Set<String> failing = new HashSet<>();
  private NodeSnapshot snapshot = new NodeSnapshot(0, START_NANOS, List.of());
  private Engine engine;
  private int boots;
  private long wallOffsetMs;

  TracedAgent(RuleCatalogue rules, TracedNode node) {
    this.rules = rules;
    this.node = node;
    this.engine = engine(Memory.none("boot0"));
  }

  private Engine engine(Memory memory) {
    return new Engine(rules, "/data/health", memory, "boot" + boots);
  }

  TracedNode node() {
    return node;
  }

  /** As it was judged last. */
  NodeSnapshot snapshot() {
    return snapshot;
  }

  /** The error codes that were counted. */
  List<Tally> tallies() {
    return engine.memory(0).tallies();
  }

  private long wallMs(long atSeconds) {
    return START_MS + atSeconds * 1000 + wallOffsetMs;
  }

  void act(Act act, long at) {
    switch (act) {
      case Act.Set(var whose, var series, double value, double perSecond) ->
          node.of(whose).forEach(signals -> signals.set(series, at, value, perSecond));
      case Act.Grow(var whose, var series, double perSecond) ->
          node.of(whose).forEach(signals -> signals.grow(series, at, perSecond));
      case Act.Add(var whose, var series, double by) ->
          node.of(whose).forEach(signals -> signals.add(series, at, by));
      case Act.State(var whose, var series) ->
          node.of(whose).forEach(signals -> signals.state(series, at));
      case Act.Unread(var whose, var series) ->
          node.of(whose).forEach(signals -> signals.unread(series));
      case Act.Xid xid -> xid.devices().forEach(device -> events.add(error(xid, device, at)));
      case Act.Kernel(String text) -> kernel.kernel(text, wallMs(at));
      case Act.User(String text) -> kernel.user(text, wallMs(at));
      case Act.Flood(int times, String text) -> {
        for (int i = 0; i < times; i++) {
          kernel.kernel(text.replace("#", Integer.toString(i)), wallMs(at) + i * 1000L / times);
        }
      }
      case Act.Answer answer -> node.answer(answer, at);
      case Act.Driver(boolean there) -> node.driver(there, at);
      case Act.Reset(var devices) -> devices.forEach(device -> node.reset(device, at));
      case Act.Reboot() -> {
        for (int device = 0; device < node.devices(); device++) {
          node.reset(device, at);
        }
        boots++;
        engine = engine(engine.memory(0));
      }
      case Act.Restart() -> engine = engine(engine.memory(0));
      case Act.Job(var devices, String job) ->
          devices.forEach(device -> job(node.uuid(device), job));
      case Act.Probe(String name, boolean works) -> {
        if (works) {
          failing.remove(name);
        } else {
          failing.add(name);
        }
      }
      case Act.Wall(long seconds) -> wallOffsetMs += seconds * 1000;
      case Act.Host(boolean seen) -> node.host(seen);
      case Act.Expects(int devices) -> node.expects(devices);
    }
  }

  private Event error(Act.Xid xid, int device, long at) {
    return new Event.DeviceError(
        new Event.Place.Uuid(node.uuid(device)),
        InstanceId.of(xid.instance()),
        ErrorCode.xid(xid.code()),
        Event.Origin.DRIVER,
        wallMs(at),
        Event.Gravity.UNSAID,
        "");
  }

  private void job(String uuid, String job) {
    if (job.isEmpty()) {
      holders.remove(uuid);
    } else {
      holders.put(uuid, new RunId(job, 1));
    }
  }

  /** What the engine says at this tick. */
  HealthReport judge(long at) {
    events.addAll(kernel.drain());
    long nanos = START_NANOS + at * SECOND_NANOS;
    Observation now =
        new Observation(
            nanos, wallMs(at), node.snapshot(at, nanos), events, holders, failing, PROBES, "");
    events.clear();
    return engine.judge(now);
  }
}
