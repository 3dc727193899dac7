package io.millwright.agent.health;

import io.millwright.agent.health.Looks.Speaking;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.agent.health.Track.Look;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges the node and its devices at each tick, by the rules and by what went before.
 *
 * <p><i>Lifecycle:</i> made with what an earlier start of the agent knew. <i>Threading:</i> one
 * owner, the caller. <i>Failure:</i> none; a rule that finds nothing to look at is silent.
 */
public final class Engine {
  private static final String NODE = "";
  private static final String HOST = "host";
  private static final String UNSEEN = "unseen";
  private static final String CAUSE = "149";
  private static final String VICTIM = "145";
  private static final long SAME_CAUSE_MS = 60_000;
  private static final Comparator<Evidence> WORST_FIRST =
      Comparator.comparing(Evidence::observeOnly)
          .thenComparing(Evidence::verdict, Comparator.reverseOrder())
          .thenComparing(Evidence::rule)
          .thenComparingLong(Evidence::sinceMs)
          .thenComparing(Evidence::observed);

  private final RuleCatalogue rules;
  private final String bootId;
  private final Looks looks;
  private final Tallies tallies;
  private final Map<List<String>, Track> tracks = new HashMap<>();
  private final Map<String, List<Evidence>> evidence = new TreeMap<>();

  /**
   * @param statePath what the agent keeps its state in
   * @param memory of an earlier start; what it knew of another boot has ended with that
   * @param bootId of the kernel's present boot
   */
  public Engine(RuleCatalogue rules, String statePath, Memory memory, String bootId) {
    this.rules = rules;
    this.bootId = bootId;
    this.looks = new Looks(rules.all(), statePath);
    this.tallies =
        new Tallies(rules, memory.bootId().equals(bootId) ? memory : Memory.none(bootId));
  }

  static boolean isOf(Rule rule, String pattern) {
    return rule.condition() instanceof Condition.Kernel(String own) && own.equals(pattern);
  }

  /** What must be kept, with how far the kernel log was taken in. */
  public Memory memory(long cursor) {
    return new Memory(bootId, cursor, List.copyOf(tallies.all()), List.copyOf(tallies.kernel()));
  }

  /** How everything is now; the node first, then the devices by their index. */
  public HealthReport judge(Observation now) {
    Node node = Node.of(now.snapshot());
    evidence.clear();
    tallies.step(now, node);
    looks.step(now).forEach(one -> add(one, now.holders()));
    node.devices().values().forEach(view -> look(view, node, now));
    look(node, now);
    tallies.all().stream().filter(Tally::stands).forEach(tally -> speak(tally, node));
    tallies.kernel().stream().filter(KernelTally::stands).forEach(this::speak);
    return report(node, now.wallMs());
  }

  // ---- rules of a device as a whole

  private void look(DeviceView view, Node node, Observation now) {
    Optional<DeviceView> whole = whole(view, node);
    if (whole.isPresent()) {
      lookAtPart(view, whole.get(), now);
      return;
    }
    boolean gone = !view.up() && node.driverGone(view);
    boolean stuck = !view.up() && view.stuck().isPresent();
    boolean lost = !view.up() && !gone && !stuck && view.lost();
    boolean explained = false;
    for (Rule rule : rules.all()) {
      explained |=
          switch (rule.condition()) {
            case Condition.DriverGone _ -> speaks(rule, view, gone, "there is no driver", now);
            case Condition.Stuck _ -> speaks(rule, view, stuck, view.stuck().orElse(""), now);
            case Condition.Lost _ ->
                speaks(rule, view, lost, "the driver has lost the device", now);
            case Condition.XidJobs(int jobs, Duration window) -> {
              jobs(rule, view, jobs, window, now);
              yield false;
            }
            case Condition.Silent _,
                Condition.Reading _,
                Condition.Increase _,
                Condition.Share _,
                Condition.Turns _,
                Condition.Gone _,
                Condition.Xid _,
                Condition.NeuronError _,
                Condition.Kernel _,
                Condition.Missing _,
                Condition.ProbeFails _ ->
                false;
          };
    }
    for (Rule rule : rules.all()) {
      if (rule.condition() instanceof Condition.Silent) {
        speaks(rule, view, !view.up() && !explained, "the device does not answer", now);
      }
    }
  }

