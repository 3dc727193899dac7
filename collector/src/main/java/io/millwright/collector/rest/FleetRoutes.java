package io.millwright.collector.rest;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.control.VersionWatch;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReading;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.operations.Board;
import io.millwright.collector.racks.Place;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.FleetView;
import io.millwright.protocol.views.NodeView;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Fleet, nodes and accelerators, from the newest state. */
public final class FleetRoutes {
  private static final int SCHEMA = 1;

  private final Supplier<FleetState> fleet;
  private final BiFunction<String, String, Optional<String>> jobs;
  private final DutyViews duties;
  private final Function<String, Place> places;
  private final Function<String, Optional<String>> tickets;
  private final VersionViews versions;
  private final Clock clock;
  private final Hardware hardware = new Hardware();

  /** Of a collector in which nobody operates anything. */
  public FleetRoutes(
      Supplier<FleetState> fleet, BiFunction<String, String, Optional<String>> jobs, Clock clock) {
    this(fleet, jobs, new DutyViews(() -> Board.EMPTY, Accepting.NONE), clock);
  }

  /** Of a collector to which nobody said that a part is returned. */
  public FleetRoutes(
      Supplier<FleetState> fleet,
      BiFunction<String, String, Optional<String>> jobs,
      DutyViews duties,
      Clock clock) {
    this(
        fleet,
        jobs,
        duties,
        Place::unknown,
        uuid -> Optional.empty(),
        new VersionViews(fleet, new VersionWatch(node -> 0, clock), List::of, clock),
        clock);
  }

