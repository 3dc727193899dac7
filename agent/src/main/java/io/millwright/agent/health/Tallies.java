package io.millwright.agent.health;

import io.millwright.agent.health.Event.DeviceError;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Counts events by device and code, each once however many sources tell of it, and knows which
 * still stand.
 */
final class Tallies {
  static final String UNPLACED = "pci:";

  private static final long WINDOW_MS = 5_000;
  private static final int MOST_RECENT = 512;
  private static final int MOST_TALLIES = 2_048;
  private static final Set<String> RESETS = Set.of("reset", "bus_reset", "drain_and_reset");
  private static final Comparator<DeviceError> ORDER =
      Comparator.comparingLong(DeviceError::atMs)
          .thenComparing(error -> error.place().toString())
          .thenComparing(DeviceError::code)
          .thenComparing(DeviceError::origin)
          .thenComparing(error -> error.instance().map(InstanceId::text).orElse(""))
          .thenComparing(DeviceError::gravity)
          .thenComparing(DeviceError::detail);
  private static final Comparator<Event.Kernel> KERNEL_ORDER =
      Comparator.comparingLong(Event.Kernel::atMs)
          .thenComparing(Event.Kernel::pattern)
          .thenComparing(Event.Kernel::detail);
  private static final Comparator<Event.Repeated> FLOOD_ORDER =
      Comparator.comparingLong(Event.Repeated::atMs).thenComparing(Event.Repeated::toString);

  private final RuleCatalogue rules;
  private final Map<Key, Tally> tallies = new TreeMap<>();
  private final Map<String, KernelTally> kernel = new TreeMap<>();
  private final Deque<Recent> recent = new ArrayDeque<>();
  private final Map<String, Double> energies = new HashMap<>();
  private final Map<String, Boolean> resetAsked = new HashMap<>();
  private final List<News> news = new ArrayList<>();

  /** Rises with each change of what is counted. */
  private long edition;

