package io.millwright.collector;

import io.millwright.collector.drift.DesiredFile;
import io.millwright.collector.export.ExportOptions;
import io.millwright.collector.export.Exporter;
import io.millwright.collector.export.Format;
import io.millwright.collector.grants.GrantsFile;
import io.millwright.collector.ingest.IngestOptions;
import io.millwright.collector.operations.PolicyFile;
import io.millwright.collector.racks.RackMapFile;
import io.millwright.collector.rest.Tokens;
import io.millwright.collector.scheduler.SchedulerOptions;
import io.millwright.collector.silences.SilenceMirror;
import io.millwright.collector.store.SendQueue;
import io.millwright.collector.store.StoreCopy;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Looks at all that a collector is given, without starting one: every mistake is a sentence that
 * begins with the option and says what was given, what is allowed and what to do.
 *
 * <p>It reads and changes nothing, also beside a collector that runs. Whether a port is free it
 * does not ask, for the one that runs has it.
 *
 * <p><i>Threading:</i> one thread. <i>Failure:</i> none; what cannot be read is a sentence.
 */
final class SetUpCheck {
  /** A name or an address as it stands in the header Host, without port. */
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  private final CollectorArguments given;
  private final Clock clock;
  private final List<String> mistakes = new ArrayList<>();

  SetUpCheck(CollectorArguments given, Clock clock) {
    this.given = given;
    this.clock = clock;
  }

  /** A look that throws what it finds. */
  private interface Look {
    void at() throws IOException;
  }

  /** Everything, the stores from the first to the last byte too. */
  List<String> everything() {
    settings();
    store(StoreCopy.Kind.STORE);
    store(StoreCopy.Kind.EVENTS);
    queues();
    return List.copyOf(mistakes);
  }

  /** All but what stands in the stores, which is looked at when they are opened. */
  List<String> settings() {
    addresses();
    given.hosts().stream().filter(name -> !HOST.matcher(name).matches()).forEach(this::noHost);
    identity();
    file("--tokens", given.tokens(), Tokens::read);
    file("--racks", given.racks(), file -> RackMapFile.open(file, clock).map());
    file("--policy", given.policy(), file -> PolicyFile.open(file, Collector.rules()));
    file("--grants", given.grants(), file -> GrantsFile.open(file, clock));
    given.desired().ifPresent(this::desired);
    file("--webhook-secret", given.webhookSecret(), file -> given.webhook());
    file("--scheduler", given.scheduler(), SchedulerOptions::read);
    for (Format format : Format.values()) {
      file(
          "--" + format.file(),
          given.receiver(format),
          file -> Exporter.requireUsable(ExportOptions.read(format, file)));
    }
    redirects();
    given.alertmanager().ifPresent(this::alertmanager);
    data();
    return List.copyOf(mistakes);
  }

  private void addresses() {
    address("--http", given.http());
    address("--uplink", given.uplink());
    apart("--uplink", given.uplink(), "--http", given.http());
    given
        .joining()
        .flatMap(CollectorOptions.Joining::listen)
        .ifPresent(join -> {
          address("--join", join);
          apart("--join", join, "--http", given.http());
          apart("--join", join, "--uplink", given.uplink());
        });
  }

  private void address(String option, InetSocketAddress listen) {
    InetAddress address = listen.getAddress();
    look(
        option,
        () -> {
          if (!address.isAnyLocalAddress()
              && !address.isLoopbackAddress()
              && NetworkInterface.getByInetAddress(address) == null) {
            throw new IllegalArgumentException(
                "'%s' is no address of this machine; allowed is one that 'ip address' lists, or 0.0.0.0 for all of them"
                    .formatted(listen.getHostString()));
          }
        });
  }

  private void redirects() {
    given.redirects().stream()
        .filter(one -> HostPort.parse(one).filter(place -> place.port() > 0).isEmpty())
        .forEach(one ->
            say(
                "--redirect",
                "%s is refused; allowed is HOST:PORT of another collector's port for agents, as collector2.site:9462 or [2001:db8::7]:9462"
                    .formatted(Shown.quoted(one))));
    if (given.redirects().size() > IngestOptions.MOST_ELSEWHERE) {
      say(
          "--redirect",
          "%d of them are refused; allowed are up to %d"
              .formatted(given.redirects().size(), IngestOptions.MOST_ELSEWHERE));
    }
    if (given.plainUplink() && !given.redirects().isEmpty()) {
      say(
          "--redirect",
          "it is refused with --plain-uplink, for agents follow only a collector that shows a"
              + " certificate; leave one of them out");
    }
  }

  private void apart(
      String option, InetSocketAddress one, String otherOption, InetSocketAddress other) {
    boolean same =
        one.getAddress().isAnyLocalAddress()
            || other.getAddress().isAnyLocalAddress()
            || one.getAddress().equals(other.getAddress());
    if (same && one.getPort() == other.getPort() && one.getPort() != 0) {
      say(
          option,
          "port %d is %s's too; allowed is a port of its own, as 9461 for --http, 9462 for --uplink and 9463 for --join"
              .formatted(one.getPort(), otherOption));
    }
  }

  private void noHost(String name) {
    say(
        "--host",
        "'%s' is refused; allowed is a name or an address without scheme and port, as collector.site"
            .formatted(name));
  }

