package io.millwright.collector.supervision;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.supervision.Supervision;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real AF_UNIX sockets, as systemd has one. */
class ForeignDatagramsTest {
  @TempDir private Path directory = Path.of("");

  /** Bound in the place of systemd. */
  private static final class Receiver implements AutoCloseable {
    private final int descriptor;

    Receiver(byte[] address) throws Throwable {
      descriptor =
          (int)
              of("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                  .invokeExact(1, 2, 0);
      MethodHandle bind = of("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
      try (Arena arena = Arena.ofConfined()) {
        int bound =
            (int)
                bind.invokeExact(
                    descriptor, arena.allocateFrom(JAVA_BYTE, address), address.length);
        assertThat(bound).isZero();
      }
    }

    String receive() throws Throwable {
      MethodHandle recv =
          of("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(512);
        long length = (long) recv.invokeExact(descriptor, text, 512L, 0x40);
        return length < 0 ? "" : new String(text.asSlice(0, length).toArray(JAVA_BYTE), UTF_8);
      }
    }

    @Override
    public void close() {
      try {
        int closed =
            (int) of("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(descriptor);
        assertThat(closed).isZero();
      } catch (Throwable e) {
        throw new LinkageError("calling close of libc", e);
      }
    }

    private static MethodHandle of(String name, FunctionDescriptor descriptor) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
  }

  private static byte[] address(String path) {
    return ("\1\0" + path).getBytes(UTF_8);
  }

  private static Supervision supervision(String socket) {
    return Supervision.of(
        Map.of("NOTIFY_SOCKET", socket), 1, ForeignDatagrams::open, Clock.system());
  }

  @Test
  void reachesASocketWithAPath() throws Throwable {
    Path socket = directory.resolve("notify");
    try (Receiver systemd = new Receiver(address(socket + "\0"))) {
      supervision(socket.toString()).ready("2 of 3 nodes connected");
      assertThat(systemd.receive()).isEqualTo("READY=1\nSTATUS=2 of 3 nodes connected");
    }
  }

  @Test
  void reachesASocketOfTheAbstractNamespace() throws Throwable {
    String name = "millwright-test-" + ProcessHandle.current().pid();
    try (Receiver systemd = new Receiver(address("\0" + name))) {
      supervision("@" + name).alive();
      assertThat(systemd.receive()).isEqualTo("WATCHDOG=1");
    }
  }

  @Test
  void goesOnWhereNobodyListens() {
    Supervision nobody = supervision(directory.resolve("gone").toString());
    nobody.alive();
    nobody.stopping();
  }
}
