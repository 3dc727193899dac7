package io.millwright.simulator.fleet;

import java.util.random.RandomGenerator;

/**
 * How a series moves from one second to the next. The shares and the numbers are those of the model
 * by which wire formats were compared (docs/performance.md): of a hundred series ten are noise with
 * three decimals, ten shares, ten temperatures, ten clocks, twenty counters, and forty nearly stand
 * still.
 */
enum ValueKind {
  /** Watts with three decimals that are never twice the same. */
  NOISE {
    @Override
    double first(RandomGenerator random) {
      return next(0, random);
    }

    @Override
    double next(double last, RandomGenerator random) {
      return Math.rint(700_000 + random.nextGaussian() * 20_000) / 1000;
    }
  },
  /** A share of one with four decimals, the finest that a family of ratios travels with. */
  SHARE {
    @Override
    double first(RandomGenerator random) {
      return next(0, random);
    }

    @Override
    double next(double last, RandomGenerator random) {
      return random.nextInt(10_001) / 1e4;
    }
  },
  /** Whole degrees, each fifth second one more, one less or the same. */
  TEMPERATURE {
    @Override
    double first(RandomGenerator random) {
      return 60;
    }

    @Override
    double next(double last, RandomGenerator random) {
      return random.nextInt(5) == 0 ? last + random.nextInt(3) - 1 : last;
    }
  },
  /** Steps of 15 MHz, another each tenth second. */
  CLOCK {
    @Override
    double first(RandomGenerator random) {
      return step(random);
    }

    @Override
    double next(double last, RandomGenerator random) {
      return random.nextInt(10) == 0 ? step(random) : last;
    }

    private double step(RandomGenerator random) {
      return 1e6 * (1500 + 15 * random.nextInt(30));
    }
  },
  /** Joules, told by the millijoule, that grow by up to thirty bits of those. */
  ENERGY {
    @Override
    double first(RandomGenerator random) {
      return next(0, random);
    }

    @Override
    double next(double last, RandomGenerator random) {
      return Math.rint(last * 1000 + random.nextInt(1 << 30)) / 1000;
    }
  },
  /** A counter that grows by up to thirty bits. */
  COUNTER {
    @Override
    double first(RandomGenerator random) {
      return random.nextInt(1 << 30);
    }

    @Override
    double next(double last, RandomGenerator random) {
      return last + random.nextInt(1 << 30);
    }
  },
  /** A small number that grows by one each thousandth second. */
  STEADY {
    @Override
    double first(RandomGenerator random) {
      return 0;
    }

    @Override
    double next(double last, RandomGenerator random) {
      return random.nextInt(1000) == 0 ? last + 1 : last;
    }
  },
  /** 1 while all is well, as of {@code up}. */
  ONE {
    @Override
    double first(RandomGenerator random) {
      return 1;
    }

    @Override
    double next(double last, RandomGenerator random) {
      return last;
    }
  },
  /** 0 while all is well. */
  ZERO {
    @Override
    double first(RandomGenerator random) {
      return 0;
    }

    @Override
    double next(double last, RandomGenerator random) {
      return last;
    }
  };

  abstract double first(RandomGenerator random);

  abstract double next(double last, RandomGenerator random);
}