  /**
   * @param duties how people, policy and the acceptance have nodes stand
   * @param places where nodes stand by the site's map
   * @param tickets under which the device of a UUID is returned
   * @param jobs the run that has the device of this node and UUID
   * @param versions the fleet by the version of its agents
   */
  public FleetRoutes(
      Supplier<FleetState> fleet,
      BiFunction<String, String, Optional<String>> jobs,
      DutyViews duties,
      Function<String, Place> places,
      Function<String, Optional<String>> tickets,
      VersionViews versions,
      Clock clock) {
    this.tickets = tickets;
    this.versions = versions;
    this.duties = duties;
    this.places = places;
    this.fleet = fleet;
    this.jobs = jobs;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v1/fleet", Role.ANYBODY, this::fleet),
        Route.get("/v1/nodes", Role.ANYBODY, request -> Answer.json(nodes(request.caller()))),
        Route.get("/v1/nodes/{node}", Role.ANYBODY, this::node),
        Route.get("/v1/accelerators", Role.ANYBODY, this::accelerators),
        Route.get(
            "/v1/accelerators/{uuid}", Role.ANYBODY, request -> accelerator(request, "uuid")));
  }

  private Answer fleet(Request request) {
    Optional<String> by = request.query("by");
    if (by.isEmpty()) {
      return Answer.json(fleet());
    }
    if (!by.get().equals("version")) {
      throw new IllegalArgumentException(
          "by: '%s' is refused; allowed is version, or leave it out".formatted(by.get()));
    }
    return Answer.json(versions.view());
  }

  private FleetView fleet() {
    long now = clock.nanos();
    Collection<NodeState> nodes = fleet.get().nodes().values();
    Map<Link, Integer> links = new EnumMap<>(Link.class);
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    Map<Verdict, Integer> devices = new EnumMap<>(Verdict.class);
    int accelerators = 0;
    int up = 0;
    for (NodeState node : nodes) {
      links.merge(node.link(now), 1, Integer::sum);
      verdicts.merge(node.verdict(now), 1, Integer::sum);
      for (AcceleratorState device : whole(node)) {
        devices.merge(node.verdict(device, now), 1, Integer::sum);
        accelerators++;
        up += device.up() && node.link(now) == Link.CONNECTED ? 1 : 0;
      }
    }
    return new FleetView(
        SCHEMA,
        nodes.stream().anyMatch(NodeState::simulated),
        verdicts.keySet().stream().reduce(Verdict::worse).orElse(Verdict.UNKNOWN).word(),
        nodes.size(),
        links.getOrDefault(Link.CONNECTED, 0),
        links.getOrDefault(Link.STALE, 0),
        links.getOrDefault(Link.LOST, 0),
        verdicts.getOrDefault(Verdict.OK, 0),
        verdicts.getOrDefault(Verdict.DEGRADED, 0),
        verdicts.getOrDefault(Verdict.FAILED, 0),
        verdicts.getOrDefault(Verdict.UNKNOWN, 0),
        accelerators,
        up,
        devices.getOrDefault(Verdict.OK, 0),
        devices.getOrDefault(Verdict.DEGRADED, 0),
        devices.getOrDefault(Verdict.FAILED, 0),
        devices.getOrDefault(Verdict.UNKNOWN, 0),
        sum(
            nodes.stream()
                .filter(node -> node.link(now) == Link.CONNECTED)
                .flatMap(node -> node.accelerators().stream())
                .map(device -> device.value(DeviceReading.POWER_WATTS))));
  }

  private List<NodeView> nodes(Caller caller) {
    long now = clock.nanos();
    return fleet.get().nodes().values().stream().map(node -> view(node, caller, now)).toList();
  }

  private NodeView view(NodeState node, Caller caller, long nowNanos) {
    Link link = node.link(nowNanos);
    boolean told = link == Link.CONNECTED;
    return new NodeView(
        node.name(),
        link.word(),
        node.verdict(nowNanos).word(),
        EvidenceViews.of(node.judgements(nowNanos), caller),
        node.arrivedWallMs(),
        node.clockOffsetMs(),
        node.agentVersion(),
        node.simulated(),
        whole(node).size(),
        told ? (int) whole(node).stream().filter(AcceleratorState::up).count() : 0,
        told
            ? sum(
                node.accelerators().stream().map(device -> device.value(DeviceReading.POWER_WATTS)))
            : OptionalDouble.empty(),
        Optional.of(duties.of(node.name(), caller)),
        hardware.of(node).serial(),
        place(node),
        tickets(node, caller),
        node.mode());
  }

  /** Accelerators that moved say so before the site's map does. */
  private Optional<NodeView.Place> place(NodeState node) {
    Hardware.Node own = hardware.of(node);
    Place mapped = places.apply(node.name());
    Optional<String> rack = mapped.rack().or(own::rack);
    Optional<String> chassis = own.whereabouts().chassis().or(mapped::chassis);
    Optional<String> slot = own.whereabouts().slot().or(mapped::slot);
    Optional<String> tray = own.whereabouts().tray().or(mapped::tray);
    return Stream.of(rack, chassis, slot, tray).allMatch(Optional::isEmpty)
        ? Optional.empty()
        : Optional.of(new NodeView.Place(rack, chassis, slot, tray));
  }

  private Optional<String> tickets(NodeState node, Caller caller) {
    String found =
        node.accelerators().stream()
            .flatMap(device -> tickets.apply(device.uuid()).stream())
            .distinct()
            .collect(Collectors.joining(", "));
    return found.isEmpty() || !caller.role().mayWhat(Role.VIEWER)
        ? Optional.empty()
        : Optional.of(found);
  }

  /** Without MIG instances, whose device is counted. */
  private static List<AcceleratorState> whole(NodeState node) {
    return node.accelerators().stream().filter(device -> !device.instance()).toList();
  }

  /** Of those that are there; empty where none is. */
  private static OptionalDouble sum(Stream<OptionalDouble> values) {
    double[] known = values.flatMapToDouble(OptionalDouble::stream).toArray();
    return known.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Arrays.stream(known).sum());
  }

  private Answer node(Request request) {
    String name = request.part("node");
    return fleet
        .get()
        .node(name)
        .map(node -> Answer.json(view(node, request.caller(), clock.nanos())))
        .orElseGet(() -> unknownNode(name));
  }

  static Answer unknownNode(String name) {
    return Answer.problem(
        404, "No node '%s' has reported; /v1/nodes lists those that have.".formatted(name));
  }

  private Answer accelerators(Request request) {
    Optional<String> wanted = request.query("node");
    return Answer.json(
        views(request.caller())
            .filter(v -> wanted.isEmpty() || v.node().equals(wanted.get()))
            .toList());
  }

  private Answer accelerator(Request request, String part) {
    String uuid = request.part(part);
    return views(request.caller())
        .filter(view -> view.uuid().equals(uuid))
        .findFirst()
        .map(Answer::json)
        .orElseGet(() ->
            Answer.problem(
                404,
                "No accelerator '%s' was seen; /v1/accelerators lists those that were."
                    .formatted(uuid)));
  }

  private Stream<AcceleratorView> views(Caller caller) {
    long now = clock.nanos();
    Collection<NodeState> nodes = fleet.get().nodes().values();
    return nodes.stream()
        .flatMap(
            node -> node.accelerators().stream().map(device -> view(node, device, caller, now)));
  }

  /** What runs where is for those who may see jobs. */
  private AcceleratorView view(
      NodeState node, AcceleratorState device, Caller caller, long nowNanos) {
    boolean told = node.link(nowNanos) == Link.CONNECTED;
    Hardware.Device own = hardware.of(node).device(device.uuid());
    return new AcceleratorView(
        node.name(),
        device.index(),
        device.uuid(),
        device.vendor(),
        device.model(),
        device.simulated(),
        told ? (device.up() ? "up" : "down") : "unknown",
        node.verdict(device, nowNanos).word(),
        EvidenceViews.of(node.evidence(device, nowNanos), device.index(), caller),
        told ? device.stuckCall() : Optional.empty(),
        known(told, device.value(DeviceReading.POWER_WATTS)),
        known(told, device.value(DeviceReading.UTILIZATION)),
        known(told, device.value(DeviceReading.TEMPERATURE_CELSIUS)),
        known(told, device.value(DeviceReading.MEMORY_USED_BYTES)),
        known(told, device.value(DeviceReading.MEMORY_SIZE_BYTES)),
        known(told, device.value(DeviceReading.ENERGY_JOULES)),
        caller.role().mayWhat(Role.VIEWER)
            ? jobs.apply(node.name(), device.uuid())
                .or(() -> told ? hardware.owners(node, device.uuid()) : Optional.<String>empty())
            : Optional.empty(),
        own.serial(),
        own.pciBusId(),
        own.module(),
        caller.role().mayWhat(Role.VIEWER) ? tickets.apply(device.uuid()) : Optional.empty());
  }

  private static OptionalDouble known(boolean told, OptionalDouble value) {
    return told ? value : OptionalDouble.empty();
  }
}
