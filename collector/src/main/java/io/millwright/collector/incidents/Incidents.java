package io.millwright.collector.incidents;

import io.millwright.collector.incidents.Incident.Page;
import io.millwright.collector.racks.Part;
import io.millwright.collector.racks.Place;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Joins what stands against devices and nodes into incidents, and says who is to be called.
 *
 * <p>What a report of a node costs is bounded by the nodes that share a part with it. One owner
 * thread; times come in.
 */
public final class Incidents {
  /** So long is waited for what belongs together before somebody is called. */
  static final Duration GATHER = Duration.ofSeconds(10);

  /** What began so long apart has not one cause. */
  static final Duration TOGETHER = Duration.ofMinutes(10);

  /** Nodes that lose one switch fall silent almost at once. */
  static final Duration SILENT_TOGETHER = Duration.ofMinutes(2);

  /**
   * While others of its part still fall silent, a silence calls nobody: who knows what it is of.
   */
  static final Duration SILENT_GRACE = Duration.ofSeconds(30);

  /** So long nothing must stand before it is over. */
  static final Duration HOLD = Duration.ofMinutes(1);

  /** What comes back within this is the same incident. */
  static final Duration REOPEN = Duration.ofMinutes(30);

  /** So long after a start what was stored calls for nobody, unless it is told again. */
  static final Duration TRUST = Duration.ofMinutes(1);

  /** Between two updates of one incident. */
  static final Duration UPDATES = Duration.ofMinutes(1);

  /** A node unheard for so long, which the rack map does not have, is gone for good. */
  static final Duration GONE = Duration.ofDays(7);

  private static final long TICK_MS = 1000;
  private static final int MOST_CLOSED = 1000;
  private static final int LEAST_OF_SITE = 3;
  private static final Comparator<Case> OLDEST =
      Comparator.comparingLong((Case one) -> one.openedMs)
          .thenComparingInt(one -> one.id.length())
          .thenComparing(one -> one.id);

  private final Map<String, Case> cases = new TreeMap<>();
  private final Map<Cause, List<Case>> byCause = new HashMap<>();
  private final Set<Case> open = new HashSet<>();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Integer> deviceCounts = new HashMap<>();
  private final Map<Part, Set<String>> seenOf = new HashMap<>();
  private final Map<String, Map<Symptom.Key, Held>> byNode = new HashMap<>();
  private final Map<Part, Map<Symptom.Key, Held>> byPart = new HashMap<>();
  private final Map<Symptom.Key, Held> silent = new TreeMap<>();
  private final Map<String, Onsets> onsets = new HashMap<>();
  private final Map<String, Long> awaySince = new HashMap<>();
  private final Map<String, Long> unclearUntilMs = new HashMap<>();
  private final Set<String> gone = new HashSet<>();
  private final Map<String, Offences> offences = new HashMap<>();
  private final Map<String, Integer> numbers = new TreeMap<>();
  private final PageRate rate = new PageRate();
  private final Set<Case> changed = new HashSet<>();
  private long lastMs;
  private long tickedMs;

  /**
   * What a step has made.
   *
   * @param changed incidents of a new revision
   * @param gone ids of those that became part of another, or were forgotten
   */
  public record Turn(
      List<Incident> changed, List<String> gone, List<Notice> notices, List<Offences> offences) {
    public Turn {
      changed = List.copyOf(changed);
      gone = List.copyOf(gone);
      notices = List.copyOf(notices);
      offences = List.copyOf(offences);
    }
  }

  /** What is collected during a step. */
  private static final class Draft {
    final List<Telling> tellings = new ArrayList<>();
    final List<Notice> last = new ArrayList<>();
    final List<String> gone = new ArrayList<>();
    final Map<String, Offences> offences = new TreeMap<>();
  }

  private record Telling(Case of, Notice.Kind kind, boolean page) {}

  /** A shared cause and how many suspects speak for it. */
  private record Shared(Cause cause, int count) {}

