package io.millwright.agent.health;

import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All occurrences of one error code on one device since the node booted.
 *
 * @param device uuid, or {@code pci:} and an address while no known device has it
 * @param label of the code: its number, or {@code other}
 * @param code the one that came last
 * @param standingSinceMs first occurrence that nothing has ended yet; 0 where all is ended
 * @param gravity the worst that was said since then
 * @param energyJoules of the device when it came last, so that a reset is seen; NaN where unknown
 * @param instance what of the device the last one was put down to, as in {@code gi1}; empty for all
 *     of it
 * @param detail words of the kernel log, the last ones
 * @param hits jobs that had the device, since it was reset; the oldest first, each once
 */
public record Tally(
    String device,
    String label,
    ErrorCode code,
    long count,
    long firstMs,
    long lastMs,
    long standingSinceMs,
    Event.Gravity gravity,
    double energyJoules,
    String instance,
    String detail,
    List<Hit> hits) {
  private static final int MOST_HITS = 8;

  /** A run that had the device when the code came. */
  public record Hit(String job, String run, long atMs) {}

  public Tally {
    hits = List.copyOf(hits);
  }

  static Tally first(String device, String label, Event.DeviceError error) {
    return new Tally(
        device,
        label,
        error.code(),
        0,
        error.atMs(),
        error.atMs(),
        0,
        Event.Gravity.UNSAID,
        Double.NaN,
        "",
        "",
        List.of());
  }

  boolean stands() {
    return standingSinceMs != 0;
  }

  Optional<Hit> lastHit() {
    return hits.isEmpty() ? Optional.empty() : Optional.of(hits.getLast());
  }

  /**
   * It occurred.
   *
   * @param times how often; the error is the last of them
   * @param sinceMs when the first of them was
   */
  Tally occurred(
      Event.DeviceError error, long times, long sinceMs, double energy, Optional<Hit> hit) {
    return new Tally(
        device,
        label,
        error.code(),
        count + times,
        Math.min(firstMs, sinceMs),
        Math.max(lastMs, error.atMs()),
        stands() ? Math.min(standingSinceMs, sinceMs) : sinceMs,
        worse(stands() ? gravity : Event.Gravity.UNSAID, error.gravity()),
        Double.isNaN(energy) ? energyJoules : energy,
        instance(error).orElse(""),
        error.detail().isEmpty() ? detail : error.detail(),
        with(hit));
  }

  /**
   * So many more of an instance: its device alone is judged for it, so that nothing stands here.
   */
  Tally counted(Event.DeviceError error, long times) {
    return new Tally(
        device,
        label,
        error.code(),
        count + times,
        Math.min(firstMs, error.atMs()),
        Math.max(lastMs, error.atMs()),
        0,
        Event.Gravity.UNSAID,
        Double.NaN,
        "",
        "",
        List.of());
  }

  /** The device's energy was not known when the code came, and is now. */
  Tally measured(double energy) {
    return new Tally(
        device,
        label,
        code,
        count,
        firstMs,
        lastMs,
        standingSinceMs,
        gravity,
        energy,
        instance,
        detail,
        hits);
  }

  /**
   * The same occurrence, told once more by another source.
   *
   * @param atMs when it was told first
   */
  Tally toldAgain(Event.DeviceError error, long atMs) {
    return new Tally(
        device,
        label,
        code,
        count,
        firstMs,
        lastMs,
        standingSinceMs,
        stands() ? worse(gravity, error.gravity()) : gravity,
        energyJoules,
        instance(error)
            .filter(told -> atMs >= lastMs && !instance.startsWith(told))
            .orElse(instance),
        error.detail().isEmpty() ? detail : error.detail(),
        hits);
  }

  /** Nothing came for long; which jobs were hit is still of interest. */
  Tally quieted() {
    return ended(hits);
  }

  /** The device was reset: nothing of before counts against it. */
  Tally ended() {
    return ended(List.of());
  }

  private Tally ended(List<Hit> kept) {
    return new Tally(
        device,
        label,
        code,
        count,
        firstMs,
        lastMs,
        0,
        Event.Gravity.UNSAID,
        energyJoules,
        instance,
        detail,
        kept);
  }

  /** The same, of the device that turned out to be meant. */
  Tally of(String uuid) {
    return new Tally(
        uuid,
        label,
        code,
        count,
        firstMs,
        lastMs,
        standingSinceMs,
        gravity,
        energyJoules,
        instance,
        detail,
        hits);
  }

  /** Both together, where a code was told of the same device under two names. */
  Tally and(Tally other) {
    List<Hit> all = new ArrayList<>(hits);
    all.addAll(other.hits);
    return new Tally(
        device,
        label,
        lastMs >= other.lastMs ? code : other.code,
        count + other.count,
        Math.min(firstMs, other.firstMs),
        Math.max(lastMs, other.lastMs),
        stands() && other.stands()
            ? Math.min(standingSinceMs, other.standingSinceMs)
            : Math.max(standingSinceMs, other.standingSinceMs),
        worse(gravity, other.gravity),
        Double.isNaN(energyJoules) ? other.energyJoules : energyJoules,
        lastMs >= other.lastMs ? instance : other.instance,
        detail.isEmpty() ? other.detail : detail,
        bounded(all));
  }

  private static Optional<String> instance(Event.DeviceError error) {
    return error.instance().map(InstanceId::text);
  }

  private List<Hit> with(Optional<Hit> hit) {
    if (hit.isEmpty()) {
      return hits;
    }
    List<Hit> all = new ArrayList<>(hits);
    all.removeIf(known -> known.job().equals(hit.get().job()));
    all.add(hit.get());
    return bounded(all);
  }

  private static List<Hit> bounded(List<Hit> all) {
    return all.subList(Math.max(0, all.size() - MOST_HITS), all.size());
  }

  private static Event.Gravity worse(Event.Gravity a, Event.Gravity b) {
    if (a == Event.Gravity.FATAL || b == Event.Gravity.FATAL) {
      return Event.Gravity.FATAL;
    }
    return a == Event.Gravity.UNSAID ? b : a;
  }
}
