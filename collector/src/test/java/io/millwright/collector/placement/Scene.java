package io.millwright.collector.placement;

import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A fleet and a job, as a file of {@code src/test/resources/placement} writes them: {@code node
 * NAME KEY=VALUE…}, {@code taken|unfit|unknown|traits NAME NUMBERS …}, {@code members RACK COUNT},
 * {@code job KEY=VALUE…}.
 */
final class Scene {
  final Map<String, Machine> machines = new LinkedHashMap<>();
  Map<String, String> job = Map.of();

  /** How many members of the job's project are in each rack. */
  final Map<String, Integer> racks = new TreeMap<>();

  /** A node in the words of the file. */
  static final class Machine {
    final String name;
    final Map<String, String> facts;
    final int count;
    final Map<Integer, String> troubles = new TreeMap<>();
    final Set<Integer> taken = new TreeSet<>();
    final Map<Integer, Map<String, String>> traits = new TreeMap<>();

    Machine(String name, Map<String, String> facts) {
      this.name = name;
      this.facts = facts;
      this.count = Integer.parseInt(facts.getOrDefault("gpus", facts.getOrDefault("neurons", "0")));
    }

    boolean neuron() {
      return facts.containsKey("neurons");
    }

    String fact(String key) {
      return facts.getOrDefault(key, "");
    }

    String trait(int device, String key) {
      return traits.getOrDefault(device, Map.of()).getOrDefault(key, "");
    }
  }

  static Scene of(List<String> lines) {
    Scene scene = new Scene();
    for (String line : lines) {
      if (!line.startsWith("#") && !line.isBlank()) {
        scene.take(Arrays.asList(line.split(" ")));
      }
    }
    return scene;
  }

  private void take(List<String> words) {
    String name = words.get(1);
    switch (words.getFirst()) {
      case "job" -> job = pairs(words.subList(1, words.size()));
      case "node" -> machines.put(name, new Machine(name, pairs(words.subList(2, words.size()))));
      case "members" -> racks.put(name, Integer.parseInt(words.get(2)));
      case "taken" -> machine(name).taken.addAll(numbers(words.get(2)));
      case "unfit" ->
          numbers(words.get(2))
              .forEach(i ->
                  machine(name).troubles.put(i, String.join(" ", words.subList(3, words.size()))));
      case "unknown" -> numbers(words.get(2)).forEach(i -> machine(name).troubles.put(i, ""));
      case "traits" ->
          numbers(words.get(2))
              .forEach(i -> machine(name).traits.put(i, pairs(words.subList(3, words.size()))));
      default -> throw new IllegalArgumentException(words.toString());
    }
  }

  private Machine machine(String name) {
    return Optional.ofNullable(machines.get(name)).orElseThrow();
  }

  /** A word without {@code =} belongs to the value before it, unless it is the first. */
  private static Map<String, String> pairs(List<String> words) {
    Map<String, String> pairs = new LinkedHashMap<>();
    String last = "";
    for (String word : words) {
      int at = word.indexOf('=');
      boolean flag = Set.of("near", "switched", "unseen", "returning", "unclear").contains(word);
      if (at > 0
          || flag
          || Set.of("cordoned", "loopback", "checked", "rdma", "imex", "apart").contains(word)) {
        last = at > 0 ? word.substring(0, at) : word;
        pairs.put(last, at > 0 ? word.substring(at + 1) : "");
      } else {
        pairs.merge(last, word, (one, other) -> one + " " + other);
      }
    }
    return pairs;
  }

