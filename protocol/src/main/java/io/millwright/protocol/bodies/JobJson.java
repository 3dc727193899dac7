package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.MigProfile;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RestartRule.Cause;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The JSON of jobs, one for REST, downlink and store: fields in snake_case, an unknown field is an
 * error, what is absent is left out.
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} with one sentence that names the field, what
 * was given and what is allowed; nothing is half-read.
 *
 * <pre>{@code
 * {"name":"train","argv":["/opt/train.sh"],"env":{},"user":"anna","project":"llm","priority":50,
 *  "devices":{"kind":"gpu","count":4},"nodes":1,"stop_grace_ms":10000,"lease":"stop",
 *  "lease_ms":120000}
 * }</pre>
 */
public final class JobJson {
  private static final List<String> SPEC =
      List.of(
          "name",
          "argv",
          "env",
          "cwd",
          "user",
          "project",
          "priority",
          "devices",
          "nodes",
          "time_limit_ms",
          "stop_grace_ms",
          "memory_bytes",
          "cpus",
          "lease",
          "lease_ms",
          "checks",
          "restart",
          "secrets",
          "hooks",
          "spread",
          "container");
  private static final List<String> RESTART = List.of("on", "max", "backoff_ms");
  private static final List<String> CHECKS = List.of("before", "after", "deadline_ms");
  private static final List<String> CHECKED = List.of("moment", "check", "result", "found");
  private static final List<String> REQUEST = List.of("kind", "count", "mig", "rdma", "imex");
  static final List<String> ASSIGNMENT =
      List.of("job", "run", "node", "term", "generation", "spec", "devices", "group", "channel");
  static final List<String> ORDER = List.of("assignment", "store", "not_after", "key", "signature");
  private static final List<String> GROUP = List.of("rank", "size", "address", "port");
  private static final List<String> RENDEZVOUS = List.of("address", "port");
  private static final List<String> TERM = List.of("generation", "number", "start");
  private static final List<String> DEVICES = List.of("kind", "uuids");
  private static final List<String> USAGE =
      List.of("wall_ms", "device_seconds", "joules", "energy_scope");

  private static final int PRIORITY = 50;
  private static final long STOP_GRACE_MS = 10_000;

  private JobJson() {}

  /**
   * The job that somebody submits; all fields but {@code name} and {@code argv} may be left out.
   *
   * @param user who it runs as where the text does not say it
   */
  public static JobSpec submitted(byte[] text, String user) {
    return submitted(Json.read("the job", text), user);
  }

  private static JobSpec submitted(JsonNode tree, String user) {
    Fields fields = Fields.of("", tree, SPEC);
    return new JobSpec(
        fields.text("name"),
        fields.texts("argv"),
        fields.has("env") ? fields.textMap("env") : Map.of(),
        fields.optionalText("cwd"),
        fields.optionalText("user").orElse(user),
        fields.optionalText("project").orElse(""),
        fields.optionalInt("priority").orElse(PRIORITY),
        fields.has("devices")
            ? request(fields.object("devices", REQUEST))
            : new DeviceRequest(DeviceKind.GPU, 0),
        fields.optionalInt("nodes").orElse(1),
        fields.optionalLong("time_limit_ms"),
        fields.optionalLong("stop_grace_ms").orElse(STOP_GRACE_MS),
        fields.optionalLong("memory_bytes"),
        fields.optionalInt("cpus"),
        lease(fields),
        fields.has("checks")
            ? Optional.of(checks(fields.object("checks", CHECKS)))
            : Optional.empty(),
        fields.has("restart")
            ? Optional.of(restart(fields.object("restart", RESTART)))
            : Optional.empty(),
        fields.has("secrets") ? fields.texts("secrets") : List.of(),
        fields.has("hooks") ? fields.texts("hooks") : List.of(),
        fields.has("spread")
            ? Optional.of(fields.word("spread", FailureDomain::ofWord, "rack"))
            : Optional.empty(),
        fields.optionalText("container").map(Container::new));
  }

