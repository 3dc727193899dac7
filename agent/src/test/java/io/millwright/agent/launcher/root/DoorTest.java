package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real socket, and a launcher behind it that has no policy and no systemd. */
class DoorTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final Clock clock = Clock.system();
  private final long seed = new Random().nextLong();

  private ServerSocketChannel socket = open();
  private JobUnits units = new JobUnits(Path.of("/nonexistent"), clock);

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void bind() throws IOException {
    socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    units.close();
  }

  private Layout layout() {
    return Layouts.in(directory);
  }

  private Thread serve(String user, Duration idle) throws IOException {
    return serve(user, idle, () -> false);
  }

  private Thread serve(String user, Duration idle, BooleanSupplier busy) throws IOException {
    UserPrincipal allowed =
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
    PowerDesk power =
        new PowerDesk(layout().policy(), directory, new PowerUnit(units), WAIT, clock);
    Desk desk =
        new Desk(
            layout(),
            units,
            ProcessTable.open(),
            power,
            new LauncherCall(layout().reader(), clock));
    Door door = new Door(socket, Set.of(allowed), desk::take, idle, clock);
    Thread thread =
        Threads.platform(
            "door",
            () -> {
              try {
                door.serve(busy);
              } catch (IOException closed) {
                assertThat(closed).isNotNull();
              } catch (java.nio.channels.ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            });
    thread.start();
    return thread;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX);
    caller.connect(UnixDomainSocketAddress.of(directory.resolve("s")));
    return caller;
  }

  private Answer ask(byte[] request) throws IOException, Verb.Unreadable {
    try (SocketChannel caller = connect()) {
      Wire.write(caller, request, clock, WAIT);
      return VerbJson.answer(Wire.read(caller, clock, WAIT));
    }
  }

  private static String self() {
    return System.getProperty("user.name");
  }

  @Test
  void answersTheAgent() throws Exception {
    serve(self(), Duration.ofMinutes(1));
    assertThat(ask(VerbJson.bytes(new Verb.Settle()))).isEqualTo(new Answer.Done());
    assertThat(ask("{\"verb\":\"exec\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  void turnsAStrangerAway() throws Exception {
    serve("daemon", Duration.ofMinutes(1));
    try (SocketChannel caller = connect()) {
      caller.configureBlocking(true);
      assertThat(caller.read(ByteBuffer.allocate(1))).isNegative();
    }
  }

  @Test
  void goesWhenNobodyAsks() throws Exception {
    Thread door = serve(self(), Duration.ofMillis(50));
    door.join(WAIT);
    assertThat(door.isAlive()).isFalse();
  }

  @Test
  void staysWhileItWouldForgetSomething() throws Exception {
    AtomicBoolean remembers = new AtomicBoolean(true);
    AtomicInteger looked = new AtomicInteger();
    Thread door =
        serve(
            self(),
            Duration.ofMillis(50),
            () -> {
              looked.incrementAndGet();
              return remembers.get();
            });
    Awaitility.await().atMost(WAIT).until(() -> looked.get() > 2);
    assertThat(ask(VerbJson.bytes(new Verb.Settle()))).isEqualTo(new Answer.Done());
    remembers.set(false);
    door.join(WAIT);
    assertThat(door.isAlive()).isFalse();
  }

  /** Also after lengths that lie and bytes that are none, the next is answered. */
  @Test
  void noBytesHurtIt() throws Exception {
    serve(self(), Duration.ofMinutes(1));
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[random.nextInt(1, 64)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        bytes[0] = bytes.length > 2 ? (byte) 0 : bytes[0];
      }
      try (SocketChannel caller = connect()) {
        caller.write(ByteBuffer.wrap(bytes));
      } catch (IOException closed) {
        assertThat(closed).as("seed %d", seed).hasMessageContaining("pipe");
      }
    }
    assertThat(ask(VerbJson.bytes(new Verb.Settle())))
        .as("seed %d", seed)
        .isEqualTo(new Answer.Done());
  }

  @Test
  void withoutAPolicyNothingBegins() throws Exception {
    serve(self(), Duration.ofMinutes(1));
    Answer answer = ask(VerbJson.bytes(new Verb.Start(Assignments.of("train", "/usr/bin/env"))));
    assertThat(answer.toString()).contains("no job runs here").contains("there is no such file");
    assertThat(Files.exists(directory.resolve("ledger"))).isFalse();
  }
}
