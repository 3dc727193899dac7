package io.millwright.drivers.passthrough;

import com.sun.jna.Memory;
import io.millwright.protocol.vocabulary.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Asks an NVMe controller for its SMART / Health Information log: Get Log Page (opcode 02h), log
 * 02h, 512 bytes, of the whole controller, retaining its asynchronous events, with the driver's own
 * time-out. No other command can be made with it.
 *
 * <p>Sources: {@code struct nvme_admin_cmd} and {@code NVME_IOCTL_ADMIN_CMD} of {@code
 * linux/nvme_ioctl.h}; NVM Express Base Specification 2.0, sections 5.16 (Get Log Page) and
 * 5.16.1.3 (SMART / Health Information).
 *
 * <p><i>Threading:</i> any thread, which waits for the controller. <i>Failure:</i> a value.
 */
public final class NvmeHealthLog {
  private static final long ADMIN_COMMAND = 0xC0484E41L;
  private static final int READ_ONLY_CLOEXEC_NOFOLLOW = 0x80000 | 0x20000;

  private static final int LOG_BYTES = 512;
  private static final int ADDRESS = 24;
  private static final byte[] COMMAND = command();

  private static final int SPARE = 3;
  private static final int SPARE_THRESHOLD = 4;
  private static final int USED = 5;
  private static final int TEMPERATURE = 1;
  private static final int MEDIA_ERRORS = 160;
  private static final int MOST_PERCENT = 100;

  /** Leaves out that it is of no use to ask again, and that there is more to know. */
  private static final int STATUS = 0x7ff;

  private static final int INVALID_OPCODE = 0x001;
  private static final int INVALID_FIELD = 0x002;
  private static final int INVALID_LOG_PAGE = 0x109;

  private final Kernel kernel;

  public NvmeHealthLog() {
    this(new Libc());
  }

  NvmeHealthLog(Kernel kernel) {
    this.kernel = kernel;
  }

  /** What a controller says. */
  public sealed interface Result {
    /** Its log. */
    record Told(Health health) implements Result {}

    /** It keeps no such log, or a log of nothing, as virtual controllers do. */
    record Unsupported() implements Result {}

    /** Nothing that can be believed. */
    record Failed(Fault fault) implements Result {}
  }

  /**
   * The fields that are read.
   *
   * @param warnings the bits of the critical warning
   * @param kelvin composite temperature; empty for 0, which virtual controllers give
   * @param sparePercent of the spare capacity, what is left; empty where it and its threshold are
   *     0, as with virtual controllers
   * @param usedPercent endurance used, which goes on to 255
   * @param mediaErrors empty beyond 63 bits
   */
  public record Health(
      int warnings,
      OptionalInt kelvin,
      OptionalInt sparePercent,
      int usedPercent,
      OptionalLong mediaErrors) {}

  /** All of the request but where the answer goes. */
  private static byte[] command() {
    ByteBuffer command = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
    command.put(0, (byte) 0x02); // opcode: Get Log Page
    command.putInt(4, 0xFFFFFFFF); // namespace: the whole controller
    command.putInt(36, LOG_BYTES);
    // dwords less one, retain asynchronous events (reading acknowledges none), and the log
    command.putInt(40, (LOG_BYTES / 4 - 1) << 16 | 1 << 15 | 0x02);
    return command.array(); // time-out 0 is the driver's own: a short one resets a slow controller
  }

  /**
   * @param device the controller's character device, {@code /dev/nvme0}
   */
  public Result read(Path device) {
    int descriptor = kernel.open(device.toString(), READ_ONLY_CLOEXEC_NOFOLLOW);
    if (descriptor < 0) {
      return new Result.Failed(Faults.of(descriptor));
    }
    try {
      return read(descriptor);
    } finally {
      kernel.close(descriptor);
    }
  }

  private Result read(int descriptor) {
    try (Memory command = new Memory(COMMAND.length);
        Memory log = new Memory(LOG_BYTES)) {
      log.clear();
      command.write(0, COMMAND, 0, COMMAND.length);
      command.setPointer(ADDRESS, log);
      int status = kernel.ioctl(descriptor, ADMIN_COMMAND, command);
      if (status != 0) { // negative the kernel's errno, positive the controller's status
        return status < 0 ? new Result.Failed(Faults.of(status)) : refused(status & STATUS);
      }
      return health(log.getByteArray(0, LOG_BYTES));
    }
  }

  private static Result refused(int status) {
    return switch (status) {
      case INVALID_OPCODE, INVALID_FIELD, INVALID_LOG_PAGE -> new Result.Unsupported();
      default -> new Result.Failed(Fault.OTHER);
    };
  }

  static Result health(byte[] bytes) {
    ByteBuffer log = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int kelvin = Short.toUnsignedInt(log.getShort(TEMPERATURE));
    int spare = Byte.toUnsignedInt(log.get(SPARE));
    boolean sparing = spare != 0 || log.get(SPARE_THRESHOLD) != 0;
    if (spare > MOST_PERCENT) {
      return new Result.Failed(Fault.PARSE); // all ones, of a controller that is gone
    }
    if (kelvin == 0 && !sparing) {
      return new Result.Unsupported();
    }
    long errors = log.getLong(MEDIA_ERRORS);
    boolean believed = errors >= 0 && log.getLong(MEDIA_ERRORS + Long.BYTES) == 0;
    return new Result.Told(
        new Health(
            Byte.toUnsignedInt(log.get(0)),
            kelvin == 0 ? OptionalInt.empty() : OptionalInt.of(kelvin),
            sparing ? OptionalInt.of(spare) : OptionalInt.empty(),
            Byte.toUnsignedInt(log.get(USED)),
            believed ? OptionalLong.of(errors) : OptionalLong.empty()));
  }
}
