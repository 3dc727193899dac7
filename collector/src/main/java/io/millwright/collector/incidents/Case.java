package io.millwright.collector.incidents;

import io.millwright.collector.incidents.Incident.Member;
import io.millwright.collector.incidents.Incident.Page;
import io.millwright.collector.incidents.Incident.Severity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An incident while it is worked on. One owner. */
final class Case {
  final String id;
  final long openedMs;
  private final List<String> aliases = new ArrayList<>();
  private final Map<Symptom.Key, Held> standing = new TreeMap<>();
  private final Map<Symptom.Key, Member> past = new TreeMap<>();
  private Cause cause;
  private long joinedMs;
  private int revision;
  private int atLeast;
  private OptionalLong clearSinceMs = OptionalLong.empty();
  private OptionalLong closedMs = OptionalLong.empty();
  private Page page = Page.NONE;
  private long dueMs;
  private boolean settled;
  private boolean told;
  private long toldMs;
  private int toldRevision;
  private boolean touched = true;
  private int repeats = 1;
  private Optional<Closing> closing = Optional.empty();

  Case(String id, Cause cause, long nowMs) {
    this.id = id;
    this.cause = cause;
    this.openedMs = nowMs;
    this.joinedMs = nowMs;
  }

  /** As it was when the collector ended; what stood then stands until its node says otherwise. */
  Case(Incident stored, long startMs) {
    this(stored.id(), stored.cause(), stored.openedMs());
    aliases.addAll(stored.aliases());
    joinedMs = stored.joinedMs();
    revision = stored.revision();
    clearSinceMs = atMost(stored.clearSinceMs(), startMs);
    closedMs = stored.closedMs();
    page = stored.page();
    dueMs = startMs + Incidents.GATHER.toMillis();
    settled = startMs - openedMs >= Incidents.GATHER.toMillis();
    told = settled;
    toldMs = startMs;
    toldRevision = revision;
    repeats = stored.repeats();
    atLeast = stored.count() > stored.members().size() ? stored.count() : 0;
    closing = stored.closing();
    touched = false;
    for (Member member : stored.members()) {
      if (member.clearedMs().isPresent()) {
        past.put(member.symptom().key(), member);
      } else {
        Held held =
            Held.restored(member.symptom(), member.firstMs(), startMs + Incidents.TRUST.toMillis());
        held.owner(Optional.of(this));
        standing.put(held.key(), held);
      }
    }
  }

  /** A clock that was set back while the collector was away makes nothing last longer. */
  private static OptionalLong atMost(OptionalLong atMs, long startMs) {
    return atMs.isPresent() ? OptionalLong.of(Math.min(atMs.getAsLong(), startMs)) : atMs;
  }

  // ---- what it is

  Cause cause() {
    return cause;
  }

  boolean open() {
    return closedMs.isEmpty();
  }

  OptionalLong closedMs() {
    return closedMs;
  }

  Page page() {
    return page;
  }

  List<String> names() {
    List<String> names = new ArrayList<>(aliases);
    names.add(id);
    return names;
  }

  Collection<Held> standing() {
    return standing.values();
  }

  /** Whether something stands that keeps it open. */
  boolean stands() {
    for (Held held : standing.values()) {
      if (!held.symptom().follows()) {
        return true;
      }
    }
    return false;
  }

  /** Whether something stands for which a person is to come. */
  boolean calls() {
    for (Held held : standing.values()) {
      if (held.symptom().calls()) {
        return true;
      }
    }
    return false;
  }

  private boolean calls(long nowMs) {
    for (Held held : standing.values()) {
      if (held.calls(nowMs)) {
        return true;
      }
    }
    return false;
  }

  /** How many suspects it has or had. */
  int suspects() {
    Set<String> suspects = new HashSet<>();
    standing.keySet().forEach(key -> suspects.add(key.node() + " " + key.uuid()));
    past.keySet().forEach(key -> suspects.add(key.node() + " " + key.uuid()));
    return Math.max(atLeast, suspects.size());
  }

  /** Whether what began then may be of it. */
  boolean takes(Held held, long windowMs) {
    return cause.kind() == Cause.Kind.DEVICE
        || atLeast > 0
        || Math.abs(held.firstMs - joinedMs) <= windowMs
        || knows(held.key());
  }

  private boolean knows(Symptom.Key key) {
    return Stream.concat(standing.keySet().stream(), past.keySet().stream())
        .anyMatch(one -> one.node().equals(key.node()) && one.uuid().equals(key.uuid()));
  }

  // ---- what becomes of it

  void touch() {
    touched = true;
  }

  void join(Held held, long nowMs) {
    held.owner().ifPresent(before -> before.leave(held));
    held.owner(Optional.of(this));
    past.remove(held.key());
    standing.put(held.key(), held);
    if (!held.symptom().follows()) {
      joinedMs = Math.max(joinedMs, held.firstMs);
      clearSinceMs = OptionalLong.empty();
    }
    wantPage(nowMs);
    touched = true;
  }

  /** Somebody is called a little later, when what belongs together has arrived. */
  void wantPage(long nowMs) {
    if (page == Page.NONE && calls()) {
      page = Page.WAITING;
      dueMs = nowMs + Incidents.GATHER.toMillis();
    }
  }

  private void leave(Held held) {
    standing.remove(held.key());
    touched = true;
  }

  void cleared(Held held, long nowMs) {
    standing.remove(held.key());
    past.put(held.key(), new Member(held.symptom(), held.firstMs, OptionalLong.of(nowMs)));
    touched = true;
  }

  void rename(Cause wider) {
    cause = wider;
    touched = true;
  }

