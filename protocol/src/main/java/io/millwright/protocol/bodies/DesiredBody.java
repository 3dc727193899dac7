package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a node is to do; the body of DESIRED.
 *
 * @param assignments what is to run
 * @param stops what is to end
 * @param recall whether the answer is to list every run that the node remembers, and not only those
 *     that are named here; for nodes with {@link Capability#RECALL} alone
 * @param holds of the assignments those that are to get ready and not to begin: the others of their
 *     gang are waited for; for nodes with {@link Capability#HOLD} alone
 * @param orders of assignments that have not begun, signed, by their run; for nodes with {@link
 *     Capability#ORDERS} alone
 */
public record DesiredBody(
    List<Assignment> assignments,
    List<Stop> stops,
    boolean recall,
    List<RunId> holds,
    Map<RunId, StartOrder> orders) {
  private static final List<String> FIELDS =
      List.of("assignments", "stops", "recall", "holds", "orders");
  private static final List<String> HOLD = List.of("job", "run");
  private static final List<String> STOP = List.of("job", "run", "why", "grace_ms");
  private static final long LONGEST_GRACE_MS = 3_600_000;

  /** One that asks for nothing beyond what it names, all of which may begin. */
  public DesiredBody(List<Assignment> assignments, List<Stop> stops) {
    this(assignments, stops, false);
  }

  /** One whose runs may all begin, and that carries no signature. */
  public DesiredBody(List<Assignment> assignments, List<Stop> stops, boolean recall) {
    this(assignments, stops, recall, List.of(), Map.of());
  }

  public DesiredBody {
    assignments = List.copyOf(assignments);
    stops = List.copyOf(stops);
    holds = List.copyOf(holds);
    Set<RunId> named = assignments.stream().map(Assignment::id).collect(Collectors.toSet());
    for (RunId hold : holds) {
      if (!named.contains(hold)) {
        throw JsonMistake.refused("holds", hold.text(), "runs of the assignments");
      }
    }
    orders = Collections.unmodifiableMap(new TreeMap<>(orders));
  }

  /** The same without these assignments, and what belongs to them. */
  public DesiredBody without(Set<RunId> left) {
    return new DesiredBody(
        assignments.stream().filter(assignment -> !left.contains(assignment.id())).toList(),
        stops,
        recall,
        holds.stream().filter(run -> !left.contains(run)).toList(),
        orders.entrySet().stream()
            .filter(order -> !left.contains(order.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * A run that is to end.
   *
   * @param why it shall have ended with
   * @param graceMs between the request to stop and the kill
   */
  public record Stop(RunId run, Outcome.Kind why, long graceMs) {
    public Stop {
      if (graceMs < 0 || graceMs > LONGEST_GRACE_MS) {
        throw JsonMistake.refused("grace_ms", "" + graceMs, "from 0 to " + LONGEST_GRACE_MS);
      }
    }
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static DesiredBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the desired state", text), FIELDS);
    List<Assignment> assignments =
        fields.objects("assignments", JobJson.ASSIGNMENT).stream()
            .map(JobJson::assignment)
            .toList();
    return new DesiredBody(
        assignments,
        fields.objects("stops", STOP).stream().map(DesiredBody::stop).toList(),
        fields.has("recall") && fields.flag("recall"),
        fields.has("holds")
            ? fields.objects("holds", HOLD).stream().map(JobJson::run).toList()
            : List.of(),
        fields.has("orders") ? orders(fields, assignments) : Map.of());
  }

  /** What was signed is what stands beside it, so that agent and launcher judge the same job. */
  private static SortedMap<RunId, StartOrder> orders(Fields fields, List<Assignment> assignments) {
    SortedMap<RunId, StartOrder> orders = new TreeMap<>();
    for (Fields one : fields.objects("orders", JobJson.ORDER)) {
      StartOrder order = JobJson.order(one);
      Assignment signed = JobJson.assignment(order.assignment().getBytes(StandardCharsets.UTF_8));
      if (!assignments.contains(signed) || orders.put(signed.id(), order) != null) {
        throw JsonMistake.refused(
            "orders", "one of " + signed.id().text(), "one of each assignment, as it stands there");
      }
    }
    return orders;
  }

  private static Stop stop(Fields fields) {
    return new Stop(
        JobJson.run(fields),
        fields.word("why", DesiredBody::kind, "an outcome without a number, as in preempted"),
        fields.whole("grace_ms"));
  }

  private static Optional<Outcome.Kind> kind(String word) {
    return Arrays.stream(Outcome.Kind.values())
        .filter(kind -> !kind.detailed() && kind.word().equals(word))
        .findFirst();
  }

  public byte[] json() {
    ObjectNode tree = Json.object();
    ArrayNode runs = tree.putArray("assignments");
    assignments.forEach(assignment -> runs.add(JobJson.tree(assignment)));
    ArrayNode ends = tree.putArray("stops");
    for (Stop stop : stops) {
      ends.add(
          JobJson.tree(stop.run()).put("why", stop.why().word()).put("grace_ms", stop.graceMs()));
    }
    if (recall) {
      tree.put("recall", true);
    }
    if (!holds.isEmpty()) {
      ArrayNode waiting = tree.putArray("holds");
      holds.forEach(run -> waiting.add(JobJson.tree(run)));
    }
    if (!orders.isEmpty()) {
      ArrayNode signed = tree.putArray("orders");
      orders.values().forEach(order -> signed.add(JobJson.tree(order)));
    }
    return Json.bytes(tree);
  }
}
