package io.millwright.collector.export;

import io.millwright.collector.export.Instrument.Shape;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The families that have a name in OpenTelemetry's semantic conventions for hardware, where unit
 * and meaning are the same (1.45.0, "Semantic conventions for hardware", status Development).
 * docs/otlp.md shows the table.
 */
final class HardwareNames {
  private static final Instrument ERRORS =
      new Instrument("hw.errors", "Errors of the component", "{error}", Shape.COUNTER);
  private static final Instrument ENERGY =
      new Instrument("hw.energy", "Energy that the component has taken", "J", Shape.COUNTER);
  private static final Instrument POWER =
      new Instrument("hw.power", "Power that the component takes", "W", Shape.GAUGE);
  private static final Instrument STATUS =
      new Instrument(
          "hw.status",
          "1 while the component is in the state, 0 while it is not",
          "1",
          Shape.UP_DOWN_COUNTER);
  private static final Instrument TEMPERATURE =
      new Instrument("hw.temperature", "Temperature", "Cel", Shape.GAUGE);
  private static final Instrument TEMPERATURE_LIMIT =
      new Instrument("hw.temperature.limit", "Temperature limit", "Cel", Shape.GAUGE);
  private static final Instrument GPU_UTILIZATION =
      new Instrument("hw.gpu.utilization", "Part of the time spent in a task", "1", Shape.GAUGE);
  private static final Instrument GPU_MEMORY_LIMIT =
      new Instrument("hw.gpu.memory.limit", "Size of the memory", "By", Shape.UP_DOWN_COUNTER);
  private static final Instrument GPU_MEMORY_USAGE =
      new Instrument("hw.gpu.memory.usage", "Memory in use", "By", Shape.UP_DOWN_COUNTER);
  private static final Instrument GPU_IO =
      new Instrument("hw.gpu.io", "Bytes received and transmitted", "By", Shape.COUNTER);
  private static final Instrument FAN_SPEED =
      new Instrument("hw.fan.speed", "Revolutions a minute", "rpm", Shape.GAUGE);
  private static final Instrument FAN_SPEED_RATIO =
      new Instrument("hw.fan.speed_ratio", "Speed as part of the highest", "1", Shape.GAUGE);
  private static final Instrument HOST_POWER =
      new Instrument("hw.host.power", "Power that the whole host takes", "W", Shape.GAUGE);
  private static final Instrument NETWORK_IO =
      new Instrument("hw.network.io", "Bytes received and transmitted", "By", Shape.COUNTER);
  private static final Instrument NETWORK_UP =
      new Instrument("hw.network.up", "1 while the link is up", "1", Shape.UP_DOWN_COUNTER);
  private static final Instrument NETWORK_LIMIT =
      new Instrument("hw.network.bandwidth.limit", "Link speed", "By/s", Shape.UP_DOWN_COUNTER);

  private static final Pattern LABEL = Pattern.compile("\\{([a-z_]+)\\}");
  private static final String DIRECTION = "network.io.direction";
  private static final String ERROR = "error.type";

