package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A device as the labels of dcgm-exporter name it.
 *
 * @param index as it stands in our label: {@code 3}, or {@code 3:gi1} for a MIG instance
 * @param info the values of {@code millwright_accelerator_info}; empty while it is not known
 */
record Device(String node, String index, String uuid, String model, Optional<Series> info) {
  private static final String INSTANCE = ":gi";
  private static final String WITHIN = "ci";
  private static final String PROFILE = " MIG ";
  private static final Pattern COMPUTE_PART = Pattern.compile("^\\d+c\\.");

  Device with(Series more) {
    return new Device(node, index, uuid, model, Optional.of(more));
  }

  boolean isInstance() {
    return index.contains(INSTANCE);
  }

  /** The index of the GPU, of a MIG instance that of its parent. */
  String gpu() {
    return isInstance() ? index.substring(0, index.indexOf(INSTANCE)) : index;
  }

  /** The index as far as its GPU instance goes: {@code 3:gi1}. */
  String gpuInstance() {
    return gpu() + INSTANCE + instance();
  }

  /** A value of the info family; empty where it is not known. */
  String fact(String label) {
    int at = Metric.ACCELERATOR_INFO.labels().indexOf(label);
    return info.filter(series -> at >= 0).map(series -> series.labelValues().get(at)).orElse("");
  }

  boolean simulated() {
    return info.map(Series::simulated).orElse(false);
  }

  /**
   * The labels, braced, but for the closing brace.
   *
   * @param gpu the GPU that it is or belongs to
   */
  String labels(Device gpu, DcgmDialect dialect) {
    StringBuilder text = new StringBuilder(256);
    label(text, '{', "gpu", gpu());
    label(text, ',', "UUID", gpu.uuid());
    label(text, ',', "pci_bus_id", gpu.fact("pci_bus_id").toUpperCase(Locale.ROOT));
    label(text, ',', "device", "nvidia" + gpu.minor());
    label(text, ',', "modelName", gpu.model());
    if (isInstance()) {
      label(text, ',', "GPU_I_PROFILE", profile());
      label(text, ',', "GPU_I_ID", instance());
    }
    label(text, ',', dialect.hostLabel(), node);
    for (DcgmDialect.OfInfo label : dialect.ofInfo()) {
      label(text, ',', label.label(), gpu.fact(label.source()));
    }
    return text.toString();
  }

  /** The number of the GPU instance; where it holds several, our index has theirs behind it. */
  private String instance() {
    String own = index.substring(index.indexOf(INSTANCE) + INSTANCE.length());
    int within = own.indexOf(WITHIN);
    return within < 0 ? own : own.substring(0, within);
  }

  /** The kernel's number of the device node, which is nearly always the index. */
  private String minor() {
    String minor = fact("minor");
    return minor.isEmpty() ? index : minor;
  }

  /**
   * NVML's name of an instance is that of the GPU, MIG and the profile; of a compute instance that
   * has only a part of it {@code 1c.3g.40gb}.
   */
  private String profile() {
    int at = model.indexOf(PROFILE);
    return at < 0
        ? ""
        : COMPUTE_PART.matcher(model.substring(at + PROFILE.length())).replaceFirst("");
  }

  static void label(StringBuilder text, char separator, String name, String value) {
    text.append(separator).append(name).append("=\"").append(quoted(value)).append('"');
  }

  /** A {@link Series} has no control characters left. */
  private static String quoted(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  static String uuid(Series series) {
    return series.labelValues().get(2);
  }

  /** The device that a series is of. */
  static Device of(Series series) {
    List<String> values = series.labelValues();
    return new Device(values.get(0), values.get(1), uuid(series), values.get(4), Optional.empty());
  }

  static boolean isNvidias(Series series) {
    return series.metric().scope() == Metric.Scope.ACCELERATOR
        && series.labelValues().get(3).equals("nvidia");
  }
}
