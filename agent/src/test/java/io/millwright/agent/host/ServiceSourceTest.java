package io.millwright.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.lane.SourceProbe;
import io.millwright.agent.lane.Tick;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.annotations.DBusMemberName;
import org.freedesktop.dbus.annotations.Position;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.errors.UnknownObject;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ServiceSource} with no bus, with one that hangs, and with a real one and a stand-in. */
class ServiceSourceTest {
  private static final String BUS = "run/dbus/system_bus_socket";
  private static final Path DAEMON = Path.of("/usr/bin/dbus-daemon");
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final List<String> WANTED = List.of("slurmd", "nvidia-fabricmanager", "gone");

  @TempDir private Path root;

  private ServiceSource source(List<String> services) throws IOException {
    long uid = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    return new ServiceSource(
        "n1", Requirements.packaged(services, List.of()), root, uid, CallWatch.NONE);
  }

  @Test
  void hasNoValueWhereThereIsNoBus() throws IOException {
    try (ServiceSource source = source(WANTED)) {
      assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
      assertThat(source.readings().sample().reading(0)).isEqualTo(new Reading.Unsupported());
      assertThat(source.readings().table().series(0))
          .isEqualTo(Series.of(Metric.NODE_SERVICE_ACTIVE, "n1", "slurmd"));
    }
  }

  @Test
  void asksNobodyWhereNothingIsNeeded() throws IOException {
    new SyntheticRoot(root).file(BUS, "no socket\n");
    try (ServiceSource source = source(List.of())) {
      assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
      assertThat(source.readings().table().size()).isZero();
    }
  }