  /**
   * As they were when the collector ended.
   *
   * @param map where nodes stand that were not heard yet
   */
  public static Incidents restored(
      List<Incident> stored, List<Offences> offences, RackMap map, long nowMs) {
    Incidents incidents = new Incidents();
    Set<String> merged = new HashSet<>();
    stored.forEach(one -> merged.addAll(one.aliases()));
    stored.stream()
        .filter(one -> !merged.contains(one.id())) // its end was not written
        .sorted(Incident.OLDEST_FIRST)
        .forEach(one -> incidents.restore(one, map, nowMs));
    offences.forEach(one -> incidents.offences.put(one.identity(), one));
    incidents.lastMs = nowMs;
    return incidents;
  }

  private void restore(Incident stored, RackMap map, long nowMs) {
    Case one = new Case(stored, nowMs);
    enter(one);
    stored.aliases().forEach(this::numbered);
    numbered(stored.id());
    for (Held held : one.standing()) {
      String node = held.symptom().suspect().node();
      places.putIfAbsent(node, map.place(node));
      boolean silence = held.symptom().nature() == Nature.SILENCE;
      awaySince.merge(node, silence ? Math.min(held.firstMs, nowMs) : nowMs, Math::min);
      unclearUntilMs.put(node, nowMs + TRUST.toMillis());
      index(held);
    }
    if (stored.page() == Page.SENT) {
      long atMs = Math.min(stored.openedMs(), nowMs);
      rate.count(PageRate.SITE, atMs);
      scopes(one).forEach(part -> rate.count(part, atMs));
    }
  }

  private void numbered(String id) {
    int end = id.lastIndexOf('-');
    numbers.merge(id.substring(0, end), Integer.parseInt(id.substring(end + 1)), Math::max);
  }

  /** All that are kept, the oldest first. */
  public List<Incident> all() {
    return cases.values().stream().map(Case::incident).sorted(Incident.OLDEST_FIRST).toList();
  }

  /** How often incidents began at this device within thirty days. */
  public int repeats(String identity, long nowMs) {
    return offences.getOrDefault(identity, Offences.none(identity)).within(nowMs);
  }

  // ---- a step

  /**
   * What these reports make of the incidents, and what the time makes of them.
   *
   * @param reports of nodes that have changed; a node once
   * @param atMs of a clock that nobody sets
   */
  public Turn step(List<NodeReport> reports, RackMap map, Quiet quiet, long atMs) {
    long nowMs = Math.max(lastMs, atMs);
    lastMs = nowMs;
    Draft draft = new Draft();
    Set<Symptom.Key> fresh = new TreeSet<>();
    for (NodeReport report : reports) {
      take(report, nowMs, fresh);
    }
    if (!fresh.isEmpty()) {
      assign(fresh, map, nowMs, draft);
    }
    if (nowMs - tickedMs >= TICK_MS) {
      tickedMs = nowMs;
      leave(map, nowMs);
      onsets.clear();
      List.copyOf(open).stream().sorted(OLDEST).forEach(one -> tick(one, quiet, nowMs, draft));
      forget(nowMs, draft);
    }
    return turn(nowMs, draft);
  }

  private Turn turn(long nowMs, Draft draft) {
    draft.tellings.forEach(telling -> telling.of().tell(nowMs));
    List<Incident> revised = new ArrayList<>();
    changed.stream()
        .filter(one -> cases.containsKey(one.id))
        .sorted(OLDEST)
        .forEach(one -> one.revised().ifPresent(revised::add));
    changed.clear();
    List<Notice> notices = new ArrayList<>(draft.last);
    for (Telling telling : draft.tellings) {
      if (cases.containsKey(telling.of().id)) {
        notices.add(new Notice(telling.kind(), telling.page(), telling.of().incident()));
      }
    }
    return new Turn(revised, draft.gone, notices, List.copyOf(draft.offences.values()));
  }

  // ---- what a person wants

  /** The nodes that are heard and still tell what keeps it open. */
  public List<String> tellers(String id) {
    TreeSet<String> nodes = new TreeSet<>();
    Optional.ofNullable(cases.get(id))
        .ifPresent(one ->
            one.standing().stream()
                .filter(held -> !held.symptom().follows())
                .map(held -> held.symptom().suspect().node())
                .filter(node -> !awaySince.containsKey(node))
                .forEach(nodes::add));
    return List.copyOf(nodes);
  }

