package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Finds the accelerators in a node's series. Where they stand is worked out once, so that each look
 * costs a look at some dozen places a device.
 *
 * <p><i>Threading:</i> one owner thread.
 */
public final class Accelerators {
  private static final int INDEX = 1;
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final int MODEL = 4;
  private static final int OWN = 5;

  private static final int NOWHERE = -1;

  /** Families of which a device has one series that is looked at. */
  private static final List<Metric> ONE =
      List.of(
          Metric.ACCELERATOR_UP,
          Metric.ACCELERATOR_PARTITION_MODE_ENABLED,
          Metric.ACCELERATOR_POWER_WATTS,
          Metric.ACCELERATOR_UTILIZATION_RATIO,
          Metric.ACCELERATOR_TEMPERATURE_CELSIUS,
          Metric.ACCELERATOR_MEMORY_USED_BYTES,
          Metric.ACCELERATOR_MEMORY_SIZE_BYTES,
          Metric.ACCELERATOR_ENERGY_JOULES_TOTAL,
          Metric.ACCELERATOR_PROCESS_MEMORY_BYTES);

  private final List<Places> places;
  private final Readout sample;
  private List<AcceleratorState> last = List.of();

  /** Where the readings of one device stand; only what the table has. */
  private static final class Places {
    final List<String> labels;
    final int[] one = new int[ONE.size()];
    final VerdictPlaces verdict = new VerdictPlaces();
    final List<Integer> stuck = new ArrayList<>(0);
    final List<String> stuckCalls = new ArrayList<>(0);
    boolean simulated;

    Places(List<String> labels) {
      this.labels = labels;
      Arrays.fill(one, NOWHERE);
    }

    int of(Metric metric) {
      return one[ONE.indexOf(metric)];
    }

    /** Of a Neuron device all that is used: its driver counts what processes have allocated. */
    Metric heldMemory() {
      return labels.get(VENDOR).equals(DeviceKind.NEURON.vendor())
          ? Metric.ACCELERATOR_MEMORY_USED_BYTES
          : Metric.ACCELERATOR_PROCESS_MEMORY_BYTES;
    }
  }

  /** The readings of one device in a sample that changes in place. */
  private record Read(Places device, Readout sample) implements DeviceReadings {
    @Override
    public OptionalDouble value(DeviceReading reading) {
      int at =
          device.of(
              switch (reading) {
                case POWER_WATTS -> Metric.ACCELERATOR_POWER_WATTS;
                case UTILIZATION -> Metric.ACCELERATOR_UTILIZATION_RATIO;
                case TEMPERATURE_CELSIUS -> Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
                case MEMORY_USED_BYTES -> Metric.ACCELERATOR_MEMORY_USED_BYTES;
                case MEMORY_SIZE_BYTES -> Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
                case ENERGY_JOULES -> Metric.ACCELERATOR_ENERGY_JOULES_TOTAL;
                case HELD_MEMORY_BYTES -> device.heldMemory();
              });
      return at != NOWHERE && sample.reading(at) instanceof Reading.Measured(double value)
          ? OptionalDouble.of(value)
          : OptionalDouble.empty();
    }
  }

  /**
   * @param sample may change in place
   */
  public Accelerators(Readout sample) {
    this.sample = sample;
    SeriesTable table = sample.table();
    Map<String, Places> byUuid = new LinkedHashMap<>();
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      if (series.metric().scope() == Metric.Scope.ACCELERATOR) {
        List<String> labels = series.labelValues();
        note(byUuid.computeIfAbsent(labels.get(UUID), first -> new Places(labels)), i, series);
      }
    }
    places = List.copyOf(byUuid.values());
  }

  private static void note(Places device, int at, Series series) {
    List<String> own = series.labelValues().subList(OWN, series.labelValues().size());
    switch (series.metric()) {
      case ACCELERATOR_INFO -> device.simulated |= series.simulated();
      case ACCELERATOR_HEALTH_STATE -> device.verdict.note(at, own.getFirst());
      case ACCELERATOR_NATIVE_CALL_STUCK_SECONDS -> {
        device.stuck.add(at);
        device.stuckCalls.add(own.getFirst());
      }
      case ACCELERATOR_UP,
          ACCELERATOR_PARTITION_MODE_ENABLED,
          ACCELERATOR_UTILIZATION_RATIO,
          ACCELERATOR_MEMORY_USED_BYTES,
          ACCELERATOR_MEMORY_SIZE_BYTES,
          ACCELERATOR_PROCESS_MEMORY_BYTES ->
          device.one[ONE.indexOf(series.metric())] = at;
      case ACCELERATOR_POWER_WATTS, ACCELERATOR_ENERGY_JOULES_TOTAL ->
          noteIf(own.equals(List.of("gpu")), device, at, series);
      case ACCELERATOR_TEMPERATURE_CELSIUS ->
          noteIf(own.equals(List.of("core")), device, at, series);
      default -> {}
    }
  }

  private static void noteIf(boolean wanted, Places device, int at, Series series) {
    if (wanted) {
      device.one[ONE.indexOf(series.metric())] = at;
    }
  }

  /**
   * The devices as the sample shows them now: the very list of the time before where nothing but
   * their readings has changed.
   */
  public List<AcceleratorState> now() {
    boolean same = last.size() == places.size();
    for (int i = 0; same && i < places.size(); i++) {
      same = same(places.get(i), last.get(i), sample);
    }
    if (!same) {
      last = List.copyOf(places.stream().map(device -> state(device, sample)).toList());
    }
    return last;
  }

  private static boolean same(Places device, AcceleratorState before, Readout sample) {
    return before.up() == up(device, sample)
        && before.divided() == divided(device, sample)
        && before.told().equals(device.verdict.of(sample))
        && before.stuckCall().equals(stuckCall(device, sample));
  }

  private static AcceleratorState state(Places device, Readout sample) {
    return new AcceleratorState(
        device.labels.get(INDEX),
        device.labels.get(UUID),
        device.labels.get(VENDOR),
        device.labels.get(MODEL),
        device.simulated,
        up(device, sample),
        divided(device, sample),
        device.verdict.of(sample),
        stuckCall(device, sample),
        new Read(device, sample));
  }

  private static boolean up(Places device, Readout sample) {
    int at = device.of(Metric.ACCELERATOR_UP);
    return at != NOWHERE && sample.measured(at) && sample.value(at) == 1;
  }

  /** Also where the driver has not said: what was not observed is not taken for whole. */
  private static boolean divided(Places device, Readout sample) {
    int at = device.of(Metric.ACCELERATOR_PARTITION_MODE_ENABLED);
    return at != NOWHERE
        && switch (sample.reading(at)) {
          case Reading.Measured(double value) -> value == 1;
          case Reading.Unsupported() -> false;
          case Reading.Unavailable _ -> true;
        };
  }

  private static Optional<String> stuckCall(Places device, Readout sample) {
    for (int i = 0; i < device.stuck.size(); i++) {
      if (sample.measured(device.stuck.get(i))) {
        return Optional.of(device.stuckCalls.get(i));
      }
    }
    return Optional.empty();
  }
}
