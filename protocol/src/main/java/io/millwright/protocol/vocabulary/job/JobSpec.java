package io.millwright.protocol.vocabulary.job;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What somebody wants to run. In JSON the components are fields in snake_case; an unknown field is
 * an error.
 *
 * @param name of the job, see {@link RunId}
 * @param argv the program, by an absolute path, and its arguments; never a shell string
 * @param env what is added to the environment
 * @param cwd working directory, by an absolute path; the policy's own where there is none
 * @param user the unix user it runs as; the node's policy has the last word
 * @param project what its use is booked on; empty for none
 * @param priority from 0 to 100, higher first
 * @param devices on each node
 * @param nodes how many
 * @param timeLimitMs until it is stopped; empty for no limit
 * @param stopGraceMs between the request to stop and the kill
 * @param memoryBytes at most; empty for no limit
 * @param cpus at most; empty for no limit
 * @param lease what happens when no collector renews it
 * @param checks of its devices around it; empty for none
 * @param restart when it is begun again; empty for never
 * @param secrets names of what the node's policy keeps for its user, which it gets as files
 * @param hooks names of the node's own programs that are to run around it, beside those of every
 *     job
 * @param spread of which it shares none with another open run of its project, and no two of its
 *     members share one; empty where it may
 * @param container whose programs {@code argv} names; empty for those of the node itself
 */
