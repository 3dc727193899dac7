package io.millwright.agent.supervision;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket that a socket unit keeps, as sd_listen_fds(3) describes how it is passed.
 *
 * <p>It becomes standard input, which is where the JDK finds a socket that is open already. It is
 * not passed there at once, by {@code StandardInput=socket}: systemd would make it blocking for
 * each program of {@code ExecReload}, and with it the running agent's, which is the same open file;
 * the edge thread then waits in accept.
 *
 * <p>Never close it: the JDK would then turn the process's standard output and error into {@code
 * /dev/null} (sun.nio.ch.InheritedChannel), and the last lines of the log with them. systemd keeps
 * the socket anyway.
 */
public final class InheritedSocket {
  private static final Logger LOG = LoggerFactory.getLogger(InheritedSocket.class);

  /** SD_LISTEN_FDS_START of sd-daemon.h. */
  private static final int FIRST = 3;

  private InheritedSocket() {}

  /** What was passed. */
  public sealed interface Passed {
    record Nothing() implements Passed {}

    record Listening(ServerSocketChannel socket) implements Passed {}

    /** In one sentence why it is of no use. */
    record Refused(String sentence) implements Passed {}
  }

  /**
   * Takes the socket; once.
   *
   * @param environment of this process: {@code LISTEN_PID}, {@code LISTEN_FDS}
   * @param pid of this process
   */
  public static Passed take(Map<String, String> environment, long pid) {
    String sockets = environment.getOrDefault("LISTEN_FDS", "0");
    if (!environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid))
        || sockets.equals("0")) {
      return new Passed.Nothing();
    }
    if (!sockets.equals("1")) {
      return new Passed.Refused(
          "%s sockets were passed, and the page is served on one; leave one ListenStream= in millwright-agent.socket (an empty ListenStream= before it clears the list)"
              .formatted(sockets));
    }
    int errno = Libc.move(FIRST, 0);
    return errno == 0
        ? listening()
        : new Passed.Refused("the socket that was passed cannot be taken: errno " + errno);
  }

  private static Passed listening() {
    try {
      Channel inherited = System.inheritedChannel();
      return inherited instanceof ServerSocketChannel listening
          ? new Passed.Listening(listening)
          : new Passed.Refused(
              "what was passed is no listening stream socket; use ListenStream= in millwright-agent.socket");
    } catch (IOException e) {
      LOG.warn("looking at the socket that was passed", e);
      return new Passed.Refused("the socket that was passed cannot be taken: " + e.getMessage());
    }
  }
}
