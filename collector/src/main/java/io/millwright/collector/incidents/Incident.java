package io.millwright.collector.incidents;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * One physical cause and what it did. Immutable; each change makes a new one of the next revision.
 *
 * @param id as in {@code inc-2026-1122-7}
 * @param aliases ids of incidents that turned out to be this one
 * @param root where it began, as far as that is known
 * @param repeats incidents that began at the root within thirty days, this one with them
 * @param page whether somebody was called
 * @param clearSinceMs since when nothing of it stands
 * @param members what stands, and what stood; only {@link #MOST_MEMBERS} of a large one
 * @param count how many suspects it has or had
 * @param closing that a person closed it; what stood then stands among its members until it is over
 */
public record Incident(
    String id,
    List<String> aliases,
    Cause cause,
    String summary,
    boolean open,
    Severity severity,
    int revision,
    long openedMs,
    long joinedMs,
    OptionalLong clearSinceMs,
    OptionalLong closedMs,
    Page page,
    Optional<Suspect> root,
    int repeats,
    int count,
    List<Member> members,
    Optional<Closing> closing) {
  /** Beyond these the members of an incident are only counted. */
  public static final int MOST_MEMBERS = 512;

  /** In the order in which they were opened. */
  static final Comparator<Incident> OLDEST_FIRST =
      Comparator.comparingLong(Incident::openedMs).thenComparing(Incident::id);

  /** How bad it is. */
  public enum Severity {
    /** Nothing failed; nobody is called. */
    WARNING,
    CRITICAL;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether somebody was called for it. */
  public enum Page {
    /** It calls for nobody. */
    NONE,
    /** It is being gathered what belongs to it, or a maintenance window holds it back. */
    WAITING,
    SENT,
    /** So many were sent before that this one was not. */
    SUPPRESSED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One symptom of it.
   *
   * @param clearedMs when it ended
   */
  public record Member(Symptom symptom, long firstMs, OptionalLong clearedMs) {}

  public Incident {
    aliases = List.copyOf(aliases);
    members = List.copyOf(members);
  }

  /** As it is told for the last time before it goes on as a part of another. */
  Incident closed(long nowMs) {
    return closed(closing, nowMs);
  }

  /** As it is once a person has closed it. */
  public Incident closed(Closing by, long nowMs) {
    return closed(Optional.of(by), nowMs);
  }

  private Incident closed(Optional<Closing> by, long nowMs) {
    return new Incident(
        id,
        aliases,
        cause,
        summary,
        false,
        severity,
        revision + 1,
        openedMs,
        joinedMs,
        clearSinceMs,
        OptionalLong.of(nowMs),
        page,
        root,
        repeats,
        count,
        members,
        by);
  }

  /** Whether some of its members may only be counted. */
  public boolean isCut() {
    return members.size() >= MOST_MEMBERS || count > members.size();
  }

  /** Names of the nodes that it touches. */
  public List<String> nodes() {
    TreeSet<String> nodes = new TreeSet<>();
    members.forEach(member -> nodes.add(member.symptom().suspect().node()));
    return List.copyOf(nodes);
  }

  /** Names of the jobs that it touches. */
  public List<String> jobs() {
    TreeSet<String> jobs = new TreeSet<>();
    members.forEach(member -> member.symptom().job().ifPresent(jobs::add));
    return List.copyOf(jobs);
  }

  /** The state in REST: {@code open} or {@code closed}. */
  public String state() {
    return open ? "open" : "closed";
  }

  /** Whether it is this one, or became part of it. */
  public boolean isCalled(String name) {
    return id.equals(name) || aliases.contains(name);
  }
}
