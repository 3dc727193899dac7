package io.millwright.simulator;

import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The daemons of a demo: one collector, an agent a node, and what keeps the tree of a Neuron node.
 *
 * <p><i>Lifecycle:</i> {@link #startCollector}, {@link #startAgent} of each node once it serves,
 * {@link #end} in any case. <i>Threading:</i> the main thread.
 */
final class DemoFleet {
  private static final Duration TREE_START = Duration.ofSeconds(10);
  private static final Duration BEAT = Duration.ofMillis(20);
  private static final Pattern BUILT = Pattern.compile("(?m)^(SIMULATED) Neuron devices");
  private static final Duration DAEMON_END = Duration.ofSeconds(15);
  private static final Pattern WEB = Pattern.compile("(?m)^fleet: (http://\\S+)/$");
  private static final Pattern UPLINK = Pattern.compile("(?m)^agents: (\\S+)$");
  private static final Pattern PAGE = Pattern.compile("page is served address=\\S+ port=(\\d+)");

  private final DemoPlace place;
  private final DemoOptions options;
  private final DemoTrust trust;
  private final Clock clock;
  private final List<Child> agents = new ArrayList<>();
  private final List<Child> trees = new ArrayList<>();
  private final Map<String, String> pages = new HashMap<>();
  private Optional<Child> collector = Optional.empty();

  DemoFleet(DemoPlace place, DemoOptions options, DemoTrust trust, Clock clock) {
    this.place = place;
    this.options = options;
    this.trust = trust;
    this.clock = clock;
  }

  // ---- start

  void startCollector(String token) throws IOException {
    place.secret("tokens", "admin " + DemoTexts.user(place) + " " + token + "\n");
    List<String> words =
        new ArrayList<>(List.of("io.millwright.collector.Main", "collector", "run"));
    words.addAll(List.of("--credentials", trust.collector().toString()));
    words.addAll(List.of("--http", "127.0.0.1:" + options.port(), "--uplink", "127.0.0.1:0"));
    words.addAll(List.of("--tokens", place.file("tokens").toString()));
    words.addAll(List.of("--data", place.file("store").toString()));
    collector = Optional.of(Child.start(place, "collector", Child.Java.of("collector"), words));
  }

  /** Where people and programs ask; empty before it serves. */
  Optional<String> web() {
    return collector.flatMap(child -> child.said(WEB));
  }

  /** Where agents connect; empty before it serves. */
  Optional<String> uplink() {
    return collector.flatMap(child -> child.said(UPLINK));
  }

  void startAgent(int number) throws IOException {
    String name = options.names().get(number);
    Path directory = place.node(name);
    Map<String, Object> set = new LinkedHashMap<>();
    set.put("node.name", name);
    set.put("listen", "127.0.0.1:0");
    Optional<NeuronProfile> neuron = options.profileOf(number).neuron();
    if (neuron.isPresent()) {
      startNeuron(name, new NeuronNode(directory), neuron.get(), set);
    } else {
      makeNvidia(directory, number, set);
    }
    set.put("sampling.fast", "500ms");
    set.put("collector.address", uplink().orElseThrow());
    set.put("collector.credentials", trust.node(name));
    set.put("jobs.policy", place.file("policy.yaml"));
    set.put("jobs.directory", place.file("jobs").resolve(name));
    set.put("health.directory", directory.resolve("health"));
    set.put("evidence.directory", directory.resolve("evidence"));
    List<String> words = new ArrayList<>(List.of("io.millwright.agent.Main", "agent", "run"));
    set.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
    agents.add(Child.start(place, name, Child.Java.of("agent"), words));
  }

  /** The library lives in the agent that loads it. */
  private void makeNvidia(Path directory, int number, Map<String, Object> set) throws IOException {
    SimulatedNode node =
        SimulatedNode.create(
            SimulatedNodes.library(), directory, DemoTexts.scenario(options, number));
    set.put("nvidia.library", node.library());
    set.put("nvidia.call_deadline", "500ms"); // whoever breaks something shall see it at once
    set.put("neuron.enabled", "false");
    set.put("health.kernel_log", node.kernelLog());
  }

  /** The tree has a process of its own; the agent finds the devices when it is built. */
  private void startNeuron(
      String name, NeuronNode node, NeuronProfile profile, Map<String, Object> set)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("io.millwright.simulator.Main", "simulate"));
    words.addAll(List.of("neuron", node.directory().toString(), "--profile", profile.toString()));
    words.addAll(List.of("--seed", Integer.toString(DemoTexts.seed())));
    String child = name + "-neuron";
    Child tree = Child.start(place, child, Child.Java.of("simulator"), words);
    trees.add(tree);
    awaitTree(tree);
    set.put("nvidia.enabled", "false");
    set.put("neuron.root", node.root());
    set.put("neuron.call_deadline", "500ms");
    set.put("health.kernel_log", node.kernelLog());
  }

  /** So that the agent finds all devices at its first look; where it is late, at a later one. */
  private void awaitTree(Child tree) {
    long until = clock.nanos() + TREE_START.toNanos();
    while (tree.alive() && tree.said(BUILT).isEmpty() && clock.nanos() - until < 0) {
      clock.parkUntil(clock.nanos() + BEAT.toNanos());
    }
  }

  // ---- while it runs

  /** Why there is no fleet, in a daemon's own words. */
  Optional<String> failure() {
    Child first = collector.orElseThrow();
    if (!first.alive()) {
      return Optional.of("the collector ended: " + first.lastWords());
    }
    if (agents.isEmpty() || agents.stream().anyMatch(Child::alive)) {
      return Optional.empty();
    }
    Child agent = agents.getFirst();
    return Optional.of("no agent runs; %s: %s".formatted(agent.name(), agent.lastWords()));
  }

  /** Those that ended by themselves, with their last words. */
  Map<String, String> ended() {
    Map<String, String> ended = new LinkedHashMap<>();
    collector.filter(child -> !child.alive()).ifPresent(c -> ended.put(c.name(), c.lastWords()));
    Stream.concat(agents.stream(), trees.stream())
        .filter(child -> !child.alive())
        .forEach(agent -> ended.put(agent.name(), agent.lastWords()));
    return ended;
  }

  long agentsAlive() {
    return agents.stream().filter(Child::alive).count();
  }

  String collectorsLastWords() {
    return collector.orElseThrow().lastWords();
  }

  /** The agents' own pages, of those that serve one. */
  List<String> pages() {
    for (Child agent : agents) {
      if (!pages.containsKey(agent.name())) {
        agent
            .said(PAGE)
            .ifPresent(port -> pages.put(agent.name(), "http://127.0.0.1:" + port + "/metrics"));
      }
    }
    return agents.stream()
        .map(Child::name)
        .flatMap(name -> Optional.ofNullable(pages.get(name)).stream())
        .toList();
  }

  /** Jobs of root's demo run as nobody, who has to reach the sockets that the agents made. */
  void openSockets() throws IOException {
    if (!place.root()) {
      return;
    }
    UserPrincipal nobody =
        place
            .nodes()
            .getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(DemoTexts.NOBODY);
    for (String name : options.names()) {
      Path socket = SimulatedNode.at(place.nodes().resolve(name)).controlSocket();
      if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
          && !Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS).equals(nobody)) {
        Files.setOwner(socket, nobody);
      }
    }
  }

  // ---- end

  /** Asks all to end, and kills what does not; then jobs that were left. */
  void end() throws IOException {
    agents.forEach(Child::terminate);
    trees.forEach(Child::terminate);
    collector.ifPresent(Child::terminate);
    long until = clock.nanos() + DAEMON_END.toNanos();
    agents.forEach(agent -> awaitEnd(agent, until));
    trees.forEach(tree -> awaitEnd(tree, until));
    collector.ifPresent(child -> awaitEnd(child, until));
    new Leftovers(place.file(""), clock).endJobs();
  }

  private void awaitEnd(Child child, long until) {
    child.awaitEnd(Duration.ofNanos(Math.max(0, until - clock.nanos())));
  }
}
