package io.millwright.agent.power;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Cap;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is kept of a cap, and what becomes of it; behind a real socket this test is the launcher.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class PowerRoomTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final String ONE = "GPU-1";
  private static final String TWO = "GPU-2";
  private static final OptionalLong NONE = OptionalLong.empty();

  @TempDir private Path directory;
  private final StandingClock clock = new StandingClock();
  private volatile boolean readingsStand;
  private volatile long readAt;
  private final Map<String, Long> milliwatts = new ConcurrentHashMap<>();
  private final BlockingQueue<Function<Verb.Power, Answer>> answers = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<Verb.Power> asked = new ConcurrentLinkedQueue<>();
  private ServerSocketChannel socket;
  private PowerRoom room;

  /** Stands until a test lets time pass; each reading of a limit is a little later. */
  private static final class StandingClock implements Clock {
    private final AtomicLong now = new AtomicLong(Clock.system().nanos());

    @Override
    public long nanos() {
      return now.get();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall();
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(Clock.system().nanos() + nanos - now.get());
    }

    private void pass(Duration time) {
      now.addAndGet(time.toNanos());
    }
  }

  @BeforeEach
  void listen() throws IOException {
    milliwatts.putAll(Map.of(ONE, 1_000_000L, TWO, 1_000_000L));
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    Threads.platform("launcher", this::serve).start();
  }

  @AfterEach
  void end() throws IOException {
    room.close();
    socket.close();
  }

  private void serve() {
    try {
      while (true) {
        try (SocketChannel caller = socket.accept()) {
          Verb.Power verb = (Verb.Power) VerbJson.verb(Wire.read(caller, clock, WAIT));
          asked.add(verb);
          Answer answer = answers.take().apply(verb);
          Wire.write(caller, VerbJson.bytes(answer), clock, WAIT);
        }
      }
    } catch (ClosedChannelException end) {
      assertThat(end).isNotNull();
    } catch (IOException | Verb.Unreadable | InterruptedException trouble) {
      throw new AssertionError(trouble);
    }
  }

  /** Sets what it is asked for, or the default of a kilowatt. */
  private Answer set(Verb.Power verb) {
    long set = verb.watts().orElse(1000) * 1000;
    verb.devices().forEach(device -> milliwatts.put(device, set));
    return all(verb, "done", OptionalLong.of(set));
  }

  private static Answer all(Verb.Power verb, String result, OptionalLong set) {
    return new Answer.Capped(
        verb.devices().stream().map(device -> new Cap(device, result, set, set)).toList());
  }

  private static Answer refuse(Verb.Power verb) {
    return new Answer.Refused("watts: '%d' is refused".formatted(verb.watts().orElse(0)));
  }

  private Map<String, Standing> standing() {
    if (!readingsStand) {
      clock.pass(Duration.ofNanos(1000));
      readAt = clock.nanos();
    }
    Map<String, Standing> standing = new TreeMap<>();
    milliwatts.forEach(
        (device, limit) -> standing.put(device, new Standing(OptionalLong.of(limit), readAt)));
    return standing;
  }

  private void begin() {
    room = new PowerRoom(directory.resolve("s"), caps(), this::standing, clock);
    room.start();
  }

  private Path caps() {
    return directory.resolve("caps");
  }

  private List<String> kept() throws IOException {
    Path file = caps().resolve("caps");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private void keep(String... lines) throws IOException {
    Files.createDirectories(caps());
    Files.write(caps().resolve("caps"), Arrays.asList(lines));
  }

  private PowerBody order(OptionalInt watts, String... devices) throws Exception {
    CompletableFuture<Frame.PowerCapped> answer = new CompletableFuture<>();
    room.cap(new Frame.CapPower(1, watts, List.of(devices)), answer::complete);
    return PowerBody.of(answer.get(WAIT.toSeconds(), TimeUnit.SECONDS).body().toByteArray());
  }

  private static List<String> results(PowerBody body) {
    return body.caps().stream().map(cap -> cap.device() + " " + cap.result()).toList();
  }

  private void awaitKept(String... lines) {
    Awaitility.await().atMost(WAIT).untilAsserted(() -> assertThat(kept()).containsExactly(lines));
  }

  private void awaitAsked(int times) {
    Awaitility.await().atMost(WAIT).untilAsserted(() -> assertThat(asked).hasSize(times));
  }

  @Test
  void aCapIsKeptBeforeTheLauncherIsAskedAndAgreedOnAfterwards() throws Exception {
    begin();
    CompletableFuture<List<String>> before = new CompletableFuture<>();
    answers.add(verb -> {
      try {
        before.complete(kept());
      } catch (IOException unread) {
        before.completeExceptionally(unread);
      }
      return set(verb);
    });
    assertThat(results(order(OptionalInt.of(600)))).containsExactly("GPU-1 done", "GPU-2 done");
    assertThat(before.join()).containsExactly("GPU-1=600:600000?", "GPU-2=600:600000?");
    assertThat(kept()).containsExactly("GPU-1=600:600000", "GPU-2=600:600000");
  }

  @Test
  void aRefusalLeavesTheCapThatWasThere() throws Exception {
    keep("GPU-1=500:500000");
    milliwatts.put(ONE, 500_000L);
    begin();
    answers.add(PowerRoomTest::refuse);
    assertThat(order(OptionalInt.of(299), ONE).refusal()).hasValue("watts: '299' is refused");
    assertThat(kept()).containsExactly("GPU-1=500:500000");
    answers.add(verb -> all(verb, "unsupported", NONE));
    assertThat(results(order(OptionalInt.of(600)))).hasSize(2);
    assertThat(kept()).containsExactly("GPU-1=500:500000");
  }

  @Test
  void defaultTakesCapsAwayAlsoOfADeviceThatIsNotSeen() throws Exception {
    keep("GPU-1=500:500000", "GPU-9=500:500000");
    milliwatts.put(ONE, 500_000L);
    begin();
    answers.add(this::set);
    assertThat(results(order(OptionalInt.empty())))
        .containsExactly("GPU-1 done", "GPU-2 done", "GPU-9 forgotten: not seen now");
    assertThat(kept()).isEmpty();
  }

  @Test
  void aStrangersNameIsRefusedAndTheLauncherNotAsked() throws Exception {
    begin();
    assertThat(order(OptionalInt.of(600), "GPU-9").refusal().orElseThrow())
        .isEqualTo(
            "devices: 'GPU-9' is refused; allowed are those of this node that have a power limit: "
                + "GPU-1, GPU-2");
    assertThat(asked).isEmpty();
  }

  /** As after a kill of the agent between its note and the answer. */
  @Test
  void aCapThatNobodyAnsweredForGivesWayToTheOneBeforeItWhenItIsRefused() throws Exception {
    keep("GPU-1=600:600000?500:500000", "GPU-2=600:600000?");
    answers.add(PowerRoomTest::refuse);
    answers.add(this::set);
    begin();
    awaitKept("GPU-1=500:500000");
    awaitAsked(1);
    clock.pass(Duration.ofSeconds(30));
    awaitAsked(2); // the device stood at its default, and 500 was wished
    assertThat(asked.stream().map(Verb.Power::watts).map(OptionalLong::orElseThrow))
        .containsExactly(600L, 500L);
    Awaitility.await().atMost(WAIT).until(() -> milliwatts.getOrDefault(ONE, 0L) == 500_000L);
    assertThat(milliwatts).containsEntry(TWO, 1_000_000L);
  }

  /** Whether it is allowed is not said by any of these. */
  @Test
  void aCapThatNobodyAnsweredForOutlivesWhatPasses() throws Exception {
    keep("GPU-1=600:600000?500:500000");
    milliwatts.put(ONE, 500_000L);
    answers.add(verb -> new Answer.Later("an earlier change has not ended"));
    answers.add(verb -> all(verb, "too often: 6 times within the last hour", NONE));
    answers.add(verb -> all(verb, "not begun: the driver does not answer", NONE));
    answers.add(verb -> all(verb, "unknown: the driver has not answered within 15 s", NONE));
    begin();
    for (int times = 1; times <= 4; times++) {
      awaitAsked(times);
      assertThat(kept()).containsExactly("GPU-1=600:600000?500:500000");
      clock.pass(Duration.ofHours(1));
    }
    answers.add(this::set);
    awaitKept("GPU-1=600:600000");
    assertThat(asked.stream().map(Verb.Power::watts).map(OptionalLong::orElseThrow))
        .containsOnly(600L);
  }

  /** The limit that was read before a device was set says nothing of what it was set to. */
  @Test
  void aReadingOfBeforeIsNoReasonToSetItAgain() throws Exception {
    begin();
    assertThat(order(OptionalInt.of(600), "GPU-9").refusal()).isPresent(); // it has read once
    readingsStand = true;
    answers.add(verb -> all(verb, "done", OptionalLong.of(600_000)));
    assertThat(results(order(OptionalInt.of(600), ONE))).containsExactly("GPU-1 done");
    answers.add(verb -> all(verb, "done", OptionalLong.of(700_000)));
    assertThat(results(order(OptionalInt.of(700), TWO))).containsExactly("GPU-2 done");
    assertThat(asked).as("between the orders it looked at all").hasSize(2);
    readingsStand = false;
    answers.add(this::set);
    answers.add(this::set);
    awaitAsked(4); // neither device was really set: that is seen now
  }

  @Test
  void aCapThatNobodyAnsweredForIsAskedForAgain() throws Exception {
    keep("GPU-1=600:600000?500:500000");
    milliwatts.put(ONE, 500_000L);
    answers.add(this::set);
    begin();
    awaitKept("GPU-1=600:600000");
    assertThat(milliwatts).containsEntry(ONE, 600_000L);
  }

  @Test
  void aCapThatStandsNeedsNoAnswer() throws Exception {
    keep("GPU-1=600:600000?500:500000");
    milliwatts.put(ONE, 600_000L);
    begin();
    awaitKept("GPU-1=600:600000");
    assertThat(asked).isEmpty();
  }

  @Test
  void whatTheDriverForgotIsSetAgainAndAnAgreedCapIsWishedOn() throws Exception {
    keep("GPU-1=600:600000");
    answers.add(PowerRoomTest::refuse);
    answers.add(this::set);
    begin();
    awaitAsked(1);
    assertThat(results(order(OptionalInt.empty(), TWO))).containsExactly("GPU-2 done");
    assertThat(kept()).containsExactly("GPU-1=600:600000");
    answers.add(this::set);
    clock.pass(Duration.ofSeconds(30));
    Awaitility.await().atMost(WAIT).until(() -> milliwatts.getOrDefault(ONE, 0L) == 600_000L);
  }

  @Test
  void linesThatAreNoCapsAreLeftOut() throws Exception {
    keep("GPU-1=600:600000", "GPU-2=600", "GPU-3=?", "GPU-4=0:0", "nonsense");
    milliwatts.put(ONE, 600_000L);
    begin();
    answers.add(this::set);
    assertThat(results(order(OptionalInt.of(700), TWO))).containsExactly("GPU-2 done");
    assertThat(kept()).containsExactly("GPU-1=600:600000", "GPU-2=700:700000");
  }
}
