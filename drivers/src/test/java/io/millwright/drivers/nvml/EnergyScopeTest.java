package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which power an energy counter is the integral of. */
class EnergyScopeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int GPU = 0;
  private static final int MODULE = 1;
  private static final boolean[] ALL = {true, true, true};

  private final EnergyScope scope = new EnergyScope(3);
  private long now = 7 * SECOND;
  private double joules = 1e6;

  /** A second at these powers, of which the counter counts so much. */
  private void second(double gpu, double module, double counted) {
    second(new double[] {gpu, module, gpu * 0.15}, counted, ALL);
  }

  private void second(double[] watts, double counted, boolean[] known) {
    now += SECOND;
    joules += counted;
    scope.take(now, joules, watts, known);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void isThatWhoseIntegralItIs(int counted) {
    for (int i = 0; i < EnergyScope.LEAST_SECONDS + 1; i++) {
      double[] watts = {900, 2050, 135};
      second(watts, watts[counted], ALL);
    }
    assertThat(scope.found()).isEqualTo(counted);
  }

  @Test
  void isNotDecidedBeforeTheTrialWasLongEnough() {
    for (int i = 0; i < EnergyScope.LEAST_SECONDS; i++) {
      second(900, 2050, 900);
      assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
    }
    second(900, 2050, 900);
    assertThat(scope.found()).isEqualTo(GPU);
  }

  /** With idle GPUs, module and GPU may be too near each other to tell. */
  @Test
  void isOpenWhileTwoScopesAgreeAndDecidedOnceTheyPart() {
    for (int i = 0; i < 30; i++) {
      second(1000, 1050, 1000);
    }
    assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
    for (int i = 0; i < 150; i++) {
      second(1000, 2200, 2200);
    }
    assertThat(scope.found()).isEqualTo(MODULE);
  }

  @Test
  void isOpenWhereNoScopeAgrees() {
    for (int i = 0; i < 300; i++) {
      second(1000, 2200, 1500);
    }
    assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
  }

  /** The counter begins anew with the driver; a pause leaves a hole in the integral. */
  @Test
  void beginsAnewWhenTheCounterFallsOrTimeIsMissing() {
    for (int i = 0; i < 9; i++) {
      second(900, 2050, 2050);
    }
    joules = 5;
    second(900, 2050, 0);
    for (int i = 0; i < 9; i++) {
      second(900, 2050, 900);
    }
    assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
    now += 20 * SECOND;
    for (int i = 0; i < 10; i++) {
      second(900, 2050, 900);
    }
    assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
    second(900, 2050, 900);
    assertThat(scope.found()).isEqualTo(GPU);
  }

  @Test
  void aScopeThatIsNotToldIsNeverFound() {
    for (int i = 0; i < 100; i++) {
      second(new double[] {900, 2050, 0}, 0, new boolean[] {true, true, false});
    }
    assertThat(scope.found()).isEqualTo(EnergyScope.OPEN);
  }

  @Test
  void loadThatMovesDoesNotMislead() {
    long seed = System.getProperty("seed") == null ? 20261122L : Long.getLong("seed", 20261122L);
    System.out.println("EnergyScopeTest seed " + seed);
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      EnergyScope trial = new EnergyScope(3);
      int counted = random.nextInt(2);
      double gpu = 300 + random.nextInt(900);
      double sum = 0;
      for (int i = 1; i <= 60; i++) {
        double next = Math.clamp(gpu + (random.nextDouble() - 0.5) * 100, 300.0, 1200.0);
        double mean = (gpu + next) / 2;
        gpu = next;
        sum += (counted == GPU ? mean : 2 * mean + 250) * (0.98 + random.nextDouble() * 0.04);
        trial.take(i * SECOND, sum, new double[] {gpu, 2 * gpu + 250, gpu * 0.15}, ALL);
      }
      assertThat(trial.found()).isEqualTo(counted);
    }
  }
}
