package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Asks the launcher, a connection each time: systemd begins the launcher when it is not there.
 *
 * <p><i>Threading:</i> any thread, which waits. <i>Failure:</i> an {@link IOException} says nothing
 * of what was done.
 */
public record LauncherCall(Path socket, Clock clock) {
  private static final Duration TO_ASK = Duration.ofSeconds(10);

  /** A start waits for its unit, a settling for all of them; a launcher may have to begin first. */
  private static final Duration TO_START = Duration.ofSeconds(75);

  private static final Duration TO_ANSWER = Duration.ofSeconds(30);

  /** The answer to a verb, once it has been carried out or refused. */
  public Answer ask(Verb verb) throws IOException {
    return ask(verb, patience(verb));
  }

  /**
   * The answer to a verb.
   *
   * @param patience how long to wait for it
   */
  public Answer ask(Verb verb, Duration patience) throws IOException {
    try (SocketChannel launcher = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      launcher.connect(UnixDomainSocketAddress.of(socket));
      Wire.write(launcher, VerbJson.bytes(verb), clock, TO_ASK);
      return VerbJson.answer(Wire.read(launcher, clock, patience));
    } catch (Verb.Unreadable foreign) {
      throw new IOException("the answer is none: " + foreign.sentence(), foreign);
    } catch (IOException e) {
      throw new IOException(
          "asking %s to %s: %s".formatted(socket, verb.getClass().getSimpleName(), e.getMessage()),
          e);
    }
  }

  private static Duration patience(Verb verb) {
    return switch (verb) {
      case Verb.Begin _, Verb.StartInstances _, Verb.Settle _, Verb.Power _ -> TO_START;
      case Verb.HookBefore _,
          Verb.HookAfter _,
          Verb.Stop _,
          Verb.Kill _,
          Verb.Note _,
          Verb.Forget _,
          Verb.Renew _,
          Verb.Read _ ->
          TO_ANSWER;
    };
  }
}
