package io.millwright.simulator;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of one simulated node: a copy of the simulator's {@code libnvidia-ml.so.1} of its
 * own, its scenario, and its control socket once a process has loaded the library.
 *
 * <p><i>Threading:</i> any thread; each command has a connection of its own. <i>Failure:</i> a
 * refused command is an {@link IllegalArgumentException} with the simulator's sentence; a node that
 * nobody has loaded yet is an {@link IOException}.
 */
public final class SimulatedNode {
  private static final String LIBRARY = "libnvidia-ml.so.1";
  private static final String DONE = "ok";
  private static final String REFUSED = "error:";

  private final Path directory;

  private SimulatedNode(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes the node's directory.
   *
   * @param library the built simulator
   * @param directory existing and empty; its path short enough for a unix socket (about 90 bytes)
   * @param scenario lines of {@code simulator/README.md}
   */
  public static SimulatedNode create(Path library, Path directory, List<String> scenario)
      throws IOException {
    Files.copy(library, directory.resolve(LIBRARY), StandardCopyOption.REPLACE_EXISTING);
    Files.write(directory.resolve("scenario.conf"), scenario);
    Files.write( // a kernel has one before any driver
        directory.resolve("kmsg"),
        new byte[0],
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return new SimulatedNode(directory);
  }

  /** A node that exists already, perhaps loaded by another process. */
  public static SimulatedNode at(Path directory) {
    return new SimulatedNode(directory);
  }

  /** What the driver writes to the kernel log; made with the first Xid. */
  public Path kernelLog() {
    return library().resolveSibling("kmsg");
  }

  /** What {@code nvidia.library} is set to. */
  public Path library() {
    return directory.resolve(LIBRARY);
  }

  public Path controlSocket() {
    return directory.resolve("control.sock");
  }

  /** Whether a process has loaded the library now. */
  public boolean answers() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(controlSocket()));
    } catch (IOException nobody) {
      return false;
    }
  }

  /** The value of one quantity of one device, after time has moved on to now. */
  public String get(int device, String key) throws IOException {
    String line = command("get " + device + " " + key).getFirst();
    return line.substring(line.indexOf('=') + 1);
  }

  /** All quantities of a device. */
  public Map<String, String> get(int device) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : command("get " + device)) {
      int equals = line.indexOf('=');
      values.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return values;
  }

  /** Overrides one quantity of one device. */
  public void set(int device, String key, Object value) throws IOException {
    command("set " + device + " " + key + " " + value);
  }

  /** Makes or ends a fault: {@code fault(3, "hang")}. */
  public void fault(int device, String what) throws IOException {
    command("fault " + device + " " + what);
  }

  /** One command; the lines of its answer without the closing word. */
  public List<String> command(String line) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(controlSocket()));
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      return answer(line, channel);
    }
  }

  private static List<String> answer(String command, SocketChannel channel) throws IOException {
    List<String> lines = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (channel.read(buffer.clear()) >= 0) {
      text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
      for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        String next = text.substring(0, end);
        text.delete(0, end + 1);
        if (next.equals(DONE)) {
          return lines;
        }
        if (next.startsWith(REFUSED)) {
          throw new IllegalArgumentException(command + ": " + next);
        }
        lines.add(next);
      }
    }
    throw new IOException("the simulator closed the connection before answering: " + command);
  }
}
