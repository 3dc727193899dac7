package io.millwright.simulator.judgement;

import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.simulator.judgement.Act.Condition;
import io.millwright.simulator.judgement.Act.Whose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The node of a trace as its lanes would show it. */
final class TracedNode {
  /** The name of a node that is alone in its trace. */
  static final String ALONE = "n1";

  private static final SeriesName UP = SeriesName.ofDevice("up");
  private static final SeriesName ENERGY = SeriesName.ofDevice("energy_joules_total{gpu}");
  private static final String STUCK = "native_call_stuck_seconds{%s}";
  private static final List<SeriesName> VOLATILE =
      List.of(
          SeriesName.ofDevice("ecc_errors_total{dram,corrected}"),
          SeriesName.ofDevice("ecc_errors_total{dram,uncorrected}"),
          SeriesName.ofDevice("ecc_errors_total{dram,uncorrected_repairable}"),
          SeriesName.ofDevice("ecc_errors_total{sram,corrected}"),
          SeriesName.ofDevice("ecc_errors_total{sram,uncorrected}"),
          SeriesName.ofDevice("ecc_errors_total{sram,uncorrected_repairable}"));
  private static final SeriesName PENDING = SeriesName.ofDevice("memory_remap_pending");
  private static final SeriesName NO_ACTION = SeriesName.ofDevice("recovery_action{none}");

  private final String name;
  private final Profile profile;
  private final Signals node;
  private final Signals count;
  private final SeriesName counted;
  private final SeriesName expected;
  private final List<Device> devices = new ArrayList<>();
  private boolean driver = true;
  private boolean hostSeen = true;
  private long sequence;

  private static final class Device {
    private final Signals signals;
    private final Signals identity;
    private Condition condition = Condition.WELL;
    private Optional<SeriesName> stuck = Optional.empty();
    private long sinceSeconds;

    Device(Signals signals, Signals identity) {
      this.signals = signals;
      this.identity = identity;
    }
  }

  /**
   * @param acts all that happens to it, by which it is known what must be read
   */
  TracedNode(String name, Profile profile, int size, List<Act> acts) {
    this.name = name;
    this.profile = profile;
    this.node = new Signals(List.of(name), profile.ofNode(), named(acts, false));
    this.counted =
        SeriesName.ofNode("accelerators{%s,%s}".formatted(profile.vendor(), profile.model()));
    this.expected = SeriesName.ofNode("accelerators_expected{%s}".formatted(profile.vendor()));
    this.count =
        new Signals(
            List.of(name),
            List.of(new Profile.Reading(counted, size, 0), new Profile.Reading(expected, size, 0)),
            List.of());
    for (int i = 0; i < size; i++) {
      devices.add(device(acts, i));
    }
  }

  private Device device(List<Act> acts, int index) {
    List<String> labels = List.of(name, "" + index, uuid(index), profile.vendor(), profile.model());
    SeriesName info =
        SeriesName.ofDevice(
            "info{0000%s.0,%s,part,driver,firmware,arch,0,%d}"
                .formatted(profile.pci(index), profile.serial(name, index), index));
    return new Device(
        new Signals(labels, profile.ofDevice(), named(acts, true)),
        new Signals(labels, List.of(new Profile.Reading(info, 1, 0)), List.of()));
  }

  /** The series that the trace speaks of. */
  private static List<SeriesName> named(List<Act> acts, boolean ofDevices) {
    List<SeriesName> names = new ArrayList<>();
    for (Act act : acts) {
      Optional<SeriesName> name =
          switch (act) {
            case Act.Set set -> Optional.of(set.series());
            case Act.Grow grow -> Optional.of(grow.series());
            case Act.Add add -> Optional.of(add.series());
            case Act.State state -> Optional.of(state.series());
            case Act.Unread unread -> Optional.of(unread.series());
            case Act.Answer answer ->
                Optional.of(answer.call())
                    .filter(call -> !call.isEmpty())
                    .map(call -> SeriesName.ofDevice(STUCK.formatted(call)));
            case Act.Xid _,
                Act.Kernel _,
                Act.User _,
                Act.Flood _,
                Act.Driver _,
                Act.Reset _,
                Act.Reboot _,
                Act.Restart _,
                Act.Job _,
                Act.Probe _,
                Act.Wall _,
                Act.Host _,
                Act.Expects _ ->
                Optional.empty();
          };
      name.filter(one -> one.ofDevices() == ofDevices)
          .filter(one -> !names.contains(one))
          .ifPresent(names::add);
    }
    return names;
  }

