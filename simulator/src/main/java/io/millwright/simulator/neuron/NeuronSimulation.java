package io.millwright.simulator.neuron;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * A simulated Neuron node that lives: the model, its files and its control socket.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #run} until it is told to end, {@link #close} deletes
 * the tree: without its driver a node has none. <i>Threading:</i> the thread of {@code run} owns
 * everything. <i>Failure:</i> an {@link IOException} ends it.
 */
public final class NeuronSimulation implements AutoCloseable {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int FEW_CORES = 32;

  private final Clock clock;
  private final NeuronModel model;
  private final NeuronTree tree;
  private final ControlSocket control;

  private NeuronSimulation(Clock clock, NeuronModel model, NeuronTree tree, ControlSocket control) {
    this.clock = clock;
    this.model = model;
    this.tree = tree;
    this.control = control;
  }

  /**
   * What is simulated.
   *
   * @param driver other than the profile's
   * @param load of every device; without it the load swells gently, by the seed
   */
  public record Options(
      NeuronProfile profile, Optional<String> driver, long seed, OptionalDouble load) {}

  /**
   * Builds the tree and answers commands from then on.
   *
   * @throws IllegalArgumentException where the driver is no version
   * @throws IOException where another process simulates this node, or the directory is not ours
   */
  public static NeuronSimulation open(NeuronNode node, Options options, Clock clock)
      throws IOException {
    DriverVersion driver =
        options.driver().map(DriverVersion::parse).orElse(options.profile().driver());
    KernelLog log = new KernelLog(node.kernelLog(), clock);
    log.create();
    Path name = Optional.ofNullable(node.directory().getFileName()).orElse(Path.of("node"));
    NeuronModel model =
        new NeuronModel(
            options.profile(), driver, options.seed(), name.toString(), clock, log::write);
    options
        .load()
        .ifPresent(
            load -> model.devices().forEach(device -> device.setLoad(OptionalDouble.of(load))));
    TreeDescription description = TreeDescription.read();
    NeuronTree tree = new NeuronTree(node.root(), model, description);
    NeuronCommands commands = new NeuronCommands(model, tree, description);
    ControlSocket control =
        ControlSocket.open(
            node.controlSocket(),
            () -> new MonitorSession(model, clock),
            (line, session) -> {
              model.advance();
              return commands.run(line, session);
            });
    NeuronSimulation simulation = new NeuronSimulation(clock, model, tree, control);
    try {
      tree.build();
      standIns(node);
      return simulation;
    } catch (IOException e) {
      control.close();
      throw e;
    }
  }

  /** Until told to end. */
  public void run(BooleanSupplier ended) throws IOException {
    long next = clock.nanos();
    while (!ended.getAsBoolean()) {
      long now = clock.nanos();
      if (now - next >= 0) {
        model.advance();
        tree.refresh();
        next = now + periodNanos();
      }
      control.serve((next - clock.nanos()) / NANOS_PER_MILLI);
    }
  }

  /** A node of 128 cores rewrites some 640 files each time. */
  private long periodNanos() {
    int cores = model.profile().devices() * model.profile().cores();
    return cores > FEW_CORES ? 2 * NeuronModel.STEP_NANOS : NeuronModel.STEP_NANOS;
  }

  @Override
  public void close() throws IOException {
    try (control) {
      tree.delete();
    }
  }

  // ---- stand-ins

  private static void standIns(NeuronNode node) throws IOException {
    Files.createDirectories(node.directory().resolve("bin"));
    standIn(node, node.monitor(), MonitorMain.class);
    standIn(node, node.ls(), LsMain.class);
  }

  /** A program of ours under AWS's name, run by the Java that runs this. */
  private static void standIn(NeuronNode node, Path program, Class<?> main) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> words =
        List.of(
            quoted(java),
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xmx64m -XX:-UsePerfData",
            "-cp " + quoted(System.getProperty("java.class.path")),
            main.getName(),
            quoted(node.directory().toAbsolutePath().toString()),
            "\"$@\"");
    Files.writeString(
        program,
        "#!/bin/sh\n# Millwright's stand-in: nothing that it says comes from a Neuron device.\nexec "
            + String.join(" ", words)
            + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