  /**
   * The nodes of it of which nobody can say now whether they are heard: silent for a moment, not
   * judged since they came back, or not heard yet since the collector's start a moment ago.
   */
  public List<String> unclear(String id, long atMs) {
    TreeSet<String> nodes = new TreeSet<>();
    Optional.ofNullable(cases.get(id))
        .ifPresent(one ->
            one.standing().stream()
                .filter(held -> !held.symptom().follows())
                .map(held -> held.symptom().suspect().node())
                .filter(node -> isUnclear(node, Math.max(lastMs, atMs)))
                .forEach(nodes::add));
    return List.copyOf(nodes);
  }

  private boolean isUnclear(String node, long nowMs) {
    Long until = unclearUntilMs.get(node);
    return awaySince.containsKey(node) && until != null && nowMs < until;
  }

  /**
   * Closes an open incident for good. What its nodes still tell opens no other until it says more
   * or has been over; of a node whose silence it closes nothing is said until it is heard again.
   *
   * @param id of one that is open
   */
  public Turn close(String id, Closing by, long atMs) {
    long nowMs = Math.max(lastMs, atMs);
    lastMs = nowMs;
    Draft draft = new Draft();
    Case one =
        Optional.ofNullable(cases.get(id))
            .orElseThrow(() -> new IllegalArgumentException("no incident " + id));
    for (Held held : List.copyOf(one.standing())) {
      String node = held.symptom().suspect().node();
      boolean silence = held.symptom().nature() == Nature.SILENCE;
      boolean lost = awaySince.containsKey(node) && !isUnclear(node, nowMs);
      if (silence || lost) {
        end(held, nowMs);
      }
      if (silence && lost) {
        gone.add(node);
      }
    }
    one.close(by, nowMs);
    open.remove(one);
    touch(one);
    if (one.wasTold()) {
      draft.tellings.add(new Telling(one, Notice.Kind.CLOSED, false));
    }
    return turn(nowMs, draft);
  }

  // ---- what is told of a node

  private void take(NodeReport report, long nowMs, Set<Symptom.Key> fresh) {
    String node = report.node();
    switch (report.hearing()) {
      case UNCLEAR -> {
        gone.remove(node);
        awaySince.putIfAbsent(node, nowMs);
        unclearUntilMs.put(node, Long.MAX_VALUE);
        stand(report);
      }
      case LOST -> {
        unclearUntilMs.remove(node);
        if (!gone.contains(node)) {
          awaySince.putIfAbsent(node, nowMs);
          stand(report);
          stands(silence(node), nowMs, fresh);
        }
      }
      case HEARD -> {
        gone.remove(node);
        awaySince.remove(node);
        unclearUntilMs.remove(node);
        stand(report);
        heard(report, nowMs, fresh);
      }
    }
  }

  /** Nobody will ever say that what stands of such a node is over. */
  private void leave(RackMap map, long nowMs) {
    for (Map.Entry<String, Long> away : List.copyOf(awaySince.entrySet())) {
      String node = away.getKey();
      if (nowMs - away.getValue() >= GONE.toMillis() && !map.has(node)) {
        List.copyOf(held(node).values()).forEach(held -> end(held, nowMs));
        Optional.ofNullable(places.remove(node))
            .ifPresent(was -> was.parts().forEach(part -> unseen(part, node)));
        deviceCounts.remove(node);
        awaySince.remove(node);
        unclearUntilMs.remove(node);
        gone.add(node);
      }
    }
  }

  private static Symptom silence(String node) {
    return new Symptom(
        Suspect.node(node),
        Symptom.SILENT,
        Nature.SILENCE,
        Verdict.UNKNOWN,
        Advice.INSPECT,
        "nothing is heard of it",
        Set.of(),
        false,
        Optional.empty());
  }

  /** Where it stands; what it had is found at the new place from now on. */
  private void stand(NodeReport report) {
    if (!report.devices().isEmpty()) {
      deviceCounts.put(report.node(), report.devices().size());
    }
    Optional<Place> before = Optional.ofNullable(places.get(report.node()));
    List<Part> parts = report.place().parts();
    boolean moved = before.isEmpty() || !before.get().parts().equals(parts);
    if (moved) {
      Collection<Held> own = List.copyOf(held(report.node()).values());
      own.forEach(this::unindex);
      before.ifPresent(was -> was.parts().forEach(part -> unseen(part, report.node())));
      places.put(report.node(), report.place());
      parts.forEach(
          part -> seenOf.computeIfAbsent(part, first -> new HashSet<>()).add(report.node()));
      own.forEach(this::index);
    }
  }

