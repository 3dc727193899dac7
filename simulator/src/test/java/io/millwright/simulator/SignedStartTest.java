package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.launcher.root.Launcher;
import io.millwright.agent.launcher.root.PowerProgram;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.collector.downlink.Downlink;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.StartOrders;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.placement.Share;
import io.millwright.collector.recovery.Recovering;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredAssembly;
import io.millwright.protocol.frames.DesiredResult;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way of a signature: the collector's book and downlink, the bytes of its frames, the agent's
 * room of jobs, the launcher behind its real socket. In the place of systemd stands nobody: a start
 * whose signature is good is refused for the launcher's own policy, which knows nobody of its user.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SignedStartTest {
  private static final String NODE = "n1";

  @TempDir private Path given;
  private final Clock clock = Clock.system();
  private final OrderSigner signer = OrderSigner.create();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Path directory;
  private Layout layout;
  private JobBook book;
  private String store;
  private Orders agent;

  /** Ask the launcher, and tell what it answered. */
  private final class Asking implements Units {
    private volatile Optional<Watcher> watcher = Optional.empty();

    @Override
    public boolean takesOrders() {
      return true;
    }

    @Override
    public String bootId() {
      return "boot";
    }

    @Override
    public Optional<String> refusal(Assignment assignment, Policy policy) {
      return Optional.empty();
    }

    @Override
    public List<Unit> list() {
      return List.of();
    }

    @Override
    public void watch(Watcher told) {
      watcher = Optional.of(told);
    }

    @Override
    public void start(Launch launch) {
      String why;
      try {
        Answer answer = new LauncherCall(layout.socket(), clock).ask(launch.verb());
        why = answer.refusal().orElseGet(answer::toString);
      } catch (IOException trouble) {
        why = trouble.toString();
      }
      answers.add(why);
      Presence failed = new Presence.Failed(why);
      Threads.platform("news", () -> watcher.ifPresent(told -> told.changed(launch.run(), failed)))
          .start();
    }

    @Override
    public void stop(RunId run, Duration grace) {}

    @Override
    public void clean(RunId run, Duration grace) {}

    @Override
    public List<OutputPart> output(RunId run) {
      return List.of();
    }

    @Override
    public void forget(RunId run) {}

    @Override
    public void close() {}
  }

  private static final class NoPower implements PowerProgram {
    @Override
    public boolean busy() {
      return false;
    }

    @Override
    public boolean run(Duration longest) {
      return false;
    }
  }

  @BeforeEach
  void begin() throws IOException {
    directory = given.toRealPath();
    layout =
        new Layout(
            directory.resolve("policy.yaml"),
            directory.resolve("orders.d"),
            directory.resolve("ledger"),
            directory.resolve("runs"),
            directory.resolve("ended"),
            directory.resolve("env"),
            directory.resolve("s"),
            directory.resolve("no-bus"),
            Path.of("/bin/true"),
            List.of(),
            "root",
            new Layout.HostFiles(
                Path.of("/proc/devices"),
                Path.of("/dev"),
                directory,
                NeuronHost.under(directory),
                directory,
                directory,
                ContainerHost.under(directory)));
    String rest = "argv_roots: [/usr, /bin]\ndemo: true\n";
    write(layout.policy(), "users: [nobody-at-all]\n" + rest);
    Path own = directory.resolve("agents-policy.yaml");
    write(own, "users: [%s]\n".formatted(user()) + rest);
    serve();
    SqliteStore opened = SqliteStore.open(directory.resolve("store.db"));
    open.add(opened);
    store = opened.identity().id();
    book = JobBook.open(opened, clock);
    agent =
        new Orders(
            new JobsRoom.Settings(
                NODE,
                directory.resolve("journal"),
                () -> PolicyFile.read(own),
                devices -> Optional.empty(),
                (uuid, since) -> Optional.empty()),
            new Asking(),
            () -> true,
            clock);
    agent.start();
    open.add(agent);
  }

  private void serve() throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    open.add(socket);
    socket.bind(UnixDomainSocketAddress.of(layout.socket()));
    Launcher launcher = new Launcher(layout, new NoPower(), Duration.ofSeconds(1), clock);
    Threads.platform(
            "launcher",
            () -> {
              try {
                launcher.serve(socket, Duration.ofMinutes(10));
              } catch (IOException | ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            })
        .start();
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private static String user() {
    return System.getProperty("user.name").equals("root")
        ? "nobody"
        : System.getProperty("user.name");
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void pin(OrderSigner of) throws IOException {
    Files.createDirectories(layout.orders());
    Files.setPosixFilePermissions(layout.orders(), PosixFilePermissions.fromString("rwxr-xr-x"));
    write(layout.orders().resolve("a.pub"), of.key().pem());
    write(layout.orders().resolve("node"), NODE);
  }

  /**
   * What the launcher answers to a job that a collector places.
   *
   * @param of the collector's key; empty for one that signs nothing
   * @param words of the agent's HELLO
   */
  private String submitted(Optional<OrderSigner> of, Set<String> words) throws Exception {
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"env\":{\"A\":\"é \\\" \\\\ $x\"}}"
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, user()));
    book.place(
        new RunId("a", 1),
        List.of(new Share(NODE, new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
    Downlink downlink =
        new Downlink(book, Recovering.NONE, new StartOrders(of, store, clock), clock);
    List<Frame> sent = new ArrayList<>();
    downlink.told(
        List.of(new Told.Opened(NODE, 1, words, agent.head(), "127.0.0.1", new Keeping(sent))));
    assertThat(downlink.flush()).isEmpty();
    Frame.Desired desired = (Frame.Desired) sent.getLast();
    DesiredResult.Whole whole = (DesiredResult.Whole) new DesiredAssembly().add(desired);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          CompletableFuture<AppliedAnswer> answer = new CompletableFuture<>();
          agent.desired(whole, applied -> answer.complete(applied.answer()));
          return answer.get(60, TimeUnit.SECONDS) == AppliedAnswer.WRITTEN;
        });
    return String.valueOf(answers.poll(60, TimeUnit.SECONDS));
  }

  private record Keeping(List<Frame> sent) implements Line {
    @Override
    public void send(List<? extends Frame> frames) {
      sent.addAll(frames);
    }

    @Override
    public void end(String why) {
      throw new AssertionError(why);
    }
  }

  private Set<String> words() {
    return Set.copyOf(agent.capabilities());
  }

  @Test
  void whatTheCollectorSignedPassesTheLauncher() throws Exception {
    pin(signer);
    assertThat(words()).contains("orders");
    assertThat(submitted(Optional.of(signer), words())).startsWith("user: '" + user() + "'");
  }

  @Test
  void whatItDidNotSignDoesNot() throws Exception {
    pin(signer);
    assertThat(submitted(Optional.empty(), words())).contains("carries no signature");
  }

  @Test
  void whatAnotherCollectorSignedDoesNot() throws Exception {
    pin(signer);
    assertThat(submitted(Optional.of(OrderSigner.create()), words())).contains("is unknown here");
  }

  /** An agent of before is sent no order, and goes on where no key is pinned. */
  @Test
  void anOlderAgentGoesOnWithoutOne() throws Exception {
    assertThat(submitted(Optional.of(signer), Set.of("jobs", "new-jobs", "groups")))
        .startsWith("user: '" + user() + "'");
  }
}
