package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The device's memory: in use is the sum of what its cores have ({@code neuron_core*}{@code
 * /stats/memory_usage/device_mem/total}; {@code total} is what is in use now, {@code present} the
 * size of the last change). The size is that of the product, for sysfs has none: neuron.md section
 * 2, from AWS's instance pages; without it there is no free memory either. Each device has the
 * series of what is in use, for that is where its loss is told.
 */
final class MemoryReader implements NeuronReader {
  private static final double GIBIBYTE = 1L << 30;

  /** By {@code info/architecture/instance_type}. */
  private static final Map<String, Double> SIZES =
      Map.of(
          "Trn1", 32 * GIBIBYTE,
          "Inf2", 32 * GIBIBYTE,
          "Trn2", 96 * GIBIBYTE,
          "Trn3", 144 * GIBIBYTE);

  private static final int NONE = -1;

  private final List<Figure> cores = new ArrayList<>();
  private final boolean told;
  private final double sizeBytes;
  private final int size;
  private final int used;
  private final int free;

  /**
   * @param family of the instance; its product's size is known or not
   */
  MemoryReader(
      NeuronFiles files,
      List<Integer> coreNumbers,
      String family,
      Accelerator accelerator,
      SeriesTable.Builder table) {
    for (int core : coreNumbers) {
      String name = "neuron_core" + core + "/stats/memory_usage/device_mem/total";
      if (files.has(name)) {
        cores.add(new Figure(files.open(name, Cadence.MEDIUM)));
      }
    }
    told = !cores.isEmpty() && cores.size() == coreNumbers.size();
    sizeBytes = SIZES.getOrDefault(family, 0.0);
    size =
        sizeBytes > 0
            ? table.add(Cadence.ONCE, Series.of(Metric.ACCELERATOR_MEMORY_SIZE_BYTES, accelerator))
            : NONE;
    used = table.add(Cadence.MEDIUM, Series.of(Metric.ACCELERATOR_MEMORY_USED_BYTES, accelerator));
    free =
        told && size != NONE
            ? table.add(
                Cadence.MEDIUM, Series.of(Metric.ACCELERATOR_MEMORY_FREE_BYTES, accelerator))
            : NONE;
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    if (size != NONE) {
      readings.measured(size, sizeBytes);
    }
    if (!told) {
      return;
    }
    double sum = 0;
    for (int i = 0; i < cores.size(); i++) {
      Figure core = cores.get(i);
      core.read(round);
      if (!core.known()) {
        unavailable(readings, core.fault());
        return;
      }
      sum += Text.toDouble(core.value());
    }
    readings.measured(used, sum);
    writeFree(readings, sizeBytes - sum);
  }

  /** More in use than there is: then one of the two is wrong. */
  private void writeFree(Readings readings, double bytes) {
    if (free == NONE) {
      return;
    }
    if (bytes < 0) {
      readings.unavailable(free, Fault.OTHER);
    } else {
      readings.measured(free, bytes);
    }
  }

  private void unavailable(Readings readings, Fault fault) {
    readings.unavailable(used, fault);
    if (free != NONE) {
      readings.unavailable(free, fault);
    }
  }

  @Override
  public void close() {
    cores.forEach(Figure::close);
  }
}