  private void unseen(Part part, String node) {
    Optional.ofNullable(seenOf.get(part)).ifPresent(nodes -> nodes.remove(node));
  }

  private Map<Symptom.Key, Held> held(String node) {
    return byNode.getOrDefault(node, Map.of());
  }

  private void heard(NodeReport report, long nowMs, Set<Symptom.Key> fresh) {
    Set<Symptom.Key> told = new HashSet<>();
    for (Symptom symptom : report.symptoms()) {
      told.add(symptom.key());
      stands(symptom, nowMs, fresh);
    }
    for (Held held : List.copyOf(held(report.node()).values())) {
      if (!told.contains(held.key()) && isOver(held, report)) {
        end(held, nowMs);
      }
    }
  }

  /** A device that has vanished has not recovered; one in whose place is another has gone. */
  private static boolean isOver(Held held, NodeReport report) {
    Suspect suspect = held.symptom().suspect();
    return !suspect.isDevice()
        || report.devices().containsValue(suspect.uuid().orElse(""))
        || suspect.index().filter(report.devices()::containsKey).isPresent();
  }

  private void stands(Symptom symptom, long nowMs, Set<Symptom.Key> fresh) {
    Optional<Held> known = Optional.ofNullable(held(symptom.suspect().node()).get(symptom.key()));
    if (known.isPresent()) {
      tell(known.get(), symptom, nowMs, fresh);
      return;
    }
    Held held = new Held(symptom, nowMs);
    index(held);
    fresh.add(held.key());
  }

  /** Words that change by themselves, as a count, are shown with the next change. */
  private void tell(Held held, Symptom newer, long nowMs, Set<Symptom.Key> fresh) {
    boolean refiled = held.symptom().nature() != newer.nature();
    if (refiled) {
      unindex(held);
    }
    boolean more = held.tell(newer);
    if (refiled) {
      index(held);
      fresh.add(held.key());
    }
    if (more && held.dismissed()) {
      held.owner().ifPresent(of -> of.cleared(held, nowMs));
      held.owner().ifPresent(this::touch);
      held.owner(Optional.empty());
    } else if (more) {
      held.owner()
          .ifPresent(of -> {
            of.wantPage(nowMs);
            touch(of);
          });
    }
    if (held.owner().isEmpty()) {
      fresh.add(held.key());
    }
  }

  private void end(Held held, long nowMs) {
    unindex(held);
    held.owner()
        .ifPresent(of -> {
          of.cleared(held, nowMs);
          touch(of);
        });
    held.owner(Optional.empty());
  }

  private void touch(Case one) {
    one.touch();
    changed.add(one);
  }

  private void index(Held held) {
    Symptom.Key key = held.key();
    byNode.computeIfAbsent(key.node(), first -> new TreeMap<>()).put(key, held);
    for (Part part : shared(held)) {
      byPart.computeIfAbsent(part, first -> new TreeMap<>()).put(key, held);
    }
    if (held.symptom().nature() == Nature.SILENCE) {
      silent.put(key, held);
    }
  }

  private void unindex(Held held) {
    Symptom.Key key = held.key();
    silent.remove(key);
    remove(byNode, key.node(), key);
    shared(held).forEach(part -> remove(byPart, part, key));
  }

  private static <T> void remove(Map<T, Map<Symptom.Key, Held>> index, T under, Symptom.Key key) {
    Map<Symptom.Key, Held> one = index.getOrDefault(under, Map.of());
    if (one.containsKey(key)) {
      one.remove(key);
      if (one.isEmpty()) {
        index.remove(under);
      }
    }
  }

  /** The parts by which others may have the same trouble. */
  private List<Part> shared(Held held) {
    Place place = place(held);
    List<Part> parts = new ArrayList<>();
    for (Part.Kind kind : held.symptom().nature().shared()) {
      place.part(kind).ifPresent(parts::add);
    }
    return parts;
  }

  private Place place(Held held) {
    String node = held.symptom().suspect().node();
    return places.getOrDefault(node, Place.unknown(node));
  }

