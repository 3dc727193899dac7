package io.millwright.collector.supervision;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millwright.protocol.supervision.Datagrams;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code socket} and {@code sendto} of libc through {@code java.lang.foreign}.
 *
 * <p><i>Lifecycle:</i> one socket, kept until the process ends. <i>Threading:</i> any thread.
 * <i>Failure:</i> logged when it begins and when it ends.
 */
public final class ForeignDatagrams implements Datagrams {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignDatagrams.class);

  /** Of {@code bits/socket.h}, which is the same on amd64 and arm64. */
  private static final int AF_UNIX = 1;

  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

  private static final MemoryLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      CAPTURED.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle sendto;
  private final int descriptor;
  private final AtomicBoolean failing = new AtomicBoolean();

  private ForeignDatagrams(MethodHandle sendto, int descriptor) {
    this.sendto = sendto;
    this.descriptor = descriptor;
  }

  /** Opens the socket; where there is none every word is lost, and the log says so. */
  public static ForeignDatagrams open() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    MethodHandle socket =
        linker.downcallHandle(
            libc.findOrThrow("socket"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    MethodHandle sendto =
        linker.downcallHandle(
            libc.findOrThrow("sendto"),
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
            Linker.Option.captureCallState("errno"));
    try {
      return new ForeignDatagrams(sendto, (int) socket.invokeExact(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
    } catch (Throwable e) {
      throw new LinkageError("calling socket of libc", e);
    }
  }

  @Override
  public void send(byte[] address, byte[] text) {
    int errno = sent(address, text);
    if (errno == 0 && failing.getAndSet(false)) {
      LOG.info("systemd hears again");
    }
    if (errno != 0 && !failing.getAndSet(true)) {
      LOG.warn("systemd cannot be told errno={}", errno);
    }
  }

  /** The call's errno; 0 when it was sent. */
  private int sent(byte[] address, byte[] text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment captured = arena.allocate(CAPTURED);
      long bytes =
          (long)
              sendto.invokeExact(
                  captured,
                  descriptor,
                  arena.allocateFrom(JAVA_BYTE, text),
                  (long) text.length,
                  MSG_DONTWAIT_NOSIGNAL,
                  arena.allocateFrom(JAVA_BYTE, address),
                  address.length);
      return bytes < 0 ? captured.get(JAVA_INT, ERRNO) : 0;
    } catch (Throwable e) {
      throw new LinkageError("calling sendto of libc", e);
    }
  }
}
