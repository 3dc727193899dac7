package io.millwright.simulator.neuron;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection to a simulated node, kept over several commands. <i>Threading:</i> one. */
final class ControlClient implements AutoCloseable {
  private final SocketChannel channel;
  private final BufferedReader answers;

  private ControlClient(SocketChannel channel) {
    this.channel = channel;
    this.answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  static ControlClient connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new ControlClient(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The lines of a command's answer.
   *
   * @throws IllegalArgumentException where it is refused
   */
  List<String> ask(String command) throws IOException {
    tell(command);
    return answer(command);
  }

  /** Asks and does not wait. */
  void tell(String command) throws IOException {
    channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  /** What {@link #ask} gives, of a command that was told before. */
  List<String> answer(String command) throws IOException {
    List<String> lines = new ArrayList<>();
    for (@Nullable String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.equals("ok")) {
        return lines;
      }
      if (line.startsWith("error: ")) {
        throw new IllegalArgumentException(command + ": " + line);
      }
      lines.add(line);
    }
    throw new IOException("the simulated node ended before it answered: " + command);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
