package io.millwright.drivers.host.binding;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/**
 * {@code statvfs(3)} for what {@link java.io.File} does not tell: the inodes of a file system.
 *
 * <p>The layout of {@code struct statvfs} is that of glibc and musl where {@code long} has 64 bits,
 * the same on x86-64 and aarch64: 112 bytes, {@code f_files} at 40, {@code f_favail} at 56.
 *
 * <p><i>Lifecycle:</i> blocks of memory, given back with this. <i>Threading:</i> one owner, which
 * the call may hold for ever. <i>Failure:</i> a {@link LinkageError} where there is no such call.
 */
public final class Statvfs {
  private static final int SIZE = 112;
  private static final int FILES = 40;
  private static final int FREE_FILES = 56;
  private static final int LONG_BYTES = 8;
  private static final int LONGEST_PATH = 4096;

  static {
    if (Native.LONG_SIZE != LONG_BYTES) {
      throw new UnsatisfiedLinkError("statvfs: long has no 64 bits here");
    }
    Native.register(Statvfs.class, NativeLibrary.getProcess());
  }

  private final Memory told = new Memory(SIZE);
  private final Memory path = new Memory(LONGEST_PATH);
  private final long toldAddress = Pointer.nativeValue(told);
  private final long pathAddress = Pointer.nativeValue(path);

  private static native int statvfs(long path, long told) throws LastErrorException;

  /** Asks of the file system that holds a path; false where it was refused. */
  public boolean call(String of) {
    byte[] name = of.getBytes(StandardCharsets.UTF_8);
    if (name.length >= LONGEST_PATH) {
      return false;
    }
    path.write(0, name, 0, name.length);
    path.setByte(name.length, (byte) 0);
    try {
      return statvfs(pathAddress, toldAddress) == 0;
    } catch (LastErrorException e) {
      return false;
    }
  }

  /** All inodes that the last call that was answered told of; 0 where their number is not fixed. */
  public long inodes() {
    return told.getLong(FILES);
  }

  /** Those that an ordinary user may still take. */
  public long freeInodes() {
    return told.getLong(FREE_FILES);
  }
}
