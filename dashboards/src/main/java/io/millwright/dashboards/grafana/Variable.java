package io.millwright.dashboards.grafana;

import io.millwright.protocol.vocabulary.Metric;

/**
 * A choice at the top of a dashboard: the values that a label has.
 *
 * @param name of the variable, which is also the label's in all but {@code job}
 * @param family whose label it is
 * @param label of that family
 * @param matching conditions, as in {@code node=~"$node"}; empty for none
 * @param several whether more than one, or all, may be chosen
 */
public record Variable(
    String name, String title, Metric family, String label, String matching, boolean several) {
  public Variable {
    if (!family.labels().contains(label)) {
      throw new IllegalArgumentException(
          "variable %s: %s has no label '%s'".formatted(name, family.familyName(), label));
    }
  }

  /** The question to Prometheus. */
  public String question() {
    return "label_values(%s%s, %s)"
        .formatted(family.familyName(), matching.isEmpty() ? "" : "{" + matching + "}", label);
  }

  public static Variable nodes(boolean several) {
    return new Variable("node", "Node", Metric.NODE_INFO, "node", "", several);
  }

  public static Variable accelerators(boolean several) {
    return new Variable(
        "accelerator",
        "Accelerator",
        Metric.ACCELERATOR_UP,
        "accelerator",
        "node=~\"$node\"",
        several);
  }

  public static Variable models() {
    return new Variable("model", "Model", Metric.ACCELERATOR_UP, "model", "", true);
  }

  public static Variable jobs() {
    return new Variable("job", "Job", Metric.ACCELERATOR_JOB_INFO, "job_id", "", false);
  }
}
