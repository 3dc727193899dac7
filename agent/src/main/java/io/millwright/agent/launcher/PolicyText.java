package io.millwright.agent.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a policy, YAML or JSON. Every key is known and there once, or the whole is refused:
 *
 * <pre>
 * users: [ml-anna, ml-bert]
 * argv_roots: [/opt/jobs]
 * writable_roots: [/data]
 * limits: {time: 24h, devices: 8}
 * </pre>
 */
final class PolicyText {
  private static final Set<String> KEYS =
      Set.of(
          "users",
          "groups",
          "projects",
          "argv_roots",
          "writable_roots",
          "working_directory",
          "env_deny",
          "env_allow",
          "device_classes",
          "limits",
          "affinity",
          "system_call_filter",
          "leases",
          "signed_starts",
          "power",
          "demo",
          "secrets",
          "hooks",
          "containers");
  private static final Set<String> CONTAINERS = Set.of("runtime", "roots", "mounts");

  /** What of a path a unit's file and a runtime's options can hold. */
  private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+");

  /** Jobs see nothing there, or only what is their own. */
  private static final List<Path> UNSEEN =
      List.of(
          Path.of("/home"),
          Path.of("/root"),
          Path.of("/run"),
          Path.of("/tmp"),
          Path.of("/var/tmp"));

