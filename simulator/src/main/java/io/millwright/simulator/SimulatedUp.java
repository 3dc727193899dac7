package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import io.millwright.simulator.neuron.NeuronSimulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.Unmatched;

/** The agent over this machine's real host and simulated accelerators. */
@Command(
    name = "up",
    description =
        "Watches this machine's real host and simulated accelerators; other options as of 'up'.",
    mixinStandardHelpOptions = true)
final class SimulatedUp implements Callable<Integer> {
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  /** What can be simulated; the word of the scenario file. */
  enum Profile {
    b200("b200"),
    b300("b300"),
    gb200("gb200"),
    gb300("gb300"),
    h100("h100"),
    h200("h200"),
    l40s("l40s"),
    old_535("old-535"),
    trn1("trn1"),
    old_trn1("old-trn1"),
    trn2("trn2"),
    trn3("trn3"),
    trn3_gen1("trn3-gen1");

    private final String word;

    Profile(String word) {
      this.word = word;
    }

    /** Whether a node is a tray of a rack that is one NVLink domain. */
    boolean tray() {
      return this == gb200 || this == gb300;
    }

    /** What a node with AWS's devices has; empty for one with NVIDIA's. */
    Optional<NeuronProfile> neuron() {
      return NeuronProfile.of(word);
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** By its word alone, not by its name in Java too. */
  static final class Word implements ITypeConverter<Profile> {
    @Override
    public Profile convert(String given) {
      return Arrays.stream(Profile.values())
          .filter(known -> known.word.equals(given))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is no profile: allowed are %s"
                      .formatted(
                          given,
                          Arrays.stream(Profile.values())
                              .map(Profile::toString)
                              .collect(Collectors.joining(", ")))));
    }
  }

  @Option(
      names = "--simulate",
      required = true,
      paramLabel = "PROFILE",
      converter = Word.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private Profile profile = Profile.b200;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "Name by which 'simulate fault' finds it; ${DEFAULT-VALUE} if not given.")
  private String node = "node1";

  @Option(
      names = "--scenario",
      paramLabel = "LINE",
      description = "A line of the scenario, as in 'load 0.8'; may be repeated.")
  private List<String> scenario = new ArrayList<>();

  private static final int SEEDS = 1_000_000;

  @Unmatched private List<String> others = new ArrayList<>();

  @Override
  public Integer call() {
    return profile.neuron().map(this::neuron).orElseGet(this::nvidia);
  }

  private int nvidia() {
    SimulatedNode simulated;
    try {
      simulated = made();
    } catch (IllegalArgumentException refused) {
      System.err.println("--node: " + refused.getMessage());
      return ExitCode.USAGE;
    } catch (IOException e) {
      System.err.println("node " + node + " cannot be simulated: " + e.getMessage());
      return ExitCode.FAILED;
    }
    System.out.println(
        "SIMULATED accelerators of profile "
            + profile
            + ": nothing below comes from real accelerators; break them with './millwright simulate fault "
            + node
            + " 3 hang'");
    return up(
        () -> {},
        List.of(
            "nvidia.library=" + simulated.library(),
            "neuron.enabled=false",
            "health.kernel_log=" + simulated.kernelLog(),
            "health.directory=" + simulated.library().resolveSibling("health"),
            "evidence.directory=" + simulated.library().resolveSibling("evidence")));
  }

  private int up(Runnable afterwards, List<String> settings) {
    List<String> arguments = new ArrayList<>(List.of("up"));
    arguments.addAll(others);
    arguments.addAll(List.of("--set", "node.name=" + node));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return io.millwright.agent.Main.up(afterwards, arguments.toArray(String[]::new));
  }

  /** The tree lives in this process, on a thread of its own. */
  private int neuron(NeuronProfile simulated) {
    try {
      if (!scenario.isEmpty()) {
        throw new IllegalArgumentException(
            "--scenario is of NVIDIA profiles only: use './millwright simulate control'");
      }
      NeuronNode place = new NeuronNode(SimulatedNodes.ownDirectory(node));
      NeuronSimulation.Options options =
          new NeuronSimulation.Options(
              simulated,
              Optional.empty(),
              Math.abs(node.hashCode() % SEEDS),
              OptionalDouble.empty());
      NeuronSimulation simulation = NeuronSimulation.open(place, options, Clock.system());
      AtomicBoolean ended = new AtomicBoolean();
      Thread simulator = Threads.platform("neuron-simulator", () -> run(simulation, ended::get));
      simulator.start();
      System.out.println(
          "SIMULATED accelerators of profile "
              + profile
              + ": nothing below comes from a Neuron device; break them with './millwright simulate"
              + " fault "
              + node
              + " 3 lost'");
      Runnable end = () -> end(simulator, ended);
      try {
        return up(
            end,
            List.of(
                "nvidia.enabled=false",
                "neuron.root=" + place.root(),
                "health.kernel_log=" + place.kernelLog(),
                "health.directory=" + place.directory().resolve("health"),
                "evidence.directory=" + place.directory().resolve("evidence")));
      } finally {
        end.run();
      }
    } catch (IllegalArgumentException refused) {
      System.err.println(refused.getMessage());
      return ExitCode.USAGE;
    } catch (IOException e) {
      System.err.println("node " + node + " cannot be simulated: " + e.getMessage());
      return ExitCode.FAILED;
    }
  }

  /** Until the agent has ended; then the tree is deleted. */
  private static void run(NeuronSimulation simulation, BooleanSupplier ended) {
    try (simulation) {
      simulation.run(ended);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("the simulated Neuron devices are gone: " + e);
    }
  }

  private static void end(Thread simulator, AtomicBoolean ended) {
    ended.set(true);
    try {
      simulator.join(LONGEST_END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private SimulatedNode made() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("profile " + profile);
    lines.add("seed " + Math.abs(node.hashCode() % SEEDS)); // its own UUIDs
    lines.addAll(scenario);
    Path directory = SimulatedNodes.ownDirectory(node);
    if (SimulatedNode.at(directory).answers()) {
      throw new IOException("another process simulates it: end that, or give another --node");
    }
    return SimulatedNode.create(SimulatedNodes.library(), directory, lines);
  }
}