  private static Optional<DeviceView> whole(DeviceView view, Node node) {
    if (view.isPart()) {
      for (DeviceView other : node.devices().values()) {
        if (view.partOf(other)) {
          return Optional.of(other);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * A MIG instance. What happens to its device is told of the device once; the instance is unknown
   * meanwhile.
   */
  private void lookAtPart(DeviceView view, DeviceView whole, Observation now) {
    for (Rule rule : rules.all()) {
      if (rule.condition() instanceof Condition.Silent) {
        speaks(rule, view, !view.up() && whole.up(), "the instance does not answer", now);
      }
    }
  }

  private boolean speaks(Rule rule, DeviceView view, boolean holds, String words, Observation now) {
    return speaks(rule, view.uuid(), holds, words, now);
  }

  private boolean speaks(Rule rule, String subject, boolean holds, String words, Observation now) {
    Track track = tracks.computeIfAbsent(List.of(rule.id(), subject), key -> new Track());
    track.step(
        Look.of(holds),
        Look.of(!holds),
        rule.held(),
        Looks.ended(rule.ending()),
        now.nanos(),
        now.wallMs(),
        words);
    if (track.speaks()) {
      add(new Speaking(rule, subject, track.sinceMs(), track.observed()), now.holders());
    }
    return track.speaks();
  }

  private void jobs(Rule rule, DeviceView view, int least, Duration window, Observation now) {
    Set<String> hit = new LinkedHashSet<>();
    for (Tally tally : tallies.all()) {
      if (tally.device().equals(view.uuid()) && isOfJobs(tally)) {
        for (Tally.Hit one : tally.hits()) {
          if (now.wallMs() - one.atMs() < window.toMillis()) {
            hit.add(one.job());
          }
        }
      }
    }
    speaks(
        rule,
        view,
        hit.size() >= least,
        "%d different jobs were hit".formatted(hit.size()), // their names are not for everybody
        now);
  }

  private boolean isOfJobs(Tally tally) {
    return tallies.rule(tally).filter(rule -> rule.verdict() == Verdict.OK).isPresent();
  }

  // ---- rules of the node as a whole

  private void look(Node node, Observation now) {
    for (Rule rule : rules.all()) {
      if (rule.condition() instanceof Condition.Missing) {
        double expected = node.expected().orElse(0.0);
        speaks(
            rule,
            NODE,
            node.counted() < expected,
            "%.0f of %.0f accelerators are there".formatted(node.counted(), expected),
            now);
      }
      if (rule.condition() instanceof Condition.ProbeFails(Set<String> probes)) {
        for (String probe : probes.stream().sorted().toList()) {
          String words = "the probe " + probe + " fails";
          probe(rule, probe, now.failing().contains(probe), rule.held(), words, now);
        }
        if (probes.contains(HOST)) {
          boolean unseen = node.hostKnown() && !node.hostSeen();
          probe(rule, UNSEEN, unseen, Duration.ZERO, "the host's figures are too old", now);
        }
      }
    }
  }

  private void probe(
      Rule rule, String probe, boolean fails, Duration held, String words, Observation now) {
    Track track = tracks.computeIfAbsent(List.of(rule.id(), NODE, probe), key -> new Track());
    track.step(
        Look.of(fails),
        Look.of(!fails),
        held,
        Looks.ended(rule.ending()),
        now.nanos(),
        now.wallMs(),
        words);
    if (track.speaks()) {
      add(new Speaking(rule, NODE, track.sinceMs(), track.observed()), now.holders());
    }
  }

  // ---- what speaks

  private void add(Speaking one, Map<String, RunId> holders) {
    add(
        one.uuid(),
        one.rule(),
        one.observed(),
        one.sinceMs(),
        Optional.ofNullable(holders.get(one.uuid())).map(RunId::text),
        one.rule().observeOnly());
  }

  private void add(
      String subject,
      Rule rule,
      String observed,
      long sinceMs,
      Optional<String> job,
      boolean observeOnly) {
    evidence
        .computeIfAbsent(subject, known -> new ArrayList<>())
        .add(
            new Evidence(
                rule.id(),
                rule.version(),
                rule.verdict(),
                rule.advice(),
                rule.scope(),
                observed,
                sinceMs,
                rule.endsInWords(),
                job,
                observeOnly));
  }

  private void speak(Tally tally, Node node) {
    Optional<Rule> rule = tallies.rule(tally);
    if (rule.isEmpty()) {
      return;
    }
    if (isForeign(tally, node)) {
      return;
    }
    Optional<DeviceView> device = Optional.ofNullable(node.devices().get(tally.device()));
    if (device.isEmpty() && !tally.device().startsWith(Tallies.UNPLACED)) {
      return; // known from before, and not seen since: nothing is judged that is not there
    }
    Optional<String> cause = cause(tally, node);
    String where =
        device.isPresent()
            ? ""
            : " of the device at %s, which was not seen yet"
                .formatted(tally.device().substring(Tallies.UNPLACED.length()));
    add(
        device.map(DeviceView::uuid).orElse(NODE),
        rule.get(),
        words(tally) + where + cause.orElse(""),
        tally.standingSinceMs(),
        tally.lastHit().map(Tally.Hit::run),
        rule.get().observeOnly() || cause.isPresent());
  }

  /** Of a vendor of which the node has nothing: somebody else's words. */
  private static boolean isForeign(Tally tally, Node node) {
    return tally.code().source() == ErrorCode.Source.NEURON
        && node.devices().values().stream().noneMatch(DeviceView::isNeuron);
  }

  private String words(Tally tally) {
    String times = tally.count() == 1 ? "once" : tally.count() + " times";
    String said = tally.detail().isEmpty() ? "" : " (" + tally.detail() + ")";
    String within = tally.instance().isEmpty() ? "" : " in its instance " + tally.instance();
    return "%s %s, last at %s%s: %s%s"
        .formatted(
            tally.code().spoken(),
            times,
            Instant.ofEpochMilli(tally.lastMs()),
            within,
            rules.meaning(tally.code()),
            said);
  }

  /** A link that went down on one device makes the others of its domain tell of a lost peer. */
  private Optional<String> cause(Tally tally, Node node) {
    if (!tally.label().equals(VICTIM)) {
      return Optional.empty();
    }
    return tallies.all().stream()
        .filter(other -> other.label().equals(CAUSE) && !other.device().equals(tally.device()))
        .filter(other -> Math.abs(other.lastMs() - tally.lastMs()) <= SAME_CAUSE_MS)
        .map(other ->
            Optional.ofNullable(node.devices().get(other.device()))
                .map(DeviceView::index)
                .orElse("that was not seen yet"))
        .sorted()
        .findFirst()
        .map("; it follows from the Xid 149 of accelerator %s"::formatted);
  }

  private void speak(KernelTally tally) {
    for (Rule rule : rules.all()) {
      if (isOf(rule, tally.pattern())) {
        String times = tally.count() == 1 ? "once" : tally.count() + " times";
        add(
            NODE,
            rule,
            "%s, last at %s: %s"
                .formatted(times, Instant.ofEpochMilli(tally.lastMs()), tally.detail()),
            tally.standingSinceMs(),
            Optional.empty(),
            rule.observeOnly());
      }
    }
  }

  // ---- the report

  private HealthReport report(Node node, long wallMs) {
    List<Judgement> judgements = new ArrayList<>();
    List<Evidence> own = evidence.getOrDefault(NODE, List.of());
    if (node.hostKnown() || !own.isEmpty()) {
      Verdict otherwise = node.hostSeen() ? Verdict.OK : Verdict.UNKNOWN;
      judgements.add(judgement(new Subject.Node(), otherwise, own));
    }
    node.devices().values().stream()
        .sorted(Comparator.comparing(DeviceView::index, Engine::byNumber))
        .forEach(view ->
            judgements.add(
                judgement(
                    new Subject.Device(view.index(), view.uuid()),
                    view.up() ? Verdict.OK : Verdict.UNKNOWN,
                    evidence.getOrDefault(view.uuid(), List.of()))));
    return new HealthReport(wallMs, judgements);
  }

  private static int byNumber(String a, String b) {
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  private static Judgement judgement(Subject subject, Verdict otherwise, List<Evidence> found) {
    Verdict verdict = otherwise;
    for (Evidence one : found) {
      verdict = one.observeOnly() ? verdict : verdict.worse(one.verdict());
    }
    return new Judgement(subject, verdict, found.stream().sorted(WORST_FIRST).toList());
  }
}
