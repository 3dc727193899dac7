package io.millwright.collector.control;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.downlink.Downlink;
import io.millwright.collector.downlink.Standing;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.operations.Board;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.Grouping;
import io.millwright.collector.placement.Location;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Tenancy;
import io.millwright.collector.placement.Topology;
import io.millwright.collector.placement.Traits;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.MigProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The fleet as the planner sees it at one moment.
 *
 * <p><i>Threading:</i> the thread {@code control}.
 */
final class FleetViews {
  /** As many as a policy allows that does not say otherwise; their desired state fits a session. */
  private static final int MOST_RUNS = 64;

  private static final Pattern INDEX = Pattern.compile("[0-9]{1,3}");

  /** Between the index of a GPU and the number of an instance of it. */
  private static final String WITHIN = ":";

  private static final String PROFILE = " MIG ";
  private static final Condition DIVIDED =
      new Condition.Unfit(
          "divided (MIG), or its driver does not say: jobs get instances of it, see devices.mig");
  private static final String NO_FABRIC =
      "it gives no IMEX channel to jobs: not each of its GPUs says that it has joined an NVLink"
          + " fabric (fabric state completed)";
  private static final Pattern UUID = Pattern.compile("[\\x21-\\x7e]{1,96}");

  private final Downlink downlink;
  private final JobBook book;
  private final Operating operating;
  private final Accepting accepting;
  private final Locations locations;
  private final NodeTraits traits;
  private final long nowNanos;
  private final Set<DeviceKey> strays; // what nodes hold and the book knows nothing of

  FleetViews(
      Downlink downlink,
      JobBook book,
      Operating operating,
      Accepting accepting,
      Locations locations,
      NodeTraits traits,
      long nowNanos) {
    this.downlink = downlink;
    this.book = book;
    this.operating = operating;
    this.accepting = accepting;
    this.locations = locations;
    this.traits = traits;
    this.nowNanos = nowNanos;
    this.strays = new HashSet<>(downlink.held());
    this.strays.removeAll(book.taken().keySet());
  }

  /** All of it, by name. */
  List<NodeView> of(FleetState fleet) {
    locations.retain(fleet.nodes().keySet());
    traits.retain(fleet.nodes().keySet());
    return fleet.nodes().values().stream().map(this::of).toList();
  }

  /** One node, with what the book says of it now. */
  NodeView of(NodeState node) {
    Board board = operating.board();
    Location location = locations.location(node, operating.place(node.name()));
    Standing standing = downlink.standing(node.name());
    List<DeviceView> devices =
        devices(node, board, downlink.instanceless(node.name()), device -> traits.of(node, device));
    return new NodeView(
        node.name(),
        presence(node, standing, downlink, nowNanos),
        downlink.testing(node.name())
            ? new Duty.Declining("a test of the site runs there, as far as is known")
            : accepting
                .withheld(node.name())
                .filter(why -> board.mark(node.name()).state() == NodeMark.State.IN_SERVICE)
                .<Duty>map(Duty.Withdrawn::new)
                .orElseGet(() -> duty(node, standing, book.runsOf(node.name()), board)),
        devices,
        new Topology(grouping(node)),
        tenancy(node.name(), devices),
        location,
        downlink.contact(node.name()),
        lacks(downlink.lacks(node.name()), devices));
  }

  /** Its agent says what it can give; whether its GPUs are wired to others, they say themselves. */
  private static Map<String, String> lacks(Map<String, String> said, List<DeviceView> devices) {
    boolean alone =
        devices.stream()
            .anyMatch(device ->
                device.kind() == DeviceKind.GPU && device.fit() && !device.traits().switched());
    if (!alone || said.containsKey(Capability.IMEX)) {
      return said;
    }
    Map<String, String> all = new HashMap<>(said);
    all.put(Capability.IMEX, NO_FABRIC);
    return all;
  }

  /** That of its Neuron devices, by the model of the first. */
  static Grouping grouping(NodeState node) {
    return node.accelerators().stream()
        .filter(device -> device.vendor().equals(DeviceKind.NEURON.vendor()))
        .findFirst()
        .map(device -> Grouping.ofNeuron(device.model()))
        .orElse(Grouping.ANY);
  }

  private Tenancy tenancy(String node, List<DeviceView> devices) {
    boolean unclear =
        devices.stream()
            .filter(device -> device.kind() == DeviceKind.NEURON)
            .anyMatch(device -> strays.contains(new DeviceKey(node, device.uuid())));
    Set<String> users = book.users(node);
    if (unclear) {
      return new Tenancy.Unclear();
    }
    if (users.isEmpty()) {
      return new Tenancy.Vacant();
    }
    return book.gave(node, DeviceKind.NEURON)
        ? new Tenancy.Let(users)
        : new Tenancy.Inhabited(users);
  }

  private static Duty duty(NodeState node, Standing standing, int runs, Board board) {
    NodeMark mark = board.mark(node.name());
    if (mark.state() != NodeMark.State.IN_SERVICE) {
      return new Duty.Withdrawn(mark.words());
    }
    if (standing instanceof Standing.Declines(String why)) {
      return new Duty.Declining(why);
    }
    Optional<String> failed = failed(node, board);
    if (failed.isPresent()) {
      return new Duty.Declining(failed.get());
    }
    return runs < MOST_RUNS
        ? mark.closing().map(FleetViews::closing).orElseGet(Duty.InService::new)
        : new Duty.Declining("%d runs, as many as a node gets".formatted(runs));
  }

  private static Duty closing(NodeMark.Closing closing) {
    return new Duty.Closing(
        Duration.ofMillis(closing.leftMs()),
        closing.leftMs() <= closing.horizonMs(),
        closing.window().words());
  }

