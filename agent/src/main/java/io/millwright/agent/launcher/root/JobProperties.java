package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.systemd.Property;
import io.millwright.agent.systemd.Property.Pair;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A run as the properties of its unit. Pure. The only words of a spec among them are the program
 * and its arguments, and paths and numbers that were looked at; the description is a fixed text.
 *
 * @param program that was found by the way to {@code argv}'s first word, or that makes a container
 * @param nodes of its devices
 * @param instances of MIG that it has, as {@link MigInstance#word} writes them
 * @param neuron what it gets of Neuron's devices, once and for all
 * @param near its devices, where the policy keeps it there and the kernel can
 * @param container that its program runs in; empty where that is the node's
 */
record JobProperties(
    Assignment assignment,
    UnixUser user,
    Policy policy,
    Path program,
    Path directory,
    List<Path> nodes,
    List<String> instances,
    Optional<NeuronGrant.Given> neuron,
    Near near,
    Optional<Podman> container,
    Layout layout) {
  static final String SLICE = "millwright-jobs.slice";

  /** Within this systemd must have reached the program. */
  private static final Duration TO_START = Duration.ofSeconds(30);

  private static final int OWN_FILES_ONLY = 0077;

  /** Systemd's own for what it gives all: jobs share alike. */
  private static final long WEIGHT = 100;

  /**
   * The hard limit that systemd gives; its soft one, 1024, ends loaders of data with many files.
   */
  private static final long OPEN_FILES = 524_288;

  private static final int EPERM = 1;
  private static final long MICROSECONDS = 1_000_000;

  List<Property> job() {
    JobSpec spec = assignment.spec();
    List<Property> all = new ArrayList<>();
    all.add(Property.text("Description", "Millwright job"));
    all.add(Property.text("Type", "exec"));
    all.add(Property.text("Slice", SLICE));
    all.add(Property.texts("Requires", List.of(Layout.keeperUnit(assignment.id()))));
    all.add(Property.texts("After", List.of(Layout.keeperUnit(assignment.id()))));
    all.add(
        Property.command(program.toString(), container.map(Podman::words).orElseGet(spec::argv)));
    all.add(Property.text("User", Long.toString(user.uid())));
    all.add(Property.text("Group", Long.toString(user.gid())));
    all.add(Property.mode("UMask", OWN_FILES_ONLY));
    all.add(Property.text("WorkingDirectory", directory.toString()));
    all.add(
        container.isPresent()
            ? Property.texts("Environment", Podman.environment(layout.containersConfiguration()))
            : Property.environmentFile(environment().toString()));
    all.addAll(credentials());
    all.addAll(streams());
    all.addAll(ends(spec));
    all.addAll(limits(spec));
    all.addAll(devices());
    all.addAll(bound());
    all.addAll(walls());
    return all;
  }

  /**
   * The names of its nodes that nobody else may have open; none of a run on MIG instances, for
   * others have instances of the same GPU.
   */
  List<String> held() {
    return instances.isEmpty() ? opened() : List.of();
  }

  /** The names of its accelerators' nodes; those of the GPUs of its MIG instances too. */
  List<String> opened() {
    return nodes.stream()
        .map(node -> String.valueOf(node.getFileName()))
        .filter(Strangers::watched)
        .toList();
  }

  /** What is written down of it before it begins, but for when that is and what comes after it. */
  Map<String, String> claim() {
    return Map.of(
        "devices",
        String.join(",", assignment.devices().uuids()),
        "nodes",
        String.join(",", held()),
        "opened",
        String.join(",", opened()),
        "instances",
        String.join(",", instances),
        "channel",
        String.join(",", Occupancy.channel(assignment)),
        "kind",
        assignment.devices().kind().vendor(),
        "uid",
        Long.toString(user.uid()),
        "lease",
        assignment.spec().lease().stops() ? "stop" : "keep",
        "limit_ms",
        Long.toString(policy.timeOf(assignment.spec()).toMillis()));
  }

  Path environment() {
    return layout.environment().resolve(assignment.id().text());
  }

  Path pipe() {
    return layout.directory(assignment.id()).resolve("pipe");
  }

  /** Systemd reads them, for this unit alone and into memory, and says where to the job. */
  private List<Property> credentials() {
    List<Pair> files = new ArrayList<>();
    assignment
        .spec()
        .secrets()
        .forEach(name -> files.add(new Pair(name, layout.secret(name).toString())));
    if (container.isPresent()) { // podman's own variables are not the job's to set
      files.add(new Pair(Podman.VARIABLES, environment().toString()));
    }
    return files.isEmpty() ? List.of() : List.of(Property.pairs("LoadCredential", files));
  }

  private List<Property> streams() {
    return List.of(
        Property.text("StandardInput", "null"),
        Property.text("StandardOutputFile", pipe().toString()),
        Property.text("StandardErrorFile", pipe().toString()),
        Property.journalFields(
            Map.of(
                "MW_JOB",
                assignment.id().job(),
                "MW_RUN",
                Integer.toString(assignment.id().run()))),
        Property.truth("IgnoreSIGPIPE", false));
  }

  private List<Property> ends(JobSpec spec) {
    return List.of(
        Property.text("KillMode", "control-group"),
        Property.number("TimeoutStartUSec", microseconds(TO_START)),
        Property.number("TimeoutStopUSec", microseconds(Duration.ofMillis(spec.stopGraceMs()))),
        Property.number("RuntimeMaxUSec", microseconds(policy.timeOf(spec))),
        Property.text("OOMPolicy", "kill"));
  }

  /** Systemd takes 0 for no limit at all. */
  private static long microseconds(Duration time) {
    return Math.max(1000, time.toNanos() / 1000);
  }

  private List<Property> limits(JobSpec spec) {
    List<Property> limits = new ArrayList<>();
    limits.add(Property.truth("CPUAccounting", true));
    limits.add(Property.truth("MemoryAccounting", true));
    limits.add(Property.truth("TasksAccounting", true));
    limits.add(Property.truth("IOAccounting", true));
    limits.add(Property.truth("IPAccounting", true));
    limits.add(Property.number("CPUWeight", WEIGHT));
    limits.add(Property.number("IOWeight", WEIGHT));
    limits.addAll(places(spec));
    spec.memoryBytes()
        .ifPresent(bytes -> {
          limits.add(Property.number("MemoryMax", bytes));
          limits.add(Property.number("MemorySwapMax", 0));
        });
    spec.cpus()
        .ifPresent(cpus -> limits.add(Property.number("CPUQuotaPerSecUSec", cpus * MICROSECONDS)));
    limits.add(Property.number("TasksMax", policy.limits().tasks()));
    limits.add(Property.number("LimitCORE", 0));
    limits.add(Property.number("LimitNOFILE", OPEN_FILES));
    limits.add(Property.infinity("LimitMEMLOCK"));
    return limits;
  }

  /** None where it asks for more processors than are near. */
  private List<Property> places(JobSpec spec) {
    if (!near.known() || spec.cpus().orElse(0) > near.processors().size()) {
      return List.of();
    }
    Property processors = Property.mask("AllowedCPUs", near.processors());
    return switch (policy.affinity()) {
      case NONE -> List.of();
      case CPUS -> List.of(processors);
      case MEMORY -> List.of(processors, Property.mask("AllowedMemoryNodes", near.memory()));
    };
  }

  /** Beside these a unit has null, zero, full, random, urandom and tty. */
  private List<Property> devices() {
    return List.of(
        Property.text("DevicePolicy", "closed"),
        Property.pairs(
            "DeviceAllow",
            Stream.concat(nodes.stream(), channel().stream())
                .map(node -> new Pair(node.toString(), "rw"))
                .toList()));
  }

  /** The node of its IMEX channel, outside of its unit. */
  private Optional<Path> channel() {
    return assignment.channel().map(channel -> ImexNodes.node(layout.host(), channel));
  }

  /** What it sees elsewhere than it is. */
  private List<Property> bound() {
    return assignment
        .channel()
        .map(channel ->
            List.of(
                Property.bound(
                    ImexNodes.node(layout.host(), channel).toString(),
                    ImexNodes.seen(channel).toString())))
        .orElse(List.of());
  }

  /** File systems of its own: empty ones, but for what is bound into them. */
  private List<Pair> own() {
    List<Pair> own = new ArrayList<>();
    own.add(new Pair("/dev/shm", shm()));
    assignment
        .channel()
        .ifPresent(channel -> own.add(new Pair(ImexNodes.PLACE.toString(), "mode=0755,size=64k")));
    return own;
  }

  /**
   * Of C8's properties these are not among them: {@code PrivateDevices} hides the devices, {@code
   * MemoryDenyWriteExecute} ends what compiles while it runs, {@code RemoveIPC} would take what
   * other sessions of the user have and is in the place of {@code PrivateIPC}.
   */
  private List<Property> walls() {
    List<Property> walls = new ArrayList<>(always());
    if (policy.systemCallFilter()) {
      walls.add(
          Property.only(
              "SystemCallFilter",
              List.of("@system-service", "process_vm_readv", "process_vm_writev")));
      walls.add(Property.signed("SystemCallErrorNumber", EPERM));
    }
    return walls;
  }

  private List<Property> always() {
    return List.of(
        Property.truth("NoNewPrivileges", true),
        Property.number("CapabilityBoundingSet", 0),
        Property.number("AmbientCapabilities", 0),
        Property.text("ProtectSystem", "strict"),
        Property.texts("ReadWritePaths", List.of(directory.toString())),
        Property.text("ProtectHome", homes()),
        Property.truth("PrivateTmp", true),
        Property.truth("PrivateIPC", true),
        Property.pairs("TemporaryFileSystem", own()),
        Property.texts("InaccessiblePaths", hidden()),
        Property.truth("ProtectKernelTunables", true),
        Property.truth("ProtectKernelModules", true),
        Property.truth("ProtectKernelLogs", true),
        Property.truth("ProtectControlGroups", true),
        Property.truth("ProtectClock", true),
        Property.truth("ProtectHostname", true),
        Property.truth("RestrictSUIDSGID", true),
        Property.truth("RestrictRealtime", true),
        Property.truth("LockPersonality", true),
        Property.texts("SystemCallArchitectures", List.of("native")),
        Property.only(
            "RestrictAddressFamilies", List.of("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK")));
  }

  private List<String> hidden() {
    List<String> hidden =
        new ArrayList<>(
            List.of(
                "-/run/user",
                "-/run/dbus",
                "-/run/systemd/private",
                "-/run/millwright",
                "-/var/lib/millwright",
                "-/var/spool/cron"));
    if (container.isPresent()) { // podman fails where it knows of more users and may not map them
      hidden.addAll(List.of("-/etc/subuid", "-/etc/subgid"));
    }
    return hidden;
  }

  /** In bytes: a percent sign is a specifier once systemd has read the unit's file again. */
  private String shm() {
    LongStream bounds =
        LongStream.concat(
            policy.limits().shmBytes().stream(), assignment.spec().memoryBytes().stream());
    OptionalLong least = bounds.min();
    return least.isPresent() ? "mode=1777,size=" + least.getAsLong() : "mode=1777";
  }

  /** Homes are hidden unless the policy lets jobs work beneath them. */
  private String homes() {
    return beneathHomes(policy.argvRoots()) || beneathHomes(policy.writableRoots())
        ? "read-only"
        : "yes";
  }

  private static boolean beneathHomes(List<Path> roots) {
    return roots.stream().anyMatch(root -> root.startsWith("/home") || root.startsWith("/root"));
  }

  /** The unit that keeps what the job prints, and can do nothing else. */
  List<Property> keeper() {
    Path run = layout.directory(assignment.id());
    return List.of(
        Property.text("Description", "Millwright job output"),
        Property.text("Type", "simple"),
        Property.text("Slice", "millwright.slice"),
        Property.command(
            layout.keeper().toString(),
            List.of(layout.keeper().toString(), Long.toString(policy.limits().outputBytes() / 2))),
        Property.text("WorkingDirectory", run.toString()),
        Property.text("Group", layout.agent()),
        Property.mode("UMask", 0027),
        Property.text("StandardInput", "null"),
        Property.text("StandardOutput", "null"),
        Property.text("StandardError", "journal"),
        Property.signed("OOMScoreAdjust", -900),
        Property.text("DevicePolicy", "closed"),
        Property.truth("NoNewPrivileges", true),
        Property.number("CapabilityBoundingSet", 0),
        Property.text("ProtectSystem", "strict"),
        Property.texts("ReadWritePaths", List.of(run.toString())),
        Property.text("ProtectHome", "yes"),
        Property.truth("PrivateNetwork", true));
  }
}