  // ---- what belongs together

  private void assign(Set<Symptom.Key> fresh, RackMap map, long nowMs, Draft draft) {
    Map<Symptom.Key, Held> dirty = around(fresh);
    Map<String, Integer> counted = new HashMap<>();
    Map<Cause, List<Held>> groups = new TreeMap<>();
    for (Held held : dirty.values()) {
      if (!held.symptom().follows() && !held.dismissed()) {
        groups.computeIfAbsent(cause(held, map, counted), first -> new ArrayList<>()).add(held);
      }
    }
    groups.forEach((cause, members) -> gather(cause, members, nowMs, draft));
    for (Held held : dirty.values()) {
      if (held.symptom().follows() && held.owner().isEmpty()) {
        leader(held).ifPresent(of -> join(of, held, nowMs));
      }
    }
  }

  /** All that may be decided otherwise because of these. */
  private Map<Symptom.Key, Held> around(Set<Symptom.Key> fresh) {
    Map<Symptom.Key, Held> dirty = new TreeMap<>();
    Set<Part> parts = new HashSet<>();
    boolean site = false;
    for (Symptom.Key key : fresh) {
      dirty.putAll(held(key.node()));
      Optional<Held> held = Optional.ofNullable(held(key.node()).get(key));
      held.ifPresent(one -> parts.addAll(shared(one)));
      site |= silent.containsKey(key);
    }
    parts.forEach(part -> dirty.putAll(byPart.getOrDefault(part, Map.of())));
    if (site && isWide(silent.size())) {
      dirty.putAll(silent);
    }
    Set<Case> owners = new HashSet<>();
    dirty.values().forEach(held -> held.owner().ifPresent(owners::add));
    owners.forEach(of -> of.standing().forEach(held -> dirty.put(held.key(), held)));
    return dirty;
  }

  private boolean isWide(int nodes) {
    return nodes >= LEAST_OF_SITE && nodes * 2 >= places.size();
  }

  private Cause cause(Held held, RackMap map, Map<String, Integer> counted) {
    Optional<Shared> shared = best(held, map, counted);
    Optional<Case> now = held.owner().filter(Case::open);
    if (now.isPresent() && now.get().cause().isShared()) {
      boolean wider = shared.isPresent() && shared.get().count() > now.get().suspects();
      return wider ? shared.get().cause() : now.get().cause();
    }
    if (shared.isPresent()) {
      return shared.get().cause();
    }
    boolean ofNode =
        (now.isPresent() && now.get().cause().kind() == Cause.Kind.NODE) || isOfNode(held);
    return ofNode
        ? Cause.of(Suspect.node(held.symptom().suspect().node()))
        : Cause.of(held.symptom().suspect());
  }

  /** Of a device with several symptoms, all are of the one that others share. */
  private Optional<Shared> best(Held held, RackMap map, Map<String, Integer> counted) {
    Optional<Shared> best = ofPart(held, map, counted);
    if (best.isPresent() || !held.symptom().suspect().isDevice()) {
      return best;
    }
    for (Held other : held(held.symptom().suspect().node()).values()) {
      boolean same =
          other.symptom().suspect().uuid().equals(held.symptom().suspect().uuid())
              && !other.symptom().follows()
              && near(other, held, TOGETHER);
      if (best.isEmpty() && same) {
        best = ofPart(other, map, counted);
      }
    }
    return best;
  }

  private Optional<Shared> ofPart(Held held, RackMap map, Map<String, Integer> counted) {
    Optional<Shared> best = Optional.empty();
    Nature nature = held.symptom().nature();
    for (Part part : shared(held)) {
      int count = count(part.text(), byPart.getOrDefault(part, Map.of()), held, counted);
      boolean enough = count >= 2 && (nature != Nature.SILENCE || count * 2 >= size(part, map));
      if (enough && (best.isEmpty() || count > best.get().count())) {
        best = Optional.of(new Shared(Cause.of(part, nature), count));
      }
    }
    if (nature == Nature.SILENCE && isWide(silent.size())) {
      int count = count("", silent, held, counted);
      if (isWide(count) && (best.isEmpty() || count > best.get().count())) {
        best = Optional.of(new Shared(new Cause(Cause.Kind.SITE, "all", nature), count));
      }
    }
    return best;
  }