  /** The other turned out to be this one; whether it is this one now that has to call. */
  boolean swallow(Case other) {
    aliases.addAll(other.names());
    List.copyOf(other.standing.values()).forEach(held -> join(held, joinedMs));
    other.past.forEach(past::putIfAbsent);
    boolean calls = other.page == Page.SENT && page != Page.SENT && calls();
    page = calls ? Page.SENT : joined(page, other.page);
    dueMs = Math.min(dueMs == 0 ? other.dueMs : dueMs, other.dueMs == 0 ? dueMs : other.dueMs);
    told |= other.told;
    touched = true;
    return calls;
  }

  /** A call for the other is over with it: it says nothing of what stands here. */
  private static Page joined(Page own, Page others) {
    boolean waits = own == Page.WAITING || others == Page.WAITING;
    if (own == Page.SENT || (own == Page.NONE && others == Page.SENT)) {
      return own;
    }
    return waits ? Page.WAITING : others == Page.SUPPRESSED ? others : own;
  }

  /** Whether its turn has come to be told for the first time. */
  boolean settles(long nowMs) {
    return !settled && nowMs - openedMs >= Incidents.GATHER.toMillis();
  }

  void settle() {
    settled = true;
  }

  boolean settled() {
    return settled;
  }

  boolean due(long nowMs) {
    return page == Page.WAITING && nowMs >= dueMs && calls(nowMs);
  }

  void page(Page decided) {
    page = decided;
    touched = true;
  }

  boolean wasTold() {
    return told;
  }

  void tell(long nowMs) {
    told = true;
    toldMs = nowMs;
    toldRevision = revision + (touched ? 1 : 0);
  }

  boolean hasNews(long nowMs, long everyMs) {
    return told && (touched || toldRevision != revision) && nowMs - toldMs >= everyMs;
  }

  void repeats(int count) {
    touched |= repeats != count;
    repeats = count;
  }

  /** Since when nothing of it stands, from now on. */
  long clearSince(long nowMs) {
    if (clearSinceMs.isEmpty()) {
      clearSinceMs = OptionalLong.of(nowMs);
      touched = true;
    }
    return clearSinceMs.getAsLong();
  }

  void close(long nowMs) {
    closedMs = OptionalLong.of(nowMs);
    standing
        .values()
        .forEach(held -> {
          held.owner(Optional.empty());
          past.put(held.key(), new Member(held.symptom(), held.firstMs, OptionalLong.of(nowMs)));
        });
    standing.clear();
    touched = true;
  }

  /** By a person: what stands stays on it, as what it is, until it is over. */
  void close(Closing by, long nowMs) {
    closedMs = OptionalLong.of(nowMs);
    closing = Optional.of(by);
    touched = true;
  }

  boolean closedByPerson() {
    return closing.isPresent();
  }

  void reopen(long nowMs) {
    closedMs = OptionalLong.empty();
    clearSinceMs = OptionalLong.empty();
    joinedMs = nowMs;
    touched = true;
  }

  // ---- what is seen of it

  /** Where it began, as far as that is known. */
  Optional<Suspect> root() {
    if (cause.nature() == Nature.LINK && cause.isShared()) {
      return linkDown();
    }
    return switch (cause.kind()) {
      case DEVICE ->
          all().map(one -> one.symptom().suspect()).filter(Suspect::isDevice).findFirst();
      case NODE ->
          cause.nature() == Nature.OWN && !tellsSilence()
              ? Optional.of(Suspect.node(cause.name()))
              : Optional.empty();
      case RACK, DOMAIN, COOLING, FEED, SWITCH, SITE -> Optional.empty();
    };
  }

  /** Asked at each look of each case. */
  private boolean tellsSilence() {
    for (Held held : standing.values()) {
      if (held.symptom().nature() == Nature.SILENCE) {
        return true;
      }
    }
    for (Member member : past.values()) {
      if (member.symptom().nature() == Nature.SILENCE) {
        return true;
      }
    }
    return false;
  }

  private Optional<Suspect> linkDown() {
    Optional<Member> first = Optional.empty();
    for (Member one : all().toList()) {
      boolean earlier = first.isEmpty() || one.firstMs() < first.get().firstMs();
      if (one.symptom().isLinkDown() && earlier) {
        first = Optional.of(one);
      }
    }
    return first.map(one -> one.symptom().suspect());
  }

  /** What stands, then what stood; each in the order of its keys. */
  private Stream<Member> all() {
    return Stream.concat(
        standing.values().stream()
            .map(held -> new Member(held.symptom(), held.firstMs, OptionalLong.empty())),
        past.values().stream());
  }

  /** The next revision where something has changed. */
  Optional<Incident> revised() {
    if (!touched) {
      return Optional.empty();
    }
    touched = false;
    revision++;
    return Optional.of(incident());
  }

  Incident incident() {
    List<Member> members = all().toList();
    Optional<Suspect> root = root();
    boolean critical = members.stream().anyMatch(one -> one.symptom().calls());
    return new Incident(
        id,
        aliases,
        cause,
        Words.summary(cause, root, members, suspects()),
        open(),
        critical ? Severity.CRITICAL : Severity.WARNING,
        revision,
        openedMs,
        joinedMs,
        clearSinceMs,
        closedMs,
        page,
        root,
        repeats,
        suspects(),
        kept(members, root),
        closing);
  }

  /** Of a large one the root first: it must not be among those that are only counted. */
  private static List<Member> kept(List<Member> members, Optional<Suspect> root) {
    if (members.size() <= Incident.MOST_MEMBERS) {
      return members;
    }
    return Stream.concat(
            members.stream().filter(one -> root.equals(Optional.of(one.symptom().suspect()))),
            members.stream().filter(one -> !root.equals(Optional.of(one.symptom().suspect()))))
        .limit(Incident.MOST_MEMBERS)
        .toList();
  }
}
