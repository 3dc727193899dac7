package io.millwright.collector.placement;

import io.millwright.collector.placement.Reservation.Vacating;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The nodes that a job without a place can have soonest. Pure.
 *
 * <p>Each node is first given the earliest time that the numbers allow, and looked at closely only
 * while that is before the time of the last of the best so far.
 */
final class Soonest {
  /** Of what has no time limit. */
  private static final long UNKNOWN = Long.MAX_VALUE;

  private static final Comparator<Vacating> ORDER =
      Comparator.<Vacating>comparingLong(node -> node.readyMs().orElse(UNKNOWN))
          .thenComparingInt(Vacating::missing)
          .thenComparing(Vacating::name);

  private final Planner planner = Planner.standard();
  private final Needs needs;
  private final Function<String, Set<String>> taken;
  private final Function<String, List<Occupant>> occupants;
  private final long nowMs;

  Soonest(
      Needs needs,
      Function<String, Set<String>> taken,
      Function<String, List<Occupant>> occupants,
      long nowMs) {
    this.needs = needs;
    this.taken = taken;
    this.occupants = occupants;
    this.nowMs = nowMs;
  }

  /** A node with the best that can be hoped for. */
  private record Hope(NodeView node, Vacating bound) {}

  /** As many as are wanted, the soonest first; fewer where there are not so many. */
  List<Vacating> of(List<NodeView> fleet) {
    List<Hope> hopes = new ArrayList<>();
    for (NodeView node : reachable(fleet)) {
      hope(node).ifPresent(hopes::add);
    }
    hopes.sort(Comparator.comparing(Hope::bound, ORDER));
    PriorityQueue<Vacating> best = new PriorityQueue<>(ORDER.reversed());
    for (Hope hope : hopes) {
      boolean full = best.size() == needs.nodes();
      if (full && ORDER.compare(hope.bound(), best.element()) > 0) {
        break;
      }
      vacating(hope).ifPresent(best::add);
      if (best.size() > needs.nodes()) {
        best.remove();
      }
    }
    return best.stream().sorted(ORDER).toList();
  }

  private List<NodeView> reachable(List<NodeView> fleet) {
    List<NodeView> open =
        fleet.stream().filter(node -> Shape.open(node.presence(), node.duty())).toList();
    if (needs.nodes() == 1) {
      return open;
    }
    List<NodeView> far = open.stream().filter(node -> !loopback(node)).toList();
    boolean near = Planner.onlyNear(open.size() - far.size(), far.size(), needs.nodes());
    return near ? open.stream().filter(Soonest::loopback).toList() : far;
  }

  private static boolean loopback(NodeView node) {
    return node.contact() instanceof Contact.At at && at.loopback();
  }

  /** By numbers alone; empty where it has not enough accelerators that are fit. */
  private Optional<Hope> hope(NodeView node) {
    Set<String> held = taken.apply(node.name());
    List<DeviceView> fit =
        node.devices().stream()
            .filter(device -> device.serves(needs.devices()) && device.fit())
            .toList();
    int wanted = needs.devices().count();
    if (fit.size() < wanted) {
      return Optional.empty();
    }
    List<DeviceView> late = fit.stream().filter(device -> held.contains(device.uuid())).toList();
    int missing = Math.max(0, wanted - (fit.size() - late.size()));
    long ready = missing == 0 ? nowMs : ready(late, occupants.apply(node.name()), missing);
    return Optional.of(new Hope(node, new Vacating(node.name(), known(ready), Set.of(), missing)));
  }

  /** When so many of these have ended. */
  private long ready(List<DeviceView> held, List<Occupant> here, int missing) {
    return held.stream()
        .mapToLong(device -> end(device.uuid(), here))
        .sorted()
        .skip(missing - 1L)
        .findFirst()
        .orElse(UNKNOWN);
  }

  private static OptionalLong known(long time) {
    return time == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(time);
  }