  private static final Set<String> POWER =
      Set.of("owned", "floor_watts", "changes_per_hour", "library");
  private static final Pattern LIBRARY =
      Pattern.compile("/.{1,4094}|[A-Za-z0-9_][A-Za-z0-9_.+-]{0,254}");
  private static final long MOST_WATTS = 100_000;
  private static final Set<String> LIMITS =
      Set.of(
          "runs",
          "devices",
          "time",
          "stop_grace",
          "memory_bytes",
          "cpus",
          "tasks",
          "shm_bytes",
          "output_bytes",
          "stops_per_hour");
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})(ms|s|m|h)");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final Set<String> HOOK = Set.of("when", "deadline", "devices", "every");
  private static final int MOST_HOOKS = 16;
  private static final Pattern HOOK_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?");
  private static final long LEAST_OUTPUT = 4096;
  private static final long LEAST_SHM = 1 << 20;

  private final StrictYaml.Mapping all;

  private PolicyText(StrictYaml.Mapping all) {
    this.all = all;
  }

  /** Why a text is no policy. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String sentence;

    Refusal(String sentence) {
      super(sentence);
      this.sentence = sentence;
    }

    String sentence() {
      return sentence;
    }
  }

  static Policy parse(String text) {
    StrictYaml.Mapping all = StrictYaml.parse(text);
    known("", all, KEYS);
    PolicyText read = new PolicyText(all);
    read.power();
    return read.policy();
  }

  /** What it says of power limits alone, of a node that may carry out no jobs. */
  static PowerRule parsePower(String text) {
    StrictYaml.Mapping all = StrictYaml.parse(text);
    known("", all, KEYS);
    return new PolicyText(all).power();
  }

  private PowerRule power() {
    StrictYaml.Mapping given = mapping("power");
    known("power.", given, POWER);
    boolean owned = truth(given, "power.owned", "owned");
    if (owned && !given.has("floor_watts")) {
      throw refused("power.floor_watts", "nothing", "a number of watts, 1 to " + MOST_WATTS);
    }
    String library = scalar(given, "library", PowerRule.Owned.LIBRARY);
    if (!LIBRARY.matcher(library).matches()) {
      throw refused("power.library", library, "the name of a library, or an absolute path");
    }
    PowerRule.Owned rule =
        new PowerRule.Owned(
            number("power.floor_watts", scalar(given, "floor_watts", "1"), 1, MOST_WATTS),
            (int)
                number(
                    "power.changes_per_hour",
                    scalar(
                        given,
                        "changes_per_hour",
                        Integer.toString(PowerRule.Owned.CHANGES_PER_HOUR)),
                    1,
                    3600),
            library);
    return owned
        ? rule
        : new PowerRule.NotOwned("power.owned is not true: another tool sets power limits here");
  }

  private Policy policy() {
    return new Policy(
        new HashSet<>(needed("users")),
        groups(),
        projects(),
        paths("argv_roots", needed("argv_roots")),
        paths("writable_roots", list(all, "writable_roots")),
        path("working_directory", scalar(all, "working_directory", "/tmp")),
        variables("env_deny"),
        variables("env_allow"),
        classes(),
        limits(),
        affinity(),
        truth("system_call_filter"),
        leaseStops(),
        signedStarts(),
        truth("demo"),
        secrets(),
        hooks(),
        containers());
  }

  private Optional<ContainerRule> containers() {
    if (!all.has("containers")) {
      return Optional.empty();
    }
    StrictYaml.Mapping given = mapping("containers");
    known("containers.", given, CONTAINERS);
    String runtime = scalar(given, "runtime", "");
    if (!runtime.equals("podman")) {
      throw refused("containers.runtime", runtime, "podman");
    }
    if (truth("system_call_filter")) {
      throw refused(
          "containers",
          "with system_call_filter",
          "one of them: a container is made by system calls that the filter does not let through");
    }
    List<Path> roots = seen(given, "roots");
    if (roots.isEmpty()) {
      throw refused("containers.roots", "nothing", "at least one directory");
    }
    return Optional.of(new ContainerRule(roots, seen(given, "mounts")));
  }

  private static List<Path> seen(StrictYaml.Mapping given, String key) {
    return list(given, key).stream().map(text -> seen("containers." + key, text)).toList();
  }

  private static Path seen(String key, String text) {
    Path path = path(key, text);
    if (!PLAIN.matcher(text).matches() || UNSEEN.stream().anyMatch(path::startsWith)) {
      throw refused(
          key,
          text,
          "paths of letters, digits and . _ - + @ outside of /home, /root, /run, /tmp and /var/tmp,"
              + " where jobs do not see what others have");
    }
    return path;
  }

  private List<HookRule> hooks() {
    StrictYaml.Mapping given = mapping("hooks");
    if (given.entries().size() > MOST_HOOKS) {
      throw refused("hooks", given.entries().size() + " hooks", "at most " + MOST_HOOKS);
    }
    List<HookRule> hooks = new ArrayList<>();
    given
        .entries()
        .forEach((name, rule) -> {
          if (!HOOK_NAME.matcher(name).matches()) {
            throw refused("hooks", name, "up to 32 of a-z, 0-9 and '-', a letter or a digit first");
          }
          hooks.add(hook(name, rule));
        });
    return hooks;
  }

  private static HookRule hook(String name, StrictYaml rule) {
    String key = "hooks." + name;
    if (!(rule instanceof StrictYaml.Mapping given)) {
      throw refused(key, "no keys", "keys, as in {when: before}");
    }
    known(key + ".", given, HOOK);
    String when = scalar(given, "when", "");
    String devices = scalar(given, "devices", "none");
    Duration deadline = duration(given, key + ".", "deadline", HookRule.DEADLINE);
    if (deadline.compareTo(HookRule.LONGEST) > 0) {
      throw refused(
          key + ".deadline",
          deadline.toSeconds() + "s",
          "at most " + HookRule.LONGEST.toMinutes() + "m");
    }
    return new HookRule(
        name,
        HookRule.When.ofWord(when)
            .orElseThrow(() -> refused(key + ".when", when, "before, after or both")),
        deadline,
        HookRule.Devices.ofWord(devices)
            .orElseThrow(() -> refused(key + ".devices", devices, "none or run")),
        truth(given, key + ".every", "every"));
  }

  private Map<String, Set<String>> secrets() {
    StrictYaml.Mapping given = mapping("secrets");
    Map<String, Set<String>> secrets = new HashMap<>();
    for (String name : given.entries().keySet()) {
      if (!SECRET.matcher(name).matches()) {
        throw refused(
            "secrets", name, "names of files: up to 64 letters, digits, '_', '.' and '-'");
      }
      List<String> users = list(given, name);
      if (users.isEmpty()) {
        throw refused("secrets." + name, "nothing", "at least one of the policy's users");
      }
      List<String> known = needed("users");
      users.stream()
          .filter(user -> !known.contains(user))
          .forEach(user -> {
            throw refused("secrets." + name, user, "one of the policy's users " + known);
          });
      secrets.put(name, Set.copyOf(users));
    }
    return secrets;
  }

  private Set<Long> groups() {
    Set<Long> groups = new HashSet<>();
    list(all, "groups").forEach(text -> groups.add(number("groups", text, 1, 1L << 32)));
    return groups;
  }

  private Set<String> projects() {
    List<String> names = list(all, "projects");
    if (all.has("projects") && names.isEmpty()) {
      throw refused("projects", "nothing", "at least one; leave the key out to allow any");
    }
    for (String name : names) {
      if (!PROJECT.matcher(name).matches()) {
        throw refused("projects", name, "up to 64 letters, digits, '_', '.' and '-'");
      }
    }
    return new HashSet<>(names);
  }

  private Set<DeviceClass> classes() {
    Set<DeviceClass> classes = EnumSet.noneOf(DeviceClass.class);
    for (String word : list(all, "device_classes")) {
      classes.add(
          DeviceClass.ofWord(word)
              .orElseThrow(() -> refused("device_classes", word, DeviceClass.words())));
    }
    return classes;
  }

  private Affinity affinity() {
    String word = scalar(all, "affinity", Affinity.NONE.word());
    return Affinity.ofWord(word).orElseThrow(() -> refused("affinity", word, Affinity.words()));
  }

  private boolean leaseStops() {
    List<String> words = list(all, "leases");
    for (String word : words) {
      if (!word.equals("stop")) {
        throw refused("leases", word, "stop; leases that keep a job need no word");
      }
    }
    return !words.isEmpty();
  }

  private boolean signedStarts() {
    return switch (scalar(all, "signed_starts", "where-pinned")) {
      case "required" -> true;
      case "where-pinned" -> false;
      case String other -> throw refused("signed_starts", other, "required or where-pinned");
    };
  }

  private Set<String> variables(String key) {
    List<String> names = list(all, key);
    for (String name : names) {
      if (!VARIABLE.matcher(name).matches()) {
        throw refused(key, name, "names of variables, with a star at the end for a beginning");
      }
    }
    return new HashSet<>(names);
  }

  private Limits limits() {
    Limits standard = Limits.STANDARD;
    StrictYaml.Mapping given = mapping("limits");
    known("limits.", given, LIMITS);
    return new Limits(
        (int) number(given, "runs", standard.runs(), 1, 1024),
        (int) number(given, "devices", standard.devices(), 0, 1024),
        duration(given, "time", standard.time()),
        duration(given, "stop_grace", standard.stopGrace()),
        bytes(given, "memory_bytes", 1),
        count(given, "cpus", 1 << 20),
        (int) number(given, "tasks", standard.tasks(), 1, 1 << 22),
        bytes(given, "shm_bytes", LEAST_SHM),
        number(given, "output_bytes", standard.outputBytes(), LEAST_OUTPUT, 1L << 40),
        count(given, "stops_per_hour", 3600));
  }

  private static OptionalInt count(StrictYaml.Mapping from, String key, int most) {
    return from.has(key)
        ? OptionalInt.of((int) number(from, key, 0, 1, most))
        : OptionalInt.empty();
  }

  private static OptionalLong bytes(StrictYaml.Mapping from, String key, long least) {
    return from.has(key)
        ? OptionalLong.of(number(from, key, 0, least, Long.MAX_VALUE))
        : OptionalLong.empty();
  }

  private List<String> needed(String key) {
    List<String> words = list(all, key);
    if (words.isEmpty()) {
      throw refused(key, "nothing", "at least one; without it no job could run");
    }
    return words;
  }

  private StrictYaml.Mapping mapping(String key) {
    return switch (all.get(key)) {
      case StrictYaml.Mapping mapping -> mapping;
      case StrictYaml.Absent _ -> new StrictYaml.Mapping(Map.of());
      case StrictYaml.Sequence _, StrictYaml.Scalar _ -> throw refused(key, "no keys", "keys");
    };
  }

  private boolean truth(String key) {
    return truth(all, key, key);
  }

  private static boolean truth(StrictYaml.Mapping from, String shown, String key) {
    return switch (scalar(from, key, "false")) {
      case "true" -> true;
      case "false" -> false;
      case String other -> throw refused(shown, other, "true or false");
    };
  }

  private static List<Path> paths(String key, List<String> texts) {
    return texts.stream().map(text -> path(key, text)).toList();
  }

  private static Path path(String key, String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute() || !path.normalize().equals(path)) {
      throw refused(key, text, "absolute paths without . and ..");
    }
    return path;
  }

  private static Duration duration(StrictYaml.Mapping from, String key, Duration standard) {
    return duration(from, "limits.", key, standard);
  }

  private static Duration duration(
      StrictYaml.Mapping from, String prefix, String key, Duration standard) {
    if (!from.has(key)) {
      return standard;
    }
    String text = scalar(from, key, "");
    Matcher form = DURATION.matcher(text);
    if (!form.matches()) {
      throw refused(prefix + key, text, "a number with ms, s, m or h, as in 24h");
    }
    long count = Long.parseLong(form.group(1));
    return switch (form.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      default -> Duration.ofHours(count);
    };
  }

  private static long number(
      StrictYaml.Mapping from, String key, long standard, long least, long most) {
    return from.has(key) ? number("limits." + key, scalar(from, key, ""), least, most) : standard;
  }

  private static long number(String key, String text, long least, long most) {
    if (!NUMBER.matcher(text).matches()
        || Long.parseLong(text) < least
        || Long.parseLong(text) > most) {
      throw refused(key, text, "a number from %d to %d".formatted(least, most));
    }
    return Long.parseLong(text);
  }

  private static String scalar(StrictYaml.Mapping from, String key, String standard) {
    return switch (from.get(key)) {
      case StrictYaml.Scalar(String text) -> text;
      case StrictYaml.Absent _ -> standard;
      case StrictYaml.Sequence _, StrictYaml.Mapping _ ->
          throw refused(key, "a list", "a single value");
    };
  }

  private static List<String> list(StrictYaml.Mapping from, String key) {
    return switch (from.get(key)) {
      case StrictYaml.Sequence(List<StrictYaml> items) ->
          items.stream().map(item -> word(key, item)).toList();
      case StrictYaml.Absent _ -> List.of();
      case StrictYaml.Scalar(String text) -> throw refused(key, text, "a list, as in [a, b]");
      case StrictYaml.Mapping _ -> throw refused(key, "keys", "a list, as in [a, b]");
    };
  }

  private static String word(String key, StrictYaml item) {
    if (item instanceof StrictYaml.Scalar(String text) && !text.isBlank()) {
      return text;
    }
    throw refused(key, "an item that is no word", "a list of words, as in [a, b]");
  }

  private static void known(String prefix, StrictYaml.Mapping given, Set<String> keys) {
    for (String key : given.entries().keySet()) {
      if (!keys.contains(key)) {
        throw refused(prefix + key, "an unknown key", keys.stream().sorted().toList().toString());
      }
    }
  }

  private static Refusal refused(String key, String given, String allowed) {
    return new Refusal("%s: '%s' is refused; allowed is %s".formatted(key, given, allowed));
  }
}
