package io.millwright.agent.launcher.read;

import io.millwright.agent.launcher.root.Door;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The program as a process. Its socket is its standard input, as {@code millwright-read.service}
 * gives it. Exit codes: 0 when nobody asked for five minutes, 78 when it was begun in another way.
 */
public final class ReadMain {
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final int CONFIGURATION = 78;

  private ReadMain() {}

  public static void main(String[] arguments) throws IOException {
    Channel inherited = System.inheritedChannel();
    if (arguments.length > 0 || !(inherited instanceof ServerSocketChannel socket)) {
      System.err.println(
          "the program that reads for the launcher takes no arguments and is begun by its socket:"
              + " systemctl start millwright-read.socket");
      System.exit(CONFIGURATION);
      return;
    }
    serve(socket, new ReadDesk(Path.of("/"), Clock.system()), IDLE, Clock.system());
    System.exit(0);
  }

  /** Returns when nobody has asked for so long and nothing is under way. */
  static void serve(ServerSocketChannel socket, ReadDesk desk, Duration idle, Clock clock)
      throws IOException {
    Door door =
        new Door(
            socket,
            Set.of(
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName("root")),
            desk::take,
            idle,
            clock);
    door.serve();
  }
}