  String name() {
    return name;
  }

  Profile profile() {
    return profile;
  }

  int devices() {
    return devices.size();
  }

  String uuid(int device) {
    return profile.uuid(name, device);
  }

  /** Whether nothing of it can be read now. */
  boolean unobserved(int device) {
    return !driver || devices.get(device).condition != Condition.WELL;
  }

  /** Whether the node knows of it at all. */
  boolean known(int device) {
    return devices.get(device).condition != Condition.ABSENT;
  }

  List<Signals> of(Whose whose) {
    return switch (whose) {
      case Whose.Node() -> List.of(node);
      case Whose.Devices(List<Integer> indices) ->
          indices.stream().map(index -> devices.get(index).signals).toList();
    };
  }

  void answer(Act.Answer act, long atSeconds) {
    for (int index : act.devices()) {
      Device device = devices.get(index);
      device.condition = act.condition();
      device.sinceSeconds = atSeconds;
      device.stuck =
          act.condition() == Condition.STUCK
              ? Optional.of(SeriesName.ofDevice(STUCK.formatted(act.call())))
              : Optional.empty();
    }
  }

  void driver(boolean there, long atSeconds) {
    driver = there;
    if (there) {
      IntStream.range(0, devices.size()).forEach(index -> reset(index, atSeconds));
    }
  }

  /** What a driver counts begins anew, and a row that waited is replaced. */
  void reset(int index, long atSeconds) {
    Device device = devices.get(index);
    device.condition = Condition.WELL;
    device.stuck = Optional.empty();
    if (device.signals.has(ENERGY)) {
      device.signals.set(ENERGY, atSeconds, 0, 600);
      device.signals.set(PENDING, atSeconds, 0, 0);
      device.signals.state(NO_ACTION, atSeconds);
    }
    VOLATILE.stream()
        .filter(device.signals::has)
        .forEach(name -> device.signals.set(name, atSeconds, 0, 0));
  }

  void host(boolean seen) {
    hostSeen = seen;
  }

  void expects(int number) {
    if (number < 0) {
      count.unread(expected);
    } else {
      count.set(expected, 0, number, 0);
    }
  }

  NodeSnapshot snapshot(long atSeconds, long nanos) {
    sequence++;
    List<Sample> samples = new ArrayList<>();
    samples.add(
        hostSeen
            ? node.measure(atSeconds, nanos).sample()
            : node.unavailable(Fault.TIMEOUT, nanos).sample());
    samples.add(count(atSeconds, nanos));
    for (Device device : devices) {
      if (device.condition != Condition.ABSENT) {
        samples.add(sample(device, atSeconds, nanos));
        samples.add(device.identity.measure(atSeconds, nanos).sample());
      }
    }
    return new NodeSnapshot(sequence, nanos, samples);
  }

  private Sample count(long atSeconds, long nanos) {
    long there =
        devices.stream()
            .filter(device ->
                device.condition != Condition.GONE && device.condition != Condition.ABSENT)
            .count();
    count.set(counted, atSeconds, (double) there, 0);
    count.measure(atSeconds, nanos);
    return driver ? count.sample() : count.refused(counted, Fault.NOT_FOUND).sample();
  }

  private Sample sample(Device device, long atSeconds, long nanos) {
    if (!driver) {
      return device.signals.unavailable(Fault.NOT_FOUND, nanos).say(UP, 0).sample();
    }
    return switch (device.condition) {
      case WELL, ABSENT -> device.signals.measure(atSeconds, nanos).sample();
      case LOST, GONE -> device.signals.unavailable(Fault.DEVICE_LOST, nanos).say(UP, 0).sample();
      case STUCK ->
          device
              .signals
              .unavailable(Fault.TIMEOUT, nanos)
              .say(UP, 0)
              .say(device.stuck.orElseThrow(), (double) (atSeconds - device.sinceSeconds))
              .sample();
      case SILENT -> device.signals.unavailable(Fault.OTHER, nanos).say(UP, 0).sample();
    };
  }
}
