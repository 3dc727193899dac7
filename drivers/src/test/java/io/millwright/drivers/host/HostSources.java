package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All sources of the host over one root, of all tiers. */
final class HostSources {
  private HostSources() {}

  /** As the agent has them. */
  static List<Source> real(Path root, CallWatch watch) {
    return List.of(
        new KernelSource("n1", root, watch),
        new HostSource("n1", Place.UNKNOWN, root, watch, Metric.Tier.OPTIONAL),
        new RdmaSource("n1", root, watch, Metric.Tier.OPTIONAL),
        new PcieSource("n1", root, watch),
        FilesystemSource.local("n1", root, watch, mount -> true));
  }

  /**
   * Over a tree: what OSHI and the kernel's clock tell of the machine that the test runs on is
   * taken from the tree, the clock as one that is kept. File systems are left out, since statvfs
   * would tell of this machine's disk.
   */
  static List<Source> of(Tree tree) {
    CallWatch watch = CallWatch.NONE;
    return List.of(
        new KernelSource("n1", tree.root(), watch),
        new HostSource(
            "n1",
            Place.UNKNOWN,
            tree.root(),
            watch,
            Metric.Tier.OPTIONAL,
            new TreeFacts(tree),
            () -> new Timekeeping.Answer.Synchronized(OptionalDouble.of(-0.000_25))),
        new RdmaSource("n1", tree.root(), watch, Metric.Tier.OPTIONAL),
        new PcieSource("n1", tree.root(), watch));
  }

  /** In the place of OSHI, which knows the real root only. */
  private record TreeFacts(Tree tree) implements HostFacts {
    private static final Pattern NAME = Pattern.compile("PRETTY_NAME=\"(.*)\"");
    private static final Pattern TOTAL = Pattern.compile("MemTotal: +(\\d+) kB");

    private Attribute file(String path) {
      return new Attribute(tree.root().resolve(path), CallWatch.NONE);
    }

    @Override
    public String operatingSystem() {
      Matcher name = NAME.matcher(file("etc/os-release").text().orElse(""));
      return name.find() ? name.group(1) : "";
    }

    @Override
    public String boardVendor() {
      return file("sys/class/dmi/id/board_vendor").text().orElse("");
    }

    @Override
    public String boardModel() {
      return file("sys/class/dmi/id/board_name").text().orElse("");
    }

    @Override
    public OptionalLong memorySizeBytes() {
      Matcher total = TOTAL.matcher(file("proc/meminfo").text().orElse(""));
      return total.find()
          ? OptionalLong.of(Long.parseLong(total.group(1)) << 10)
          : OptionalLong.empty();
    }
  }
}