  /** Of what nobody knows: never, as far as is known. */
  private long end(String uuid, List<Occupant> here) {
    return here.stream()
        .filter(occupant -> occupant.devices().contains(uuid))
        .mapToLong(this::end)
        .findFirst()
        .orElse(UNKNOWN);
  }

  private long end(Occupant occupant) {
    return Math.max(nowMs, occupant.endMs().orElse(UNKNOWN));
  }

  // ---- closely

  private Optional<Vacating> vacating(Hope hope) {
    List<Occupant> here = occupants.apply(hope.node().name());
    long bound = hope.bound().readyMs().orElse(UNKNOWN);
    long[] times =
        LongStream.concat(LongStream.of(nowMs, UNKNOWN), here.stream().mapToLong(this::end))
            .filter(time -> time >= bound)
            .sorted()
            .distinct()
            .toArray();
    for (long time : times) {
      Optional<Vacating> found = at(hope.node(), here, time);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** What it gets where all that ends until then has ended; at the end of time everything has. */
  private Optional<Vacating> at(NodeView node, List<Occupant> here, long time) {
    Set<String> held = taken.apply(node.name());
    List<Occupant> left = here.stream().filter(one -> time != UNKNOWN && end(one) > time).toList();
    Set<String> still = new HashSet<>(time == UNKNOWN ? Set.of() : held);
    here.stream().filter(one -> !left.contains(one)).forEach(one -> still.removeAll(one.devices()));
    NodeView then = then(node, left, still, time);
    Candidate candidate = Planner.candidate(then, device -> still.contains(device.uuid()), needs);
    if (planner.refusal(candidate).isPresent()) {
      return Optional.empty();
    }
    Set<String> devices =
        chosen(candidate, held).stream().map(DeviceView::uuid).collect(Collectors.toSet());
    int missing = (int) devices.stream().filter(held::contains).count();
    return Optional.of(new Vacating(node.name(), known(time), devices, missing));
  }

  private NodeView then(NodeView node, List<Occupant> left, Set<String> still, long time) {
    Duty duty =
        node.duty() instanceof Duty.Closing closing
            ? new Duty.Closing(
                time == UNKNOWN
                    ? Duration.ZERO
                    : closing.left().minusMillis(Math.min(time - nowMs, closing.left().toMillis())),
                closing.near(),
                closing.what())
            : node.duty();
    return node.with(duty).with(tenancy(node, left, still));
  }

  private static Tenancy tenancy(NodeView node, List<Occupant> left, Set<String> still) {
    Set<String> users = left.stream().map(Occupant::user).collect(Collectors.toSet());
    boolean neuron =
        node.devices().stream()
            .anyMatch(d -> d.kind() == DeviceKind.NEURON && still.contains(d.uuid()));
    if (users.isEmpty()) {
      return neuron ? new Tenancy.Unclear() : new Tenancy.Vacant();
    }
    return neuron ? new Tenancy.Let(users) : new Tenancy.Inhabited(users);
  }

  /** Those that are free already before those that are held. */
  private List<DeviceView> chosen(Candidate candidate, Set<String> held) {
    if (candidate.grouped()) {
      return candidate.freeGroups().stream()
          .min(
              Comparator.comparingLong(
                  group -> group.stream().filter(d -> held.contains(d.uuid())).count()))
          .orElse(List.of());
    }
    List<DeviceView> free =
        candidate.free().stream().filter(device -> !held.contains(device.uuid())).toList();
    if (free.size() >= needs.devices().count()) {
      Candidate now = new Candidate(candidate.node(), free, candidate.begun(), needs);
      return planner.scored(now).offer().chosen();
    }
    List<DeviceView> chosen = new ArrayList<>(free);
    candidate.free().stream()
        .filter(device -> held.contains(device.uuid()))
        .limit(needs.devices().count() - free.size())
        .forEach(chosen::add);
    return chosen;
  }
}
