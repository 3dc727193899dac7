package io.millwright.agent.health;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges the node and its devices at each tick, by the rules and by what went before.
 *
 * <p><i>Lifecycle:</i> made with what an earlier start of the agent knew. <i>Threading:</i> one
 * owner, the caller. <i>Failure:</i> none; a rule that finds nothing to look at is silent.
 */
public final class Engine {
  private static final String NODE = "";
  private static final String HOST = "host";
  private static final String OF_PROBE = RuleKinds.OF_PROBE;
  private static final String UNSEEN = " unseen";
  private static final String NO_DRIVER = "there is no driver";
  private static final String LOST = "the driver has lost the device";
  private static final String SILENT = "the device does not answer";
  private static final String SILENT_INSTANCE = "the instance does not answer";
  private static final String AWAITED = "its first answer is awaited";
  private static final String AWAITED_INSTANCE = "the first answer of the instance is awaited";
  private static final String UNIDENTIFIED =
      "none of the accelerators that must be here was seen yet";
  private static final String TOO_OLD = "the host's figures are too old";
  private static final Comparator<DeviceView> BY_INDEX =
      Comparator.comparing(DeviceView::index, Engine::byNumber);

  /** Instances that were there and are no more, before what is known of them is let go of. */
  private static final int SPARE = 64;

  private static final String CAUSE = "149";
  private static final String VICTIM = "145";
  private static final long SAME_CAUSE_MS = 60_000;

  private final RuleCatalogue rules;

  /** Of equal verdicts, that a device does not answer stands behind what else is said of it. */
  private final Comparator<Evidence> worstFirst;

  private final String bootId;
  private final RuleKinds kinds;
  private final Looks looks;
  private final Tallies tallies;
  private final NodeReader reader;
  private final Census census;

  /** By what they are of, then by rule; of probes by rule and probe. */
  private final Map<String, Map<String, Track>> tracks;

  /** Uuids of devices that have answered since their driver has had them. */
  private final Set<String> answered;

  private final Map<String, List<Evidence>> evidence = new HashMap<>();
  private final Map<String, Judgement> before = new HashMap<>();
  private Memory kept;

  /** Whether this engine has made what it keeps: nothing it began with is what it knows. */
  private boolean made;

  private long keptEdition = -1;
  private long keptStanding;

  /** Of what speaks: another sum, where something else does. Below 0 before the first look. */
  private long standing = -1;

  /**
   * @param statePath what the agent keeps its state in
   * @param memory of an earlier start; what it knew of another boot has ended with that
   * @param bootId of the kernel's present boot
   */
  public Engine(RuleCatalogue rules, String statePath, Memory memory, String bootId) {
    this(
        rules,
        bootId,
        new Looks(rules.all(), statePath, memory.under(bootId).standing()),
        new Tallies(rules, memory.under(bootId)),
        standing(rules, memory.under(bootId)),
        new HashSet<>(),
        new Census(memory.devices()));
  }

  /** What was said of no series when the agent ended. */
  private static Map<String, Map<String, Track>> standing(RuleCatalogue rules, Memory memory) {
    Map<String, Map<String, Track>> tracks = new HashMap<>();
    for (Memory.Standing one : memory.standing()) {
      Optional<Rule> rule = rules.find(one.rule());
      if (rule.isPresent() && rule.get().condition().lookedAt().isEmpty()) {
        Track track = new Track();
        track.stood(one.sinceMs(), one.observed());
        tracks.computeIfAbsent(one.subject(), of -> new HashMap<>()).put(one.key(), track);
      }
    }
    return tracks;
  }

  private Engine(
      RuleCatalogue rules,
      String bootId,
      Looks looks,
      Tallies tallies,
      Map<String, Map<String, Track>> tracks,
      Set<String> answered,
      Census census) {
    this.rules = rules;
    this.worstFirst =
        Comparator.comparing(Evidence::observeOnly)
            .thenComparing(Evidence::verdict, Comparator.reverseOrder())
            .thenComparing(one -> rules.blinds(one.rule()))
            .thenComparing(Evidence::rule)
            .thenComparingLong(Evidence::sinceMs)
            .thenComparing(Evidence::observed);
    this.bootId = bootId;
    this.kinds = new RuleKinds(rules.all());
    this.looks = looks;
    this.tallies = tallies;
    this.reader = new NodeReader();
    this.tracks = tracks;
    this.answered = answered;
    this.census = census;
    this.kept = Memory.none(bootId);
  }

