package io.millwright.agent.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.drivers.neuron.NeuronTree;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A count of hardware errors that changes, over a tree that is written here. Its files are plain
 * ones, for which no wait of the kernel ever ends: what is tried is that their text is looked at.
 */
class NeuronEventsTest {
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final String EVENTS = "stats/hardware/health_status/hw_error_event";
  private static final String ECC = "stats/hardware/mem_ecc_uncorrected";

  @TempDir Path root;
  private int counted;

  @BeforeEach
  void twoDevices() {
    for (int number = 0; number < 2; number++) {
      write(number, "info/serial_number", "%016x\n".formatted(0xa0 + number));
      write(number, "info/architecture/arch_type", "NDv4\n");
      write(number, "info/architecture/instance_type", "Trn3\n");
      write(number, "info/architecture/device_name", "Trainium3\n");
      write(number, EVENTS, "0\n");
      write(number, ECC, "0\n");
    }
  }

  private void write(int number, String name, String text) {
    Path file = root.resolve("sys/devices/virtual/neuron_device/neuron" + number).resolve(name);
    try {
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another each time, for the first look at a device tells nothing of it. */
  private void countOfFirst() {
    counted++;
    write(0, EVENTS, counted + "\n");
  }

  @Test
  void tellsTheDeviceThatCountedAndEnds() throws Exception {
    Set<Integer> told = ConcurrentHashMap.newKeySet();
    NeuronEvents events =
        new NeuronEvents(new NeuronTree(root, "n", Metric.Tier.BASE), told::add, Clock.system());
    events.start();
    await()
        .atMost(LONGEST)
        .until(() -> {
          countOfFirst();
          return told.contains(0);
        });
    assertThat(told).containsExactly(0);
    events.stop();
    assertThat(events.ended(LONGEST)).isTrue();
  }

  /** Registers that are read each hour are read at the next tick, of that device alone. */
  @Test
  void aDeviceThatCountedAnErrorIsReadBeforeItsTime() throws Exception {
    Periods periods =
        new Periods(Duration.ofMillis(100), Duration.ofMinutes(30), Duration.ofHours(1));
    Neuron neuron =
        new Neuron(
            "n",
            root,
            Clock.system(),
            periods,
            Metric.Tier.BASE,
            () -> new Neuron.Options(Duration.ofSeconds(1), OptionalInt.empty()));
    neuron.start();
    await().atMost(LONGEST).until(() -> ecc(neuron, 0) == 0 && ecc(neuron, 1) == 0);
    write(0, ECC, "7\n");
    write(1, ECC, "7\n");
    await()
        .atMost(LONGEST)
        .until(() -> {
          countOfFirst();
          return ecc(neuron, 0) == 7;
        });
    assertThat(ecc(neuron, 1)).isZero();
    assertThat(neuron.stop(LONGEST)).isEmpty();
  }

  /** Uncorrected errors of a device after one more tick; below 0 while it was not read. */
  private double ecc(Neuron neuron, int number) {
    Tick tick = new Tick(1, Clock.system().nanos());
    neuron.driverProbe().request(tick);
    neuron.probes().forEach(probe -> probe.request(tick));
    return neuron.probes().stream()
        .flatMap(probe -> probe.samples(tick).stream())
        .mapToDouble(sample -> ecc(sample, "neuron-%016x".formatted(0xa0 + number)))
        .filter(value -> value >= 0)
        .findFirst()
        .orElse(-1);
  }

  private static double ecc(Sample sample, String uuid) {
    for (int i = 0; i < sample.table().size(); i++) {
      List<String> labels = sample.table().series(i).labelValues();
      if (sample.table().series(i).metric() == Metric.ACCELERATOR_ECC_ERRORS_TOTAL
          && labels.contains(uuid)
          && labels.contains("uncorrected")
          && sample.measured(i)) {
        return sample.value(i);
      }
    }
    return -1;
  }
}
