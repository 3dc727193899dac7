package io.millwright.collector.hot;

import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Where the hot set stands among the series of a node.
 *
 * <p><i>Threading:</i> immutable.
 */
public final class HotLayout {
  /** Of a node; what it tells of more is not in the columns. With MIG a node has some hundred. */
  private static final int MOST_DEVICES = 1024;

  private final List<HotDevice> devices;
  private final int[] places;

  private HotLayout(List<HotDevice> devices, int[] places) {
    this.devices = List.copyOf(devices);
    this.places = places;
  }

  /** In the series that an agent tells of. */
  public static HotLayout of(SeriesSchema schema) {
    return of(schema.size(), schema::series);
  }

  static HotLayout of(SeriesTable table) {
    return of(table.size(), i -> Optional.of(table.series(i)));
  }

  private static HotLayout of(int size, IntFunction<Optional<Series>> series) {
    Map<List<String>, int[]> found = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      int place = i;
      series
          .apply(i)
          .filter(one -> one.metric().scope() == Metric.Scope.ACCELERATOR)
          .ifPresent(one -> note(found, one, place));
    }
    List<HotDevice> devices =
        found.keySet().stream()
            .sorted(Comparator.comparing(HotDevice::instance))
            .limit(MOST_DEVICES)
            .map(HotDevice::new)
            .toList();
    return new HotLayout(
        devices,
        devices.stream()
            .map(device -> found.getOrDefault(device.labels(), new int[0]))
            .flatMapToInt(Arrays::stream)
            .toArray());
  }

  private static void note(Map<List<String>, int[]> found, Series series, int at) {
    HotMetric.of(series)
        .ifPresent(hot -> {
          int[] places =
              found.computeIfAbsent(
                  series.labelValues().subList(0, Metric.Scope.ACCELERATOR.labels().size()),
                  first -> {
                    int[] none = new int[HotMetric.COUNT];
                    Arrays.fill(none, -1);
                    return none;
                  });
          if (places[hot.column()] < 0) {
            places[hot.column()] = at; // of two alike the first, as on a page
          }
        });
  }

  /** In the order of a node's rows, MIG instances behind the others. */
  List<HotDevice> devices() {
    return devices;
  }

  /** Where the readings stand, device by device; -1 where a device has none of it. */
  int[] places() {
    return places;
  }

  /** Values of a row. */
  public int values() {
    return places.length;
  }

  /** Whether there is no device, so that there is nothing to keep. */
  public boolean empty() {
    return devices.isEmpty();
  }

  /** The hot set out of a row of all series. */
  public Row hotOf(Row all) {
    Row hot = new Row(places.length);
    for (int i = 0; i < places.length; i++) {
      int place = places[i];
      if (place >= 0 && all.present(place)) {
        hot.set(i, all.value(place));
      }
    }
    return hot;
  }

  /** Whether it has the same devices as those. */
  boolean has(List<HotDevice> others) {
    if (devices.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < devices.size(); i++) {
      if (!devices.get(i).labels().equals(others.get(i).labels())) {
        return false;
      }
    }
    return true;
  }
}