  /**
   * Judges by other rules from now on. A rule that is as before goes on as it stood; one that went
   * away is silent, and one that is set otherwise begins anew. What was counted stays. This engine
   * is not to be used any more.
   */
  public Engine with(RuleCatalogue others) {
    Map<String, Map<String, Track>> same = new HashMap<>();
    tracks.forEach((subject, own) -> {
      Map<String, Track> staying = new HashMap<>(own);
      staying.keySet().removeIf(key -> !unchanged(key, others));
      same.put(subject, staying);
    });
    return new Engine(
        others, bootId, looks.with(others.all()), tallies.with(others), same, answered, census);
  }

  private boolean unchanged(String key, RuleCatalogue others) {
    String id = key.substring(0, (key + OF_PROBE).indexOf(OF_PROBE));
    return rules.find(id).isPresent() && rules.find(id).equals(others.find(id));
  }

  static boolean isOf(Rule rule, String pattern) {
    return rule.condition() instanceof Condition.Kernel(String own) && own.equals(pattern);
  }

  /** What must be kept, with how far the kernel log was taken in. */
  public Memory memory(long cursor) {
    boolean standsAsBefore = made && keptStanding == standing;
    boolean asBefore =
        tallies.edition() == keptEdition && standsAsBefore && kept.devices().equals(census.most());
    if (!asBefore || kept.cursor() != cursor) {
      kept =
          new Memory(
              bootId,
              cursor,
              List.copyOf(tallies.all()),
              List.copyOf(tallies.kernel()),
              standsAsBefore ? kept.standing() : allStanding(),
              census.most());
      made = true;
      keptEdition = tallies.edition();
      keptStanding = standing;
    }
    return kept;
  }

  private List<Memory.Standing> allStanding() {
    List<Memory.Standing> all = new ArrayList<>(looks.standing());
    tracks.forEach((subject, own) ->
        own.forEach((key, track) -> {
          if (track.speaks()) {
            all.add(
                new Memory.Standing(key, subject, List.of(), track.sinceMs(), track.observed()));
          }
        }));
    all.sort(Memory.Standing.ORDER);
    return all.size() > Memory.MOST_STANDING ? all.subList(0, Memory.MOST_STANDING) : all;
  }

  /** What the last judgement has found new in the counts. */
  public List<News> news() {
    return List.copyOf(tallies.news());
  }

  /** How everything is now; the node first, then the devices by their index. */
  public HealthReport judge(Observation now) {
    Node node = reader.read(now.snapshot());
    evidence.clear();
    tallies.step(now, node);
    standing = looks.step(now, node, sight -> add(sight, now.holders()));
    for (DeviceView view : node.devices().values()) {
      look(view, node, now);
    }
    look(node, now);
    for (Tally tally : tallies.all()) {
      if (tally.stands()) {
        speak(tally, node);
      }
    }
    for (KernelTally tally : tallies.kernel()) {
      if (tally.stands()) {
        speak(tally);
      }
    }
    standing += ofTracks();
    return report(node, now);
  }

  /** Also of those that nothing was read of yet: they are kept until that says they are over. */
  private long ofTracks() {
    long sum = 0;
    for (Map.Entry<String, Map<String, Track>> subject : tracks.entrySet()) {
      for (Map.Entry<String, Track> one : subject.getValue().entrySet()) {
        if (one.getValue().speaks()) {
          sum +=
              31L * one.getValue().sinceMs()
                  + subject.getKey().hashCode()
                  + 7L * one.getKey().hashCode();
        }
      }
    }
    return sum;
  }

  // ---- rules of a device as a whole

  private void look(DeviceView view, Node node, Observation now) {
    boolean gone = !view.up() && node.driverGone(view);
    if (gone) {
      answered.remove(view.uuid()); // its driver will have it anew, or the device that it is of
    }
    Optional<DeviceView> whole = whole(view, node);
    if (whole.isPresent()) {
      lookAtPart(view, whole.get(), now);
      return;
    }
    boolean stuck = !view.up() && view.stuck().isPresent();
    boolean lost = !view.up() && !gone && !stuck && view.lost();
    boolean explained = speak(kinds.driverGone(), view, gone, NO_DRIVER, now);
    explained |= speak(kinds.stuck(), view, stuck, view.callInFlight(), now);
    explained |= speak(kinds.lost(), view, lost, LOST, now);
    for (Rule rule : kinds.xidJobs()) {
      if (rule.condition() instanceof Condition.XidJobs(int least, Duration window)) {
        jobs(rule, view, least, window, now);
      }
    }
    answer(view, view.up() || explained, SILENT, AWAITED, now);
  }

