package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a hostile agent can have begun: the real launcher behind its real socket, and callers that
 * send it whatever they like. There is no systemd: a start that passes the seal is refused by the
 * policy, which knows nobody of the job's user.
 */
class SealTest {
  private static final String PASSED = "user: 'anna' is refused by this node's policy";
  private static final String NODE = "n";

  @TempDir private Path given = Path.of("");
  private final Clock clock = Clock.system();
  private final OrderSigner signer = OrderSigner.create();
  private final JobUnits units = new JobUnits(Path.of("/nonexistent"), clock);
  private final ServerSocketChannel socket = open();
  private Path directory = Path.of("");

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void serve() throws IOException {
    directory = given.toRealPath();
    Layout layout = Layouts.in(directory);
    policy("");
    socket.bind(UnixDomainSocketAddress.of(layout.socket()));
    PowerDesk power =
        new PowerDesk(
            layout.policy(), directory, new PowerUnit(units), Duration.ofSeconds(60), clock);
    Desk desk =
        new Desk(
            layout, units, ProcessTable.open(), power, new LauncherCall(layout.reader(), clock));
    Door door =
        new Door(
            socket,
            Set.of(
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(System.getProperty("user.name"))),
            desk::take,
            Duration.ofMinutes(5),
            clock);
    Threads.platform(
            "door",
            () -> {
              try {
                door.serve();
              } catch (IOException | ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            })
        .start();
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    units.close();
  }

  private void policy(String line) throws IOException {
    write(
        directory.resolve("policy.yaml"), "users: [bert]\nargv_roots: [/usr]\ndemo: true\n" + line);
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void pin(String name, OrderSigner of) throws IOException {
    Path orders = directory.resolve("orders.d");
    Files.createDirectories(orders);
    Files.setPosixFilePermissions(orders, PosixFilePermissions.fromString("rwxr-xr-x"));
    write(orders.resolve(name), of.key().pem());
    write(orders.resolve("node"), NODE + "\n");
  }

  private String begin(Verb start) throws IOException {
    return switch (new LauncherCall(directory.resolve("s"), clock).ask(start)) {
      case Answer.Refused(String why) -> why;
      case Answer other -> other.toString();
    };
  }

  private static Assignment job() {
    return Assignments.of("train", "/usr/bin/env");
  }

  private StartOrder order(Duration good) {
    return signer.sign(job(), "store-1", clock.wall().plus(good).getEpochSecond());
  }

  private StartOrder order() {
    return order(Duration.ofHours(1));
  }

  @Test
  void withoutAKeyStartsNeedNoSignature() throws IOException {
    assertThat(begin(new Verb.Start(job()))).startsWith(PASSED);
    assertThat(begin(new Verb.StartSigned(order()))).startsWith(PASSED);
  }

  @Test
  void thePolicyMayWantAKey() throws IOException {
    policy("signed_starts: required\n");
    assertThat(begin(new Verb.Start(job())))
        .startsWith("order: signed_starts of this node's policy is required, and no key is pinned");
    assertThat(begin(new Verb.StartSigned(order()))).startsWith("order: signed_starts");
    pin("a.pub", signer);
    assertThat(begin(new Verb.Start(job()))).contains("carries no signature");
    assertThat(begin(new Verb.StartSigned(order()))).startsWith(PASSED);
  }

  /** Each by the sentence that says which of the checks it did not pass. */
  @Test
  void withAKeyOnlyWhatItSignedPasses() throws IOException {
    pin("a.pub", signer);
    assertThat(begin(new Verb.StartSigned(order()))).startsWith(PASSED);
    assertThat(begin(new Verb.Start(job())))
        .startsWith("order: the start of run train-r1 carries no signature, and a key is pinned");
    OrderSigner stranger = OrderSigner.create();
    StartOrder foreign = stranger.sign(job(), "store-1", order().notAfter());
    assertThat(begin(new Verb.StartSigned(foreign)))
        .startsWith("order: key " + stranger.key().id() + " is unknown here");
    assertThat(begin(new Verb.StartSigned(order(Duration.ofHours(-1)))))
        .startsWith("order: it was good until ")
        .contains("and this node's clock says ");
  }

  /** The user, the program and the run that the collector never asked for. */
  @Test
  void aForgedJobIsRefused() throws IOException {
    pin("a.pub", signer);
    StartOrder good = order();
    for (String[] other :
        new String[][] {
          {"anna", "bert"}, {"/usr/bin/env", "/usr/bin/id"}, {"\"run\":1", "\"run\":2"}
        }) {
      String forged = good.assignment().replace(other[0], other[1]);
      assertThat(forged).isNotEqualTo(good.assignment());
      assertThat(
              begin(
                  new Verb.StartSigned(
                      new StartOrder(
                          forged, good.store(), good.notAfter(), good.key(), good.signature()))))
          .startsWith("order: run train-r")
          .contains("is not what key " + good.key() + " signed");
    }
    assertThat(
            begin(
                new Verb.StartSigned(
                    new StartOrder(
                        good.assignment(),
                        good.store(),
                        good.notAfter() + 3600,
                        good.key(),
                        good.signature()))))
        .contains("is not what key");
  }

  @Test
  void anOrderThatWasStolenFromAnotherNodeIsRefused() throws IOException {
    pin("a.pub", signer);
    write(directory.resolve("orders.d/node"), "another\n");
    assertThat(begin(new Verb.StartSigned(order())))
        .isEqualTo("order: it is of node 'n', and this is 'another'");
    Files.delete(directory.resolve("orders.d/node"));
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertThat(begin(new Verb.StartSigned(order())))
        .isEqualTo("order: it is of node 'n', and this is '" + host + "'");
  }

  /** A good order is good once: the ledger says so, whatever the agent remembers. */
  @Test
  void anOrderIsGoodOnce() throws IOException {
    pin("a.pub", signer);
    RunLedger ledger = new RunLedger(directory.resolve("ledger"));
    assertThat(begin(new Verb.StartSigned(order()))).startsWith(PASSED);
    assertThat(ledger.claim(new RunId("train", 1))).isTrue();
    assertThat(begin(new Verb.StartSigned(order()))).isEqualTo("run train-r1 was begun before");
    assertThat(begin(new Verb.StartSigned(order(Duration.ofHours(3)))))
        .isEqualTo("run train-r1 was begun before");
  }

  @Test
  void aKeyTakesAnothersPlace() throws IOException {
    OrderSigner next = OrderSigner.create();
    StartOrder fresh = next.sign(job(), "store-1", order().notAfter());
    pin("a.pub", signer);
    assertThat(begin(new Verb.StartSigned(fresh))).contains("is unknown here");
    pin("b.pub", next);
    assertThat(begin(new Verb.StartSigned(order()))).startsWith(PASSED);
    assertThat(begin(new Verb.StartSigned(fresh))).startsWith(PASSED);
    pin("c.pub", OrderSigner.create());
    assertThat(begin(new Verb.StartSigned(fresh)))
        .startsWith("order: no start is taken here: ")
        .endsWith("holds 3 keys, allowed are 2: remove the oldest");
    Files.delete(directory.resolve("orders.d/c.pub"));
    Files.delete(directory.resolve("orders.d/a.pub"));
    assertThat(begin(new Verb.StartSigned(order()))).contains("is unknown here");
    assertThat(begin(new Verb.StartSigned(fresh))).startsWith(PASSED);
  }

  /** Who can write there could delete the key otherwise, and the node would be open. */
  @Test
  void onlyWithoutTheDirectoryStartsNeedNoSignature() throws IOException {
    pin("a.pub", signer);
    Path orders = directory.resolve("orders.d");
    for (String mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
      Files.setPosixFilePermissions(orders, PosixFilePermissions.fromString(mode));
      for (Verb start : List.of(new Verb.Start(job()), new Verb.StartSigned(order()))) {
        assertThat(begin(start))
            .startsWith("order: no start is taken here: " + orders + ": ")
            .contains("may be changed by others");
      }
    }
    Files.setPosixFilePermissions(orders, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.delete(orders.resolve("a.pub"));
    assertThat(begin(new Verb.Start(job())))
        .startsWith("order: no start is taken here: " + orders + " holds no key: ");
    assertThat(begin(new Verb.StartSigned(order()))).contains(" holds no key: ");
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(orders, elsewhere);
    assertThat(begin(new Verb.Start(job()))).startsWith(PASSED);
    Files.createSymbolicLink(orders, elsewhere);
    assertThat(begin(new Verb.Start(job()))).contains("is a link, which is refused");
    Files.delete(orders);
    write(orders, "no directory");
    assertThat(begin(new Verb.Start(job()))).contains("not a directory; make one");
  }

  /** Whoever could exchange the key could begin anything: such a key closes the node. */
  @Test
  void aKeyThatOthersCanChangeIsNone() throws IOException {
    pin("a.pub", signer);
    Path file = directory.resolve("orders.d/a.pub");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThat(begin(new Verb.StartSigned(order())))
        .startsWith("order: no start is taken here: " + file)
        .contains("may be changed by others");
    assertThat(begin(new Verb.Start(job()))).startsWith("order: no start is taken here: ");
    Files.delete(file);
    Path elsewhere = directory.resolve("elsewhere");
    write(elsewhere, signer.key().pem());
    Files.createSymbolicLink(file, elsewhere);
    assertThat(begin(new Verb.StartSigned(order()))).contains("is a link, which is refused");
    Files.delete(file);
    write(file, "no key");
    assertThat(begin(new Verb.StartSigned(order()))).contains("-----BEGIN PUBLIC KEY-----");
  }
}
