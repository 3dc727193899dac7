package io.millwright.simulator.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The model without files, on a clock of its own. */
class NeuronModelTest {
  private static final String TIME = "other_info/nc_time_in_use";
  private static final String INFERENCES = "other_info/inference_count";

  private final HandClock clock = new HandClock();
  private final List<String> log = new ArrayList<>();

  private NeuronModel model(NeuronProfile profile, long seed) {
    return new NeuronModel(profile, profile.driver(), seed, "n1", clock, log::add);
  }

  private void pass(NeuronModel model, Duration time) {
    clock.advance(time);
    model.advance();
  }

  private static long total(CoreModel core, String counter) {
    return core.counters.of(counter).total();
  }

  /** Counters of a driver that shows work live never go back, whatever happens but a reload. */
  @Test
  void countersNeverGoBackUnderAnyFaultsButAReload() {
    long seed = System.nanoTime();
    System.out.println("NeuronModelTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    NeuronModel model = model(NeuronProfile.TRN3, seed);
    Map<String, Long> before = new HashMap<>();
    int reloads = 0;
    for (int i = 0; i < 2000; i++) {
      if (random.nextInt(50) == 0) {
        model.unload();
        pass(model, Duration.ofMillis(random.nextInt(1, 700)));
        model.load();
        reloads++;
        assertThat(model.devices())
            .as("seed %d, step %d", seed, i)
            .allMatch(device -> total(device.cores.getFirst(), INFERENCES) == 0);
        before.clear();
      }
      disturb(model, random);
      pass(model, Duration.ofMillis(random.nextInt(1, 700)));
      for (DeviceModel device : model.devices()) {
        for (int k = 0; k < device.cores.size(); k++) {
          CoreModel core = device.cores.get(k);
          for (String counter :
              List.of(TIME, INFERENCES, "other_info/flop_count", "status/timeout")) {
            long now = total(core, counter);
            String name = device.index() + "/" + k + "/" + counter;
            long last = before.getOrDefault(name, 0L);
            assertThat(Long.compareUnsigned(now, last))
                .as("seed %d, step %d, %s", seed, i, name)
                .isNotNegative();
            before.put(name, now);
          }
          Counter memory = core.counters.of("device_mem");
          assertThat(memory.total())
              .as("seed %d, step %d", seed, i)
              .isBetween(0L, memory.measure("peak"));
          assertThat(device.owner().isPresent()).isEqualTo(memory.total() > 0);
        }
      }
    }
    assertThat(reloads).as("seed %d", seed).isPositive();
  }

  private static void disturb(NeuronModel model, RandomGenerator random) {
    DeviceModel device = model.devices().get(random.nextInt(model.devices().size()));
    switch (random.nextInt(9)) {
      case 0 -> device.setLoad(OptionalDouble.of(random.nextDouble()));
      case 1 -> device.setLoad(OptionalDouble.of(0));
      case 2 -> device.setLoad(OptionalDouble.empty());
      case 3 -> device.reset();
      case 4 -> device.lose();
      case 5 -> device.comeBack();
      case 6 -> model.ecc(device, "hbm", 1);
      case 7 -> model.status(device, random.nextInt(8), "timeout", random.nextInt(3));
      default -> device.failReset();
    }
  }

  @Test
  void workFollowsTheLoadAndTheTime() {
    NeuronModel model = model(NeuronProfile.TRN2, 7);
    DeviceModel device = model.devices().get(3);
    CoreModel core = device.cores.get(5);
    device.setLoad(OptionalDouble.of(0.25));
    long timeBefore = total(core, TIME);
    long flopsBefore = total(core, "other_info/flop_count");
    long successBefore = total(core, "status/success");
    pass(model, Duration.ofSeconds(40));

    assertThat(total(core, TIME) - timeBefore).isEqualTo(10_000_000_000_000L); // 10 s in ps
    assertThat((double) (total(core, "other_info/flop_count") - flopsBefore))
        .isCloseTo(10 * 83e12 * 0.45, within(1e9));
    assertThat(total(core, "status/success") - successBefore).isBetween(999L, 1001L);
    assertThat(total(core, INFERENCES)).isEqualTo(total(core, "status/success"));
    String[] row = core.tensorEngine().lines().skip(1).findFirst().orElseThrow().split(",");
    assertThat(Long.parseLong(row[1]) + Long.parseLong(row[2]) + Long.parseLong(row[3]))
        .isEqualTo(1_400_000_000L * 40 + 140_000_000L); // and the step before the beginning
  }

  @Test
  void aCoreMayHaveALoadOfItsOwn() {
    NeuronModel model = model(NeuronProfile.TRN3, 7);
    DeviceModel device = model.devices().getFirst();
    device.setLoad(OptionalDouble.of(0.5));
    device.cores.get(2).setBusy(OptionalDouble.of(0));
    long before = total(device.cores.get(2), TIME);
    pass(model, Duration.ofSeconds(3));
    assertThat(total(device.cores.get(2), TIME)).isEqualTo(before);
    assertThat(total(device.cores.get(1), TIME)).isPositive();
  }

  /** As the source of drivers before 2.30.2 has it: a long job shows nothing until it ends. */
  @Test
  void anOldDriverShowsWorkWhenTheOwnerCloses() {
    NeuronModel model = model(NeuronProfile.OLD_TRN1, 7);
    DeviceModel device = model.devices().getFirst();
    CoreModel core = device.cores.getFirst();
    device.setLoad(OptionalDouble.of(1));
    pass(model, Duration.ofSeconds(30));
    assertThat(total(core, INFERENCES)).isZero();
    assertThat(total(core, TIME)).isZero();
    assertThat(total(core, "device_mem")).isPositive(); // memory is live on every driver
    assertThat(core.tensorEngine()).doesNotContain("0,0,0,");

    device.setLoad(OptionalDouble.of(0));
    pass(model, Duration.ofSeconds(1));
    assertThat(total(core, INFERENCES)).isGreaterThan(2900);
    assertThat(core.counters.of(INFERENCES).measure("present")).isEqualTo(total(core, INFERENCES));
    assertThat(total(core, "device_mem")).isZero();
    assertThat(core.counters.of("device_mem").measure("peak")).isPositive();
  }

  @Test
  void powerIsThatOfTheMinuteThatEnded() {
    NeuronModel model = model(NeuronProfile.TRN3, 7);
    DeviceModel device = model.devices().getFirst();
    device.setLoad(OptionalDouble.of(0.2));
    pass(model, Duration.ofSeconds(30));
    device.setLoad(OptionalDouble.of(0.8));
    pass(model, Duration.ofSeconds(29));
    String before = device.power.shown();
    pass(model, Duration.ofSeconds(2));
    String shown = device.power.shown();

    assertThat(shown).isNotEqualTo(before).startsWith("POWER_STATUS_VALID,1800000060,");
    String[] fields = shown.split(",");
    assertThat(Double.parseDouble(fields[2])).isCloseTo(16.4, within(1.0));
    assertThat(Double.parseDouble(fields[3])).isCloseTo(65.6, within(1.0));
    assertThat(Double.parseDouble(fields[4])).isCloseTo(41, within(2.0));
  }

  @Test
  void aReloadOfTheDriverClearsAllAndPowerHasNoMinuteYet() {
    NeuronModel model = model(NeuronProfile.TRN3, 7);
    DeviceModel device = model.devices().get(1);
    model.ecc(device, "hbm", 3);
    pass(model, Duration.ofSeconds(90));
    model.unload();
    pass(model, Duration.ofSeconds(5));
    model.load();

    assertThat(device.counters.of("mem_ecc_uncorrected").total()).isZero();
    assertThat(total(device.cores.getFirst(), TIME)).isZero();
    assertThat(device.text("unhealthy_components")).isEmpty();
    assertThat(device.text("power_utilization")).startsWith("POWER_STATUS_NO_DATA,");
  }

  @Test
  void aResetKeepsTheCountersAndEndsTheOwner() {
    NeuronModel model = model(NeuronProfile.TRN3, 7);
    DeviceModel device = model.devices().get(2);
    model.ecc(device, "sram", 1);
    pass(model, Duration.ofSeconds(1));
    long inferences = total(device.cores.getFirst(), INFERENCES);
    device.reset();
    assertThat(device.text("reset")).isEqualTo("0");
    assertThat(device.owner()).isEmpty();
    pass(model, Duration.ofSeconds(3));

    assertThat(device.text("reset")).isEqualTo("1");
    assertThat(device.counters.of("sram_ecc_uncorrected").total()).isEqualTo(1);
    assertThat(total(device.cores.getFirst(), INFERENCES)).isGreaterThanOrEqualTo(inferences);
    assertThat(total(device.cores.getFirst(), "other_info/reset_req_count")).isEqualTo(1);
    device.failReset();
    assertThat(device.text("reset")).isEqualTo("2");
    assertThat(total(device.cores.getFirst(), "other_info/reset_fail_count")).isEqualTo(1);
  }

  @Test
  void hardwareErrorsAreCountedAndToldToTheKernelLog() {
    NeuronModel model = model(NeuronProfile.TRN3, 7);
    DeviceModel device = model.devices().get(3);
    model.ecc(device, "hbm", 2);
    model.ecc(device, "repairable", 1);
    model.ecc(device, "corrected", 9);
    model.ecc(device, "sram", 1);
    model.status(device, 4, "hw_collectives_error", 1);
    model.status(device, 4, "exec_bad_input", 5);

    assertThat(device.counters.of("mem_ecc_uncorrected").total()).isEqualTo(2);
    assertThat(device.counters.of("hw_error_event").total()).isEqualTo(3);
    assertThat(device.counters.of("mem_ecc_corrected").total()).isEqualTo(9);
    assertThat(device.text("unhealthy_components")).isEqualTo("hbm,sram");
    assertThat(log).hasSize(3);
    assertThat(log)
        .element(0)
        .asString()
        .matches(
            ".* NEURON_HW_ERR=HBM_UNCORRECTABLE_ERROR instance-id=simulated hostname=n1 nd-id=3"
                + " nc-id=0 serial-num=[0-9a-f]{16} action=TERMINATE_INSTANCE");
    assertThat(log).element(2).asString().contains("=HANG_ON_COLLECTIVES ", " nc-id=4 ");
    assertThatThrownBy(() -> model.ecc(device, "dram", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allowed: corrected");
  }

  @Test
  void theHeartBeatsEachSecondUntilItStalls() {
    NeuronModel model = model(NeuronProfile.TRN2, 7);
    DeviceModel device = model.devices().getFirst();
    Counter heart = device.counters.of("healthcheck_heartbeat");
    pass(model, Duration.ofSeconds(10));
    assertThat(heart.total()).isBetween(9L, 11L);
    device.stallHeart(true);
    long stalled = heart.total();
    pass(model, Duration.ofSeconds(10));
    assertThat(heart.total()).isEqualTo(stalled);
  }

  @Test
  void serialNumbersFollowFromTheSeed() {
    List<String> one =
        model(NeuronProfile.TRN1, 1).devices().stream().map(DeviceModel::serial).toList();
    List<String> two =
        model(NeuronProfile.TRN1, 2).devices().stream().map(DeviceModel::serial).toList();
    assertThat(one).hasSize(16).doesNotHaveDuplicates().doesNotContainAnyElementsOf(two);
    assertThat(model(NeuronProfile.TRN1, 1).devices().getFirst().serial())
        .isEqualTo(one.getFirst());
  }
}
