package io.millwright.protocol.vocabulary.job;

/** Which accelerators, in the vendor's word of a series' labels. */
public enum DeviceKind {
  GPU("nvidia"),
  NEURON("aws");

  private final String vendor;

  DeviceKind(String vendor) {
    this.vendor = vendor;
  }

  /** The {@code vendor} label of such an accelerator. */
  public String vendor() {
    return vendor;
  }
}
