package io.millwright.simulator.neuron;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The stand-in for {@code neuron-ls}: {@code LsMain NODE -j}. Without a device it says so in one
 * line on stderr and ends with 1, as the real one does.
 */
public final class LsMain {
  private static final int FAILED = 1;

  private LsMain() {}

  public static void main(String[] arguments) {
    System.exit(run(new NeuronNode(Path.of(arguments[0])), Arrays.asList(arguments)));
  }

  private static int run(NeuronNode node, List<String> arguments) {
    System.err.println("neuron-ls: SIMULATED by Millwright");
    if (!arguments.contains("-j")) {
      System.out.println("neuron-ls: the stand-in knows -j only");
      return FAILED;
    }
    try (ControlClient client = ControlClient.connect(node.controlSocket())) {
      List<String> lines = client.ask("inventory");
      if (!lines.isEmpty()) {
        System.out.print(lines.getFirst());
        System.out.flush();
        return 0;
      }
    } catch (IOException gone) {
      System.err.println("level=fatal msg=\"no simulated node answers\"");
      return FAILED;
    }
    System.err.println("level=fatal msg=\"no neuron device found\"");
    return FAILED;
  }
}