public record JobSpec(
    String name,
    List<String> argv,
    Map<String, String> env,
    Optional<String> cwd,
    String user,
    String project,
    int priority,
    DeviceRequest devices,
    int nodes,
    OptionalLong timeLimitMs,
    long stopGraceMs,
    OptionalLong memoryBytes,
    OptionalInt cpus,
    LeaseRule lease,
    Optional<JobChecks> checks,
    Optional<RestartRule> restart,
    List<String> secrets,
    List<String> hooks,
    Optional<FailureDomain> spread,
    Optional<Container> container) {
  /** How long the members of a run over several nodes wait for each other, beside the checks. */
  private static final long GANG_WAIT_MS = 60_000;

  private static final int MOST_ARGUMENTS = 256;
  private static final int LONGEST_ARGUMENT = 4096;
  private static final int MOST_VARIABLES = 128;
  private static final int MOST_NODES = 10_000;
  private static final int MOST_NAMES = 16;
  private static final int MOST_CPUS = 4096;
  private static final int MOST_PRIORITY = 100;
  private static final long LONGEST_MS = 366L * 24 * 3600 * 1000;
  private static final long LONGEST_GRACE_MS = 3600L * 1000;
  private static final long LEAST_MEMORY = 1L << 20;
  private static final long MOST_MEMORY = 1L << 50;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9}");
  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_.-]{0,64}");
  private static final Pattern ABSOLUTE = Pattern.compile("/.*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  /**
   * What happens to a run that no collector renews.
   *
   * @param stopAfterMs so long after the last renewal it is stopped, where the node's policy allows
   *     that; empty for one that goes on
   */
  public record LeaseRule(OptionalLong stopAfterMs) {
    /** Three heartbeats and a new session have to fit in it. */
    private static final long SHORTEST_MS = 30_000;

    private static final long LONGEST_MS = 24L * 3600 * 1000;
    private static final long USUAL_MS = 120_000;

    /** It goes on. */
    public static final LeaseRule KEEP = new LeaseRule(OptionalLong.empty());

    /** It is stopped after two minutes. */
    public static final LeaseRule STOP = stop(USUAL_MS);

    public LeaseRule {
      stopAfterMs.ifPresent(ms -> Wording.between("lease_ms", ms, SHORTEST_MS, LONGEST_MS));
    }

    /** It is stopped after so long. */
    public static LeaseRule stop(long afterMs) {
      return new LeaseRule(OptionalLong.of(afterMs));
    }

    /** Whether it is stopped at all. */
    public boolean stops() {
      return stopAfterMs.isPresent();
    }
  }

  /** One without checks that is never begun again. */
  public JobSpec(
      String name,
      List<String> argv,
      Map<String, String> env,
      Optional<String> cwd,
      String user,
      String project,
      int priority,
      DeviceRequest devices,
      int nodes,
      OptionalLong timeLimitMs,
      long stopGraceMs,
      OptionalLong memoryBytes,
      OptionalInt cpus,
      LeaseRule lease) {
    this(
        name,
        argv,
        env,
        cwd,
        user,
        project,
        priority,
        devices,
        nodes,
        timeLimitMs,
        stopGraceMs,
        memoryBytes,
        cpus,
        lease,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  public JobSpec {
    new RunId(name, 1);
    argv = List.copyOf(argv);
    env = Map.copyOf(env);
    if (argv.isEmpty() || argv.size() > MOST_ARGUMENTS) {
      throw Wording.refused(
          "argv",
          argv.size() + " words",
          "a program and up to %d arguments".formatted(MOST_ARGUMENTS - 1));
    }
    argv.forEach(word -> Wording.text("argv", word, LONGEST_ARGUMENT));
    Wording.matching(
        "argv", argv.getFirst(), ABSOLUTE, "a program by its absolute path, as in /bin/true");
    if (env.size() > MOST_VARIABLES) {
      throw Wording.refused("env", env.size() + " variables", "at most " + MOST_VARIABLES);
    }
    env.forEach(JobSpec::checkVariable);
    cwd.ifPresent(path -> {
      Wording.text("cwd", path, LONGEST_ARGUMENT);
      Wording.matching("cwd", path, ABSOLUTE, "an absolute path");
    });
    Wording.matching("user", user, USER, "a unix user's name or number");
    Wording.matching("project", project, PROJECT, "up to 64 letters, digits, '_', '.' and '-'");
    Wording.between("priority", priority, 0, MOST_PRIORITY);
    Wording.between("nodes", nodes, 1, MOST_NODES);
    timeLimitMs.ifPresent(ms -> Wording.between("time_limit_ms", ms, 1, LONGEST_MS));
    Wording.between("stop_grace_ms", stopGraceMs, 0, LONGEST_GRACE_MS);
    memoryBytes.ifPresent(b -> Wording.between("memory_bytes", b, LEAST_MEMORY, MOST_MEMORY));
    cpus.ifPresent(n -> Wording.between("cpus", n, 1, MOST_CPUS));
    if (checks.isPresent() && devices.mig().isPresent()) {
      throw Wording.refused("checks", "with devices.mig", "checks of whole devices alone");
    }
    secrets = names("secrets", secrets);
    hooks = names("hooks", hooks);
  }

  /** Names of files in a directory of the node's. */
  private static List<String> names(String field, List<String> given) {
    if (given.size() > MOST_NAMES) {
      throw Wording.refused(field, given.size() + " names", "at most " + MOST_NAMES);
    }
    given.forEach(name ->
        Wording.matching(
            field,
            name,
            NAME,
            "names of up to 64 letters, digits, '_', '.' and '-', a letter or a digit first"));
    if (new HashSet<>(given).size() != given.size()) {
      throw Wording.refused(field, String.join(",", given), "each name once");
    }
    return List.copyOf(given);
  }

  /** The same job with other checks. */
  public JobSpec with(JobChecks wanted) {
    return with(devices, Optional.of(wanted), restart, secrets, hooks, spread, container);
  }

  /** The same job with this rule for restarts. */
  public JobSpec with(RestartRule rule) {
    return with(devices, checks, Optional.of(rule), secrets, hooks, spread, container);
  }

  /** The same job with these secrets. */
  public JobSpec withSecrets(List<String> names) {
    return with(devices, checks, restart, names, hooks, spread, container);
  }

  /** The same job with these hooks. */
  public JobSpec withHooks(List<String> names) {
    return with(devices, checks, restart, secrets, names, spread, container);
  }

  /** The same job in this container. */
  public JobSpec in(Container other) {
    return with(devices, checks, restart, secrets, hooks, spread, Optional.of(other));
  }

  /** The same job, which shares none of these with others of its project. */
  public JobSpec with(FailureDomain apart) {
    return with(devices, checks, restart, secrets, hooks, Optional.of(apart), container);
  }

  /**
   * What a node needs to know of it: restarts, and the choice of nodes and devices, are the
   * collector's.
   */
  public JobSpec forNode() {
    DeviceRequest told = devices.forNode();
    return restart.isEmpty() && spread.isEmpty() && told.equals(devices)
        ? this
        : with(told, checks, Optional.empty(), secrets, hooks, Optional.empty(), container);
  }

  private JobSpec with(
      DeviceRequest asked,
      Optional<JobChecks> wanted,
      Optional<RestartRule> rule,
      List<String> given,
      List<String> around,
      Optional<FailureDomain> apart,
      Optional<Container> within) {
    return new JobSpec(
        name,
        argv,
        env,
        cwd,
        user,
        project,
        priority,
        asked,
        nodes,
        timeLimitMs,
        stopGraceMs,
        memoryBytes,
        cpus,
        lease,
        wanted,
        rule,
        given,
        around,
        apart,
        within);
  }

  /** The checks of this moment; none where the job asks for none. */
  public List<String> checksAt(JobChecks.Moment moment) {
    return checks.map(wanted -> wanted.at(moment)).orElse(List.of());
  }

  /**
   * How long a member of a run over several nodes is held for the others, in milliseconds: 60 s and
   * the deadline of the checks before it, where it asks for some.
   */
  public long gangWaitMs() {
    boolean looks = !checksAt(JobChecks.Moment.BEFORE).isEmpty();
    return GANG_WAIT_MS + (looks ? checks.map(JobChecks::deadlineMs).orElse(0L) : 0);
  }

  private static void checkVariable(String name, String value) {
    Wording.matching("env", name, VARIABLE, "names of letters, digits and '_'");
    Wording.text("env." + name, value, LONGEST_ARGUMENT);
  }
}
