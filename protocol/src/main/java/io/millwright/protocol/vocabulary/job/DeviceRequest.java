package io.millwright.protocol.vocabulary.job;

import java.util.Optional;

/**
 * Which accelerators a job wants on each of its nodes: whole ones, or instances of divided ones.
 *
 * @param kind {@code gpu} or {@code neuron}
 * @param count from 0, for a job that needs the host alone, to 64
 * @param mig what instances of MIG there are to be at least; empty for whole accelerators
 * @param rdma whether accelerators with a fabric adapter near are to be preferred, as they are for
 *     a job over several nodes
 */
public record DeviceRequest(DeviceKind kind, int count, Optional<MigProfile> mig, boolean rdma) {
  private static final int MOST = 64;

  public DeviceRequest {
    Wording.between("devices.count", count, mig.isPresent() ? 1 : 0, MOST);
    if (mig.isPresent() && kind != DeviceKind.GPU) {
      throw Wording.refused(
          "devices.mig", mig.get().text(), "one of devices.kind gpu; others are not divided");
    }
  }

  /** Whole ones. */
  public DeviceRequest(DeviceKind kind, int count) {
    this(kind, count, Optional.empty(), false);
  }

  /** What a node needs to know of it, once it was decided which they are. */
  DeviceRequest forNode() {
    return new DeviceRequest(kind, count);
  }
}