  private static RestartRule restart(Fields fields) {
    Set<Cause> on = EnumSet.noneOf(Cause.class);
    for (String word : fields.texts("on")) {
      on.add(
          Cause.ofWord(word)
              .orElseThrow(
                  () -> JsonMistake.refused("restart.on", Shown.quoted(word), Cause.words())));
    }
    return new RestartRule(
        on,
        fields.optionalInt("max").orElse(RestartRule.MOST),
        fields.optionalLong("backoff_ms").orElse(RestartRule.BACKOFF_MS));
  }

  private static JobChecks checks(Fields fields) {
    return new JobChecks(
        fields.has("before") ? fields.texts("before") : List.of(),
        fields.has("after") ? fields.texts("after") : List.of(),
        fields.optionalLong("deadline_ms").orElse(JobChecks.DEADLINE_MS));
  }

  /** What checks came to; none where the field is absent. */
  public static List<CheckResult> checkResults(Fields parent, String name) {
    if (!parent.has(name)) {
      return List.of();
    }
    List<Fields> all = parent.objects(name, CHECKED);
    if (all.size() > CheckResult.MOST) {
      throw new JsonMistake(
          "%s: %d are refused; allowed are %d at most"
              .formatted(name, all.size(), CheckResult.MOST));
    }
    return all.stream().map(JobJson::checkResult).toList();
  }

  private static CheckResult checkResult(Fields fields) {
    return new CheckResult(
        fields.word("moment", JobJson::moment, "before or after"),
        fields.plainText("check"),
        fields.word("result", CheckResult.Result::ofWord, "passed, failed, unknown or skipped"),
        fields.plainText("found"));
  }

  private static Optional<JobChecks.Moment> moment(String word) {
    return Arrays.stream(JobChecks.Moment.values())
        .filter(moment -> moment.word().equals(word))
        .findFirst();
  }

  public static ArrayNode tree(List<CheckResult> results) {
    ArrayNode array = Json.array();
    results.forEach(one ->
        array
            .addObject()
            .put("moment", one.moment().word())
            .put("check", one.check())
            .put("result", one.result().word())
            .put("found", one.found()));
    return array;
  }

  private static DeviceRequest request(Fields fields) {
    return new DeviceRequest(
        fields.has("kind") ? kind(fields) : DeviceKind.GPU,
        fields.optionalInt("count").orElse(0),
        fields.optionalText("mig").map(MigProfile::wanted),
        fields.has("rdma") && fields.flag("rdma"),
        fields.has("imex") && fields.flag("imex"));
  }

  private static DeviceKind kind(Fields fields) {
    return fields.word("kind", JobJson::deviceKind, "gpu or neuron");
  }

  private static Optional<DeviceKind> deviceKind(String word) {
    return Arrays.stream(DeviceKind.values()).filter(k -> word(k).equals(word)).findFirst();
  }

  private static LeaseRule lease(Fields fields) {
    LeaseRule rule =
        fields.has("lease")
            ? fields.word("lease", JobJson::leaseRule, "keep or stop")
            : LeaseRule.KEEP;
    OptionalLong ms = fields.optionalLong("lease_ms");
    if (ms.isEmpty()) {
      return rule;
    }
    if (!rule.stops()) {
      throw JsonMistake.refused(
          "lease_ms", Long.toString(ms.getAsLong()), "none without \"lease\": \"stop\"");
    }
    return LeaseRule.stop(ms.getAsLong());
  }