  /** How many suspects have the same trouble at about the same time. */
  private static int count(
      String of, Map<Symptom.Key, Held> among, Held held, Map<String, Integer> counted) {
    Nature nature = held.symptom().nature();
    return counted.computeIfAbsent(
        of + " " + nature + " " + held.firstMs,
        first -> {
          Set<String> suspects = new HashSet<>();
          for (Held other : among.values()) {
            if (other.symptom().nature() == nature && near(other, held, window(nature))) {
              suspects.add(
                  nature == Nature.LINK
                      ? other.key().node() + " " + other.key().uuid()
                      : other.key().node());
            }
          }
          return suspects.size();
        });
  }

  private static Duration window(Nature nature) {
    return nature == Nature.SILENCE ? SILENT_TOGETHER : TOGETHER;
  }

  private static boolean near(Held one, Held other, Duration window) {
    return Math.abs(one.firstMs - other.firstMs) <= window.toMillis();
  }

  private int size(Part part, RackMap map) {
    return Math.max(map.size(part), seenOf.getOrDefault(part, Set.of()).size());
  }

  /** Whether half of the node's devices, and two at least, have the same. */
  private boolean isOfNode(Held held) {
    if (!held.symptom().suspect().isDevice()) {
      return false;
    }
    int same = 0;
    for (Held other : held(held.symptom().suspect().node()).values()) {
      same +=
          other.symptom().rule().equals(held.symptom().rule()) && near(other, held, TOGETHER)
              ? 1
              : 0;
    }
    int devices = deviceCounts.getOrDefault(held.symptom().suspect().node(), 0);
    return same >= 2 && same * 2 >= devices;
  }

  // ---- which incident it is

  /** Puts these into the incident of their cause. */
  private void gather(Cause cause, List<Held> members, long nowMs, Draft draft) {
    List<Held> movers = new ArrayList<>();
    for (Held held : members) {
      if (held.owner().filter(of -> of.open() && of.cause().equals(cause)).isEmpty()) {
        movers.add(held);
      }
    }
    Map<Case, Incident> told = new HashMap<>();
    for (Held held : movers) {
      held.owner().filter(Case::wasTold).ifPresent(of -> told.computeIfAbsent(of, Case::incident));
    }
    for (Held held : movers) {
      Case of = target(cause, held, movers, nowMs, draft);
      Optional<Case> before = held.owner();
      join(of, held, nowMs);
      before
          .filter(was -> was != of && was.open() && !was.stands())
          .ifPresent(was -> {
            Optional.ofNullable(told.get(was))
                .ifPresent(last -> draft.last.add(merged(last, of, nowMs)));
            merge(was, of, nowMs, draft);
          });
    }
  }

  private void join(Case of, Held held, long nowMs) {
    held.owner().ifPresent(this::touch);
    of.join(held, nowMs);
    touch(of);
  }

  private Case target(Cause cause, Held held, List<Held> movers, long nowMs, Draft draft) {
    long window = window(held.symptom().nature()).toMillis();
    return byCause.getOrDefault(cause, List.of()).stream()
        .filter(one -> one.open() && one.takes(held, window))
        .max(OLDEST)
        .or(() -> promoted(cause, movers))
        .or(() -> reopened(cause, held, nowMs, draft))
        .orElseGet(() -> opened(cause, nowMs));
  }

  /** The oldest of the incidents that are wholly of this cause, as is seen now. */
  private Optional<Case> promoted(Cause cause, List<Held> movers) {
    Set<Symptom.Key> moving = new HashSet<>();
    movers.forEach(held -> moving.add(held.key()));
    Optional<Case> oldest =
        movers.stream()
            .flatMap(held -> held.owner().stream())
            .filter(Case::open)
            .distinct()
            .filter(of ->
                of.standing().stream()
                    .allMatch(held -> held.symptom().follows() || moving.contains(held.key())))
            .min(OLDEST);
    oldest.ifPresent(of -> {
      byCause.getOrDefault(of.cause(), List.of()).remove(of);
      of.rename(cause);
      byCause.computeIfAbsent(cause, first -> new ArrayList<>()).add(of);
      touch(of);
    });
    return oldest;
  }

