package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the owner of this node lets jobs do; the last word, out of the collector's reach.
 *
 * <p>A fence against mistakes and a stolen collector: who may run what file as whom. An interpreter
 * beneath an argv root runs anything that its user may do.
 *
 * @param users names or numbers that jobs may run as
 * @param groups numbers of groups that such a user may be in: below 1000 for the primary one, any
 *     for the others
 * @param projects that jobs may be booked on; none for any, and for jobs that name none
 * @param argvRoots directories beneath which programs lie
 * @param writableRoots directories beneath which working directories lie
 * @param workingDirectory of a job that names none
 * @param envDeny names of variables that a job may not set, with a star at the end for a beginning
 * @param envAllow exceptions from that
 * @param deviceClasses that jobs may get nodes of; held by units of systemd only
 * @param affinity of runs with accelerators
 * @param systemCallFilter lets jobs make the system calls of ordinary services only
 * @param leaseStops whether a job may ask to be stopped when no collector renews its lease
 * @param signedStarts whether a start is refused where no key is pinned to know it by
 * @param demo allows plain processes and uid 65534
 * @param secrets the users that may have each, by its name
 * @param hooks in the order in which they run before a job
 * @param containers that jobs may ask for; empty for none
 */
public record Policy(
    Set<String> users,
    Set<Long> groups,
    Set<String> projects,
    List<Path> argvRoots,
    List<Path> writableRoots,
    Path workingDirectory,
    Set<String> envDeny,
    Set<String> envAllow,
    Set<DeviceClass> deviceClasses,
    Limits limits,
    Affinity affinity,
    boolean systemCallFilter,
    boolean leaseStops,
    boolean signedStarts,
    boolean demo,
    Map<String, Set<String>> secrets,
    List<HookRule> hooks,
    Optional<ContainerRule> containers) {
  static final long NOBODY = 65534;
  private static final long FIRST_PERSON = 1000;
  private static final long LAST_PERSON = 60_000;
  private static final long LAST_RESERVED = 65_535;

  /** What changes which code a program loads or what a shell does, and what only the node sets. */
  static final Set<String> ALWAYS_DENIED =
      Set.of(
          "LD_*",
          "GCONV_PATH",
          "GLIBC_TUNABLES",
          "BASH_ENV",
          "BASHOPTS",
          "SHELLOPTS",
          "ENV",
          "IFS",
          "PS4",
          "PPID",
          "UID",
          "EUID",
          "OPTIND",
          "PYTHONSTARTUP",
          "PERL5OPT",
          "NOTIFY_SOCKET");

  /** No exception is possible from these. */
  static final Set<String> OURS =
      Set.of(
          "MW_*",
          "CREDENTIALS_DIRECTORY",
          "CUDA_VISIBLE_DEVICES",
          "NVIDIA_VISIBLE_DEVICES",
          "NEURON_RT_VISIBLE_CORES",
          "NEURON_PROCESS_TAG");

  public Policy {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
    projects = Set.copyOf(projects);
    argvRoots = List.copyOf(argvRoots);
    writableRoots = List.copyOf(writableRoots);
    envDeny = Set.copyOf(envDeny);
    envAllow = Set.copyOf(envAllow);
    deviceClasses = Set.copyOf(deviceClasses);
    secrets = Map.copyOf(secrets);
    hooks = List.copyOf(hooks);
  }

  /** What the policy says of an assignment. */
  public sealed interface Decision {
    /** It may run, as this user. */
    record Allowed(UnixUser user) implements Decision {}

    /** It may not, in one sentence. */
    record Refused(String sentence) implements Decision {}
  }

  /** Decides, and resolves the user once. */
  public Decision decide(Assignment assignment) {
    return decide(assignment, UnixUsers::find);
  }

  /** What is wrong with an assignment, in one sentence; empty when it may run. */
  public Optional<String> check(Assignment assignment) {
    return switch (decide(assignment)) {
      case Decision.Allowed _ -> Optional.empty();
      case Decision.Refused(String sentence) -> Optional.of(sentence);
    };
  }

  Decision decide(Assignment assignment, Function<String, Optional<UnixUser>> directory) {
    String name = assignment.spec().user();
    Optional<UnixUser> user = users.contains(name) ? directory.apply(name) : Optional.empty();
    return trouble(assignment, user)
        .<Decision>map(Decision.Refused::new)
        .orElseGet(() -> new Decision.Allowed(user.orElseThrow()));
  }

  private Optional<String> trouble(Assignment assignment, Optional<UnixUser> user) {
    JobSpec spec = assignment.spec();
    return user(spec.user(), user)
        .or(() -> project(spec.project()))
        .or(() -> program(spec))
        .or(() -> spec.cwd().flatMap(this::directory))
        .or(() -> environment(spec.env()))
        .or(() -> lease(spec.lease()))
        .or(() -> secrets(spec))
        .or(() -> hooks(spec))
        .or(() -> amounts(assignment));
  }

  /** That of a container is the container's: what of it may run, its name decides. */
  private Optional<String> program(JobSpec spec) {
    return spec.container().isPresent()
        ? spec.container().flatMap(this::container)
        : program(spec.argv().getFirst());
  }

  /** What is wrong with a container, in one sentence. */
  public Optional<String> container(Container wanted) {
    if (containers.isEmpty()) {
      return refused(
          "container", wanted.root(), "none; 'containers' in policy.yaml says which jobs may have");
    }
    ContainerRule rule = containers.get();
    return rule.allows(wanted)
        ? Optional.empty()
        : refused(
            "container",
            wanted.root(),
            "a root file system beneath containers.roots " + rule.roots());
  }

  private Optional<String> lease(JobSpec.LeaseRule rule) {
    return !rule.stops() || leaseStops
        ? Optional.empty()
        : refused("lease", "stop", "keep; 'leases: [stop]' in policy.yaml allows the other");
  }

  /** The same sentence where there is none and where it is another's: nobody learns which are. */
  private Optional<String> secrets(JobSpec spec) {
    return spec.secrets().stream()
        .filter(name -> !secrets.getOrDefault(name, Set.of()).contains(spec.user()))
        .findFirst()
        .flatMap(name ->
            refused(
                "secrets",
                name,
                "what its key secrets gives to the user " + spec.user() + ": " + theirs(spec)));
  }

  private Optional<String> hooks(JobSpec spec) {
    List<String> known = hooks.stream().map(HookRule::name).toList();
    return spec.hooks().stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .flatMap(name -> refused("hooks", name, "what its key hooks names: " + known));
  }

  /** Those of a job at one moment, in their order: after it the other way round. */
  public List<HookRule> hooksOf(JobSpec spec, HookRule.Moment moment) {
    List<HookRule> all =
        hooks.stream()
            .filter(hook -> hook.when().at(moment))
            .filter(hook -> hook.every() || spec.hooks().contains(hook.name()))
            .toList();
    return moment == HookRule.Moment.AFTER ? all.reversed() : all;
  }

  /** Whether anything is to be done before a job, or after it. */
  public boolean hooked(JobSpec spec) {
    return hooks.stream().anyMatch(hook -> hook.every() || spec.hooks().contains(hook.name()));
  }

  private List<String> theirs(JobSpec spec) {
    return secrets.entrySet().stream()
        .filter(secret -> secret.getValue().contains(spec.user()))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** The directory that a job runs in. */
  public Path directoryOf(JobSpec spec) {
    return spec.cwd().map(Path::of).orElse(workingDirectory);
  }

  /** When a job is stopped, whether it asked for that or not. */
  public Duration timeOf(JobSpec spec) {
    return spec.timeLimitMs().isPresent()
        ? Duration.ofMillis(spec.timeLimitMs().getAsLong())
        : limits.time();
  }

  private Optional<String> user(String given, Optional<UnixUser> found) {
    if (!users.contains(given)) {
      return refused("user", given, "one of " + sorted(users));
    }
    return found.isEmpty()
        ? refused("user", given, "a user that this node knows; add it, or ask for another")
        : number(given, found.get());
  }

  /** Whether a user is a person's, and not one of the system's own. */
  static boolean person(long uid) {
    return uid >= FIRST_PERSON && !(uid > LAST_PERSON && uid <= LAST_RESERVED);
  }

  private Optional<String> project(String given) {
    return projects.isEmpty() || projects.contains(given)
        ? Optional.empty()
        : refused("project", given, "one of " + sorted(projects));
  }

  private Optional<String> number(String given, UnixUser user) {
    boolean nobodyOfDemo = demo && user.uid() == NOBODY;
    if (!person(user.uid()) && !nobodyOfDemo) {
      return refused(
          "user", given + " (uid " + user.uid() + ")", "a person's: from 1000, not 60001 to 65535");
    }
    if (user.gid() == 0 || (user.gid() < FIRST_PERSON && !groups.contains(user.gid()))) {
      return refused(
          "user",
          given + " (gid " + user.gid() + ")",
          "a primary group from 1000, or one of the policy's groups, never 0");
    }
    return Optional.empty();
  }

  /**
   * The groups that a user is in beside the primary one and that the policy does not name: such a
   * user is refused, because a unit takes them all on. One whose groups nobody can tell is refused
   * too.
   */
  public Optional<String> strangeGroups(UnixUser user) {
    return strangeGroups(user, UnixUsers.groups(user));
  }

  Optional<String> strangeGroups(UnixUser user, Optional<Set<Long>> found) {
    if (found.isEmpty()) {
      return refused("user", user.name(), "a user whose groups this node can tell; ask again");
    }
    List<Long> strange =
        found.get().stream()
            .filter(group -> group != user.gid() && !groups.contains(group))
            .sorted()
            .toList();
    return strange.isEmpty()
        ? Optional.empty()
        : refused(
            "user",
            user.name() + " (also in groups " + strange + ")",
            "a user of no other group than the primary one and the policy's groups");
  }

  /** What is wrong with a program, in one sentence. */
  public Optional<String> program(String given) {
    return beneath("argv", given, argvRoots, "argv_roots");
  }

  /** What is wrong with a directory to run in, in one sentence. */
  public Optional<String> directory(String given) {
    return given.equals(workingDirectory.toString())
        ? Optional.empty()
        : beneath("cwd", given, writableRoots, "writable_roots");
  }

  /** By where the path really leads; what is not there is judged by its name, and fails later. */
  private static Optional<String> beneath(
      String field, String given, List<Path> roots, String key) {
    Path named = Path.of(given).normalize();
    try {
      Path real = real(named);
      for (Path root : roots) {
        if (real.startsWith(real(root))) {
          return Optional.empty();
        }
      }
      String shown = real.equals(named) ? given : given + " (really " + real + ")";
      return refused(field, shown, "a path beneath " + key + " " + roots);
    } catch (IOException unreadable) {
      return refused(field, given, "a path that the agent can follow: " + unreadable);
    }
  }

  /** The real path of the part that exists, with the rest as it is named. */
  private static Path real(Path named) throws IOException {
    try {
      return named.toRealPath();
    } catch (NoSuchFileException absent) {
      Path parent = named.getParent();
      return parent == null ? named : real(parent).resolve(named.getFileName());
    }
  }

  private Optional<String> environment(Map<String, String> env) {
    return env.keySet().stream()
        .sorted()
        .filter(this::denied)
        .findFirst()
        .flatMap(name -> refused("env", name, "no variable that the node denies; leave it out"));
  }

  private boolean denied(String name) {
    if (matches(name, OURS)) {
      return true;
    }
    return !matches(name, envAllow) && (matches(name, ALWAYS_DENIED) || matches(name, envDeny));
  }

  private static boolean matches(String name, Set<String> patterns) {
    return patterns.stream()
        .anyMatch(pattern ->
            pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern));
  }

  private Optional<String> amounts(Assignment assignment) {
    JobSpec spec = assignment.spec();
    return most("devices", assignment.devices().uuids().size(), limits.devices())
        .or(() -> most("time_limit_ms", timeOf(spec).toMillis(), limits.time().toMillis()))
        .or(() -> most("stop_grace_ms", spec.stopGraceMs(), limits.stopGrace().toMillis()))
        .or(() -> memory(spec))
        .or(() -> cpus(spec));
  }

  private Optional<String> memory(JobSpec spec) {
    return limits.memoryBytes().isEmpty()
        ? Optional.empty()
        : most(
            "memory_bytes",
            spec.memoryBytes().orElse(Long.MAX_VALUE),
            limits.memoryBytes().getAsLong());
  }

  private Optional<String> cpus(JobSpec spec) {
    return limits.cpus().isEmpty()
        ? Optional.empty()
        : most("cpus", spec.cpus().orElse(Integer.MAX_VALUE), limits.cpus().getAsInt());
  }

  private static Optional<String> most(String field, long given, long most) {
    return given <= most
        ? Optional.empty()
        : refused(field, Long.toString(given), "at most " + most);
  }

  private static String sorted(Set<String> words) {
    return words.stream().sorted().toList().toString();
  }

  private static Optional<String> refused(String field, String given, String allowed) {
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s: '%s' is refused by this node's policy; allowed is %s",
            field,
            given,
            allowed));
  }
}