  private static final List<Name> ALL =
      List.of(
          gpu(Metric.ACCELERATOR_UTILIZATION_RATIO, GPU_UTILIZATION, "hw.gpu.task", "general"),
          gpu(Metric.ACCELERATOR_CODEC_UTILIZATION_RATIO, GPU_UTILIZATION)
              .with("hw.gpu.task", "{engine}"),
          gpu(Metric.ACCELERATOR_MEMORY_SIZE_BYTES, GPU_MEMORY_LIMIT),
          gpu(Metric.ACCELERATOR_MEMORY_USED_BYTES, GPU_MEMORY_USAGE),
          gpu(Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL, GPU_IO, DIRECTION, "receive"),
          gpu(Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL, GPU_IO, DIRECTION, "transmit"),
          gpu(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, ENERGY).where("scope", "gpu"),
          gpu(Metric.ACCELERATOR_POWER_WATTS, POWER).where("scope", "gpu"),
          gpu(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, ERRORS, ERROR, "{severity}")
              .with("location", "{location}")
              .where("severity", "corrected", "uncorrected"),
          gpu(Metric.ACCELERATOR_HEALTH_STATE, STATUS, "hw.state", "{state}")
              .where("state", "ok", "degraded", "failed"),
          sensor(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, TEMPERATURE, "{uuid}/{sensor}")
              .with("hw.parent", "{uuid}")
              .with("hw.sensor_location", "{sensor}"),
          limit("slowdown", "core", "throttled"),
          limit("shutdown", "core", "high.critical"),
          limit("max_operating", "core", "max"),
          limit("memory_max", "memory", "max"),
          part("fan", Metric.ACCELERATOR_FAN_SPEED_RATIO, FAN_SPEED_RATIO, "{uuid}/fan{fan}")
              .with("hw.name", "{fan}")
              .with("hw.parent", "{uuid}"),
          part("fan", Metric.NODE_FAN_SPEED_RPM, FAN_SPEED, "{fan}").with("hw.name", "{fan}"),
          sensor(Metric.NODE_TEMPERATURE_CELSIUS, TEMPERATURE, "{chip}/{sensor}")
              .with("hw.parent", "{chip}")
              .with("hw.sensor_location", "{sensor}"),
          part("cpu", Metric.NODE_CPU_ENERGY_JOULES_TOTAL, ENERGY, "cpu{package}")
              .where("zone", "package"),
          new Name(Metric.NODE_POWER_WATTS, HOST_POWER, Map.of(), Map.of("hw.id", "{node}"))
              .where("scope", "node"),
          part("power_supply", Metric.NODE_POWER_SUPPLY_UP, STATUS, "{psu}").with("hw.state", "ok"),
          part("physical_disk", Metric.NODE_NVME_MEDIA_ERRORS_TOTAL, ERRORS, "{device}")
              .with(ERROR, "media"),
          network(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, NETWORK_IO).with(DIRECTION, "receive"),
          network(Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL, NETWORK_IO).with(DIRECTION, "transmit"),
          network(Metric.NODE_NETWORK_ERRORS_TOTAL, ERRORS)
              .with(ERROR, "_OTHER")
              .with(DIRECTION, "{direction}"),
          network(Metric.NODE_NETWORK_UP, NETWORK_UP),
          network(Metric.NODE_NETWORK_SPEED_BYTES_PER_SECOND, NETWORK_LIMIT));

  private HardwareNames() {}

  /**
   * What one family is there, or those of its series that have these values.
   *
   * @param where the values of labels for which it holds; a label that is not there may have any
   * @param attributes and what they are; {@code {label}} stands for that label's value
   */
  record Name(
      Metric family,
      Instrument instrument,
      Map<String, List<String>> where,
      Map<String, String> attributes) {

    Name with(String attribute, String value) {
      Map<String, String> more = new LinkedHashMap<>(attributes);
      more.put(attribute, value);
      return new Name(family, instrument, where, more);
    }

    Name where(String label, String... values) {
      return new Name(family, instrument, Map.of(label, List.of(values)), attributes);
    }

    boolean fits(Series series) {
      return series.metric() == family
          && where.entrySet().stream()
              .allMatch(entry -> entry.getValue().contains(value(series, entry.getKey())));
    }

    /** The attributes of one series. */
    Map<String, String> attributes(Series series) {
      Map<String, String> filled = new LinkedHashMap<>();
      attributes.forEach((name, value) -> filled.put(name, filled(value, series)));
      return filled;
    }

    private static String filled(String template, Series series) {
      return LABEL
          .matcher(template)
          .replaceAll(label -> Matcher.quoteReplacement(value(series, label.group(1))));
    }

    private static String value(Series series, String label) {
      return series.labelValues().get(series.metric().labels().indexOf(label));
    }
  }

  /** All of them, in the order of the page. */
  static List<Name> all() {
    return ALL;
  }

  /** What it is there; empty where it keeps its own name. */
  static Optional<Name> of(Series series) {
    return ALL.stream().filter(name -> name.fits(series)).findFirst();
  }

  private static Name part(String type, Metric family, Instrument instrument, String id) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("hw.id", id);
    attributes.put("hw.type", type);
    return new Name(family, instrument, Map.of(), attributes);
  }

  private static Name gpu(Metric family, Instrument instrument) {
    return part("gpu", family, instrument, "{uuid}")
        .with("hw.name", "{accelerator}")
        .with("hw.vendor", "{vendor}")
        .with("hw.model", "{model}");
  }

  private static Name gpu(Metric family, Instrument instrument, String attribute, String value) {
    return gpu(family, instrument).with(attribute, value);
  }

  private static Name sensor(Metric family, Instrument instrument, String id) {
    return part("temperature", family, instrument, id);
  }

  private static Name limit(String threshold, String sensor, String type) {
    return sensor(
            Metric.ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS, TEMPERATURE_LIMIT, "{uuid}/" + sensor)
        .with("hw.parent", "{uuid}")
        .with("hw.sensor_location", sensor)
        .with("hw.limit_type", type)
        .where("threshold", threshold);
  }

  private static Name network(Metric family, Instrument instrument) {
    return part("network", family, instrument, "{device}").with("hw.name", "{device}");
  }
}
