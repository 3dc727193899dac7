package io.millwright.simulator.neuron;

import java.nio.file.Path;

/**
 * The directory of a simulated Neuron node.
 *
 * @param directory its path short enough for a unix socket (about 90 bytes)
 */
public record NeuronNode(Path directory) {

  /** What {@code neuron.root} is set to: here are {@code sys} and {@code proc}. */
  public Path root() {
    return directory.resolve("root");
  }

  /** The kernel log, in the form of {@code /dev/kmsg}. */
  public Path kernelLog() {
    return directory.resolve("kmsg");
  }

  public Path controlSocket() {
    return directory.resolve("control.sock");
  }

  /** The stand-in for {@code /opt/aws/neuron/bin/neuron-monitor}. */
  public Path monitor() {
    return directory.resolve("bin/neuron-monitor");
  }

  /** The stand-in for {@code /opt/aws/neuron/bin/neuron-ls}. */
  public Path ls() {
    return directory.resolve("bin/neuron-ls");
  }

  /** Records that the stand-in replays where there is such a file. */
  public Path replayed() {
    return directory.resolve("records.ndjson");
  }
}