  /** That of the node itself: one sick device keeps nobody from the others. */
  private static Optional<String> failed(NodeState node, Board board) {
    return node.findings()
        .node()
        .filter(own -> own.verdict() == Verdict.FAILED)
        .filter(own -> !overridden(own.evidence(), node.name(), board))
        .map(own -> "the node itself is failed" + why(own.evidence()));
  }

  /** Whether people have all that speaks for the verdict treated as ok. */
  private static boolean overridden(List<Evidence> evidence, String node, Board board) {
    List<Evidence> counting =
        evidence.stream()
            .filter(one -> !one.observeOnly())
            .filter(one -> one.verdict() == Verdict.FAILED || one.verdict() == Verdict.UNKNOWN)
            .toList();
    return !counting.isEmpty()
        && counting.stream()
            .allMatch(
                one -> board.operations().overridden(node, one.rule(), board.nowMs()).isPresent());
  }

  /** {@code : disk-full: 99 % of / is used}. */
  private static String why(List<Evidence> evidence) {
    return evidence.stream()
        .filter(one -> !one.observeOnly())
        .findFirst()
        .map(one -> ": %s: %s".formatted(one.rule(), one.observed()))
        .orElse("");
  }

  /** What was seen before this session says nothing of what is there now. */
  private static Presence presence(
      NodeState node, Standing standing, Downlink downlink, long nowNanos) {
    Link link = node.link(nowNanos);
    if (link == Link.LOST || downlink.openedNanos(node.name()).isEmpty()) {
      return new Presence.Lost(Duration.ofNanos(nowNanos - node.arrivedNanos()));
    }
    boolean seen = node.arrivedNanos() - downlink.openedNanos(node.name()).getAsLong() > 0;
    return link == Link.CONNECTED && seen && !(standing instanceof Standing.Away)
        ? new Presence.Connected()
        : new Presence.Returning();
  }

  /** A device with a name that cannot be granted is left out. */
  static List<DeviceView> devices(NodeState node) {
    return devices(node, Board.EMPTY, Optional.empty(), device -> Traits.UNTOLD);
  }

  /**
   * @param instanceless why the node gives no MIG instance; empty where it does
   */
  private static List<DeviceView> devices(
      NodeState node,
      Board board,
      Optional<String> instanceless,
      Function<AcceleratorState, Traits> traits) {
    List<DeviceView> views = new ArrayList<>();
    Map<String, DeviceView> gpus = new HashMap<>(); // by index, each as if it were not divided
    for (AcceleratorState device : node.accelerators()) {
      if (grantable(device)) {
        DeviceView whole = whole(device, condition(device, node, board), traits.apply(device));
        gpus.putIfAbsent(device.index(), whole);
        views.add(device.divided() && whole.fit() ? whole.with(DIVIDED) : whole);
      }
    }
    for (AcceleratorState device : node.accelerators()) {
      if (device.instance()) {
        instance(device, node, board, instanceless, gpus).ifPresent(views::add);
      }
    }
    return views;
  }

  private static boolean grantable(AcceleratorState device) {
    return INDEX.matcher(device.index()).matches() && UUID.matcher(device.uuid()).matches();
  }

  private static DeviceView whole(AcceleratorState device, Condition condition, Traits traits) {
    return new DeviceView(
        device.uuid(),
        Integer.parseInt(device.index()),
        device.vendor().equals("aws") ? DeviceKind.NEURON : DeviceKind.GPU,
        condition,
        traits);
  }

  /** What speaks against its GPU speaks against it. */
  private static Optional<DeviceView> instance(
      AcceleratorState device,
      NodeState node,
      Board board,
      Optional<String> instanceless,
      Map<String, DeviceView> gpus) {
    String index = device.index().substring(0, device.index().indexOf(WITHIN));
    Optional<MigProfile> profile = profile(device.model());
    DeviceView gpu = gpus.get(index);
    if (profile.isEmpty() || gpu == null || !UUID.matcher(device.uuid()).matches()) {
      return Optional.empty();
    }
    Condition own = gpu.fit() ? condition(device, node, board) : gpu.condition();
    return Optional.of(
        new DeviceView(
            device.uuid(),
            gpu.index(),
            DeviceKind.GPU,
            instanceless.<Condition>map(Condition.Unfit::new).orElse(own),
            gpu.traits(),
            profile));
  }

  /** NVML's name of an instance is that of the GPU, MIG and the profile. */
  private static Optional<MigProfile> profile(String model) {
    int at = model.indexOf(PROFILE);
    return at < 0 ? Optional.empty() : MigProfile.ofText(model.substring(at + PROFILE.length()));
  }

  private static Condition condition(AcceleratorState device, NodeState node, Board board) {
    List<Evidence> evidence = node.findings().ofDevice(device.uuid());
    String withheld = board.withheld().get(new DeviceKey(node.name(), device.uuid()));
    return withheld != null
        ? new Condition.Unfit(withheld)
        : condition(device, evidence, overridden(evidence, node.name(), board));
  }

  /** A device that its agent does not judge is fit while it answers. */
  private static Condition condition(
      AcceleratorState device, List<Evidence> evidence, boolean overridden) {
    if (!device.up()) {
      return new Condition.Unfit(
          device.stuckCall().map(call -> call + " does not return").orElse("down"));
    }
    if (overridden) {
      return new Condition.Fit();
    }
    return switch (device.told().orElse(Verdict.OK)) {
      case OK, DEGRADED -> new Condition.Fit();
      case FAILED -> new Condition.Unfit("failed" + why(evidence));
      case UNKNOWN ->
          evidence.isEmpty()
              ? new Condition.Unknown()
              : new Condition.Unfit("unknown" + why(evidence));
    };
  }
}