  private void identity() {
    look(
        "--credentials",
        () -> {
          Credentials own = credentials();
          if (!(own.identity() instanceof PeerIdentity.Collector)) {
            throw new IllegalArgumentException(
                "the certificate in %s is of %s and not a collector's; make one with 'millwright collector ca init'"
                    .formatted(given.credentials(), own.identity().words()));
          }
          var _ = OrderSigner.in(given.credentials());
          if (!Collector.ofAuthority(given.joining(), given.credentials())) {
            inForce(own);
          }
          given.joining().ifPresent(joining -> look("--authority", () -> authority(joining, own)));
        });
  }

  private Credentials credentials() {
    try {
      return Credentials.read(given.credentials());
    } catch (TlsException e) {
      throw new TlsException(
          e.getMessage() + "; 'millwright collector ca init' makes the collector's credentials", e);
    }
  }

  private void inForce(Credentials own) {
    Instant now = clock.wall().truncatedTo(ChronoUnit.SECONDS);
    Instant begins = own.certificate().getNotBefore().toInstant();
    Instant ends = own.certificate().getNotAfter().toInstant();
    if (now.isBefore(begins) || now.isAfter(ends)) {
      throw new IllegalArgumentException(
          "the certificate in %s is in force from %s to %s and the clock here says %s; set the clock, or make a new one with 'millwright collector ca renew'"
              .formatted(given.credentials(), begins, ends, now));
    }
  }

  private void authority(CollectorOptions.Joining joining, Credentials own) {
    Authority authority = Authority.open(joining.authority(), clock);
    if (!authority.certificate().equals(own.authority())) {
      throw new IllegalArgumentException(
          "the authority in %s did not issue the collector's certificate in %s, so who joins would be refused: name the authority that did"
              .formatted(joining.authority(), given.credentials()));
    }
  }

  private void desired(CollectorOptions.Desired wanted) {
    if (readable("--desired", wanted.set()) && readable("--desired-key", wanted.key())) {
      look("--desired", () -> DesiredFile.open(wanted.set(), wanted.key()));
    }
  }

  private void alertmanager(String uri) {
    try {
      var _ = SilenceMirror.address(uri);
    } catch (IllegalArgumentException wrong) {
      mistakes.add(wrong.getMessage());
    }
  }

  /** One that is there, or can be made where it shall be. */
  private void data() {
    Path directory = given.data().toAbsolutePath().normalize();
    Path there = directory;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      say(
          "--data",
          "%s is no directory; allowed is one of this collector's own: name another"
              .formatted(there));
    } else if (!Files.isWritable(there)) {
      say(
          "--data",
          "%s may not be written by %s, who would keep the store in %s; let that directory be that user's (chown), or run as another"
              .formatted(there, user(), directory));
    }
  }

  private void store(StoreCopy.Kind kind) {
    Path file = given.data().resolve(kind.fileName());
    if (Files.exists(file)) {
      look(
          "--data",
          () -> {
            try {
              new StoreCopy(kind, file).check();
            } catch (StoreException e) {
              throw new IllegalArgumentException(
                  e.getMessage()
                      + "; move it aside and restore a backup ('millwright collector restore')",
                  e);
            }
          });
    }
  }

  /** What waits for receivers, of the present and late: only with one is it opened. */
  private void queues() {
    for (Format format : Format.values()) {
      if (given.receiver(format).isPresent()) {
        for (String name : List.of(format.queueFile(), format.lateQueueFile())) {
          Path file = given.data().resolve(name);
          if (Files.exists(file)) {
            look("--data", () -> SendQueue.check(file));
          }
        }
      }
    }
  }

  /** What reads a file or says why not. */
  private interface Reader {
    Object read(Path file) throws IOException;
  }

  private void file(String option, Optional<Path> named, Reader reader) {
    named
        .filter(file -> readable(option, file))
        .ifPresent(file -> look(option, () -> reader.read(file)));
  }

  private boolean readable(String option, Path file) {
    int before = mistakes.size();
    look(
        option,
        () -> {
          if (Files.readAttributes(file, BasicFileAttributes.class).isDirectory()) {
            throw new IllegalArgumentException(
                file + " is a directory; allowed is a file: name the one in it");
          }
          if (!Files.isReadable(file)) {
            throw new AccessDeniedException(file.toString());
          }
        });
    return mistakes.size() == before;
  }

  private void look(String option, Look look) {
    try {
      look.at();
    } catch (NoSuchFileException e) {
      say(
          option,
          e.getFile()
              + ": no such file; name one that is there, or leave the option out if the site has"
              + " none");
    } catch (AccessDeniedException e) {
      say(
          option,
          "%s may not be read by %s; let the file and its directory be that user's (chown, chmod)"
              .formatted(e.getFile(), user()));
    } catch (IOException | IllegalArgumentException | TlsException | StoreException e) {
      say(option, String.valueOf(e.getMessage()));
    }
  }

  private static String user() {
    return "the user " + System.getProperty("user.name");
  }

  private void say(String option, String sentence) {
    mistakes.add(sentence.startsWith("--") ? sentence : option + ": " + sentence);
  }
}
