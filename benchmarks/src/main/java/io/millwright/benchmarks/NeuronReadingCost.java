package io.millwright.benchmarks;

import com.sun.management.ThreadMXBean;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.CallLedger;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.FilesystemSource;
import io.millwright.drivers.host.HostSource;
import io.millwright.drivers.host.KernelSource;
import io.millwright.drivers.host.Place;
import io.millwright.drivers.host.RdmaSource;
import io.millwright.drivers.neuron.NeuronTree;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import io.millwright.simulator.neuron.NeuronSimulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What the readers of sixteen simulated Neuron devices of eight cores, and those of the host, cost
 * at the default periods, on one thread. The devices' files are ordinary ones that stand still: the
 * driver's own work is not in it.
 *
 * <pre>
 * NeuronReadingCost SECONDS base|extended|optional
 * </pre>
 *
 * So many seconds pass for the readers and none for anybody else; as many before, to be past the
 * compiler.
 */
public final class NeuronReadingCost {
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final String NODE = "node1";
  private static final Path ROOT = Path.of("/");
  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Periods PERIODS = Periods.STANDARD;

  private final String what;
  private final List<Source> sources;
  private long second;

  private NeuronReadingCost(String what, List<Source> sources) {
    this.what = what;
    this.sources = List.copyOf(sources);
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new BenchmarkException("usage: NeuronReadingCost SECONDS base|extended|optional");
    }
    int seconds = Integer.parseInt(arguments[0]);
    Metric.Tier tier = Metric.Tier.valueOf(arguments[1].toUpperCase(Locale.ROOT));
    CallWatch watch = new CallClock(Clock.system(), new CallLedger());
    NeuronNode node = new NeuronNode(Scratch.directory("mw-neuron"));
    NeuronSimulation.Options options =
        new NeuronSimulation.Options(
            NeuronProfile.of("trn3-gen1").orElseThrow(),
            Optional.empty(),
            1,
            OptionalDouble.of(0.5));
    try (NeuronSimulation _ = NeuronSimulation.open(node, options, Clock.system())) {
      long before = openFiles();
      NeuronReadingCost neuron = new NeuronReadingCost("neuron", devices(node.root(), tier, watch));
      neuron.pass(1);
      System.out.println(
          Line.of("open").add("devices", neuron.sources.size()).add("files", openFiles() - before));
      neuron.measure(seconds, tier);
      new NeuronReadingCost("host", host(tier, watch)).measure(seconds, tier);
    }
  }

  private static List<Source> devices(Path root, Metric.Tier tier, CallWatch watch) {
    NeuronTree tree = new NeuronTree(root, NODE, tier);
    List<Source> devices = new ArrayList<>();
    for (int number : tree.numbers()) {
      devices.add(
          tree.open(number, watch)
              .orElseThrow(() -> new BenchmarkException("a device does not open")));
    }
    return devices;
  }

  private static List<Source> host(Metric.Tier tier, CallWatch watch) {
    return List.of(
        new KernelSource(NODE, ROOT, watch),
        new HostSource(NODE, Place.UNKNOWN, ROOT, watch, tier),
        new RdmaSource(NODE, ROOT, watch, tier),
        FilesystemSource.local(NODE, ROOT, watch, mount -> true));
  }

  private static long openFiles() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException("counting open files", e);
    }
  }

  private void measure(int seconds, Metric.Tier tier) {
    pass(seconds);
    long allocated = THREAD.getCurrentThreadAllocatedBytes();
    long cpu = THREAD.getCurrentThreadCpuTime();
    pass(seconds);
    cpu = THREAD.getCurrentThreadCpuTime() - cpu;
    allocated = THREAD.getCurrentThreadAllocatedBytes() - allocated;
    System.out.println(
        Line.of(what)
            .add("tier", tier.name().toLowerCase(Locale.ROOT))
            .add("seconds", seconds)
            .add("series", sources.stream().mapToLong(s -> s.readings().table().size()).sum())
            .add("cpu_ms_per_second", cpu / 1e6 / seconds)
            .add("percent_of_a_core", cpu / 1e7 / seconds)
            .add("allocated_bytes_per_second", (double) allocated / seconds)
            .add("fast_bytes_per_tick", fastGarbage(seconds)));
  }

  private double fastGarbage(int ticks) {
    long allocated = THREAD.getCurrentThreadAllocatedBytes();
    for (int tick = 0; tick < ticks; tick++, second++) {
      read(Cadence.FAST);
    }
    return (double) (THREAD.getCurrentThreadAllocatedBytes() - allocated) / ticks;
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++, second++) {
      read(Cadence.FAST);
      if (second % PERIODS.medium().toSeconds() == 0) {
        read(Cadence.MEDIUM);
      }
      if (second % PERIODS.slow().toSeconds() == 0) {
        read(Cadence.SLOW);
      }
    }
  }

  private void read(Cadence cadence) {
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).reads(cadence)) {
        sources.get(i).read(cadence, second * SECOND_NANOS);
      }
    }
  }
}
