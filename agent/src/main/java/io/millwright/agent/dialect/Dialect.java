package io.millwright.agent.dialect;

/** A page of another exporter. */
public sealed interface Dialect permits DcgmDialect, NeuronDialect {
  Name name();

  /** The pages that there are, by the word of the configuration. */
  enum Name {
    /** dcgm-exporter to release 4.8. */
    DCGM("dcgm"),
    /** dcgm-exporter from release 4.9. */
    DCGM49("dcgm49"),
    /** neuron-monitor-prometheus of the Neuron tools. */
    NEURON("neuron");

    private final String word;

    Name(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
