package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.root.Layouts;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.agent.page.StillClock;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop that the launcher leaves to later; a real socket, and behind it what the test answers. */
class SystemdRunTest {
  private static final RunId RUN = new RunId("train", 1);
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Answer LATER = new Answer.Later("enough were stopped");

  @TempDir Path directory;
  private final StillClock clock = new StillClock();
  private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Verb> asked = new LinkedBlockingQueue<>();
  private final List<String> overdue = new ArrayList<>();
  private ServerSocketChannel socket = open();

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    Threads.platform("launcher", this::serve).start();
  }

  @AfterEach
  void end() throws IOException {
    socket.close();
  }

  private void serve() {
    Clock real = Clock.system();
    try {
      while (true) {
        try (SocketChannel caller = socket.accept()) {
          asked.add(VerbJson.verb(Wire.read(caller, real, WAIT)));
          Wire.write(caller, VerbJson.bytes(answers.take()), real, WAIT);
        }
      }
    } catch (ClosedChannelException end) {
      assertThat(end).isNotNull();
    } catch (IOException | Verb.Unreadable | InterruptedException trouble) {
      throw new AssertionError(trouble);
    }
  }

  private final Units.Watcher watcher =
      new Units.Watcher() {
        @Override
        public void changed(RunId run, Presence presence) {
          throw new AssertionError("nothing is known of its unit");
        }

        @Override
        public void cleaned(RunId run) {
          throw new AssertionError("nothing was cleaned");
        }

        @Override
        public void overdue(RunId run, String why) {
          overdue.add(why);
        }
      };

  /** Looks each half second for so long, the first time at once; what it asked for meanwhile. */
  private List<Verb> looked(SystemdRun run, Duration during, Answer always) throws IOException {
    return looked(run, during, always, directory.resolve("s"));
  }

  private List<Verb> looked(SystemdRun run, Duration during, Answer always, Path at)
      throws IOException {
    HeldDevices.Inquiry inquiry = (question, told) -> told.accept(new Answer.Refused("no reader"));
    try (UnitView view = new UnitView(Path.of("/nonexistent"), clock, () -> {})) {
      HeldDevices held = new HeldDevices(inquiry, new Strangers(uid -> uid >= 1000), clock);
      for (long until = clock.nanos() + during.toNanos(); clock.nanos() < until; ) {
        answers.clear();
        answers.add(always);
        run.look(
            Optional.empty(), view, new LauncherCall(at, Clock.system()), watcher, held, inquiry);
        clock.advance(LOOK);
      }
    }
    List<Verb> verbs = new ArrayList<>();
    asked.drainTo(verbs);
    return verbs;
  }

  private SystemdRun stopped() throws IOException {
    SystemdRun run =
        new SystemdRun(
            RUN, Layouts.in(directory), ProcessTable.open(), clock, Duration.ofSeconds(30));
    run.stop(GRACE);
    return run;
  }

  @Test
  void whatIsLeftToLaterHasItsWholeGraceWhenItsTurnComes() throws IOException {
    SystemdRun run = stopped();
    assertThat(looked(run, Duration.ofSeconds(60), LATER))
        .as("asked again each five seconds, and never killed")
        .hasSize(12)
        .containsOnly(new Verb.Stop(RUN, GRACE.toMillis()));
    assertThat(overdue).containsExactly("enough were stopped");
    assertThat(looked(run, GRACE, new Answer.Done()))
        .containsExactly(new Verb.Stop(RUN, GRACE.toMillis()));
    assertThat(looked(run, Duration.ofSeconds(1), new Answer.Done()))
        .containsExactly(new Verb.Kill(RUN));
  }

  @Test
  void whileNobodyAnswersItsGraceDoesNotPass() throws IOException {
    SystemdRun run = stopped();
    assertThat(looked(run, Duration.ofSeconds(10), LATER)).hasSize(2);
    assertThat(looked(run, Duration.ofMinutes(2), LATER, directory.resolve("gone"))).isEmpty();
    assertThat(looked(run, GRACE, new Answer.Done()))
        .containsExactly(new Verb.Stop(RUN, GRACE.toMillis()));
    assertThat(looked(run, Duration.ofSeconds(1), new Answer.Done()))
        .containsExactly(new Verb.Kill(RUN));
  }
}
