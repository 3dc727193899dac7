package io.millwright.drivers.host.binding;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * {@code adjtimex(2)} with no mode: the kernel's clock is asked and never set.
 *
 * <p>The layout of {@code struct timex} is that of {@code linux/timex.h} where {@code long} has 64
 * bits, the same on x86-64 and aarch64: 208 bytes, {@code modes} at 0, {@code offset} at 8, {@code
 * status} at 40.
 *
 * <p><i>Lifecycle:</i> one block of memory, given back with this. <i>Threading:</i> one owner.
 * <i>Failure:</i> a {@link LinkageError} where there is no such call.
 */
public final class Adjtimex {
  /** The kernel's own loop corrects the clock: the offset means something. */
  public static final int STA_PLL = 0x0001;

  /** The clock is not synchronized. */
  public static final int STA_UNSYNC = 0x0040;

  /** The offset is in nanoseconds, otherwise in microseconds. */
  public static final int STA_NANO = 0x2000;

  private static final int SIZE = 208;
  private static final int MODES = 0;
  private static final int OFFSET = 8;
  private static final int STATUS = 40;
  private static final int LONG_BYTES = 8;

  static {
    if (Native.LONG_SIZE != LONG_BYTES) {
      throw new UnsatisfiedLinkError("adjtimex: long has no 64 bits here");
    }
    Native.register(Adjtimex.class, NativeLibrary.getProcess());
  }

  private final Memory timex = new Memory(SIZE);
  private final long address = Pointer.nativeValue(timex);

  private static native int adjtimex(long timex) throws LastErrorException;

  /** Asks. The state of the clock, 0 to 5; where it was refused, the errno below 0. */
  public int call() {
    timex.clear();
    timex.setInt(MODES, 0);
    try {
      return adjtimex(address);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /** The bits {@code STA_…} of the last call that was answered. */
  public int status() {
    return timex.getInt(STATUS);
  }

  /** The offset of the last call that was answered, in the unit that {@link #status} says. */
  public long offset() {
    return timex.getLong(OFFSET);
  }
}
