package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeUnitFinderTest {

  private static TimeUnitFinder after(DoubleStream gains) {
    TimeUnitFinder finder = new TimeUnitFinder(1);
    gains.forEach(gain -> finder.gained(0, gain, 1));
    return finder;
  }

  private static DoubleStream steady(double gain, int intervals) {
    return DoubleStream.generate(() -> gain).limit(intervals);
  }

  @ParameterizedTest
  @CsvSource({
    "1e12, 1e-12", // a busy core
    "4e11, 1e-12",
    "2e9, 1e-12", // one that is busy for two thousandths of its time
    "1e9, 1e-9",
    "6e8, 1e-9",
    "1e6, 1e-6",
    "7e5, 1e-6"
  })
  void settlesOnTheOnlyUnitThatASteadyLoadCanBeOf(double gain, double unit) {
    TimeUnitFinder finder = after(steady(gain, TimeUnitFinder.INTERVALS + 1));
    assertThat(finder.settled()).isTrue();
    assertThat(finder.secondsPerUnit()).isEqualTo(unit);
  }

  @ParameterizedTest
  @CsvSource({
    "2e8", // a fifth in nanoseconds, or next to nothing in picoseconds
    "1e7", "1e5", "3e12", // more than the time that has passed
    "0", "-5"
  })
  void doesNotSettleOnWhatCouldBeOfTwoOrOfNone(double gain) {
    assertThat(after(steady(gain, 1000)).settled()).isFalse();
  }

  /** Before driver 2.30.2 a process's time is added when it ends. */
  @Test
  void doesNotSettleOnTimeThatIsAddedWhenProcessesEnd() {
    for (double jump : new double[] {3.6e9, 6e5, 9e8, 5e11}) {
      TimeUnitFinder finder = new TimeUnitFinder(1);
      for (int i = 0; i < 1000; i++) {
        finder.gained(0, i % 3 == 0 ? jump : 0, 1);
      }
      assertThat(finder.settled()).as("%s", jump).isFalse();
    }
  }

  @Test
  void takesBackWhatLaterIntervalsContradict() {
    TimeUnitFinder finder =
        after(
            DoubleStream.concat(
                steady(1e9, 2 * TimeUnitFinder.INTERVALS), // a thousandth, as it turns out
                steady(9e11, TimeUnitFinder.INTERVALS)));
    assertThat(finder.secondsPerUnit()).isEqualTo(1e-12);
  }

  /**
   * One core shows picoseconds; another, steadily next to idle, would be a busy one in nanoseconds.
   */
  @Test
  void aGuessDoesNotOverruleWhatIsProven() {
    TimeUnitFinder finder = new TimeUnitFinder(2);
    for (int i = 0; i < 3 * TimeUnitFinder.INTERVALS; i++) {
      finder.gained(0, 5e11, 1);
      finder.gained(1, 8e8, 1);
    }
    for (int i = 0; i < 3 * TimeUnitFinder.INTERVALS; i++) {
      finder.gained(1, 8e8, 1);
    }
    assertThat(finder.secondsPerUnit()).isEqualTo(1e-12);
  }

  @Test
  void anyCoreSettlesItForAll() {
    TimeUnitFinder finder = new TimeUnitFinder(2);
    for (int i = 0; i <= TimeUnitFinder.INTERVALS; i++) {
      finder.gained(0, 0, 1);
      finder.gained(1, 5e11, 1);
    }
    assertThat(finder.settled()).isTrue();
  }

  /** A load that is never under two thousandths is found in picoseconds and never in another. */
  @Test
  void isNeverWrongAboutPicoseconds() {
    for (long seed = 20_261_122; seed < 20_261_322; seed++) {
      Random random = new Random(seed);
      TimeUnitFinder finder = new TimeUnitFinder(1);
      for (int i = 0; i < 300; i++) {
        finder.gained(
            0, random.nextInt(20) == 0 ? 0 : (0.002 + 0.998 * random.nextDouble()) * 1e12, 1);
        assertThat(finder.settled() && finder.secondsPerUnit() != 1e-12)
            .as("seed %d", seed)
            .isFalse();
      }
      assertThat(finder.settled()).as("seed %d", seed).isTrue();
    }
  }
}