  private Optional<Case> reopened(Cause cause, Held held, long nowMs, Draft draft) {
    Optional<Case> before =
        byCause.getOrDefault(cause, List.of()).stream()
            .filter(one -> one.closedMs().isPresent() && !one.closedByPerson())
            .filter(one -> nowMs - one.closedMs().getAsLong() <= REOPEN.toMillis())
            .max(OLDEST);
    before.ifPresent(of -> {
      of.reopen(held.firstMs);
      open.add(of);
      touch(of);
      if (of.wasTold()) {
        draft.tellings.add(new Telling(of, Notice.Kind.OPENED, false));
      }
    });
    return before;
  }

  private Case opened(Cause cause, long nowMs) {
    Case of = new Case(nextId(nowMs), cause, nowMs);
    enter(of);
    touch(of);
    return of;
  }

  private void enter(Case of) {
    cases.put(of.id, of);
    byCause.computeIfAbsent(of.cause(), first -> new ArrayList<>()).add(of);
    if (of.open()) {
      open.add(of);
    }
  }

  private String nextId(long nowMs) {
    ZonedDateTime day = Instant.ofEpochMilli(nowMs).atZone(ZoneOffset.UTC);
    String prefix =
        "inc-%04d-%02d%02d".formatted(day.getYear(), day.getMonthValue(), day.getDayOfMonth());
    numbers.keySet().removeIf(known -> known.compareTo(prefix) < 0);
    return prefix + "-" + numbers.merge(prefix, 1, Integer::sum);
  }

  /** Whoever was told of it is told that it is over: it goes on under the other's name. */
  private static Notice merged(Incident last, Case into, long nowMs) {
    return new Notice(Notice.Kind.CLOSED, false, last.closed(nowMs), Optional.of(into.id));
  }

  /** Who came for the one is called for the other: it is no further call of the hour. */
  private void merge(Case was, Case into, long nowMs, Draft draft) {
    remove(was);
    draft.gone.add(was.id);
    if (into.swallow(was)) {
      into.tell(nowMs);
      draft.tellings.add(new Telling(into, Notice.Kind.OPENED, true));
    }
    touch(into);
  }

  private void remove(Case one) {
    cases.remove(one.id);
    open.remove(one);
    changed.remove(one);
    List<Case> same = byCause.getOrDefault(one.cause(), new ArrayList<>());
    same.remove(one);
    if (same.isEmpty()) {
      byCause.remove(one.cause());
    }
  }

  /** What it follows from: trouble of its domain, else of its device. */
  private Optional<Case> leader(Held held) {
    Optional<Case> ofDomain =
        place(held)
            .part(Part.Kind.DOMAIN)
            .flatMap(part ->
                byCause.getOrDefault(Cause.of(part, Nature.LINK), List.of()).stream()
                    .filter(one -> one.open() && one.takes(held, TOGETHER.toMillis()))
                    .max(OLDEST));
    return ofDomain.or(() ->
        byCause.getOrDefault(Cause.of(held.symptom().suspect()), List.of()).stream()
            .filter(Case::open)
            .max(OLDEST));
  }

  // ---- what the time makes of it

  private void tick(Case one, Quiet quiet, long nowMs, Draft draft) {
    if (!one.stands()) {
      boolean over = nowMs - one.clearSince(nowMs) >= HOLD.toMillis();
      changed.add(one);
      if (over) {
        close(one, nowMs, draft);
      }
      return;
    }
    if (one.settles(nowMs)) {
      one.settle();
      if (one.page() == Page.NONE) {
        draft.tellings.add(new Telling(one, Notice.Kind.OPENED, false));
      }
    }
    if (one.settled()) {
      offend(one, nowMs, draft);
    }
    if (one.due(nowMs) && !isSpreading(one, nowMs) && !isQuiet(one, quiet, nowMs)) {
      page(one, nowMs, draft);
    } else if (one.hasNews(nowMs, UPDATES.toMillis())) {
      draft.tellings.add(new Telling(one, Notice.Kind.UPDATED, false));
    }
  }

  private void close(Case one, long nowMs, Draft draft) {
    one.close(nowMs);
    open.remove(one);
    touch(one);
    if (one.wasTold()) {
      draft.tellings.add(new Telling(one, Notice.Kind.CLOSED, false));
    }
  }

