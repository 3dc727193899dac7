package io.millwright.agent.config;

import io.millwright.agent.config.Key.Standard;
import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** The one table of what a site may set. A new key names who will set it. */
final class AgentKeys {
  private static final Type<String> NAME =
      Type.Text.of(
          "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?",
          "a name of 1 to 253 letters, digits, dots, dashes and underscores"
              + " that begins and ends with a letter or digit");
  private static final Type<String> LABEL =
      Type.Text.of(".{0,64}", "a text of at most 64 characters without control characters");
  private static final Type<String> LIBRARY =
      Type.Text.of(
          "/.{1,4094}|[A-Za-z0-9_][A-Za-z0-9_.+-]{0,254}",
          "the name of a library such as libnvidia-ml.so.1, or an absolute path");
  private static final Type<String> COLLECTOR =
      Type.Text.of(
          "|(?:[A-Za-z0-9.-]{1,253}|\\[[0-9a-fA-F:.]{2,45}\\]):(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}"
              + "|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])",
          "HOST:PORT such as collector.site:9462, or nothing");
  private static final Type<List<String>> FILESYSTEMS =
      new Type.Texts(
          Type.Text.of(
              "[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "the name of a file system type such as squashfs"),
          64);
  private static final Type<List<String>> MOUNTS =
      new Type.Texts(
          Type.Text.of("/.{0,4095}", "the absolute path of a mount point such as /mnt/scratch"),
          256);
  private static final Type<List<String>> SERVICES =
      new Type.Texts(
          Type.Text.of("[A-Za-z0-9:_.@-]{1,255}", "the name of a unit such as slurmd.service"), 64);
  private static final Type<List<String>> MODULES =
      new Type.Texts(
          Type.Text.of("[A-Za-z0-9_-]{1,55}", "the name of a module such as nvidia_peermem"), 64);
  private static final Type<String> COMMAND =
      Type.Text.of(
          "|/[\\x21-\\x7e]{1,1023}( [\\x21-\\x7e]{1,1024}){0,30}",
          "the absolute path of a program and its arguments with single blanks between, or nothing");
  private static final Type<List<String>> TESTS =
      new Type.Texts(
          Type.Text.of(
              "[a-z0-9][a-z0-9-]{0,31}(:(degraded|failed))?(:beside-jobs)? [1-9][0-9]{0,3}[smh] /[\\x21-\\x7e]{1,1023}"
                  + "( [\\x21-\\x7e]{1,1024}){0,30}",
              "NAME DEADLINE PROGRAM ARGUMENTS with single blanks between, such as"
                  + " \"diag 10m /usr/bin/dcgmi diag -r 2\", the name with ':degraded' or ':failed'"
                  + " and ':beside-jobs' behind it where that is meant"),
          16);
  private static final Type<Boolean> SWITCH = new Type.Switch();
  private static final Type<Duration> PERIOD = span(Duration.ofMillis(100), seconds(60));

  static final Key<String> NODE_NAME =
      new Key<>(
          "node.name",
          NAME,
          new Standard.OfMachine<>("the host name"),
          c -> c.node().name(),
          "the site, where host names are not unique in the fleet",
          "The name of the node in every series and in the fleet.",
          false);
  static final Key<String> NODE_RACK =
      key(
          "node.rack",
          LABEL,
          "",
          c -> c.node().rack(),
          "the site, from its inventory",
          "The rack the node stands in; empty when nobody says.");
  static final Key<String> NODE_ROLE =
      key(
          "node.role",
          LABEL,
          "",
          c -> c.node().role(),
          "the site, from its inventory",
          "What the node is for, as training or inference; empty when nobody says.");

  static final Key<HostPort> LISTEN =
      key(
          "listen",
          new Type.Address(),
          new HostPort("127.0.0.1", 9460),
          AgentConfig::listen,
          "the site, when Prometheus scrapes from another machine",
          "Where the agent serves its page. Loopback unless the site says otherwise; port 0"
              + " lets the system choose one.");

  static final Key<String> MODE =
      key(
          "mode",
          Type.Text.of("observe|assist|execute", "observe, assist or execute"),
          "execute",
          AgentConfig::mode,
          "the site whose nodes belong to another scheduler",
          "Who gives out the accelerators of this node. observe: nobody asks Millwright, and it"
              + " begins nothing. assist: another scheduler, such as Slurm, whose programs tell the"
              + " agent of each job at the door beneath health.directory; it begins nothing either."
              + " execute: Millwright's collector, where a policy allows it; a node without a policy"
              + " begins nothing. Jobs that run when this changes go on to their end.");

  static final Key<Duration> SAMPLING_FAST =
      key(
          "sampling.fast",
          PERIOD,
          Periods.STANDARD.fast(),
          c -> c.sampling().fast(),
          "the operator, to match the scrape interval",
          "How often power, utilization, clocks, throttle reasons, temperatures and the bytes of"
              + " PCIe are read. Not longer than sampling.medium.");
  static final Key<Duration> SAMPLING_MEDIUM =
      key(
          "sampling.medium",
          PERIOD,
          Periods.STANDARD.medium(),
          c -> c.sampling().medium(),
          "the operator, to match the scrape interval",
          "How often memory, limits and the recovery action are read. Not longer than"
              + " sampling.slow.");
  static final Key<Duration> SAMPLING_SLOW =
      key(
          "sampling.slow",
          PERIOD,
          Periods.STANDARD.slow(),
          c -> c.sampling().slow(),
          "the operator, to match the scrape interval",
          "How often ECC counts, remapped rows, links, PCIe errors, thresholds and processes are"
              + " read.");

  static final Key<String> METRICS_TIER =
      key(
          "metrics.tier",
          Type.Text.of("base|extended|all", "base, extended or all"),
          "base",
          c -> c.metrics().tier(),
          "the operator who looks into single links and engines and has room for the series",
          "Which families are read and shown, on the page as in the session. base: what every node"
              + " shows. extended: also the families of single links and other detail. all: the"
              + " optional ones too. docs/metrics.md names the tier of each; what is not wanted is"
              + " never asked of the driver.");

  static final Key<Boolean> METRICS_JOBS =
      key(
              "metrics.jobs",
              SWITCH,
              false,
              c -> c.metrics().jobs(),
              "the site where everybody who reaches the page may know the names of jobs",
              "Whether the page shows memory, processor time and OOM kills of each open run, by its"
                  + " name. The page asks nobody who he is, so names of jobs are not on it unless the"
                  + " site says so. docs/accounting.md names the families.")
          .byReload();

  static final Key<Integer> PAGE_MAX_CONNECTIONS =
      key(
          "page.max_connections",
          new Type.Whole(1, 1024),
          16,
          c -> c.page().maxConnections(),
          "the operator of a node that many scrapers read",
          "How many connections the page serves at once.");
  static final Key<Duration> PAGE_REQUEST_TIMEOUT =
      key(
          "page.request_timeout",
          span(Duration.ofMillis(100), seconds(60)),
          seconds(5),
          c -> c.page().requestTimeout(),
          "the operator, behind a slow proxy",
          "How long a request may take to arrive before its connection is closed.");
  static final Key<Duration> PAGE_IDLE_TIMEOUT =
      key(
          "page.idle_timeout",
          span(seconds(1), seconds(600)),
          seconds(60),
          c -> c.page().idleTimeout(),
          "the operator, when scrapes are more than a minute apart",
          "How long a connection may stay open without a request.");

  static final Key<List<String>> PAGE_DIALECTS =
      key(
          "page.dialects",
          new Type.Texts(Type.Text.of("dcgm|dcgm49|neuron", "dcgm, dcgm49 or neuron"), 3),
          List.of(),
          c -> c.page().dialects(),
          "the site that comes from dcgm-exporter or neuron-monitor-prometheus and keeps its"
              + " dashboards and alerts for a while",
          "Pages with the same readings in the names of other exporters. dcgm: /metrics/dcgm, as"
              + " dcgm-exporter to 4.8 has them. dcgm49: /metrics/dcgm49, as 4.9 has them. See"
              + " docs/dcgm.md. neuron: /metrics/neuron, as neuron-monitor-prometheus has them; see"
              + " docs/neuron-monitor.md.");
  static final Key<String> PAGE_DCGM_HOST_LABEL =
      key(
          "page.dcgm_host_label",
          Type.Text.of("Hostname|hostname", "Hostname or hostname"),
          "Hostname",
          c -> c.page().dcgmHostLabel(),
          "the site whose dashboards were made for dcgm-exporter 4.8.3 or 4.8.4",
          "How /metrics/dcgm spells the label with the name of the node: Hostname as releases to"
              + " 4.8.2, hostname as those after. /metrics/dcgm49 always has hostname.");
  static final Key<String> PAGE_DCGM49_NAMES =
      key(
          "page.dcgm49_names",
          Type.Text.of("|/.{1,4094}", "the absolute path of a file, or nothing"),
          "",
          c -> c.page().dcgm49Names(),
          "the site that finds a name of /metrics/dcgm49 other than its exporter has it",
          "A file with corrected names of /metrics/dcgm49: in each line a classic name and the"
              + " name in 4.9. Empty: those that docs/dcgm-fields.md lists.");

  static final Key<String> COLLECTOR_ADDRESS =
      key(
          "collector.address",
          COLLECTOR,
          "",
          c -> c.collector().address(),
          "the site, once it has a collector",
          "Where the collector awaits agents, as its certificate names it. Empty: the agent reports"
              + " to nobody.");
  static final Key<String> COLLECTOR_CREDENTIALS =
      key(
          "collector.credentials",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/var/lib/millwright/agent/credentials",
          c -> c.collector().credentials(),
          "the site, when the node's certificate is kept in another place",
          "The directory of the node's certificate, its key and the site's authority.");
  static final Key<Integer> COLLECTOR_SPOOL_MEBIBYTES =
      key(
          "collector.spool_mebibytes",
          new Type.Whole(8, 4096),
          64,
          c -> c.collector().spoolMebibytes(),
          "the site whose collector may be away for long, or whose nodes have no disk",
          "How many MiB of samples that the collector has not got are kept in the directory spool"
              + " beneath health.directory. Beyond them the oldest go. docs/operations.md says how"
              + " many hours that is.");

  static final Key<String> JOBS_POLICY =
      key(
          "jobs.policy",
          Type.Text.of("/.{1,4094}", "the absolute path of a file"),
          "/etc/millwright/policy.yaml",
          c -> c.jobs().policy(),
          "the demo, which has a policy of its own",
          "The file that says what jobs may do on this node. No job runs while it is not there; it"
              + " is read again before each job. One that is written later counts from the agent's"
              + " next start.");
  static final Key<String> JOBS_DIRECTORY =
      key(
          "jobs.directory",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/var/lib/millwright/agent/jobs",
          c -> c.jobs().directory(),
          "the site, when another disk is to keep the journal and what jobs print",
          "The directory of the journal of jobs, and of what plain processes print. Made when it is"
              + " not there.");
  static final Key<String> JOBS_UNITS =
      key(
          "jobs.units",
          Type.Text.of("plain|systemd", "plain or systemd"),
          "plain",
          c -> c.jobs().units(),
          "the package, whose launcher runs jobs as units of systemd",
          "How jobs run. plain: as processes of the agent's own making, for the demo, which only a"
              + " policy with demo: true allows. systemd: as units that the package's launcher"
              + " begins, with limits and device rules; the launcher reads"
              + " /etc/millwright/policy.yaml, whatever jobs.policy names.");

  static final Key<String> JOBS_ADDRESS =
      key(
          "jobs.address",
          new Type.Text(
              text -> text.isEmpty() || Rendezvous.isAddress(text),
              Rendezvous.ALLOWED + ", such as 10.20.0.7; or nothing"),
          "",
          c -> c.jobs().address(),
          "the site whose jobs are to meet on a network of their own, and the node that speaks with"
              + " its collector over loopback or through a translation of addresses",
          "Where processes of other nodes reach those of this one, told to the members of a job over"
              + " several nodes when it meets here. Empty: the address that the collector sees the"
              + " agent come from.");

  static final Key<String> HEALTH_KERNEL_LOG =
      key(
          "health.kernel_log",
          Type.Text.of("|/.{1,4094}", "the absolute path of a file, or nothing"),
          "/dev/kmsg",
          c -> c.health().kernelLog(),
          "the site, inside a vendor's guest that has no kernel log of its own",
          "The kernel log, or a file of the same form, whose lines about accelerators and the host"
              + " count as events. Reading /dev/kmsg needs CAP_SYSLOG. Empty: it is not read.");
  static final Key<String> HEALTH_DIRECTORY =
      key(
          "health.directory",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/var/lib/millwright/agent/health",
          c -> c.health().directory(),
          "the site, when another disk is to keep what the agent counts",
          "The directory that keeps the counted events, the accepted inventory and the heads of audit"
              + " logs over restarts. Made when the one above it is there; else they are kept in"
              + " memory alone. Rules about the state's disk look at the file system that holds it.");

  static final Key<String> HEALTH_RULES =
      key(
          "health.rules",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/etc/millwright/rules.d",
          c -> c.health().rules(),
          "the site that keeps its changes of the rules in another place",
          "The directory whose files *.yaml disable, tune and add rules of health, read at the start"
              + " and on SIGHUP: docs/site-rules.md. It need not be there. A mistake in one file"
              + " refuses all of them and leaves the rules of before in force.");

  static final Key<Integer> HEALTH_EVENTS_MEBIBYTES =
      key(
          "health.events_mebibytes",
          new Type.Whole(1, 64),
          4,
          c -> c.health().eventsMebibytes(),
          "the site, where a collector may be away for long",
          "How many MiB of events are kept in the directory events beneath health.directory. Beyond"
              + " them the oldest go, whether the collector has them or not.");
  static final Key<Integer> HEALTH_EVENTS_DAYS =
      key(
          "health.events_days",
          new Type.Whole(1, 365),
          14,
          c -> c.health().eventsDays(),
          "the site, where a collector may be away for long",
          "After how many days an event goes, whether the collector has it or not.");

  static final Key<Boolean> POWER_OWNED =
      key(
          "power.owned",
          SWITCH,
          false,
          c -> c.power().owned(),
          "the site, where no other tool sets power limits",
          "Whether operators may hold this node's accelerators to a power limit through the"
              + " collector. The file /etc/millwright/policy.yaml must say so too, and has the last"
              + " word: docs/power.md.");
  static final Key<String> POWER_DIRECTORY =
      key(
          "power.directory",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/var/lib/millwright/agent/power",
          c -> c.power().directory(),
          "the site, when another disk is to keep the caps",
          "The directory that keeps the caps that were asked for over restarts, so that they are set"
              + " again when the driver has forgotten them.");
  static final Key<String> POWER_LAUNCHER =
      key(
          "power.launcher",
          Type.Text.of("/.{1,106}", "the absolute path of a socket"),
          "/run/millwright/launcher.sock",
          c -> c.power().launcher(),
          "the site, when the launcher's socket is in another place",
          "Where the launcher is asked, which alone may set a limit, and alone reads what only root"
              + " may: docs/launcher.md.");

  static final Key<Boolean> NVIDIA_ENABLED =
      key(
          "nvidia.enabled",
          SWITCH,
          true,
          c -> c.nvidia().enabled(),
          "the site, on nodes without NVIDIA devices, or whose NVIDIA devices another tool reads",
          "Whether NVIDIA accelerators are read.");
  static final Key<String> NVIDIA_LIBRARY =
      key(
          "nvidia.library",
          LIBRARY,
          "libnvidia-ml.so.1",
          c -> c.nvidia().library(),
          "the site, when the driver is installed in an unusual place",
          "The NVML library: a name that the loader finds, or an absolute path.");
  static final Key<Duration> NVIDIA_CALL_DEADLINE =
      key(
              "nvidia.call_deadline",
              span(Duration.ofMillis(100), seconds(60)),
              seconds(1),
              c -> c.nvidia().callDeadline(),
              "the operator of a node whose driver answers slowly",
              "After this a call into the driver counts as hung. The call is never killed.")
          .byReload();
  static final Key<Duration> NVIDIA_RETRY_AT_MOST =
      key(
              "nvidia.retry_at_most",
              span(seconds(1), seconds(600)),
              seconds(30),
              c -> c.nvidia().retryAtMost(),
              "the operator, to see a driver that is loaded late sooner",
              "The longest wait between two tries while the driver is not loaded.")
          .byReload();
  static final Key<OptionalInt> NVIDIA_EXPECTED_ACCELERATORS =
      key(
              "nvidia.expected_accelerators",
              new Type.Count(new Type.Whole(0, 64)),
              OptionalInt.empty(),
              c -> c.nvidia().expectedAccelerators(),
              "the site, from its inventory",
              "How many NVIDIA accelerators the node must have. When it is not set, as many as"
                  + " its product has by the table of products; of any other product as many as"
                  + " were accepted last of this machine, or any number.")
          .byReload();

  static final Key<String> NVIDIA_GPM =
      key(
              "nvidia.gpm",
              Type.Text.of("auto|always|never", "auto, always or never"),
              "auto",
              c -> c.nvidia().gpm(),
              "the site, where a profiler or a DCGM in another process namespace has the counters",
              "Whether the performance counters of Hopper and later are read, for what the engines"
                  + " do. auto: while no process nv-hostengine or dcgm-exporter is seen on this"
                  + " machine.")
          .byReload();

  static final Key<Boolean> NEURON_ENABLED =
      key(
          "neuron.enabled",
          SWITCH,
          true,
          c -> c.neuron().enabled(),
          "the site, on nodes whose Trainium devices another tool reads",
          "Whether AWS Trainium and Inferentia accelerators are read.");
  static final Key<String> NEURON_ROOT =
      key(
          "neuron.root",
          Type.Text.of("/.{0,4094}", "the absolute path of a directory"),
          "/",
          c -> c.neuron().root(),
          "the demo, whose devices are simulated",
          "The directory below which sys and proc of the Neuron driver are.");
  static final Key<Duration> NEURON_CALL_DEADLINE =
      key(
              "neuron.call_deadline",
              span(Duration.ofMillis(100), seconds(60)),
              seconds(1),
              c -> c.neuron().callDeadline(),
              "the operator of a node whose driver answers slowly",
              "After this the reading of a file of the driver counts as hung.")
          .byReload();
  static final Key<OptionalInt> NEURON_EXPECTED_ACCELERATORS =
      key(
              "neuron.expected_accelerators",
              new Type.Count(new Type.Whole(0, 64)),
              OptionalInt.empty(),
              c -> c.neuron().expectedAccelerators(),
              "the site, from its inventory",
              "How many Neuron devices the node must have. When it is not set, as many as were"
                  + " accepted last of this machine, or any number.")
          .byReload();
  static final Key<String> NEURON_MONITOR =
      key(
          "neuron.monitor",
          Type.Text.of("|/.{1,4094}", "the absolute path of a program, or nothing"),
          "",
          c -> c.neuron().monitor(),
          "the site that wants latencies and processes of Neuron devices, with the Neuron tools"
              + " installed",
          "The program neuron-monitor, as in /opt/aws/neuron/bin/neuron-monitor, which is run as a"
              + " child of the agent. Empty: it is not. See docs/neuron-monitor.md.");

  static final Key<String> EVIDENCE_DIRECTORY =
      key(
          "evidence.directory",
          Type.Text.of("/.{1,4094}", "the absolute path of a directory"),
          "/var/lib/millwright/agent/evidence",
          c -> c.evidence().directory(),
          "the site, when another disk is to keep what is taken before something disruptive",
          "The directory that keeps evidence bundles and the records of the site's tests. Made when"
              + " the one above it is there; else none is kept. See docs/evidence.md.");
  static final Key<String> EVIDENCE_REPORT_TOOL =
      key(
          "evidence.report_tool",
          COMMAND,
          "",
          c -> c.evidence().reportTool(),
          "the site, with the vendor's tool that its support asks for",
          "The vendor's report tool and its arguments in one text, divided at blanks, as in"
              + " /usr/bin/nvidia-bug-report.sh. Run as the agent's own user, without a shell, in"
              + " an empty directory whose files go into the bundle. Empty: none.");
  static final Key<Duration> EVIDENCE_REPORT_DEADLINE =
      key(
          "evidence.report_deadline",
          span(seconds(1), seconds(90)),
          seconds(60),
          c -> c.evidence().reportDeadline(),
          "the site whose report tool is slow",
          "How long the report tool may take before the bundle goes on without it.");
  static final Key<List<String>> EVIDENCE_TESTS =
      key(
          "evidence.tests",
          TESTS,
          List.of(),
          c -> c.evidence().tests(),
          "the site, with the tests that it trusts, such as DCGM's diagnosis or nccl-tests",
          "The site's own tests, each NAME DEADLINE PROGRAM ARGUMENTS in one text, divided at"
              + " blanks, as in \"diag 10m /usr/bin/dcgmi diag -r 2\". Run without a shell when"
              + " somebody or a job asks. A failure is shown and counts for nothing; with"
              + " NAME:degraded or NAME:failed it makes that of the node's verdict until the test"
              + " passes. Never run while a job has an accelerator, but for NAME:beside-jobs.");
  static final Key<String> EVIDENCE_NEURON_LS =
      key(
          "evidence.neuron_ls",
          Type.Text.of("|/.{1,4094}", "the absolute path of a program, or nothing"),
          "",
          c -> c.evidence().neuronLs(),
          "the site with Neuron devices and the Neuron tools installed",
          "The program neuron-ls, as in /opt/aws/neuron/bin/neuron-ls, whose list of devices the"
              + " doctor holds against the agent's own. Empty: it is not run.");

  static final Key<Boolean> HOST_ENABLED =
      key(
          "host.enabled",
          SWITCH,
          true,
          c -> c.host().enabled(),
          "the site, when another exporter reads the host",
          "Whether the host itself is read: processors, memory, file systems, network.");
  static final Key<List<String>> HOST_FILESYSTEM_EXCLUDE_TYPES =
      key(
          "host.filesystem_exclude_types",
          FILESYSTEMS,
          List.of(),
          c -> c.host().filesystemExcludeTypes(),
          "the operator, for file systems that say nothing of the node's health",
          "File system types that are not read.");
  static final Key<List<String>> HOST_FILESYSTEM_EXCLUDE_MOUNTS =
      key(
          "host.filesystem_exclude_mounts",
          MOUNTS,
          List.of(),
          c -> c.host().filesystemExcludeMounts(),
          "the operator, for network mounts that may hang",
          "Mount points that are not read.");
  static final Key<List<String>> HOST_REQUIRED_SERVICES =
      key(
          "host.required_services",
          SERVICES,
          List.of(),
          c -> c.host().requiredServices(),
          "the site, for services of its own that a node is no good without",
          "Units of systemd that must be active, beside those that the agent knows this node to"
              + " need. See docs/host.md.");
  static final Key<List<String>> HOST_REQUIRED_MODULES =
      key(
          "host.required_modules",
          MODULES,
          List.of(),
          c -> c.host().requiredModules(),
          "the site, for modules of its own that a node is no good without",
          "Kernel modules that must be loaded, beside those that the agent knows this node to"
              + " need. See docs/host.md.");

  /** All keys, in the order of the reference; the keys of a section stand together. */
  static final List<Key<?>> ALL =
      List.of(
          NODE_NAME,
          NODE_RACK,
          NODE_ROLE,
          MODE,
          LISTEN,
          SAMPLING_FAST,
          SAMPLING_MEDIUM,
          SAMPLING_SLOW,
          METRICS_TIER,
          METRICS_JOBS,
          PAGE_MAX_CONNECTIONS,
          PAGE_REQUEST_TIMEOUT,
          PAGE_IDLE_TIMEOUT,
          PAGE_DIALECTS,
          PAGE_DCGM_HOST_LABEL,
          PAGE_DCGM49_NAMES,
          COLLECTOR_ADDRESS,
          COLLECTOR_CREDENTIALS,
          COLLECTOR_SPOOL_MEBIBYTES,
          JOBS_POLICY,
          JOBS_DIRECTORY,
          JOBS_UNITS,
          JOBS_ADDRESS,
          HEALTH_KERNEL_LOG,
          HEALTH_DIRECTORY,
          HEALTH_RULES,
          HEALTH_EVENTS_MEBIBYTES,
          HEALTH_EVENTS_DAYS,
          POWER_OWNED,
          POWER_DIRECTORY,
          POWER_LAUNCHER,
          NVIDIA_ENABLED,
          NVIDIA_LIBRARY,
          NVIDIA_CALL_DEADLINE,
          NVIDIA_RETRY_AT_MOST,
          NVIDIA_EXPECTED_ACCELERATORS,
          NVIDIA_GPM,
          NEURON_ENABLED,
          NEURON_ROOT,
          NEURON_CALL_DEADLINE,
          NEURON_EXPECTED_ACCELERATORS,
          NEURON_MONITOR,
          EVIDENCE_DIRECTORY,
          EVIDENCE_REPORT_TOOL,
          EVIDENCE_REPORT_DEADLINE,
          EVIDENCE_TESTS,
          EVIDENCE_NEURON_LS,
          HOST_ENABLED,
          HOST_FILESYSTEM_EXCLUDE_TYPES,
          HOST_FILESYSTEM_EXCLUDE_MOUNTS,
          HOST_REQUIRED_SERVICES,
          HOST_REQUIRED_MODULES);

  private AgentKeys() {}

  /** The key of a dotted path. */
  static Optional<Key<?>> find(String path) {
    return ALL.stream().filter(key -> key.path().equals(path)).<Key<?>>map(key -> key).findFirst();
  }

  /** The paths of all keys. */
  static List<String> paths() {
    return ALL.stream().map(Key::path).toList();
  }

  /** Whether keys stand below this path. */
  static boolean isSection(String path) {
    return ALL.stream().anyMatch(key -> key.section().equals(path));
  }

  /** The names that may stand in a section, empty for the top: its keys and its sections. */
  static List<String> names(String section) {
    String prefix = section.isEmpty() ? "" : section + ".";
    return ALL.stream()
        .map(Key::path)
        .filter(path -> path.startsWith(prefix))
        .map(path -> path.substring(prefix.length()))
        .map(rest -> rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest)
        .distinct()
        .toList();
  }

  /** The configuration that the values are. They have passed the checks of their keys. */
  static AgentConfig assemble(Values values) {
    return new AgentConfig(
        new AgentConfig.Node(values.get(NODE_NAME), values.get(NODE_RACK), values.get(NODE_ROLE)),
        values.get(MODE),
        values.get(LISTEN),
        new Periods(
            values.get(SAMPLING_FAST), values.get(SAMPLING_MEDIUM), values.get(SAMPLING_SLOW)),
        new AgentConfig.Metrics(values.get(METRICS_TIER), values.get(METRICS_JOBS)),
        new AgentConfig.Page(
            values.get(PAGE_MAX_CONNECTIONS),
            values.get(PAGE_REQUEST_TIMEOUT),
            values.get(PAGE_IDLE_TIMEOUT),
            values.get(PAGE_DIALECTS),
            values.get(PAGE_DCGM_HOST_LABEL),
            values.get(PAGE_DCGM49_NAMES)),
        new AgentConfig.Collector(
            values.get(COLLECTOR_ADDRESS),
            values.get(COLLECTOR_CREDENTIALS),
            values.get(COLLECTOR_SPOOL_MEBIBYTES)),
        new AgentConfig.Jobs(
            values.get(JOBS_POLICY),
            values.get(JOBS_DIRECTORY),
            values.get(JOBS_UNITS),
            values.get(JOBS_ADDRESS)),
        new AgentConfig.Health(
            values.get(HEALTH_KERNEL_LOG),
            values.get(HEALTH_DIRECTORY),
            values.get(HEALTH_RULES),
            values.get(HEALTH_EVENTS_MEBIBYTES),
            values.get(HEALTH_EVENTS_DAYS)),
        new AgentConfig.Power(
            values.get(POWER_OWNED), values.get(POWER_DIRECTORY), values.get(POWER_LAUNCHER)),
        new AgentConfig.Nvidia(
            values.get(NVIDIA_ENABLED),
            values.get(NVIDIA_LIBRARY),
            values.get(NVIDIA_CALL_DEADLINE),
            values.get(NVIDIA_RETRY_AT_MOST),
            values.get(NVIDIA_EXPECTED_ACCELERATORS),
            values.get(NVIDIA_GPM)),
        new AgentConfig.Neuron(
            values.get(NEURON_ENABLED),
            values.get(NEURON_ROOT),
            values.get(NEURON_CALL_DEADLINE),
            values.get(NEURON_EXPECTED_ACCELERATORS),
            values.get(NEURON_MONITOR)),
        new AgentConfig.Host(
            values.get(HOST_ENABLED),
            values.get(HOST_FILESYSTEM_EXCLUDE_TYPES),
            values.get(HOST_FILESYSTEM_EXCLUDE_MOUNTS),
            values.get(HOST_REQUIRED_SERVICES),
            values.get(HOST_REQUIRED_MODULES)),
        new AgentConfig.Evidence(
            values.get(EVIDENCE_DIRECTORY),
            values.get(EVIDENCE_REPORT_TOOL),
            values.get(EVIDENCE_REPORT_DEADLINE),
            values.get(EVIDENCE_TESTS),
            values.get(EVIDENCE_NEURON_LS)));
  }

  private static <T> Key<T> key(
      String path,
      Type<T> type,
      T standard,
      Function<AgentConfig, T> from,
      String setBy,
      String help) {
    return new Key<>(path, type, new Standard.Fixed<>(standard), from, setBy, help, false);
  }

  private static Type<Duration> span(Duration least, Duration most) {
    return new Type.Span(least, most);
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