  @Test
  void saysThatNobodyAnswered() throws IOException {
    new SyntheticRoot(root).file(BUS, "no socket\n");
    try (ServiceSource source = source(WANTED)) {
      assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.FAILED);
      assertThat(source.readings().sample().reading(0)).isInstanceOf(Reading.Unavailable.class);
    }
  }

  /** A bus that takes the connection and says nothing holds its own lane and no other. */
  @Test
  void holdsNoOtherLaneWhileTheBusHangs() throws Exception {
    Path socket = root.resolve(BUS);
    Files.createDirectories(socket.resolveSibling("."));
    Clock clock = Clock.system();
    Requirements table = Requirements.packaged(WANTED, List.of("site"));
    new SyntheticRoot(root).modules("site 1 0 - Live 0x0\n");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      SourceProbe services =
          new SourceProbe(
              "services",
              "services",
              clock,
              Periods.STANDARD,
              calls -> new ServiceSource("n1", table, root, 0, calls));
      SourceProbe modules =
          new SourceProbe(
              "modules",
              "modules",
              clock,
              Periods.STANDARD,
              calls -> new ModuleSource("n1", table, root, calls));
      services.start();
      modules.start();
      Tick tick = new Tick(1, clock.nanos());
      services.request(tick);
      modules.request(tick);
      await().atMost(DEADLINE).until(() -> !modules.samples(tick).isEmpty());
      assertThat(modules.samples(tick).getFirst().value(0)).isEqualTo(1);
      await()
          .atMost(DEADLINE)
          .until(() -> services.calls().inFlightBeyond(Duration.ofMillis(1)).isPresent());
      assertThat(services.request(new Tick(2, clock.nanos()))).isFalse();
      services.stop();
      modules.stop();
      assertThat(modules.ended(DEADLINE)).isTrue();
    }
  }

  /** Systemd's interface, as far as it is asked for. */
  @DBusInterfaceName("org.freedesktop.systemd1.Manager")
  public interface Manager extends DBusInterface {
    @DBusMemberName("Subscribe")
    void subscribe();

    @DBusMemberName("ListUnitsByPatterns")
    List<Unit> listUnitsByPatterns(List<String> states, List<String> patterns);

    @DBusMemberName("GetUnit")
    DBusPath getUnit(String name);
  }

  /** The unit ssh, of which sshd is another name. */
  public static final class Ssh implements Properties {
    private static final String PATH = "/org/freedesktop/systemd1/unit/ssh_2eservice";

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <A> A Get(String owner, String property) {
      assertThat(List.of(owner, property))
          .containsExactly("org.freedesktop.systemd1.Unit", "ActiveState");
      return (A) "active";
    }

    @Override
    public <A> void Set(String owner, String property, A value) {
      throw new AssertionError("nothing is set");
    }

    @Override
    public Map<String, Variant<?>> GetAll(String owner) {
      throw new AssertionError("one is asked for");
    }

    @Override
    public String getObjectPath() {
      return PATH;
    }
  }

  /** Of the signature {@code ssssssouso}. */
  public static final class Unit extends Struct {
    @Position(0)
    public final String name;

    @Position(1)
    public final String description = "";

    @Position(2)
    public final String load = "loaded";

    @Position(3)
    public final String active;

    @Position(4)
    public final String sub = "running";

    @Position(5)
    public final String following = "";

    @Position(6)
    public final DBusPath path = new DBusPath("/org/freedesktop/systemd1/unit/x");

    @Position(7)
    public final UInt32 job = new UInt32(0);

    @Position(8)
    public final String jobType = "";

    @Position(9)
    public final DBusPath jobPath = new DBusPath("/");

    Unit(String name, String active) {
      this.name = name;
      this.active = active;
    }
  }

  /** A stand-in for systemd that has two units in memory. */
  public static final class StandIn implements Manager {
    private volatile String slurmd = "active";

    @Override
    public void subscribe() {}

    @Override
    public List<Unit> listUnitsByPatterns(List<String> states, List<String> patterns) {
      return List.of(
          new Unit("slurmd.service", slurmd), new Unit("nvidia-fabricmanager.service", "failed"));
    }

    @Override
    public DBusPath getUnit(String name) {
      if (!name.equals("sshd.service")) {
        throw new UnknownObject(name);
      }
      return new DBusPath(Ssh.PATH);
    }

    @Override
    public String getObjectPath() {
      return "/org/freedesktop/systemd1";
    }
  }

  @Test
  void tellsWhichAreActiveAndComesBackAfterTheBusWasRestarted() throws Exception {
    assumeTrue(Files.isExecutable(DAEMON), "SKIPPED: no " + DAEMON);
    StandIn standIn = new StandIn();
    Process daemon = bus();
    try (ServiceSource source = source(WANTED)) {
      try (DBusConnection systemd = systemd(standIn)) {
        assertThat(systemd.isConnected()).isTrue();
        assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
        assertThat(values(source)).containsExactly(1.0, 0.0, 0.0);
        standIn.slurmd = "reloading";
        source.read(Cadence.SLOW, 2);
        assertThat(values(source)).containsExactly(1.0, 0.0, 0.0);
        standIn.slurmd = "deactivating";
        source.read(Cadence.SLOW, 3);
        assertThat(values(source)).containsExactly(0.0, 0.0, 0.0);
      }
      ended(daemon);
      Files.deleteIfExists(root.resolve(BUS));
      daemon = bus();
      standIn.slurmd = "active";
      try (DBusConnection systemd = systemd(standIn)) {
        assertThat(systemd.isConnected()).isTrue();
        await().atMost(DEADLINE).until(() -> source.read(Cadence.SLOW, 4) == Outcome.ANSWERED);
        assertThat(values(source)).containsExactly(1.0, 0.0, 0.0);
      }
    } finally {
      ended(daemon);
    }
  }

  @Test
  void knowsAUnitByAnotherOfItsNames() throws Exception {
    assumeTrue(Files.isExecutable(DAEMON), "SKIPPED: no " + DAEMON);
    Process daemon = bus();
    try (DBusConnection systemd = systemd(new StandIn());
        ServiceSource source = source(List.of("sshd", "gone"))) {
      systemd.exportObject(Ssh.PATH, new Ssh());
      assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
      assertThat(values(source)).containsExactly(1.0, 0.0);
    } finally {
      ended(daemon);
    }
  }

  /** As before systemd is on the bus, or while it is begun anew. */
  @Test
  void leavesNoThreadsOnABusWithNobodyOnIt() throws Exception {
    assumeTrue(Files.isExecutable(DAEMON), "SKIPPED: no " + DAEMON);
    Process daemon = bus();
    long uid = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (ServiceSource source = source(WANTED)) {
      for (int i = 0; i < 10; i++) {
        assertThat(source.read(Cadence.SLOW, i)).isEqualTo(Outcome.FAILED);
        assertThatThrownBy(() -> Systemd.connect(root.resolve(BUS), uid, new Deaf()))
            .isInstanceOf(SystemdException.class)
            .hasMessageContaining("listening to systemd");
      }
      await()
          .atMost(DEADLINE)
          .untilAsserted(() ->
              assertThat(Thread.getAllStackTraces().keySet())
                  .filteredOn(thread -> !before.contains(thread))
                  .filteredOn(thread -> thread.getName().toLowerCase(Locale.ROOT).contains("dbus"))
                  .isEmpty());
    } finally {
      ended(daemon);
    }
  }

  private static final class Deaf implements Systemd.Listener {
    @Override
    public void finished(String unit, String result) {}

    @Override
    public void lost() {}
  }

  private static List<Double> values(ServiceSource source) {
    return java.util.stream.IntStream.range(0, source.readings().table().size())
        .mapToObj(i -> source.readings().sample().value(i))
        .toList();
  }

  private Process bus() throws IOException {
    Path socket = root.resolve(BUS);
    Files.createDirectories(socket.resolveSibling("."));
    Path config = root.resolve("bus.conf");
    Files.writeString(
        config,
        """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <listen>unix:path=%s</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/><allow user="*"/>
          </policy>
        </busconfig>
        """
            .formatted(socket));
    Process daemon =
        new ProcessBuilder(DAEMON.toString(), "--config-file=" + config, "--nofork", "--nopidfile")
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("bus.log").toFile())
            .start();
    await().atMost(DEADLINE).until(() -> Files.exists(socket));
    return daemon;
  }

  /** Ends this process and no other. */
  private static void ended(Process daemon) throws InterruptedException {
    daemon.destroy();
    if (!daemon.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
      daemon.destroyForcibly();
    }
  }

  private DBusConnection systemd(StandIn standIn) throws Exception {
    long uid = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    DBusConnection connection =
        DBusConnectionBuilder.forAddress("unix:path=" + root.resolve(BUS))
            .withShared(false)
            .transportConfig()
            .configureSasl()
            .withSaslUid(uid)
            .back()
            .back()
            .build();
    connection.requestBusName("org.freedesktop.systemd1");
    connection.exportObject(standIn.getObjectPath(), standIn);
    return connection;
  }
}
