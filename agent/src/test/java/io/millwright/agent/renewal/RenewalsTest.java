package io.millwright.agent.renewal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node's certificate, renewed at a whole collector over mutual TLS. Its age is real, by its
 * dates.
 */
class RenewalsTest {
  private static final String NODE = "gpu-07";
  private static final PeerIdentity.Node NAME = new PeerIdentity.Node("hall-a", NODE);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration STOP = Duration.ofSeconds(5);

  @TempDir private Path directory = Path.of("");
  private final Clock clock = Clock.system();
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
  private final List<String> attempts = new CopyOnWriteArrayList<>();
  private final List<Instant> ends = new CopyOnWriteArrayList<>();

  /** The machine's clock, some days ago. */
  private record Ago(Duration by) implements Clock {
    @Override
    public long nanos() {
      return Clock.system().nanos();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().minus(by);
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos);
    }
  }

  private final class Account implements Renewals.Account {
    @Override
    public void ends(Instant end) {
      ends.add(end);
    }

    @Override
    public void attempted(String result) {
      attempts.add(result);
    }
  }

  private static DemoTrust site(Path directory, int daysAgo) {
    return DemoTrust.create(directory, "hall-a", List.of(NODE), new Ago(Duration.ofDays(daysAgo)));
  }

  private DemoTrust site(int daysAgo) {
    return site(directory.resolve("site"), daysAgo);
  }

  private Collector collector(DemoTrust trust, Path credentials, boolean signs) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Collector made =
        new Collector(
            new CollectorOptions(
                any,
                any,
                credentials,
                directory.resolve("data"),
                Optional.empty(),
                Set.of(),
                signs
                    ? Optional.of(
                        new CollectorOptions.Joining(
                            Optional.empty(), trust.authority(), Duration.ofDays(30)))
                    : Optional.empty()),
            clock);
    made.start();
    open.add(made);
    return made;
  }

  private OwnCredentials own(DemoTrust trust) {
    Path place = trust.node(NODE);
    return new OwnCredentials(place, NAME, Credentials.read(place), clock);
  }

  private Renewals renewals(OwnCredentials own, int port) {
    Renewals made =
        new Renewals(
            "127.0.0.1", port, own, List.of("nic:a"), new Account(), new Random(), OFTEN, clock);
    made.start();
    open.add(() -> made.stop(STOP));
    return made;
  }

  private Uplink uplink(OwnCredentials own, int port) {
    Uplink made =
        new Uplink(
            new UplinkOptions("127.0.0.1", port, NODE, new UUID(0, 1), "test"),
            own::tls,
            "hall-a",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new Chronicle(
                new Chronicle.Settings(
                    NODE, "boot", directory.resolve("events"), Limits.USUAL, false),
                clock),
            Optional.empty(),
            new Random(),
            clock);
    made.start();
    open.add(() -> made.stop(STOP));
    return made;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  /** Due at sixty days; or ended ten days ago, and then no session before it, and one after it. */
  @ParameterizedTest
  @ValueSource(ints = {61, 100})
  void theNextCertificateIsUsedWithoutARestart(int daysAgo) throws IOException {
    DemoTrust trust = site(daysAgo);
    OwnCredentials own = own(trust);
    Credentials before = own.newest();
    Collector collector = collector(trust, trust.collector(), true);
    renewals(own, collector.uplinkPort());
    Uplink uplink = uplink(own, collector.uplinkPort());

    await().atMost(LONG).until(() -> attempts.equals(List.of("renewed")));
    Credentials after = Credentials.read(trust.node(NODE));
    assertThat(after.certificate()).isNotEqualTo(before.certificate());
    assertThat(after.key()).as("a new key").isNotEqualTo(before.key());
    assertThat(after.identity()).isEqualTo(NAME);
    assertThat(own.newest().certificate()).isEqualTo(after.certificate());
    assertThat(ends)
        .containsExactly(
            before.certificate().getNotAfter().toInstant(),
            after.certificate().getNotAfter().toInstant());
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(trust.node(NODE).resolve(Credentials.IDENTITY_FILE))))
        .isEqualTo("rw-------");
    await().atMost(LONG).until(uplink::connected);
  }

  @Test
  void aYoungCertificateIsLeftAlone() throws IOException {
    DemoTrust trust = site(59);
    OwnCredentials own = own(trust);
    Collector collector = collector(trust, trust.collector(), true);
    renewals(own, collector.uplinkPort());
    await().atMost(LONG).until(uplink(own, collector.uplinkPort())::connected);
    assertThat(attempts).isEmpty();
  }

  @Test
  void aRefusalIsCountedAndTheOldOneShownOn() throws IOException {
    DemoTrust trust = site(61);
    OwnCredentials own = own(trust);
    Collector collector = collector(trust, trust.collector(), false);
    renewals(own, collector.uplinkPort());
    await().atMost(LONG).until(() -> attempts.equals(List.of("refused")));
    assertThat(own.newest().certificate())
        .isEqualTo(Credentials.read(trust.node(NODE)).certificate());
    await().atMost(LONG).until(uplink(own, collector.uplinkPort())::connected);
  }

  /** What is at the collector's address is a collector of the site, or it is asked for nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"node", "operator", "another site's collector"})
  void nobodyElseIsAskedForACertificate(String impostor) throws Exception {
    DemoTrust trust = site(61);
    Credentials shown =
        switch (impostor) {
          case "node" -> Credentials.read(trust.node(NODE));
          case "operator" -> Credentials.read(trust.admin());
          default -> Credentials.read(site(directory.resolve("twin"), 1).collector());
        };
    try (Impostor there = new Impostor(shown, clock)) {
      OwnCredentials own = own(trust);
      renewals(own, there.port());
      await().atMost(LONG).until(() -> attempts.equals(List.of("failed")));
      assertThat(there.read()).as("no request was sent").isEmpty();
    }
  }

  @Test
  void whatAnotherPutThereIsTakenUp() throws IOException {
    DemoTrust trust = site(1);
    OwnCredentials own = own(trust);
    renewals(own, 1);
    Credentials next = Authority.open(trust.authority(), clock).issue(NAME, List.of());
    replace(trust, next);
    await().atMost(LONG).until(() -> own.newest().certificate().equals(next.certificate()));
    Credentials anothers =
        Authority.open(trust.authority(), clock)
            .issue(new PeerIdentity.Operator("hall-a", Role.ADMIN, "a"), List.of());
    replace(trust, anothers);
    Credentials third = Authority.open(trust.authority(), clock).issue(NAME, List.of());
    replace(trust, third);
    await().atMost(LONG).until(() -> own.newest().certificate().equals(third.certificate()));
    assertThat(ends).hasSize(3);
  }

  private static void replace(DemoTrust trust, Credentials by) throws IOException {
    Path file = trust.node(NODE).resolve(Credentials.IDENTITY_FILE);
    FileTime before = Files.getLastModifiedTime(file);
    by.replace(trust.node(NODE));
    if (Files.getLastModifiedTime(file).equals(before)) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1));
    }
  }
}
