package io.millwright.collector.export;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Unit;

/**
 * What stands once for all data points of one metric of OpenTelemetry.
 *
 * @param unit in the Unified Code for Units of Measure; empty where it is a plain number
 */
record Instrument(String name, String description, String unit, Shape shape) {

  /** How its values behave: a gauge, a monotonic sum, a sum that falls too. */
  enum Shape {
    GAUGE,
    COUNTER,
    UP_DOWN_COUNTER
  }

  /** A family under its own name. */
  static Instrument of(Metric metric) {
    return new Instrument(
        metric.familyName(),
        metric.help(),
        unit(metric.unit()),
        metric.kind() == Metric.Kind.COUNTER ? Shape.COUNTER : Shape.GAUGE);
  }

  /** Of a count none: to a gauge of the unit 1 Prometheus gives the name of a ratio. */
  private static String unit(Unit unit) {
    return switch (unit) {
      case NONE, ONE, BOOL -> "";
      case BYTES -> "By";
      case BYTES_PER_SECOND -> "By/s";
      case CELSIUS -> "Cel";
      case HERTZ -> "Hz";
      case JOULES -> "J";
      case LANES -> "{lane}";
      case RATIO -> "1";
      case RPM -> "{rpm}";
      case SECONDS -> "s";
      case WATTS -> "W";
    };
  }
}
