package io.millwright.agent.dialect;

import java.util.function.Supplier;

/**
 * The page of neuron-monitor-prometheus.
 *
 * @param identity what is known of the machine now; asked for each page
 */
public record NeuronDialect(Supplier<NeuronIdentity> identity) implements Dialect {
  @Override
  public Name name() {
    return Name.NEURON;
  }
}