  private static Optional<LeaseRule> leaseRule(String word) {
    return switch (word) {
      case "keep" -> Optional.of(LeaseRule.KEEP);
      case "stop" -> Optional.of(LeaseRule.STOP);
      default -> Optional.empty();
    };
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** A job that was written by {@link #of(JobSpec)}. */
  public static JobSpec spec(byte[] text) {
    return spec("", Json.read("the job", text));
  }

  public static JobSpec spec(String path, JsonNode tree) {
    Fields.of(path, tree, SPEC).text("user");
    return submitted(tree, "");
  }

  /** All fields of a job; the same text for equal jobs. */
  public static byte[] of(JobSpec spec) {
    return Json.bytes(tree(spec));
  }

  public static ObjectNode tree(JobSpec spec) {
    ObjectNode tree = Json.object().put("name", spec.name());
    tree.set("argv", texts(spec.argv()));
    ObjectNode env = tree.putObject("env");
    new TreeMap<>(spec.env()).forEach(env::put);
    spec.cwd().ifPresent(cwd -> tree.put("cwd", cwd));
    tree.put("user", spec.user()).put("project", spec.project()).put("priority", spec.priority());
    ObjectNode devices =
        tree.putObject("devices")
            .put("kind", word(spec.devices().kind()))
            .put("count", spec.devices().count());
    spec.devices().mig().ifPresent(profile -> devices.put("mig", profile.text()));
    if (spec.devices().rdma()) {
      devices.put("rdma", true);
    }
    if (spec.devices().imex()) {
      devices.put("imex", true);
    }
    tree.put("nodes", spec.nodes());
    spec.timeLimitMs().ifPresent(ms -> tree.put("time_limit_ms", ms));
    tree.put("stop_grace_ms", spec.stopGraceMs());
    spec.memoryBytes().ifPresent(bytes -> tree.put("memory_bytes", bytes));
    spec.cpus().ifPresent(cpus -> tree.put("cpus", cpus));
    tree.put("lease", spec.lease().stops() ? "stop" : "keep");
    spec.lease().stopAfterMs().ifPresent(ms -> tree.put("lease_ms", ms));
    spec.checks().ifPresent(checks -> tree.set("checks", tree(checks)));
    spec.restart().ifPresent(rule -> tree.set("restart", tree(rule)));
    if (!spec.secrets().isEmpty()) {
      tree.set("secrets", texts(spec.secrets()));
    }
    if (!spec.hooks().isEmpty()) {
      tree.set("hooks", texts(spec.hooks()));
    }
    spec.spread().ifPresent(domain -> tree.put("spread", domain.word()));
    spec.container().ifPresent(container -> tree.put("container", container.root()));
    return tree;
  }

  private static ObjectNode tree(JobChecks checks) {
    ObjectNode tree = Json.object();
    tree.set("before", texts(checks.before()));
    tree.set("after", texts(checks.after()));
    return tree.put("deadline_ms", checks.deadlineMs());
  }

  private static ObjectNode tree(RestartRule rule) {
    ObjectNode tree = Json.object();
    tree.set("on", texts(rule.on().stream().map(Cause::word).sorted().toList()));
    return tree.put("max", rule.most()).put("backoff_ms", rule.backoffMs());
  }

  private static ArrayNode texts(List<String> texts) {
    ArrayNode array = Json.array();
    texts.forEach(array::add);
    return array;
  }

  public static Assignment assignment(byte[] text) {
    return assignment(Fields.of("", Json.read("the assignment", text), ASSIGNMENT));
  }

  static Assignment assignment(Fields fields) {
    return new Assignment(
        run(fields),
        fields.text("node"),
        term(fields.object("term", TERM)),
        fields.whole("generation"),
        spec("spec", fields.tree("spec")),
        devices(fields.object("devices", DEVICES)),
        fields.has("group") ? Optional.of(group(fields.object("group", GROUP))) : Optional.empty(),
        channel(fields));
  }

  /** The channel of what has one. */
  public static Optional<ImexChannel> channel(Fields fields) {
    return fields.has("channel")
        ? Optional.of(new ImexChannel(fields.wholeInt("channel")))
        : Optional.empty();
  }

  private static Group group(Fields fields) {
    return new Group(fields.wholeInt("rank"), fields.wholeInt("size"), rendezvous(fields));
  }

  private static Rendezvous rendezvous(Fields fields) {
    return new Rendezvous(fields.text("address"), fields.wholeInt("port"));
  }

  public static Rendezvous rendezvous(Fields parent, String name) {
    return rendezvous(parent.object(name, RENDEZVOUS));
  }

  public static ObjectNode tree(Rendezvous rendezvous) {
    return Json.object().put("address", rendezvous.address()).put("port", rendezvous.port());
  }

  /** The run of the fields {@code job} and {@code run}. */
  static RunId run(Fields fields) {
    return new RunId(fields.text("job"), fields.wholeInt("run"));
  }

  static ObjectNode tree(RunId run) {
    return Json.object().put("job", run.job()).put("run", run.run());
  }

  static JobState state(Fields fields) {
    return fields.word("state", JobState::ofWord, "a state such as running");
  }

  static Optional<Outcome> optionalOutcome(Fields fields) {
    return fields.has("outcome") ? Optional.of(outcome(fields, "outcome")) : Optional.empty();
  }

  public static byte[] of(Assignment assignment) {
    return Json.bytes(tree(assignment));
  }

  static ObjectNode tree(Assignment assignment) {
    ObjectNode tree = tree(assignment.id()).put("node", assignment.node());
    tree.set("term", tree(assignment.term()));
    tree.put("generation", assignment.generation());
    tree.set("spec", tree(assignment.spec()));
    tree.set("devices", tree(assignment.devices()));
    assignment
        .group()
        .ifPresent(group ->
            tree.set(
                "group",
                Json.object()
                    .put("rank", group.rank())
                    .put("size", group.size())
                    .setAll(tree(group.rendezvous()))));
    assignment.channel().ifPresent(channel -> tree.put("channel", channel.number()));
    return tree;
  }

  static StartOrder order(Fields fields) {
    return new StartOrder(
        fields.text("assignment"),
        fields.text("store"),
        fields.whole("not_after"),
        fields.text("key"),
        fields.text("signature"));
  }

  static ObjectNode tree(StartOrder order) {
    return Json.object()
        .put("assignment", order.assignment())
        .put("store", order.store())
        .put("not_after", order.notAfter())
        .put("key", order.key())
        .put("signature", order.signature());
  }

  public static Term term(Fields fields) {
    return new Term(fields.whole("generation"), fields.whole("number"), fields.whole("start"));
  }

  public static Term term(Fields parent, String name) {
    return term(parent.object(name, TERM));
  }

  public static ObjectNode tree(Term term) {
    return Json.object()
        .put("generation", term.generation())
        .put("number", term.number())
        .put("start", term.start());
  }

  private static DeviceSet devices(Fields fields) {
    return new DeviceSet(kind(fields), fields.texts("uuids"));
  }

  public static DeviceSet devices(Fields parent, String name) {
    return devices(parent.object(name, DEVICES));
  }

  public static ObjectNode tree(DeviceSet devices) {
    ObjectNode tree = Json.object().put("kind", word(devices.kind()));
    tree.set("uuids", texts(devices.uuids()));
    return tree;
  }

  public static Usage usage(byte[] text) {
    return usage(Fields.of("", Json.read("the usage", text), USAGE));
  }

  private static Usage usage(Fields fields) {
    return new Usage(
        fields.whole("wall_ms"),
        fields.number("device_seconds"),
        fields.optionalNumber("joules"),
        fields.optionalText("energy_scope").orElse(""));
  }

  public static Usage usage(Fields parent, String name) {
    return usage(parent.object(name, USAGE));
  }

  public static byte[] of(Usage usage) {
    return Json.bytes(tree(usage));
  }

  public static ObjectNode tree(Usage usage) {
    ObjectNode tree =
        Json.object().put("wall_ms", usage.wallMs()).put("device_seconds", usage.deviceSeconds());
    usage.joules().ifPresent(joules -> tree.put("joules", joules));
    return usage.energyScope().isEmpty() ? tree : tree.put("energy_scope", usage.energyScope());
  }

  /** A JSON text such as {@code "exit(7)"}. */
  public static Outcome outcome(byte[] text) {
    ObjectNode wrapped = Json.object();
    wrapped.set("outcome", Json.read("the outcome", text));
    return outcome(Fields.of("", wrapped, List.of("outcome")), "outcome");
  }

  public static Outcome outcome(Fields parent, String name) {
    return parent.word(name, Outcome::ofText, "an outcome such as completed, exit(7) or oom");
  }

  public static byte[] of(Outcome outcome) {
    return Json.bytes(Json.array().add(outcome.text()).get(0));
  }
}
