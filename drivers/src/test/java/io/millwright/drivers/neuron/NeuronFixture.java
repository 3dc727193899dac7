package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Neuron driver's sysfs tree under a temporary directory. Synthetic: names, forms and modes as
 * neuron.md section 1.1 gives them from the driver's sources 2.24 to 2.29 and, for what 2.30.2
 * added, from its release notes; all values are invented but where a test says otherwise.
 */
record NeuronFixture(Path root) {
  static final List<String> STATUSES =
      List.of(
          "success",
          "failure",
          "timeout",
          "exec_bad_input",
          "hw_error",
          "execute_completed_with_error",
          "execute_completed_with_num_error",
          "generic_error",
          "resource_error",
          "resource_nc_error",
          "execute_failed_to_queue",
          "invalid_error",
          "unsupported_neff_version",
          "oob_error",
          "hw_collectives_error",
          "hw_hbm_ue_error",
          "hw_nc_ue_error",
          "hw_dma_abort_error",
          "execute_sw_nq_overflow",
          "execute_sw_semaphore_error",
          "execute_sw_event_error",
          "execute_sw_psum_collision",
          "execute_sw_sequencer_fatal",
          "hw_repairable_hbm_ue_error");
  static final List<String> CATEGORIES =
      List.of(
          "model_code",
          "tensors",
          "constants",
          "model_shared_scratchpad",
          "runtime_memory",
          "driver_memory",
          "collectives",
          "nonshared_scratchpad",
          "notifications",
          "dma_rings",
          "uncategorized");
  private static final List<String> HOST_CATEGORIES =
      List.of(
          "dma_buffers",
          "tensors",
          "constants",
          "application_memory",
          "driver_memory",
          "notifications",
          "dma_rings",
          "uncategorized");
  static final String ENGINE =
      "xrow_grp,mm_active,wl_active,idle\n0,100,10,300\n1,100,10,300\n2,100,10,300\n3,100,10,300\n";

  /** A Trainium3 device as a driver of 2.30.2 shows it: eight cores, everything there. */
  NeuronFixture trainium3(int number, String serial) {
    write("sys/module/neuron/version", "2.30.2.0\n");
    identity(number, serial, "NDv4", "Trn3", "Trainium3");
    device(number, "connected_devices", "\n");
    hardware(number);
    device(number, "stats/hardware/mem_ecc_corrected", "7\n");
    device(number, "stats/hardware/sram_ecc_corrected", "8\n");
    health(number);
    device(number, "stats/power/utilization_raw", "die,util_bips,counter\n0,200,41\n1,350,41\n");
    for (int core = 0; core < 8; core++) {
      core(number, core, "NCv4");
    }
    return this;
  }

  NeuronFixture identity(int number, String serial, String type, String family, String name) {
    device(number, "info/serial_number", serial + "\n");
    device(number, "info/architecture/arch_type", type + "\n");
    device(number, "info/architecture/instance_type", family + "\n");
    device(number, "info/architecture/device_name", name + "\n");
    device(number, "info/notify_delay", "-1\n");
    device(number, "core_count", "8");
    device(number, "reset", "1\n");
    return this;
  }

  NeuronFixture hardware(int number) {
    device(number, "stats/hardware/mem_ecc_uncorrected", "1\n");
    device(number, "stats/hardware/mem_ecc_repairable_uncorrected", "2\n");
    device(number, "stats/hardware/sram_ecc_uncorrected", "3\n");
    device(number, "stats/power/utilization", "POWER_STATUS_VALID,1789180860,1.50,3.50,2.00\n");
    for (String category : HOST_CATEGORIES) {
      counter(number, "stats/memory_usage/host_mem/" + category, 4096, 512);
    }
    return this;
  }

  private void health(int number) {
    String health = "stats/hardware/health_status/";
    device(number, health + "hbm_ecc_err_count", "4\n");
    device(number, health + "repairable_hbm_ecc_err_count", "5\n");
    device(number, health + "sram_ecc_err_count", "6\n");
    device(number, health + "hw_error_event", "15\n");
    device(number, health + "unhealthy_components", "\n");
    device(number, health + "healthcheck_heartbeat", "99\n");
  }

