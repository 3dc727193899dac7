package io.millwright.collector.placement;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds a place for a job, or says of each node why not there.
 *
 * <p>A node must pass all filters; of those that do, the ones with the highest score get the job,
 * and of equal ones the first by name; a job over several nodes with accelerators gets nodes of one
 * UltraServer or NVLink domain, else of one rack, before better ones elsewhere. Pure: the same
 * question has the same answer, and nothing is reserved by asking. <i>Threading:</i> immutable.
 * <i>Failure:</i> none; no place is a value.
 */
public final class Planner {
  static final String LOOPBACK =
      "it is known by a loopback address alone, at which other nodes do not reach it: set"
          + " jobs.address in its agent.yaml";

  private final List<Filter> filters;
  private final List<ScoreTerm> terms;

  public Planner(List<Filter> filters, List<ScoreTerm> terms) {
    this.filters = List.copyOf(filters);
    this.terms = List.copyOf(terms);
  }

  /** With the filters and terms that every site has. */
  public static Planner standard() {
    return new Planner(Filters.ALL, ScoreTerms.ALL);
  }

  /**
   * Where the job would run.
   *
   * @param fleet each node once
   * @param taken what may not be given, on whichever node
   */
  public Placement plan(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec) {
    return plan(fleet, taken, spec, Spread.NONE);
  }

  /**
   * Where the job would run.
   *
   * @param fleet each node once
   * @param taken what may not be given, on whichever node
   * @param spread of its project
   */
  public Placement plan(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec, Spread spread) {
    return plan(fleet, taken, Needs.of(spec), spread, new ArrayList<>(), new HashMap<>());
  }

  /** The same decision, and of each node without a share why it has none. */
  public Explanation explain(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec) {
    return explain(fleet, taken, spec, Spread.NONE);
  }

  /** The same decision, and of each node without a share why it has none. */
  public Explanation explain(
      List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec, Spread spread) {
    List<Scored> fitting = new ArrayList<>();
    Map<String, String> refusals = new HashMap<>();
    Needs needs = Needs.of(spec);
    boolean together = neighbours(needs);
    Placement placement = plan(fleet, taken, needs, spread, fitting, refusals);
    return switch (placement) {
      case Unplaced unplaced -> new Explanation(unplaced, unplaced.refusals());
      case Placed placed -> {
        Map<String, Scored> scored = new HashMap<>();
        fitting.forEach(node -> scored.put(node.name(), node));
        Set<String> chosen = placed.shares().stream().map(Share::node).collect(Collectors.toSet());
        List<Scored> taking =
            fitting.stream().filter(node -> chosen.contains(node.name())).toList();
        yield new Explanation(
            placed,
            fleet.stream()
                .map(NodeView::name)
                .filter(name -> !chosen.contains(name))
                .map(name ->
                    new Refusal(
                        name,
                        Optional.ofNullable(refusals.get(name))
                            .or(() ->
                                Optional.ofNullable(scored.get(name))
                                    .map(node ->
                                        beside(taking, node, spread)
                                            .orElseGet(() ->
                                                lessThan(rivals(taking, node, together), node))))
                            .orElse("")))
                .toList());
      }
    };
  }

  /** Whether its rack has a member already, and can have no other. */
  private static Optional<String> beside(List<Scored> chosen, Scored node, Spread spread) {
    return chosen.stream()
        .filter(one -> spread.apart() && chosen.size() > 1)
        .filter(one -> one.location().rack().equals(node.location().rack()))
        .findFirst()
        .map(one ->
            "fits, but %s of the same rack %s has a member, and the job wants each in a rack of its own"
                .formatted(one.name(), node.location().rack().orElse("")));
  }

  /** The chosen nodes that had their places by what they are, and not by where they stand. */
  private static List<Scored> rivals(List<Scored> chosen, Scored node, boolean together) {
    if (!together) {
      return chosen;
    }
    Location own = node.location();
    List<Scored> inDomain =
        own.domain().isEmpty()
            ? List.of()
            : chosen.stream().filter(n -> n.location().domain().equals(own.domain())).toList();
    boolean domains = chosen.stream().anyMatch(n -> n.location().domain().isPresent());
    if (!inDomain.isEmpty() || domains) {
      return inDomain;
    }
    boolean rack = NodeChooser.mark(chosen).value() > 0;
    return rack && !chosen.getFirst().location().rack().equals(own.rack()) ? List.of() : chosen;
  }

  /** Why a node that fits was not chosen: the chosen are the best, or nearer to each other. */
  private static String lessThan(List<Scored> chosen, Scored node) {
    double score = node.score();
    if (chosen.isEmpty() || score > chosen.getLast().score()) {
      return "fits with a score of %s, but those chosen are nearer to each other"
          .formatted(text(score));
    }
    Scored last = chosen.getLast();
    return score < last.score()
        ? "fits with a score of %s; %s has %s: %s"
            .formatted(text(score), last.name(), text(last.score()), less(node, last))
        : "fits with the same score of %s as %s, which comes first by name"
            .formatted(text(score), last.name());
  }

