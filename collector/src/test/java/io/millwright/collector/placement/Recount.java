package io.millwright.collector.placement;

import io.millwright.collector.placement.Scene.Machine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The decision and its reasons once more, from the words of the file: every set of every node is
 * tried, and nothing of the planner is used.
 */
final class Recount {
  private final Scene scene;
  private final boolean neuron;
  private final int wanted;
  private final int nodes;
  private final boolean adapters;
  private final Map<String, Best> fitting = new TreeMap<>();
  private final Map<String, String> refusals = new TreeMap<>();
  final List<String> chosen;

  /** The best set of a machine, and what it is worth. */
  record Best(List<Integer> set, List<Double> values) {
    double score() {
      double[] weights = {0.30, 0.20, 0.15, 0.15, 0.10, 0.05};
      double score = 0;
      for (int i = 0; i < values.size(); i++) {
        score += weights[i] * values.get(i);
      }
      return score;
    }
  }

  Recount(Scene scene) {
    this.scene = scene;
    neuron = scene.job.containsKey("neurons");
    wanted = Integer.parseInt(scene.job.getOrDefault(neuron ? "neurons" : "gpus", "0"));
    nodes = Integer.parseInt(scene.job.getOrDefault("nodes", "1"));
    adapters = nodes > 1 || scene.job.containsKey("rdma");
    for (Machine machine : scene.machines.values()) {
      String refusal = refusal(machine);
      if (refusal.isEmpty()) {
        fitting.put(machine.name, best(machine));
      } else {
        refusals.put(machine.name, refusal);
      }
    }
    boolean far = fitting.keySet().stream().anyMatch(n -> !has(n, "loopback"));
    for (String name : List.copyOf(fitting.keySet())) {
      if (nodes > 1 && far && has(name, "loopback")) {
        fitting.remove(name);
        refusals.put(
            name,
            "it is known by a loopback address alone, at which other nodes do not reach it: set"
                + " jobs.address in its agent.yaml");
      }
    }
    chosen = chosen();
  }

  private boolean has(String name, String key) {
    return machine(name).facts.containsKey(key);
  }

  private Machine machine(String name) {
    Machine machine = scene.machines.get(name);
    if (machine == null) {
      throw new IllegalArgumentException(name);
    }
    return machine;
  }

  Best best(String name) {
    Best best = fitting.get(name);
    if (best == null) {
      throw new IllegalArgumentException(name);
    }
    return best;
  }

  // ---- who gets it

