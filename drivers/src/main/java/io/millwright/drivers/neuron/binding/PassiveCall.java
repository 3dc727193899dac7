package io.millwright.drivers.neuron.binding;

/**
 * The ioctls that may be asked of a device file that is open for writing alone: they change
 * nothing, and attach nobody.
 *
 * <p>The numbers are those that the header of driver 2.26.5 compiles to, on x86-64 and on aarch64.
 * They are written out because some of its macros put the size of a pointer where that of the
 * structure belongs.
 */
public enum PassiveCall {
  BASIC_INFO(0x40084e64, 8),
  BDF_EXT(0x80084e6a, 16),
  DRIVER_INFO(0x80184e6e, 24),
  HOST_DEVICE_ID_TO_RID_MAP(0xc1044e73, 260),
  LOGICAL_TO_PHYSICAL_NC_MAP(0xc0104e78, 16),
  POD_STATUS_V2(0xc1144e7a, 276),
  POD_STATUS(0xc10c4e7a, 268);

  private final int number;
  private final int bytes;

  PassiveCall(int number, int bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  /** The number as C's {@code unsigned int}. */
  public long number() {
    return Integer.toUnsignedLong(number);
  }

  /** How many bytes the driver reads or writes at the address it is given. */
  public int bytes() {
    return bytes;
  }
}
