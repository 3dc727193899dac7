package io.millwright.collector.self;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Whether the collector stays within what it may take: heap, processors, open files, and the
 * fullest of its queues.
 *
 * <p>A resource is over where the least use of a minute (of processors, the mean) is beyond nine
 * tenths of what there is: what a collection of garbage gives back within that minute, and a burst
 * that is worked off, is no trouble.
 *
 * <p><i>Threading:</i> {@link #look} by one thread, {@code control}; the others from any.
 * <i>Failure:</i> what cannot be read is absent, and is never over.
 */
public final class Budget {
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final int LOOKS = 12;
  private static final double MOST = 0.9;

  private final Readings readings;
  private final Supplier<List<Backlog>> queues;
  private final Clock clock;
  private final Map<Resource, ArrayDeque<Double>> seen = new EnumMap<>(Resource.class);
  private Optional<Cpu> cpu = Optional.empty();
  private Optional<Long> lookedNanos = Optional.empty();
  private volatile Map<Resource, Double> used = Map.of();
  private volatile String fullest = "";

  /** What there is a budget of. */
  public enum Resource {
    HEAP("raise -Xmx of its JVM, or lower --history-mebibytes"),
    CPU("give it another core, or look at who asks REST so much"),
    FILES("raise LimitNOFILE of its unit"),
    QUEUES("see its disk and its CPU");

    private final String remedy;

    Resource(String remedy) {
      this.remedy = remedy;
    }

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where the numbers come from; a test has its own. */
  public interface Readings {
    long heapUsedBytes();

    long heapMostBytes();

    /** Processor time of the process since its begin; empty where it is not told. */
    OptionalLong cpuNanos();

    int processors();

    OptionalLong filesOpen();

    OptionalLong filesMost();

    /** Of this process. */
    static Readings own() {
      return new OwnReadings(Descriptors.own());
    }
  }

  private record OwnReadings(Descriptors descriptors) implements Readings {
    @Override
    public long heapUsedBytes() {
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Override
    public long heapMostBytes() {
      return Runtime.getRuntime().maxMemory();
    }

    @Override
    public OptionalLong cpuNanos() {
      return ProcessHandle.current()
          .info()
          .totalCpuDuration()
          .map(spent -> OptionalLong.of(spent.toNanos()))
          .orElseGet(OptionalLong::empty);
    }

    @Override
    public int processors() {
      return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public OptionalLong filesOpen() {
      return descriptors.open();
    }

    @Override
    public OptionalLong filesMost() {
      return descriptors.most();
    }
  }

  private record Cpu(long spentNanos, long atNanos) {}

  /**
   * @param queues as they are now
   */
  public Budget(Readings readings, Supplier<List<Backlog>> queues, Clock clock) {
    this.readings = readings;
    this.queues = queues;
    this.clock = clock;
  }

  /** At the end of a turn; once in five seconds is enough. */
  public void look() {
    long now = clock.nanos();
    if (lookedNanos.isPresent() && now - lookedNanos.get() < LOOK.toNanos()) {
      return;
    }
    lookedNanos = Optional.of(now);
    note(Resource.HEAP, (double) readings.heapUsedBytes() / readings.heapMostBytes());
    processors(now);
    OptionalLong open = readings.filesOpen();
    OptionalLong most = readings.filesMost();
    if (open.isPresent() && most.isPresent()) {
      note(Resource.FILES, (double) open.getAsLong() / most.getAsLong());
    }
    Optional<Backlog> full = queues.get().stream().max(Comparator.comparingDouble(Backlog::fill));
    full.ifPresent(one -> note(Resource.QUEUES, one.fill()));
    fullest = full.map(Backlog::queue).orElse("");
    Map<Resource, Double> next = new EnumMap<>(Resource.class);
    seen.forEach((resource, looks) -> next.put(resource, of(resource, looks)));
    used = Map.copyOf(next);
  }

  private void processors(long now) {
    OptionalLong spent = readings.cpuNanos();
    if (spent.isEmpty()) {
      return;
    }
    Optional<Cpu> before = cpu;
    cpu = Optional.of(new Cpu(spent.getAsLong(), now));
    before.ifPresent(last ->
        note(
            Resource.CPU,
            (double) (spent.getAsLong() - last.spentNanos())
                / Math.max(1, now - last.atNanos())
                / readings.processors()));
  }

  private void note(Resource resource, double ratio) {
    ArrayDeque<Double> looks = seen.computeIfAbsent(resource, first -> new ArrayDeque<>());
    looks.addLast(ratio);
    if (looks.size() > LOOKS) {
      looks.removeFirst();
    }
  }

  private static double of(Resource resource, ArrayDeque<Double> looks) {
    double[] all = looks.stream().mapToDouble(Double::doubleValue).toArray();
    return resource == Resource.CPU
        ? java.util.Arrays.stream(all).average().orElse(0)
        : java.util.Arrays.stream(all).min().orElse(0);
  }

  /** What is used of each resource that is known, 0 to 1, over the last minute. */
  public Map<Resource, Double> used() {
    return used;
  }

  /** Whether more than nine tenths of it are used. */
  public static boolean over(double ratio) {
    return ratio > MOST;
  }

  /** What it is short of, in one sentence; empty where it is not. */
  public Optional<String> trouble() {
    return used.entrySet().stream()
        .filter(one -> over(one.getValue()))
        .max(Map.Entry.comparingByValue())
        .map(one ->
            "it uses %.0f %% of its %s: %s"
                .formatted(
                    one.getValue() * 100,
                    one.getKey() == Resource.QUEUES
                        ? "queue " + fullest
                        : one.getKey().word().replace("files", "open files"),
                    one.getKey().remedy));
  }
}