  private List<String> chosen() {
    if (fitting.size() < nodes) {
      return List.of();
    }
    List<String> order =
        fitting.keySet().stream()
            .sorted(
                Comparator.comparingDouble((String n) -> -best(n).score())
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    if (scene.job.containsKey("apart")) {
      return apart(order);
    }
    Map<String, List<String>> domains = new TreeMap<>();
    for (String name : order) {
      if (nodes > 1 && has(name, "domain")) {
        domains.computeIfAbsent(machine(name).fact("domain"), d -> new ArrayList<>()).add(name);
      }
    }
    List<List<String>> enough =
        domains.values().stream()
            .filter(domain -> domain.size() >= nodes)
            .sorted(Comparator.comparingInt(List::size))
            .toList();
    if (!domains.isEmpty() && (enough.isEmpty() || tied(enough))) {
      throw new IllegalArgumentException("this counts one domain only, the smallest that has it");
    }
    List<String> pool = enough.isEmpty() ? order : enough.getFirst();
    List<String> taken = new ArrayList<>(pool.subList(0, nodes));
    if (!enough.isEmpty()) {
      taken.sort(Comparator.comparingInt(n -> Integer.parseInt(machine(n).fact("position"))));
    }
    return taken;
  }

  /** The best of each rack. */
  private List<String> apart(List<String> order) {
    Map<String, String> racks = new TreeMap<>();
    order.forEach(name -> racks.putIfAbsent(machine(name).fact("rack"), name));
    return order.stream().filter(racks::containsValue).limit(nodes).toList();
  }

  private static boolean tied(List<List<String>> enough) {
    return enough.size() > 1 && enough.get(0).size() == enough.get(1).size();
  }

  // ---- why not

  String reason(String name) {
    String refusal = refusals.get(name);
    if (refusal != null) {
      return refusal;
    }
    if (chosen.isEmpty()) {
      return "fits, but " + shortage();
    }
    for (String other : chosen) {
      String rack = machine(other).fact("rack");
      if (scene.job.containsKey("apart") && nodes > 1 && rack.equals(machine(name).fact("rack"))) {
        return "fits, but %s of the same rack %s has a member, and the job wants each in a rack of its own"
            .formatted(other, rack);
      }
    }
    boolean elsewhere =
        nodes > 1
            && has(chosen.getFirst(), "domain")
            && !machine(chosen.getFirst()).fact("domain").equals(machine(name).fact("domain"));
    double own = best(name).score();
    if (elsewhere) {
      return "fits with a score of %s, but those chosen are nearer to each other"
          .formatted(two(own));
    }
    String last =
        chosen.stream()
            .min(
                Comparator.comparingDouble((String n) -> best(n).score())
                    .thenComparing(Comparator.reverseOrder()))
            .orElseThrow();
    double other = best(last).score();
    return own == other
        ? "fits with the same score of %s as %s, which comes first by name"
            .formatted(two(own), last)
        : "fits with a score of %s; %s has %s: %s"
            .formatted(two(own), last, two(other), worse(best(name), best(last)));
  }

  private static String worse(Best own, Best other) {
    String[] terms = {"topology", "leftover", "affinity", "health", "headroom", "spread"};
    List<String> worse = new ArrayList<>();
    for (int i = 0; i < own.values().size(); i++) {
      double mine = own.values().get(i);
      double theirs = other.values().get(i);
      if (mine < theirs) {
        worse.add(terms[i] + " " + two(mine) + ", not " + two(theirs));
      }
    }
    return String.join(", ", worse);
  }

  String shortage() {
    return (nodes == 1 ? "1 node is wanted" : nodes + " nodes are wanted")
        + " and "
        + (fitting.isEmpty() ? "none" : fitting.size())
        + " of "
        + scene.machines.size()
        + " fit";
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String words(long seconds) {
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }

  private String refusal(Machine m) {
    for (String reason : List.of(away(m), off(m), closing(m), devices(m), tenancy(m), row(m))) {
      if (!reason.isEmpty()) {
        return reason;
      }
    }
    if (nodes > 1 && m.facts.containsKey("contactless")) {
      return m.fact("contactless");
    }
    if (scene.job.containsKey("checked") && m.facts.containsKey("checkless")) {
      return m.fact("checkless");
    }
    if (scene.job.containsKey("imex") && m.facts.containsKey("imexless")) {
      return m.fact("imexless");
    }
    return scene.job.containsKey("apart") ? beside(m) : "";
  }

  private String beside(Machine m) {
    if (!m.facts.containsKey("rack")) {
      return "its rack is not known, and the job asks for spread: rack: put the node into the rack map";
    }
    return scene.racks.containsKey(m.fact("rack"))
        ? "rack %s has a run of project %s, and the job wants a rack without one"
            .formatted(m.fact("rack"), scene.job.get("project"))
        : "";
  }

  private static String away(Machine m) {
    if (m.facts.containsKey("lost")) {
      return "lost since " + words(Long.parseLong(m.fact("lost")));
    }
    if (m.facts.containsKey("unseen")) {
      return "never heard of since the collector started";
    }
    return m.facts.containsKey("returning")
        ? "has just come back and has not said yet what it holds"
        : "";
  }

  private static String off(Machine m) {
    if (m.facts.containsKey("cordoned")) {
      return m.fact("cordoned").isEmpty() ? "cordoned" : "cordoned: " + m.fact("cordoned");
    }
    return m.fact("withdrawn") + m.fact("declining");
  }

  private String closing(Machine m) {
    if (!m.facts.containsKey("closing")) {
      return "";
    }
    long left = Long.parseLong(m.fact("closing"));
    String begins = "maintenance m7 begins in " + words(left) + ", and the job ";
    if (!scene.job.containsKey("minutes")) {
      return m.facts.containsKey("near") ? begins + "has no time limit" : "";
    }
    long takes = Long.parseLong(scene.job.getOrDefault("minutes", "")) * 60;
    return takes > left ? begins + "may take " + words(takes) : "";
  }

  private List<Integer> free(Machine m) {
    List<Integer> free = new ArrayList<>();
    for (int i = 0; i < m.count && m.neuron() == neuron; i++) {
      if (!m.taken.contains(i) && !m.troubles.containsKey(i)) {
        free.add(i);
      }
    }
    return free;
  }

  private String devices(Machine m) {
    int free = free(m).size();
    if (free >= wanted) {
      return "";
    }
    if (m.count == 0 || m.neuron() != neuron) {
      return "no %s, %d wanted".formatted(neuron ? "neuron" : "gpu", wanted);
    }
    List<String> troubles = new ArrayList<>();
    m.troubles.forEach((i, why) ->
        troubles.add(i + (why.isEmpty() ? " was not observed" : " is unfit (" + why + ")")));
    String named = String.join(", ", troubles.subList(0, Math.min(4, troubles.size())));
    return "%d accelerator%s, %d free, %d wanted%s%s"
        .formatted(
            m.count,
            m.count == 1 ? "" : "s",
            free,
            wanted,
            named.isEmpty() ? "" : "; " + named,
            troubles.size() > 4 ? " and " + (troubles.size() - 4) + " more" : "");
  }

  private String tenancy(Machine m) {
    if (m.facts.containsKey("unclear")) {
      return "its Neuron devices are held by a run that this collector does not know";
    }
    String why = "whoever has %s can reach the memory of the host";
    if (m.facts.containsKey("let") && !m.fact("let").equals("alice")) {
      return "its Neuron devices are let to another user until that one's jobs end: "
          + why.formatted("one");
    }
    return neuron && m.facts.containsKey("inhabited") && !m.fact("inhabited").equals("alice")
        ? "another user's job runs there: " + why.formatted("a Neuron device")
        : "";
  }

  /** Of a torus: one, a row, two rows, all; each begins at a multiple of its size. */
  private String row(Machine m) {
    if (!neuron || wanted == 0) {
      return "";
    }
    List<String> sizes = new ArrayList<>();
    for (int size : new int[] {1, 4, 8, 16}) {
      if (size <= m.count) {
        sizes.add("" + size);
      }
    }
    if (!sizes.contains("" + wanted)) {
      return "devices.count: '%d' is refused; allowed of a torus of %d are %s"
          .formatted(wanted, m.count, String.join(", ", sizes));
    }
    return sets(m).isEmpty()
        ? "%d accelerators, %d free, %d wanted that belong together, and no such group is free: free are %s"
            .formatted(m.count, free(m).size(), wanted, free(m))
        : "";
  }

  // ---- what a set is worth

  private List<List<Integer>> sets(Machine m) {
    List<Integer> free = free(m);
    List<List<Integer>> sets = new ArrayList<>();
    for (int mask = 0; mask < 1 << free.size(); mask++) {
      if (Integer.bitCount(mask) != wanted) {
        continue;
      }
      List<Integer> set = new ArrayList<>();
      for (int i = 0; i < free.size(); i++) {
        if ((mask & 1 << i) != 0) {
          set.add(free.get(i));
        }
      }
      boolean row =
          wanted == 0
              || (set.getFirst() % wanted == 0 && set.getLast() - set.getFirst() == wanted - 1);
      if (!neuron || row) {
        sets.add(set);
      }
    }
    return sets;
  }

  private Best best(Machine m) {
    Comparator<List<Integer>> order =
        Comparator.<List<Integer>>comparingDouble(set -> -near(m, set))
            .thenComparingInt(set -> numa(m, set).size())
            .thenComparingDouble(
                set -> adapters ? -set.stream().mapToDouble(i -> tenths(m, i, "adapter")).sum() : 0)
            .thenComparingLong(set ->
                set.stream().filter(i -> tenths(m, i, "health") <= 0.5 && told(m, i)).count())
            .thenComparingInt(Recount::block)
            .thenComparingInt(set -> -whole(m, set))
            .thenComparingInt(set -> set.isEmpty() ? 0 : set.getLast() - set.getFirst())
            .thenComparing(Object::toString);
    List<Integer> set = sets(m).stream().min(order).orElseThrow();
    List<Double> values =
        new ArrayList<>(
            List.of(
                near(m, set) / nearest(m),
                1.0 / (1 + free(m).size() - set.size()),
                affinity(m, set),
                set.stream().mapToDouble(i -> tenths(m, i, "health")).average().orElse(1),
                set.stream().mapToDouble(i -> tenths(m, i, "headroom")).average().orElse(1)));
    if (scene.job.containsKey("project")) {
      values.add(spread(m));
    }
    return new Best(set, values);
  }

  private double spread(Machine m) {
    if (scene.racks.isEmpty()) {
      return 1;
    }
    return m.facts.containsKey("rack")
        ? 1.0 / (1 + scene.racks.getOrDefault(m.fact("rack"), 0))
        : 0.5;
  }

  private static boolean told(Machine m, int i) {
    return !m.trait(i, "health").isEmpty();
  }

  private static double tenths(Machine m, int i, String key) {
    String text = m.trait(i, key);
    return text.isEmpty() ? 0.5 : Integer.parseInt(text) / 10.0;
  }

  private static Set<String> numa(Machine m, List<Integer> set) {
    Set<String> nodes = new TreeSet<>();
    set.forEach(i -> nodes.add(m.trait(i, "numa")));
    nodes.remove("");
    return nodes;
  }

  private static double near(Machine m, List<Integer> set) {
    double pairs = 0;
    double far = 0;
    for (int one : set) {
      for (int other : set) {
        boolean switched = m.traits.getOrDefault(one, Map.of()).containsKey("switched");
        String here = m.trait(one, "numa");
        String there = m.trait(other, "numa");
        pairs += one < other ? 1 : 0;
        far += one < other && !switched && !here.equals(there) ? 1 : 0;
      }
    }
    return pairs == 0 ? 1 : 1 - far / pairs / 2;
  }

  /** Over all sets of the machine, whoever has them; a device too many is none. */
  private double nearest(Machine m) {
    double best = 0;
    for (int mask = 0; m.count <= 8 && mask < 1 << m.count; mask++) {
      if (Integer.bitCount(mask) == wanted) {
        best = Math.max(best, near(m, of(mask)));
      }
    }
    return m.count <= 8 ? best : 1;
  }

  private static List<Integer> of(int mask) {
    List<Integer> set = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      if ((mask & 1 << i) != 0) {
        set.add(i);
      }
    }
    return set;
  }

  private double affinity(Machine m, List<Integer> set) {
    double near = set.stream().mapToDouble(i -> tenths(m, i, "adapter")).average().orElse(1);
    return adapters ? (host(m, set) + near) / 2 : host(m, set);
  }

  private double host(Machine m, List<Integer> set) {
    if (set.isEmpty()) {
      return 1;
    }
    if (set.stream().anyMatch(i -> m.trait(i, "numa").isEmpty())) {
      return 0.5;
    }
    int fewest = Integer.MAX_VALUE;
    for (int mask = 0; mask < 1 << m.count; mask++) {
      if (Integer.bitCount(mask) == wanted) {
        fewest = Math.min(fewest, numa(m, of(mask)).size());
      }
    }
    return (double) fewest / numa(m, set).size();
  }

  private static int block(List<Integer> set) {
    int size = 1;
    while (!set.isEmpty() && set.getFirst() / size != set.getLast() / size) {
      size *= 2;
    }
    return size;
  }

  private int whole(Machine m, List<Integer> set) {
    List<Integer> left = new ArrayList<>(free(m));
    left.removeAll(set);
    int whole = 0;
    for (int size = 2; size <= 16; size *= 2) {
      for (int start = 0; start < 16; start += size) {
        List<Integer> block = new ArrayList<>();
        for (int i = start; i < start + size; i++) {
          block.add(i);
        }
        whole += left.containsAll(block) ? size : 0;
      }
    }
    return whole;
  }
}