  /**
   * A device that is not up is silent, or has not answered yet.
   *
   * @param explained whether it answers, or something else says why it does not
   */
  private void answer(
      DeviceView view, boolean explained, String silent, String awaited, Observation now) {
    if (view.up()) {
      answered.add(view.uuid());
    }
    Look over = Look.of(explained);
    Look holds = explained ? Look.NO : Look.of(answered.contains(view.uuid()));
    boolean speaks = explained;
    for (Rule rule : kinds.silent()) {
      speaks |= speaks(rule, rule.id(), view.uuid(), holds, over, rule.held(), silent, now);
    }
    boolean waits = !speaks && !answered.contains(view.uuid());
    speak(kinds.awaitedDevice(), view, waits, awaited, now);
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
    answer(view, view.up() || !whole.up(), SILENT_INSTANCE, AWAITED_INSTANCE, now);
  }

  /** Whether one of these rules speaks of the device. */
  private boolean speak(
      List<Rule> all, DeviceView view, boolean holds, String words, Observation now) {
    boolean speaks = false;
    for (Rule rule : all) {
      speaks |= speaks(rule, rule.id(), view.uuid(), holds, rule.held(), words, now);
    }
    return speaks;
  }

  private boolean speaks(
      Rule rule,
      String key,
      String subject,
      boolean holds,
      Duration held,
      String words,
      Observation now) {
    return speaks(rule, key, subject, Look.of(holds), Look.of(!holds), held, words, now);
  }

  private boolean speaks(
      Rule rule,
      String key,
      String subject,
      Look holds,
      Look over,
      Duration held,
      String words,
      Observation now) {
    Track track =
        tracks
            .computeIfAbsent(subject, of -> new HashMap<>())
            .computeIfAbsent(key, of -> new Track());
    if (holds == Look.YES) {
      track.observed(words);
    }
    track.step(holds, over, held, Sight.ended(rule.ending()), now.nanos(), now.wallMs());
    if (track.speaks()) {
      add(subject, rule, track.observed(), track.sinceMs(), holder(subject, now.holders()));
    }
    return track.speaks();
  }

  private void jobs(Rule rule, DeviceView view, int least, Duration window, Observation now) {
    int hit = tallies.all().isEmpty() ? 0 : hit(view, window, now);
    speaks(
        rule,
        rule.id(),
        view.uuid(),
        hit >= least,
        rule.held(),
        hit >= least ? hit + " different jobs were hit" : "", // their names are not for everybody
        now);
  }

  /** How many different jobs were hit on the device by what looks like a job's own fault. */
  private int hit(DeviceView view, Duration window, Observation now) {
    Set<String> hit = new HashSet<>();
    for (Tally tally : tallies.all()) {
      if (tally.device().equals(view.uuid()) && isOfJobs(tally)) {
        for (Tally.Hit one : tally.hits()) {
          if (now.wallMs() - one.atMs() < window.toMillis()) {
            hit.add(one.job());
          }
        }
      }
    }
    return hit.size();
  }

  private boolean isOfJobs(Tally tally) {
    return tallies.rule(tally).filter(rule -> rule.verdict() == Verdict.OK).isPresent();
  }

  // ---- rules of the node as a whole

  private void look(Node node, Observation now) {
    double expected = node.expected().orElse(0.0);
    boolean counts = !node.uncounted();
    boolean fewer = node.counted() < expected;
    Look holds = counts ? Look.of(fewer) : Look.UNSEEN;
    Look over = counts ? Look.of(!fewer) : Look.UNSEEN;
    String words =
        fewer ? "%.0f of %.0f accelerators are there".formatted(node.counted(), expected) : "";
    boolean missing = false;
    for (Rule rule : kinds.missing()) {
      missing |= speaks(rule, rule.id(), NODE, holds, over, rule.held(), words, now);
    }
    String awaited = now.awaited().isEmpty() && node.unidentified() ? UNIDENTIFIED : now.awaited();
    Look waits = Look.of(!awaited.isEmpty() && !missing);
    for (Rule rule : kinds.awaitedDriver()) {
      speak(rule, rule.id(), waits, rule.held(), awaited, now);
    }
    census.take(node);
    for (Rule rule : kinds.fewer()) {
      Look less = census.less();
      Look enough = less == Look.UNSEEN ? less : Look.of(less == Look.NO);
      speaks(rule, rule.id(), NODE, less, enough, rule.held(), census.words(), now);
    }
    for (RuleKinds.OfProbe one : kinds.probes()) {
      boolean fails = now.failing().contains(one.probe());
      boolean tried = fails || now.answered().contains(one.probe());
      Look failing = tried ? Look.of(fails) : Look.UNSEEN;
      speak(one.rule(), one.key(), failing, one.rule().held(), one.words(), now);
      if (one.probe().equals(HOST)) {
        Look unseen = node.hostKnown() ? Look.of(!node.hostSeen()) : Look.UNSEEN;
        speak(one.rule(), one.key() + UNSEEN, unseen, Duration.ZERO, TOO_OLD, now);
      }
    }
  }

