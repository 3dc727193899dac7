package io.millwright.agent.lane;

/**
 * The driver as its control lane last found it. Device lanes call the library only while it is
 * attached, and open anew when the epoch has changed.
 *
 * @param epoch counts attachments from 1; 0 while there is none
 * @param driverVersion as the driver says it
 * @param devices as the driver counts them
 */
record Attachment(long epoch, String driverVersion, int devices) {
  static final Attachment NONE = new Attachment(0, "", 0);

  boolean attached() {
    return epoch != 0;
  }

  Attachment withDevices(int counted) {
    return new Attachment(epoch, driverVersion, counted);
  }
}
