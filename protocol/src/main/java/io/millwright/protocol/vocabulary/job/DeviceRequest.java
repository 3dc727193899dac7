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
 * @param imex whether the run gets an {@link ImexChannel} of its own, the same on all of its nodes
 */
public record DeviceRequest(
    DeviceKind kind, int count, Optional<MigProfile> mig, boolean rdma, boolean imex) {
  private static final int MOST = 64;

  public DeviceRequest {
    Wording.between("devices.count", count, mig.isPresent() ? 1 : 0, MOST);
    if (mig.isPresent() && kind != DeviceKind.GPU) {
      throw Wording.refused(
          "devices.mig", mig.get().text(), "one of devices.kind gpu; others are not divided");
    }
    if (imex && (kind != DeviceKind.GPU || count == 0 || mig.isPresent())) {
      throw Wording.refused("devices.imex", "true", "whole devices of kind gpu, at least one");
    }
  }

  /** Without a channel. */
  public DeviceRequest(DeviceKind kind, int count, Optional<MigProfile> mig, boolean rdma) {
    this(kind, count, mig, rdma, false);
  }

  /** Whole ones. */
  public DeviceRequest(DeviceKind kind, int count) {
    this(kind, count, Optional.empty(), false);
  }

  /** What a node needs to know of it, once it was decided which they are. */
  DeviceRequest forNode() {
    return new DeviceRequest(kind, count, Optional.empty(), false, imex);
  }
}