  private static List<Integer> numbers(String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : text.split(",")) {
      String[] ends = part.split("-");
      for (int i = Integer.parseInt(ends[0]); i <= Integer.parseInt(ends[ends.length - 1]); i++) {
        numbers.add(i);
      }
    }
    return numbers;
  }

  // ---- as the planner has it

  List<NodeView> fleet() {
    return machines.values().stream().map(Scene::view).toList();
  }

  Set<DeviceKey> taken() {
    Set<DeviceKey> taken = new java.util.HashSet<>();
    machines
        .values()
        .forEach(
            m -> m.taken.forEach(i -> taken.add(new DeviceKey(m.name, Fleets.uuid(m.name, i)))));
    return taken;
  }

  Spread spread() {
    Spread spread =
        job.containsKey("project")
            ? new Spread(job.getOrDefault("project", ""), racks)
            : Spread.NONE;
    return spread.of(spec());
  }

  JobSpec spec() {
    boolean neuron = job.containsKey("neurons");
    int count = Integer.parseInt(job.getOrDefault("gpus", job.getOrDefault("neurons", "0")));
    String minutes = job.getOrDefault("minutes", "");
    JobSpec spec =
        new JobSpec(
            "job",
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            "alice",
            job.getOrDefault("project", ""),
            50,
            new DeviceRequest(
                neuron ? DeviceKind.NEURON : DeviceKind.GPU,
                count,
                Optional.empty(),
                job.containsKey("rdma"),
                job.containsKey("imex")),
            Integer.parseInt(job.getOrDefault("nodes", "1")),
            minutes.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(minutes) * 60_000),
            0,
            OptionalLong.empty(),
            OptionalInt.empty(),
            LeaseRule.KEEP);
    JobSpec apart = job.containsKey("apart") ? spec.with(FailureDomain.RACK) : spec;
    return job.containsKey("checked")
        ? apart.with(new JobChecks(List.of("devices"), List.of(), 90_000))
        : apart;
  }

  private static NodeView view(Machine machine) {
    List<DeviceView> devices = new ArrayList<>();
    for (int i = 0; i < machine.count; i++) {
      devices.add(device(machine, i));
    }
    return new NodeView(
        machine.name,
        presence(machine),
        duty(machine),
        devices,
        new Topology(machine.neuron() ? Grouping.ofNeuron(machine.fact("model")) : Grouping.ANY),
        tenancy(machine),
        new Location(
            text(machine, "domain"), number(machine.fact("position")), text(machine, "rack")),
        machine.facts.containsKey("contactless")
            ? new Contact.None(machine.fact("contactless"))
            : new Contact.At(machine.facts.containsKey("loopback") ? "127.0.0.1" : "10.0.0.1"),
        lacks(machine));
  }

  private static Map<String, String> lacks(Machine machine) {
    Map<String, String> lacks = new TreeMap<>();
    text(machine, "checkless").ifPresent(why -> lacks.put(Capability.CHECKS, why));
    text(machine, "imexless").ifPresent(why -> lacks.put(Capability.IMEX, why));
    return lacks;
  }

  private static DeviceView device(Machine machine, int i) {
    String trouble = machine.troubles.get(i);
    Condition condition =
        trouble == null
            ? new Condition.Fit()
            : trouble.isEmpty() ? new Condition.Unknown() : new Condition.Unfit(trouble);
    return new DeviceView(
        Fleets.uuid(machine.name, i),
        i,
        machine.neuron() ? DeviceKind.NEURON : DeviceKind.GPU,
        condition,
        new Traits(
            number(machine.trait(i, "numa")),
            machine.traits.getOrDefault(i, Map.of()).containsKey("switched"),
            number(machine.trait(i, "health")),
            number(machine.trait(i, "headroom")),
            number(machine.trait(i, "adapter"))));
  }

  private static Optional<String> text(Machine machine, String key) {
    return Optional.ofNullable(machine.facts.get(key));
  }

  private static OptionalInt number(String text) {
    return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
  }

  private static Presence presence(Machine machine) {
    if (machine.facts.containsKey("lost")) {
      return new Presence.Lost(Duration.ofSeconds(Long.parseLong(machine.fact("lost"))));
    }
    if (machine.facts.containsKey("unseen")) {
      return new Presence.Unseen();
    }
    return machine.facts.containsKey("returning")
        ? new Presence.Returning()
        : new Presence.Connected();
  }

  private static Duty duty(Machine machine) {
    if (machine.facts.containsKey("closing")) {
      return new Duty.Closing(
          Duration.ofSeconds(Long.parseLong(machine.fact("closing"))),
          machine.facts.containsKey("near"),
          "maintenance m7");
    }
    if (machine.facts.containsKey("withdrawn")) {
      return new Duty.Withdrawn(machine.fact("withdrawn"));
    }
    if (machine.facts.containsKey("declining")) {
      return new Duty.Declining(machine.fact("declining"));
    }
    return machine.facts.containsKey("cordoned")
        ? new Duty.Cordoned(machine.fact("cordoned"))
        : new Duty.InService();
  }

  private static Tenancy tenancy(Machine machine) {
    if (machine.facts.containsKey("let")) {
      return new Tenancy.Let(Set.of(machine.fact("let")));
    }
    if (machine.facts.containsKey("inhabited")) {
      return new Tenancy.Inhabited(Set.of(machine.fact("inhabited")));
    }
    return machine.facts.containsKey("unclear") ? new Tenancy.Unclear() : new Tenancy.Vacant();
  }
}
