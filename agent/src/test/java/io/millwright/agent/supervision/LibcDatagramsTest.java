package io.millwright.agent.supervision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.supervision.Supervision;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real AF_UNIX sockets, as systemd has one. */
class LibcDatagramsTest {
  @TempDir private Path directory = Path.of("");

  /** Bound in the place of systemd; its calls are those of libc. */
  private static final class Receiver implements AutoCloseable {
    private final int descriptor = call("socket", 1, 2, 0);

    Receiver(byte[] address) {
      assertThat(call("bind", descriptor, address, address.length)).isZero();
    }

    String receive() {
      byte[] text = new byte[512];
      int length = call("recv", descriptor, text, text.length, 0x40);
      return length < 0 ? "" : new String(text, 0, length, UTF_8);
    }

    @Override
    public void close() {
      call("close", descriptor);
    }

    private static int call(String name, Object... arguments) {
      Function function = NativeLibrary.getProcess().getFunction(name);
      return function.invokeInt(arguments);
    }
  }

  private static byte[] address(String path) {
    return ("\1\0" + path).getBytes(UTF_8);
  }

  private static Supervision supervision(String socket) {
    return Supervision.of(Map.of("NOTIFY_SOCKET", socket), 1, LibcDatagrams::open, Clock.system());
  }

  @Test
  void reachesASocketWithAPath() {
    Path socket = directory.resolve("notify");
    try (Receiver systemd = new Receiver(address(socket + "\0"))) {
      supervision(socket.toString()).ready("8 accelerators");
      assertThat(systemd.receive()).isEqualTo("READY=1\nSTATUS=8 accelerators");
    }
  }

  @Test
  void reachesASocketOfTheAbstractNamespace() {
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
