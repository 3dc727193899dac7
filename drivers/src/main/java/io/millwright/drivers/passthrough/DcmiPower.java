package io.millwright.drivers.passthrough;

import com.sun.jna.Memory;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Asks the node's management controller for the power that the node takes: DCMI's Get Power Reading
 * (network function 2Ch, command 02h, group DCh). No other message can be sent with it.
 *
 * <p>Sources: {@code struct ipmi_req}, {@code struct ipmi_recv}, {@code struct
 * ipmi_system_interface_addr} and the numbers of {@code linux/ipmi.h} and {@code
 * linux/ipmi_msgdefs.h}, for machines of 64 bits; DCMI Specification 1.5, section 6.6.1; completion
 * codes of IPMI 2.0, table 5-2. It was never tried with a management controller.
 *
 * <p><i>Threading:</i> any thread, which waits up to {@value #MOST_MESSAGES} times {@value
 * #WAIT_MS} ms. <i>Failure:</i> a value.
 */
public final class DcmiPower {
  private static final long SEND_COMMAND = 0x8028690dL;
  private static final long RECEIVE_MESSAGE_TRUNCATED = 0xc030690bL;
  private static final int READ_WRITE_CLOEXEC_NOFOLLOW = 2 | 0x80000 | 0x20000;

  /** Somebody else's message, or a late one of ours, may come first. */
  private static final int MOST_MESSAGES = 3;

  private static final int WAIT_MS = 2000;

  private static final byte NETWORK_FUNCTION = 0x2C;
  private static final byte COMMAND = 0x02;
  private static final byte GROUP = (byte) 0xDC;

  /** The group, the mode (power statistics of the system), its attributes, a reserved byte. */
  private static final byte[] ASKED = {GROUP, 0x01, 0x00, 0x00};

  private static final int ADDRESS_BYTES = 8;
  private static final int REQUEST_BYTES = 40;
  private static final int RECEIVED_BYTES = 48;
  private static final int LONGEST_ANSWER = 64;
  private static final int LONGEST_ADDRESS = 32 + 2 * Integer.BYTES;

  private static final int ANSWER_BYTES = 19;
  private static final int WATTS = 2;
  private static final int STATE = 18;
  private static final int MEASURING = 0x40;

  private static final int INVALID_COMMAND = 0xC1;
  private static final int INVALID_FIELD = 0xCC;
  private static final int BUSY = 0xC0;
  private static final int TIMED_OUT = 0xC3;
  private static final int NO_PRIVILEGE = 0xD4;

  private final Kernel kernel;

  public DcmiPower() {
    this(new Libc());
  }

  DcmiPower(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Watts; unsupported where the controller has no such command or does not measure now.
   *
   * @param device the driver's character device, {@code /dev/ipmi0}
   * @param number of this request, so that its answer is known from another's
   */
  public Reading read(Path device, long number) {
    int descriptor = kernel.open(device.toString(), READ_WRITE_CLOEXEC_NOFOLLOW);
    if (descriptor < 0) {
      return new Reading.Unavailable(Faults.of(descriptor));
    }
    try {
      int sent = sent(descriptor, number);
      return sent < 0 ? new Reading.Unavailable(Faults.of(sent)) : answered(descriptor, number);
    } finally {
      kernel.close(descriptor);
    }
  }

  private int sent(int descriptor, long number) {
    try (Memory request = new Memory(REQUEST_BYTES);
        Memory address = new Memory(ADDRESS_BYTES);
        Memory asked = new Memory(ASKED.length)) {
      request.clear();
      address.clear();
      address.setInt(0, 0x0c); // the system's own interface
      address.setShort(4, (short) 0x0f); // the channel of the management controller
      asked.write(0, ASKED, 0, ASKED.length);
      request.setPointer(0, address);
      request.setInt(8, ADDRESS_BYTES);
      request.setLong(16, number);
      request.setByte(24, NETWORK_FUNCTION);
      request.setByte(25, COMMAND);
      request.setShort(26, (short) ASKED.length);
      request.setPointer(32, asked);
      return kernel.ioctl(descriptor, SEND_COMMAND, request);
    }
  }

  private Reading answered(int descriptor, long number) {
    try (Memory received = new Memory(RECEIVED_BYTES);
        Memory address = new Memory(LONGEST_ADDRESS);
        Memory answer = new Memory(LONGEST_ANSWER)) {
      for (int i = 0; i < MOST_MESSAGES; i++) {
        int ready = kernel.awaitInput(descriptor, WAIT_MS);
        if (ready <= 0) {
          return new Reading.Unavailable(ready == 0 ? Fault.TIMEOUT : Faults.of(ready));
        }
        received.clear();
        received.setPointer(8, address);
        received.setInt(16, LONGEST_ADDRESS);
        received.setPointer(40, answer);
        received.setShort(34, (short) LONGEST_ANSWER);
        int taken = kernel.ioctl(descriptor, RECEIVE_MESSAGE_TRUNCATED, received);
        if (taken < 0 && taken != -Kernel.EMSGSIZE) {
          return new Reading.Unavailable(Faults.of(taken));
        }
        if (ours(received, number)) {
          int length = Math.min(Short.toUnsignedInt(received.getShort(34)), LONGEST_ANSWER);
          return power(answer.getByteArray(0, length));
        }
      }
      return new Reading.Unavailable(Fault.TIMEOUT);
    }
  }

  /** The answer's network function is that of the request and one. */
  private static boolean ours(Memory received, long number) {
    return received.getLong(24) == number
        && received.getByte(32) == NETWORK_FUNCTION + 1
        && received.getByte(33) == COMMAND;
  }

  static Reading power(byte[] bytes) {
    if (bytes.length == 0) {
      return new Reading.Unavailable(Fault.PARSE);
    }
    int completion = Byte.toUnsignedInt(bytes[0]);
    if (completion != 0) {
      return switch (completion) {
        case INVALID_COMMAND, INVALID_FIELD -> new Reading.Unsupported();
        case BUSY, TIMED_OUT -> new Reading.Unavailable(Fault.TIMEOUT);
        case NO_PRIVILEGE -> new Reading.Unavailable(Fault.PERMISSION);
        default -> new Reading.Unavailable(Fault.OTHER);
      };
    }
    if (bytes.length < ANSWER_BYTES || bytes[1] != GROUP) {
      return new Reading.Unavailable(Fault.PARSE);
    }
    if ((bytes[STATE] & MEASURING) == 0) {
      return new Reading.Unsupported();
    }
    int watts =
        Short.toUnsignedInt(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(WATTS));
    return watts == 0
        ? new Reading.Unavailable(Fault.PARSE) // no node that answers takes nothing
        : new Reading.Measured(watts);
  }
}
