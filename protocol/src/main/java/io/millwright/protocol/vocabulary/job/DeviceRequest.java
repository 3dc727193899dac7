package io.millwright.protocol.vocabulary.job;

/**
 * How many whole accelerators a job wants on each of its nodes.
 *
 * @param kind {@code gpu} or {@code neuron}
 * @param count from 0, for a job that needs the host alone, to 64
 */
public record DeviceRequest(DeviceKind kind, int count) {
  private static final int MOST = 64;

  public DeviceRequest {
    Wording.between("devices.count", count, 0, MOST);
  }
}