  private record Key(String device, String label) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byDevice = device.compareTo(other.device);
      return byDevice != 0 ? byDevice : label.compareTo(other.label);
    }
  }

  /** An occurrence and who has told of it; what of the device it is of may be said later. */
  private static final class Recent {
    private final String device;
    private final ErrorCode code;
    private final long atMs;
    private final EnumSet<Origin> told;
    private Optional<InstanceId> instance;
    private boolean countedOfInstance;

    Recent(String device, ErrorCode code, long atMs, Origin told, Optional<InstanceId> instance) {
      this.device = device;
      this.code = code;
      this.atMs = atMs;
      this.told = EnumSet.of(told);
      this.instance = instance;
    }

    /** The same, told by somebody else within some seconds. */
    boolean is(String of, DeviceError error) {
      return device.equals(of)
          && code.equals(error.code())
          && Math.abs(atMs - error.atMs()) <= WINDOW_MS
          && !told.contains(error.origin())
          && (instance.isEmpty()
              || error.instance().isEmpty()
              || instance.get().fits(error.instance().get()));
    }

    void toldAgain(DeviceError error) {
      told.add(error.origin());
      error
          .instance()
          .filter(more -> instance.isEmpty() || more.computeInstance().isPresent())
          .ifPresent(more -> instance = Optional.of(more));
    }
  }

  Tallies(RuleCatalogue rules, Memory memory) {
    this.rules = rules;
    for (Tally tally : memory.tallies()) {
      tallies.put(new Key(tally.device(), tally.label()), tally);
      Recent last =
          new Recent(
              tally.device(),
              tally.code(),
              tally.lastMs(),
              Origin.DRIVER,
              InstanceId.of(tally.instance()));
      last.countedOfInstance = true; // what was known of it is in the tallies
      recent.addLast(last);
    }
    memory.kernel().forEach(tally -> kernel.put(tally.pattern(), tally));
  }

  /** The same counts, judged by other rules. This one is not to be used any more. */
  Tallies with(RuleCatalogue others) {
    Tallies next = new Tallies(others, Memory.none(""));
    next.tallies.putAll(tallies);
    next.kernel.putAll(kernel);
    next.recent.addAll(recent);
    next.energies.putAll(energies);
    next.resetAsked.putAll(resetAsked);
    return next;
  }

  /** Rises with each change of what is counted. */
  long edition() {
    return edition;
  }

  Collection<Tally> all() {
    return tallies.values();
  }

  Collection<KernelTally> kernel() {
    return kernel.values();
  }

  /** What the last step has changed. */
  List<News> news() {
    return news;
  }

  void step(Observation now, Node node) {
    news.clear();
    settle(node);
    if (!now.events().isEmpty()) {
      take(now, node);
    }
    for (DeviceView view : node.devices().values()) {
      look(view);
    }
    quieten(now.wallMs());
    bound();
  }

  private void take(Observation now, Node node) {
    edition++;
    List<DeviceError> errors = new ArrayList<>();
    List<Event.Kernel> lines = new ArrayList<>();
    List<Event.Repeated> floods = new ArrayList<>();
    for (Event event : now.events()) {
      switch (event) {
        case DeviceError error -> errors.add(error);
        case Event.Kernel line -> lines.add(line);
        case Event.Repeated flood -> floods.add(flood);
      }
    }
    errors.sort(ORDER);
    lines.sort(KERNEL_ORDER);
    floods.sort(FLOOD_ORDER);
    errors.forEach(error -> take(error, node, now.holders()));
    lines.forEach(line -> take(line, 1, line.atMs()));
    floods.forEach(flood -> take(flood, node, now.holders()));
  }

  // ---- counting

  private void take(DeviceError error, Node node, Map<String, RunId> holders) {
    String device = device(error.place(), node);
    String label = rules.label(error.code());
    Key key = new Key(device, label);
    Tally known = tallies.getOrDefault(key, Tally.first(device, label, error));
    Optional<Recent> same = same(device, error);
    if (same.isPresent()) {
      same.get().toldAgain(error);
      tallies.put(key, known.toldAgain(error, same.get().atMs));
      countOfInstance(same.get(), label, error, node);
      return;
    }
    Recent one = new Recent(device, error.code(), error.atMs(), error.origin(), error.instance());
    recent.addLast(one);
    while (recent.size() > MOST_RECENT) {
      recent.removeFirst();
    }
    countOfInstance(one, label, error, node);
    Optional<Tally.Hit> hit =
        Optional.ofNullable(holders.get(device))
            .map(run -> new Tally.Hit(run.job(), run.text(), error.atMs()));
    tallies.put(key, known.occurred(error, 1, error.atMs(), energy(device, node), hit));
    tell(device, error, 1, error.atMs(), hit);
  }

  private void tell(
      String device, DeviceError error, long times, long firstMs, Optional<Tally.Hit> hit) {
    news.add(
        new News.Occurred(
            device,
            error.instance().map(InstanceId::text).orElse(""),
            error.code(),
            times,
            firstMs,
            error.atMs(),
            hit,
            error.detail()));
  }

  /** In a flood it is not looked whether somebody else told of the same: it may count twice. */
  private void take(Event.Repeated flood, Node node, Map<String, RunId> holders) {
    switch (flood.last()) {
      case DeviceError error -> {
        String device = device(error.place(), node);
        String label = rules.label(error.code());
        Optional<Tally.Hit> hit =
            Optional.ofNullable(holders.get(device))
                .map(run -> new Tally.Hit(run.job(), run.text(), error.atMs()));
        tallies.compute(
            new Key(device, label),
            (key, known) ->
                (known == null ? Tally.first(device, label, error) : known)
                    .occurred(error, flood.times(), flood.firstMs(), energy(device, node), hit));
        tell(device, error, flood.times(), flood.firstMs(), hit);
        error
            .instance()
            .flatMap(instance -> node.accelerator(device, instance))
            .ifPresent(uuid -> countOf(uuid, label, error, flood.times()));
      }
      case Event.Kernel line -> take(line, flood.times(), flood.firstMs());
      case Event.Repeated nested -> throw new IllegalArgumentException("a flood of " + nested);
    }
  }

  /** Beside the device's own count, for the accelerator that the instance is, where it is one. */
  private void countOfInstance(Recent one, String label, DeviceError error, Node node) {
    if (one.countedOfInstance || one.instance.isEmpty()) {
      return;
    }
    Optional<String> accelerator = node.accelerator(one.device, one.instance.get());
    one.countedOfInstance = accelerator.isPresent();
    accelerator.ifPresent(uuid -> countOf(uuid, label, error, 1));
  }

  private void countOf(String uuid, String label, DeviceError error, long times) {
    tallies.compute(
        new Key(uuid, label),
        (key, known) ->
            (known == null ? Tally.first(uuid, label, error) : known).counted(error, times));
  }

  /** Of now, or the last one of a device that answers no more; NaN where it never said it. */
  private double energy(String device, Node node) {
    DeviceView view = node.devices().get(device);
    return view == null || Double.isNaN(view.energyJoules())
        ? energies.getOrDefault(device, Double.NaN)
        : view.energyJoules();
  }

  /**
   * The same occurrence, told by somebody else within some seconds; the oldest such, of the same
   * instance before one of which one of the two says less.
   */
  private Optional<Recent> same(String device, DeviceError error) {
    Optional<Recent> fitting = Optional.empty();
    for (Recent one : recent) {
      if (one.is(device, error)) {
        if (one.instance.equals(error.instance())) {
          return Optional.of(one);
        }
        fitting = fitting.isEmpty() ? Optional.of(one) : fitting;
      }
    }
    return fitting;
  }

  private static String device(Place place, Node node) {
    return switch (place) {
      case Place.Uuid(String uuid) -> uuid;
      case Place.Pci(String address) ->
          node.devices().values().stream()
              .filter(view -> view.pci().filter(address::equals).isPresent())
              .map(DeviceView::uuid)
              .findFirst()
              .orElse(UNPLACED + address);
      case Place.Neuron neuron ->
          node.devices().values().stream()
              .filter(view -> view.is(neuron))
              .map(DeviceView::uuid)
              .findFirst()
              .orElse(UNPLACED + unplaced(neuron));
    };
  }

  /** Codes that came before their device was known become that device's. */
  private void settle(Node node) {
    if (!anyUnplaced()) {
      return;
    }
    for (DeviceView view : node.devices().values()) {
      view.pci().ifPresent(address -> settle(UNPLACED + address, view.uuid()));
      if (view.isNeuron()) {
        settle(UNPLACED + view.uuid(), view.uuid());
        settle(UNPLACED + "neuron" + view.index(), view.uuid());
      }
    }
  }

  private boolean anyUnplaced() {
    for (Key key : tallies.keySet()) {
      if (key.device().startsWith(UNPLACED)) {
        return true;
      }
    }
    return false;
  }

  /** By its serial number where it was said: another device may have its number by now. */
  private static String unplaced(Place.Neuron neuron) {
    return neuron.serial().isEmpty()
        ? "neuron" + neuron.number().orElse(0)
        : DeviceView.NEURON + neuron.serial();
  }

  private void settle(String before, String uuid) {
    List<Tally> moving =
        tallies.values().stream().filter(tally -> tally.device().equals(before)).toList();
    edition += moving.size();
    for (Tally tally : moving) {
      tallies.remove(new Key(before, tally.label()));
      tallies.merge(new Key(uuid, tally.label()), tally.of(uuid), Tally::and);
    }
  }

  private void take(Event.Kernel line, long times, long sinceMs) {
    KernelTally before =
        kernel.getOrDefault(
            line.pattern(), new KernelTally(line.pattern(), 0, sinceMs, line.atMs(), "", 0));
    kernel.put(
        line.pattern(),
        new KernelTally(
            line.pattern(),
            before.count() + times,
            Math.min(before.firstMs(), sinceMs),
            Math.max(before.lastMs(), line.atMs()),
            line.detail(),
            before.stands() ? before.standingSinceMs() : sinceMs));
    news.add(new News.KernelOccurred(line.pattern(), times, sinceMs, line.atMs(), line.detail()));
  }

  // ---- what ends them

  /** Energy that went back, or a driver that asks for a reset no more: the device was reset. */
  private void look(DeviceView view) {
    String uuid = view.uuid();
    double energy = view.energyJoules();
    boolean asked = resetAsked.getOrDefault(uuid, false);
    boolean asks = view.action().map(RESETS::contains).orElse(asked);
    if (asks != asked) {
      resetAsked.put(uuid, asks);
    }
    boolean relieved = asked && view.action().filter("none"::equals).isPresent();
    boolean wentBack = energy < energies.getOrDefault(uuid, Double.NaN);
    for (Map.Entry<Key, Tally> one : tallies.entrySet()) {
      if (one.getKey().device().equals(uuid)) {
        one.setValue(looked(one.getValue(), energy, relieved, wentBack));
      }
    }
    if (!Double.isNaN(energy)) {
      energies.put(uuid, energy);
    }
  }

  /**
   * The energy of when it occurred is all that an agent begun since then knows of before; one that
   * was told in the look that saw the energy go back has that look's energy and came after the
   * reset.
   */
  private Tally looked(Tally tally, double energy, boolean relieved, boolean wentBack) {
    boolean known = !Double.isNaN(energy);
    boolean reset =
        relieved || energy < tally.energyJoules() || (wentBack && energy != tally.energyJoules());
    if (reset && endsByReset(tally)) {
      edition++;
      if (tally.stands()) {
        news.add(new News.Ended(tally.device(), tally.code(), true));
      }
      return tally.ended();
    }
    if (known && Double.isNaN(tally.energyJoules())) {
      edition++;
      return tally.measured(energy);
    }
    return tally;
  }

  private boolean endsByReset(Tally tally) {
    return rule(tally).map(rule -> !(rule.ending() instanceof Ending.Boot)).orElse(true);
  }

  private void quieten(long wallMs) {
    for (Map.Entry<Key, Tally> one : tallies.entrySet()) {
      Tally tally = one.getValue();
      if (tally.stands() && isQuiet(tally, wallMs)) {
        edition++;
        one.setValue(tally.quieted());
        news.add(new News.Ended(tally.device(), tally.code(), false));
      }
    }
    for (Map.Entry<String, KernelTally> one : kernel.entrySet()) {
      KernelTally tally = one.getValue();
      if (tally.stands() && isQuiet(tally, wallMs)) {
        edition++;
        one.setValue(quieted(tally));
        news.add(new News.KernelEnded(tally.pattern()));
      }
    }
  }

  private boolean isQuiet(Tally tally, long wallMs) {
    return rule(tally).map(rule -> wallMs - tally.lastMs() >= quiet(rule)).orElse(false);
  }

  private boolean isQuiet(KernelTally tally, long wallMs) {
    for (Rule rule : rules.all()) {
      if (Engine.isOf(rule, tally.pattern()) && wallMs - tally.lastMs() < quiet(rule)) {
        return false;
      }
    }
    return true;
  }

  private static KernelTally quieted(KernelTally tally) {
    return new KernelTally(
        tally.pattern(), tally.count(), tally.firstMs(), tally.lastMs(), tally.detail(), 0);
  }

  private static long quiet(Rule rule) {
    return rule.ending() instanceof Ending.Quiet(var held) ? held.toMillis() : Long.MAX_VALUE;
  }

  /** The rule that judges it, by its number and by what the kernel log said of it. */
  Optional<Rule> rule(Tally tally) {
    Optional<Rule> rule = rules.of(tally.code());
    return switch (tally.gravity()) {
      case UNSAID -> rule;
      case FATAL -> rule.flatMap(one -> inPlaceOf("xid-link-warning", one, "xid-link"));
      case NONFATAL -> rule.flatMap(one -> inPlaceOf("xid-link", one, "xid-link-warning"));
    };
  }

  private Optional<Rule> inPlaceOf(String id, Rule rule, String other) {
    return rule.id().equals(id) ? rules.find(other) : Optional.of(rule);
  }

  /**
   * Far more than there are devices and codes: what is over is let go of first, then the oldest.
   */
  private void bound() {
    while (tallies.size() > MOST_TALLIES) {
      edition++;
      tallies.values().stream()
          .min(Comparator.comparing(Tally::stands).thenComparingLong(Tally::lastMs))
          .ifPresent(tally -> tallies.remove(new Key(tally.device(), tally.label())));
    }
  }
}
