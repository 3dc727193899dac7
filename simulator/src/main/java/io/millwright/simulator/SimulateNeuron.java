package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import io.millwright.simulator.neuron.NeuronSimulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The process of a simulated Neuron node: its tree lives as long as this runs. */
@Command(
    name = "neuron",
    description =
        "Keeps the sysfs tree of a simulated Neuron node in DIR/root, until Ctrl-C; see"
            + " simulator/README.md.",
    mixinStandardHelpOptions = true)
final class SimulateNeuron implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "Existing; its name is the node's.")
  private Path directory = Path.of("");

  @Option(
      names = "--profile",
      paramLabel = "PROFILE",
      description = "trn1, old-trn1, trn2, trn3 (4 devices) or trn3-gen1 (16).")
  private String profile = NeuronProfile.TRN3.toString();

  @Option(names = "--driver", paramLabel = "VERSION", description = "Other than the profile's.")
  private @Nullable String driver;

  @Option(names = "--seed", paramLabel = "N", description = "Of serial numbers and loads.")
  private long seed;

  @Option(
      names = "--load",
      paramLabel = "0..1",
      description = "Of every device; or else it swells.")
  private @Nullable Double load;

  @Override
  public Integer call() {
    StopSignal stop = new StopSignal(Clock.system());
    stop.listen();
    int code = ExitCode.FAILED;
    try (NeuronSimulation simulation = open()) {
      System.out.println("SIMULATED Neuron devices of profile " + profile + ": " + directory);
      simulation.run(stop::given);
      code = ExitCode.DONE;
    } catch (IllegalArgumentException refused) {
      System.err.println(refused.getMessage());
      code = ExitCode.USAGE;
    } catch (IOException | UncheckedIOException e) {
      System.err.println("the Neuron node in " + directory + " cannot be simulated: " + e);
    }
    return stop.done(code);
  }

  private NeuronSimulation open() throws IOException {
    NeuronProfile known =
        NeuronProfile.of(profile)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "--profile: '%s' is refused; allowed are %s"
                        .formatted(profile, NeuronProfile.words())));
    if (load != null && (load < 0 || load > 1)) {
      throw new IllegalArgumentException("--load: '" + load + "' is refused; allowed is 0 to 1");
    }
    NeuronSimulation.Options options =
        new NeuronSimulation.Options(
            known,
            Optional.ofNullable(driver),
            seed,
            load == null ? OptionalDouble.empty() : OptionalDouble.of(load));
    return NeuronSimulation.open(
        new NeuronNode(directory.toAbsolutePath()), options, Clock.system());
  }
}
