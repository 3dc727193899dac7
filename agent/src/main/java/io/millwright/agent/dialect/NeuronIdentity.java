package io.millwright.agent.dialect;

/**
 * What the labels of neuron-monitor-prometheus say of the machine and its devices. What is not
 * known is empty.
 *
 * @param instanceId never empty and no other node's, because dashboards group by it
 * @param instanceType as in {@code trn2.48xlarge}; where it is empty, the host's own name of its
 *     model stands for it
 * @param devices how many there are
 * @param deviceMemoryBytes of one device
 * @param coresPerDevice logical ones
 */
public record NeuronIdentity(
    String instanceName,
    String instanceId,
    String instanceType,
    String zone,
    String region,
    String subnet,
    String devices,
    String deviceMemoryBytes,
    String coresPerDevice) {
  public NeuronIdentity {
    if (instanceId.isEmpty()) {
      throw new IllegalArgumentException("instanceId is empty");
    }
  }
}