  /** The terms in which it is less. */
  private static String less(Scored node, Scored better) {
    List<String> less = new ArrayList<>();
    for (int i = 0; i < node.marks().size(); i++) {
      Mark own = node.marks().get(i);
      double other = better.marks().get(i).value();
      if (own.value() < other) {
        less.add("%s %s, not %s".formatted(own.term(), text(own.value()), text(other)));
      }
    }
    return String.join(", ", less);
  }

  private static String text(double score) {
    return String.format(Locale.ROOT, "%.2f", score);
  }

  private Placement plan(
      List<NodeView> fleet,
      Set<DeviceKey> taken,
      Needs needs,
      Spread spread,
      List<Scored> fitting,
      Map<String, String> refusals) {
    for (NodeView node : fleet) {
      Candidate candidate =
          candidate(
              node, device -> taken.contains(new DeviceKey(node.name(), device.uuid())), needs);
      refusal(candidate)
          .or(() -> spread.refusal(node.location()))
          .ifPresentOrElse(
              reason -> refusals.put(node.name(), reason),
              () -> fitting.add(scored(candidate, spread)));
    }
    fitting.sort(Ranked.BEST_FIRST);
    List<Scored> reachable =
        needs.nodes() > 1 ? reachable(fitting, needs.nodes(), spread, refusals) : fitting;
    return reachable.size() < needs.nodes()
        ? unplaced(fleet, reachable.size(), refusals, needs)
        : placed(reachable, needs);
  }

  /** Those that reach each other: a loopback address means another machine on each machine. */
  private static List<Scored> reachable(
      List<Scored> fitting, int wanted, Spread spread, Map<String, String> refusals) {
    List<Scored> near = fitting.stream().filter(Scored::loopback).toList();
    List<Scored> nearApart = spread.eachInItsOwn(near);
    List<Scored> farApart =
        spread.eachInItsOwn(fitting.stream().filter(node -> !node.loopback()).toList());
    if (onlyNear(nearApart.size(), farApart.size(), wanted)) {
      return nearApart;
    }
    near.forEach(node -> refusals.put(node.name(), LOOPBACK));
    return farApart;
  }

  /**
   * Whether a job goes to the nodes that are known on their own machine alone.
   *
   * @param near how many of these may have members of one run
   * @param far how many of the others
   */
  static boolean onlyNear(int near, int far, int wanted) {
    return far == 0 || (far < wanted && near >= wanted);
  }

  /** Whether a job's nodes are to stand near to each other. */
  static boolean neighbours(Needs needs) {
    return needs.nodes() > 1 && needs.devices().count() > 0;
  }

  private static Placed placed(List<Scored> fitting, Needs needs) {
    if (!neighbours(needs)) {
      return new Placed(
          fitting.stream().limit(needs.nodes()).map(node -> node.share(List.of())).toList());
    }
    List<Scored> chosen = new NodeChooser<Scored>(needs.nodes()).choose(fitting);
    List<Mark> together = List.of(NodeChooser.mark(chosen));
    return new Placed(chosen.stream().map(node -> node.share(together)).toList());
  }

  static Candidate candidate(NodeView node, Predicate<DeviceView> taken, Needs needs) {
    List<DeviceView> free =
        node.devices().stream()
            .filter(device -> device.serves(needs.devices()))
            .filter(DeviceView::fit)
            .filter(device -> !taken.test(device))
            .toList();
    return new Candidate(node, free, begun(node, taken, needs), needs);
  }

  private static Set<Integer> begun(NodeView node, Predicate<DeviceView> taken, Needs needs) {
    return needs.devices().mig().isEmpty()
        ? Set.of()
        : node.devices().stream()
            .filter(device -> device.profile().isPresent())
            .filter(taken)
            .map(DeviceView::index)
            .collect(Collectors.toSet());
  }

  /** Why a node cannot take a job; empty where it can. */
  Optional<String> refusal(Candidate candidate) {
    return filters.stream().flatMap(filter -> filter.refusal(candidate).stream()).findFirst();
  }

  /** What a node that can take a job would give, and how good that is for its project. */
  Scored scored(Candidate candidate, Spread spread) {
    Scored alone = scored(candidate);
    return spread.mark(alone.location()).map(alone::with).orElse(alone);
  }

  /** What a node that can take a job would give. */
  Scored scored(Candidate candidate) {
    Offer offer = new Offer(candidate, new DeviceChooser(candidate).choose());
    List<Mark> marks =
        terms.stream()
            .map(term -> new Mark(term.name(), term.weight(), term.value(offer)))
            .toList();
    double score = marks.stream().mapToDouble(mark -> mark.weight() * mark.value()).sum();
    return new Scored(offer, marks, score);
  }

  private static Unplaced unplaced(
      List<NodeView> fleet, int fitting, Map<String, String> refusals, Needs needs) {
    String shortage = shortage(fleet.size(), fitting, needs.nodes());
    return new Unplaced(
        shortage,
        fleet.stream()
            .map(NodeView::name)
            .map(n -> new Refusal(n, refusals.getOrDefault(n, "fits, but " + shortage)))
            .toList());
  }

  static String shortage(int known, int fitting, int wanted) {
    if (known == 0) {
      return "no node is known";
    }
    String nodes = wanted == 1 ? "1 node is wanted" : "%d nodes are wanted".formatted(wanted);
    return "%s and %s of %d fit".formatted(nodes, fitting == 0 ? "none" : fitting, known);
  }
}