  NeuronFixture core(int number, int core, String type) {
    String directory = "neuron_core" + core + "/";
    device(number, directory + "info/architecture/arch_type", type + "\n");
    for (int i = 0; i < STATUSES.size(); i++) {
      counter(number, directory + "stats/status/" + STATUSES.get(i), i + 1L, 1);
    }
    String memory = directory + "stats/memory_usage/";
    counter(number, memory + "host_mem", 8192, 1);
    counter(number, memory + "device_mem", CATEGORIES.size() * 1_000_000L, 77);
    for (String category : CATEGORIES) {
      counter(number, memory + "device_mem/" + category, 1_000_000, 77);
    }
    String other = directory + "stats/other_info/";
    for (String name :
        List.of(
            "model_load_count",
            "reset_req_count",
            "reset_fail_count",
            "inference_count",
            "flop_count",
            "nc_time_in_use")) {
      counter(number, other + name, 10, 1);
    }
    device(number, EngineReader.file(core), ENGINE);
    return this;
  }

  /** A counter with another {@code present}, which is never the value. */
  void counter(int number, String name, long total, long present) {
    device(number, name + "/total", total + "\n");
    device(number, name + "/present", present + "\n");
    device(number, name + "/peak", 2 * total + "\n");
  }

  void device(int number, String file, String content) {
    write("sys/devices/virtual/neuron_device/neuron" + number + "/" + file, content);
  }

  void timeInUse(int number, int core, long units) {
    device(number, "neuron_core" + core + "/stats/other_info/nc_time_in_use/total", units + "\n");
  }

  /** Writes in place, as a file of the kernel changes under an open descriptor. */
  void write(String file, String content) {
    try {
      Path path = root.resolve(file);
      Files.createDirectories(path.resolveSibling("."));
      Files.writeString(path, content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  Path directory(int number) {
    return root.resolve("sys/devices/virtual/neuron_device/neuron" + number);
  }

  void delete(Path from) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void remove(int number) {
    delete(directory(number));
  }

  NeuronTree tree(Metric.Tier tier) {
    return new NeuronTree(root, "n1", tier);
  }

  NeuronDevice open(int number) {
    return tree(Metric.Tier.OPTIONAL).open(number, CallWatch.NONE).orElseThrow();
  }

  /** All cadences at this second. */
  static Shown read(NeuronDevice device, long second) {
    for (Cadence cadence : List.of(Cadence.FAST, Cadence.MEDIUM, Cadence.SLOW)) {
      device.read(cadence, second * 1_000_000_000);
    }
    return new Shown(device.readings());
  }

  /** What a device's readings come to. */
  record Shown(Readings readings) {
    private static final int SCOPE = Metric.Scope.ACCELERATOR.labels().size();

    /** The reading of the series with these own labels. */
    Reading reading(Metric metric, String... labels) {
      Sample sample = readings.sample();
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric && own(series).equals(List.of(labels))) {
          return sample.reading(i);
        }
      }
      throw new AssertionError("no " + metric + List.of(labels));
    }

    double value(Metric metric, String... labels) {
      if (reading(metric, labels) instanceof Reading.Measured(double value)) {
        return value;
      }
      throw new AssertionError(metric + " is " + reading(metric, labels));
    }

    /** The own labels of a family's series. */
    List<List<String>> labels(Metric metric) {
      Sample sample = readings.sample();
      return Stream.iterate(0, i -> i < sample.table().size(), i -> i + 1)
          .map(i -> sample.table().series(i))
          .filter(series -> series.metric() == metric)
          .map(Shown::own)
          .toList();
    }

    boolean has(Metric metric) {
      return !labels(metric).isEmpty();
    }

    private static List<String> own(Series series) {
      return series.labelValues().subList(SCOPE, series.labelValues().size());
    }
  }
}