  /**
   * Whether it is the silence of one node among several of its parts that fall silent one after the
   * other: what they have in common is not known yet. What else calls is not held back by it.
   */
  private boolean isSpreading(Case one, long nowMs) {
    if (one.cause().isShared() || nowMs - one.openedMs >= SILENT_TOGETHER.toMillis()) {
      return false;
    }
    boolean spreading = false;
    for (Held held : one.standing()) {
      if (held.symptom().calls()) {
        if (held.symptom().nature() != Nature.SILENCE) {
          return false;
        }
        spreading |= othersFellSilent(held, nowMs);
      }
    }
    return spreading;
  }

  /** At the parts that it shares; where nobody knows of any, on the whole site. */
  private boolean othersFellSilent(Held held, long nowMs) {
    List<Part> parts = shared(held);
    return parts.isEmpty()
        ? isLate("", silent, held, nowMs)
        : parts.stream()
            .anyMatch(
                part -> isLate(part.text(), byPart.getOrDefault(part, Map.of()), held, nowMs));
  }

  /** Of a part, looked through once a tick however many ask. */
  private boolean isLate(String of, Map<Symptom.Key, Held> among, Held held, long nowMs) {
    Onsets began = onsets.computeIfAbsent(of, first -> Onsets.of(among.values()));
    long window = SILENT_TOGETHER.toMillis();
    int itself = among.get(held.key()) == held ? 1 : 0;
    return began.near(held.firstMs, window) > itself
        && began.newer(held.firstMs, window, nowMs - SILENT_GRACE.toMillis());
  }

  /** Held back while all that call are under a window. */
  private static boolean isQuiet(Case one, Quiet quiet, long nowMs) {
    for (Held held : one.standing()) {
      if (held.symptom().calls()) {
        var until = quiet.until(held.symptom().suspect().node(), held.symptom().rule());
        if (until.isEmpty() || until.getAsLong() <= nowMs) {
          return false;
        }
      }
    }
    return true;
  }

  private void page(Case one, long nowMs, Draft draft) {
    touch(one);
    switch (rate.ask(scopes(one), nowMs)) {
      case SEND -> {
        one.page(Page.SENT);
        draft.tellings.add(new Telling(one, Notice.Kind.OPENED, true));
      }
      case SUMMARY -> {
        one.page(Page.SUPPRESSED);
        draft.tellings.add(new Telling(one, Notice.Kind.SUMMARY, true));
      }
      case NOTHING -> {
        one.page(Page.SUPPRESSED);
        draft.tellings.add(new Telling(one, Notice.Kind.OPENED, false));
      }
    }
  }

  /** The rack and the domain that all of it is in. */
  private List<String> scopes(Case one) {
    List<String> scopes = new ArrayList<>();
    for (Part.Kind kind : List.of(Part.Kind.RACK, Part.Kind.DOMAIN)) {
      Set<Optional<Part>> parts = new HashSet<>();
      one.standing().forEach(held -> parts.add(place(held).part(kind)));
      if (parts.size() == 1) {
        parts.iterator().next().ifPresent(part -> scopes.add(part.text()));
      }
    }
    return scopes;
  }

  private void offend(Case one, long nowMs, Draft draft) {
    Optional<Suspect> root = one.root().filter(Suspect::isDevice);
    if (root.isEmpty()) {
      return;
    }
    String identity = root.get().identity();
    Offences before = offences.getOrDefault(identity, Offences.none(identity));
    if (!before.incidents().containsKey(one.id)) {
      Offences next = before.with(one.id, one.openedMs);
      offences.put(identity, next);
      draft.offences.put(identity, next);
      one.repeats(next.within(nowMs));
      changed.add(one);
    }
  }

  private void forget(long nowMs, Draft draft) {
    if (cases.size() - open.size() > MOST_CLOSED) {
      List<Case> closed = new ArrayList<>(cases.values());
      closed.removeAll(open);
      closed.stream()
          .sorted(Comparator.comparingLong(one -> one.closedMs().orElse(nowMs)))
          .limit(closed.size() - MOST_CLOSED)
          .forEach(one -> {
            remove(one);
            draft.gone.add(one.id);
          });
    }
  }
}
