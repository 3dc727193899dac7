package io.millwright.agent.config;

import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the agent was told to do. Immutable; read by {@link ConfigReader}, whose table {@link
 * AgentKeys} holds the bounds that a site sees. The bounds checked here are those without which the
 * agent cannot work.
 *
 * @param mode {@code observe}, {@code assist} or {@code execute}
 * @param listen where the page is served
 * @param sampling how often the series are read
 */
public record AgentConfig(
    Node node,
    String mode,
    HostPort listen,
    Periods sampling,
    Metrics metrics,
    Page page,
    Collector collector,
    Jobs jobs,
    Health health,
    Power power,
    Nvidia nvidia,
    Neuron neuron,
    Host host,
    Evidence evidence) {

  /** Whether another scheduler gives out the devices, and tells the agent of its jobs. */
  public boolean assists() {
    return mode.equals("assist");
  }

  /** Whether the collector's jobs may begin here. */
  public boolean executes() {
    return mode.equals("execute");
  }

  /**
   * Identity of the node in the fleet.
   *
   * @param rack where it stands; empty when the site did not say
   * @param role what it is for; empty when the site did not say
   */
  public record Node(String name, String rack, String role) {
    public Node {
      require(!name.isEmpty(), "node.name is empty");
    }
  }

  /**
   * Which families are read and shown.
   *
   * @param tier {@code base}, {@code extended} or {@code all}
   * @param jobs whether the page shows the node's own runs by their names
   */
  public record Metrics(String tier, boolean jobs) {
    private static final Map<String, Metric.Tier> TIERS =
        Map.of(
            "base", Metric.Tier.BASE,
            "extended", Metric.Tier.EXTENDED,
            "all", Metric.Tier.OPTIONAL);

    public Metrics {
      require(TIERS.containsKey(tier), "metrics.tier is " + tier);
    }

    /** Whether this family is read and shown. */
    public boolean wants(Metric metric) {
      return metric.tier().compareTo(upTo()) <= 0;
    }

    /** The last tier that is wanted. */
    public Metric.Tier upTo() {
      return Objects.requireNonNull(TIERS.get(tier));
    }
  }

  /**
   * The HTTP page.
   *
   * @param maxConnections connections served at once
   * @param requestTimeout how long a request may take to arrive
   * @param idleTimeout how long a connection may stay open without a request
   * @param dialects pages in the names of other exporters: {@code dcgm}, {@code dcgm49}, {@code
   *     neuron}
   * @param dcgmHostLabel how the page dcgm spells the label with the node's name
   * @param dcgm49Names a file with corrected names of the page dcgm49; empty for none
   */
  public record Page(
      int maxConnections,
      Duration requestTimeout,
      Duration idleTimeout,
      List<String> dialects,
      String dcgmHostLabel,
      String dcgm49Names) {
    public Page {
      dialects = List.copyOf(dialects);
      require(maxConnections > 0, "page.max_connections is " + maxConnections);
      require(requestTimeout.isPositive(), "page.request_timeout is " + requestTimeout);
      require(idleTimeout.isPositive(), "page.idle_timeout is " + idleTimeout);
    }
  }

  /**
   * The collector that the node reports to.
   *
   * @param address {@code HOST:PORT}; empty for none
   * @param credentials directory of the node's certificate, its key and the site's authority
   * @param spoolMebibytes that samples take at most which the collector has not got
   */
  public record Collector(String address, String credentials, int spoolMebibytes) {
    public boolean wanted() {
      return !address.isEmpty();
    }

    /** Without the brackets of an IPv6 address. */
    public String host() {
      String host = address.substring(0, address.lastIndexOf(':'));
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    public int port() {
      return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
  }

  /**
   * The jobs that the node carries out.
   *
   * @param policy the file that says what jobs may do here; without it none runs
   * @param directory where the journal, and what plain processes print, is kept
   * @param units {@code plain} or {@code systemd}
   * @param address where processes of other nodes reach those of this one; empty where the site did
   *     not say
   */
  public record Jobs(String policy, String directory, String units, String address) {
    /** Whether jobs are units of systemd. */
    public boolean systemd() {
      return units.equals("systemd");
    }
  }

  /**
   * What the node's health is judged from, beside the readings.
   *
   * @param kernelLog what the kernel log is read from; empty where it is not
   * @param directory where counted events are kept
   * @param rules directory of what the site changes of the rules; it need not be there
   */
  public record Health(
      String kernelLog, String directory, String rules, int eventsMebibytes, int eventsDays) {}

  /**
   * The power limits of the accelerators.
   *
   * @param owned whether Millwright sets them
   * @param directory where the caps are kept that were asked for
   * @param launcher socket of the launcher, which sets them
   */
  public record Power(boolean owned, String directory, String launcher) {}

  /**
   * The NVIDIA driver.
   *
   * @param library soname or absolute path of NVML
   * @param callDeadline after this a call counts as hung
   * @param retryAtMost longest back-off while the driver is not loaded
   * @param expectedAccelerators how many there must be; empty when any number is right
   * @param gpm {@code auto}, {@code always} or {@code never}
   */
  public record Nvidia(
      boolean enabled,
      String library,
      Duration callDeadline,
      Duration retryAtMost,
      OptionalInt expectedAccelerators,
      String gpm) {
    private static final Set<String> GPM = Set.of("auto", "always", "never");

    public Nvidia {
      require(GPM.contains(gpm), "nvidia.gpm is " + gpm);
      require(!library.isEmpty(), "nvidia.library is empty");
      require(callDeadline.isPositive(), "nvidia.call_deadline is " + callDeadline);
      require(retryAtMost.isPositive(), "nvidia.retry_at_most is " + retryAtMost);
      require(
          expectedAccelerators.orElse(0) >= 0,
          "nvidia.expected_accelerators is " + expectedAccelerators);
    }
  }

  /**
   * The Neuron driver of AWS.
   *
   * @param root where {@code sys} of the Neuron driver is
   * @param callDeadline after this a reading counts as hung
   * @param expectedAccelerators how many there must be; empty when any number is right
   * @param monitor absolute path of neuron-monitor; empty where it is not begun
   */
  public record Neuron(
      boolean enabled,
      String root,
      Duration callDeadline,
      OptionalInt expectedAccelerators,
      String monitor) {
    public Neuron {
      require(root.startsWith("/"), "neuron.root is " + root);
      require(callDeadline.isPositive(), "neuron.call_deadline is " + callDeadline);
      require(
          expectedAccelerators.orElse(0) >= 0,
          "neuron.expected_accelerators is " + expectedAccelerators);
    }
  }

  /**
   * The host's own series.
   *
   * @param filesystemExcludeTypes file system types that are not read, as {@code squashfs}
   * @param filesystemExcludeMounts mount points that are not read
   * @param requiredServices units that must be active, beside those that are known to be needed
   * @param requiredModules kernel modules that must be loaded, beside those
   */
  public record Host(
      boolean enabled,
      List<String> filesystemExcludeTypes,
      List<String> filesystemExcludeMounts,
      List<String> requiredServices,
      List<String> requiredModules) {
    public Host {
      requiredServices = List.copyOf(requiredServices);
      requiredModules = List.copyOf(requiredModules);
      filesystemExcludeTypes = List.copyOf(filesystemExcludeTypes);
      filesystemExcludeMounts = List.copyOf(filesystemExcludeMounts);
    }
  }

  /**
   * Evidence of the node, and the site's programs that give it.
   *
   * @param directory that keeps bundles and records
   * @param reportTool the vendor's, {@code PROGRAM ARGUMENTS}; empty for none
   * @param reportDeadline how long it may take
   * @param tests each {@code NAME[:degraded|:failed][:beside-jobs] DEADLINE PROGRAM ARGUMENTS}
   * @param neuronLs absolute path of neuron-ls; empty where it is not run
   */
  public record Evidence(
      String directory,
      String reportTool,
      Duration reportDeadline,
      List<String> tests,
      String neuronLs) {
    public Evidence {
      tests = List.copyOf(tests);
      require(reportDeadline.isPositive(), "evidence.report_deadline is " + reportDeadline);
    }

    /** The report tool and its arguments; empty for none. */
    public List<String> reportWords() {
      return reportTool.isEmpty() ? List.of() : List.of(reportTool.split(" "));
    }

    /**
     * A test, divided at its blanks.
     *
     * @param marks what stands behind its name, as {@code degraded}
     */
    public record Command(String name, List<String> marks, Duration deadline, List<String> argv) {
      private static final int PROGRAM = 2;

      static Command of(String text) {
        List<String> words = List.of(text.split(" "));
        List<String> name = List.of(words.get(0).split(":"));
        return new Command(
            name.getFirst(),
            name.subList(1, name.size()),
            Durations.parse(words.get(1)).orElseThrow(),
            words.subList(PROGRAM, words.size()));
      }
    }

    public List<Command> testCommands() {
      return tests.stream().map(Command::of).toList();
    }
  }

  /** The configuration of a node whose site sets nothing. */
  public static AgentConfig standard(String nodeName) {
    return AgentKeys.assemble(Values.of(nodeName));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