  private void speak(
      Rule rule, String key, Look holds, Duration held, String words, Observation now) {
    speaks(rule, key, NODE, holds, holds.opposite(), held, words, now);
  }

  // ---- what speaks

  private void add(Sight one, Map<String, RunId> holders) {
    add(one.subject(), one.rule(), one.observed(), one.sinceMs(), holder(one.subject(), holders));
  }

  private static Optional<String> holder(String subject, Map<String, RunId> holders) {
    return Optional.ofNullable(holders.get(subject)).map(RunId::text);
  }

  private void add(String subject, Rule rule, String observed, long sinceMs, Optional<String> job) {
    add(subject, rule, observed, sinceMs, job, rule.observeOnly());
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
    String where = device.isPresent() ? "" : where(tally);
    add(
        device.map(DeviceView::uuid).orElse(NODE),
        rule.get(),
        words(tally) + where + cause.orElse(""),
        tally.standingSinceMs(),
        tally.lastHit().map(Tally.Hit::run),
        rule.get().observeOnly() || cause.isPresent());
  }

  private static String where(Tally tally) {
    String place = tally.device().substring(Tallies.UNPLACED.length());
    return tally.code().source() == ErrorCode.Source.SXID
        ? " of the NVSwitch at " + place
        : " of the device at %s, which was not seen yet".formatted(place);
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
    for (Rule rule : kinds.kernel()) {
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

  private HealthReport report(Node node, Observation now) {
    List<Judgement> judgements = new ArrayList<>(node.devices().size() + 1);
    List<Evidence> own = evidence.getOrDefault(NODE, List.of());
    boolean awaits = node.unidentified() || !now.awaited().isEmpty();
    if (node.hostKnown() || awaits || !own.isEmpty()) {
      boolean seen = node.hostSeen() && !awaits;
      Verdict otherwise = seen ? Verdict.OK : Verdict.UNKNOWN;
      judgements.add(judgement(new Subject.Node(), NODE, otherwise, own));
    }
    List<DeviceView> views = new ArrayList<>(node.devices().values());
    views.sort(BY_INDEX);
    for (DeviceView view : views) {
      judgements.add(
          judgement(
              new Subject.Device(view.index(), view.uuid()),
              view.uuid(),
              view.up() ? Verdict.OK : Verdict.UNKNOWN,
              evidence.getOrDefault(view.uuid(), List.of())));
    }
    if (before.size() > judgements.size() + SPARE) {
      before.clear();
    }
    if (tracks.size() > judgements.size() + SPARE) {
      tracks.keySet().removeIf(key -> !key.equals(NODE) && !node.devices().containsKey(key));
    }
    if (answered.size() > judgements.size() + SPARE) {
      answered.retainAll(node.devices().keySet());
    }
    return new HealthReport(now.wallMs(), judgements);
  }

  private static int byNumber(String a, String b) {
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  /** The same value as before where nothing changed. */
  private Judgement judgement(
      Subject subject, String key, Verdict otherwise, List<Evidence> found) {
    Verdict verdict = otherwise;
    for (Evidence one : found) {
      verdict = one.observeOnly() ? verdict : verdict.worse(one.verdict());
    }
    Judgement last = before.get(key);
    if (found.isEmpty()
        && last != null
        && last.evidence().isEmpty()
        && last.verdict() == verdict
        && last.subject().equals(subject)) {
      return last;
    }
    List<Evidence> sorted = new ArrayList<>(found);
    sorted.sort(worstFirst);
    Judgement judged = new Judgement(subject, verdict, sorted);
    before.put(key, judged);
    return judged;
  }
}
