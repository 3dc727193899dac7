package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Layout;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The launcher as a process. Its socket is its standard input, as {@code
 * millwright-launcher.service} gives it. Exit codes: 0 when nobody asked for five minutes, 78 when
 * it was begun in another way.
 */
public final class LauncherMain {
  private static final Logger LOG = LoggerFactory.getLogger(LauncherMain.class);
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final int CONFIGURATION = 78;

  private LauncherMain() {}

  public static void main(String[] arguments) throws IOException {
    Channel inherited = System.inheritedChannel();
    if (arguments.length > 0 || !(inherited instanceof ServerSocketChannel socket)) {
      System.err.println(
          "millwright-launcher takes no arguments and is begun by its socket:"
              + " systemctl start millwright-launcher.socket");
      System.exit(CONFIGURATION);
      return;
    }
    new Launcher(Layout.installed(), Clock.system()).serve(socket, IDLE);
    LOG.info("nobody asked, the launcher ends; its socket begins it again");
    System.exit(0);
  }
}
