package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Names;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Pem;
import io.millwright.protocol.tls.Renewal;
import io.millwright.protocol.tls.SecretFiles;
import io.millwright.protocol.tls.TlsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The certificate authority of one site, a directory that only the collector's user may read:
 *
 * <pre>
 * ca.pem, ca-key.pem      the authority
 * collector/              the collector's own credentials, and the key that signs starts
 * collector/revoked/      what was taken back
 * tokens/                 who may join
 * nodes/                  who is in
 * </pre>
 *
 * <p><i>Lifecycle:</i> made once by {@link #create}, then opened. <i>Threading:</i> any thread;
 * immutable. <i>Failure:</i> a {@link TlsException} with the remedy.
 */
public final class Authority {
  /** Of a node's and an operator's certificate. */
  public static final Duration PEER_LIFE = Duration.ofDays(90);

  /** Of the collector's own. */
  static final Duration COLLECTOR_LIFE = Duration.ofDays(365);

  static final Duration AUTHORITY_LIFE = Duration.ofDays(3652);

  /** The directory of the collector's own credentials in that of the authority. */
  public static final String COLLECTOR_DIRECTORY = "collector";

  private static final String CERTIFICATE_FILE = "ca.pem";
  private static final String KEY_FILE = "ca-key.pem";
  private static final String TOKENS_DIRECTORY = "tokens";
  private static final String NODES_DIRECTORY = "nodes";
  private static final Pattern URI = Pattern.compile("millwright://([^/]+)/authority");

  private final PrivateKey key;
  private final X509Certificate certificate;
  private final String site;
  private final Clock clock;

  private Authority(Credentials self, Clock clock) {
    this.key = self.key();
    this.certificate = self.certificate();
    this.site = siteOf(self.certificate());
    this.clock = clock;
  }

  /**
   * Makes an authority and the credentials of its collector, as a whole or not at all.
   *
   * @param directory not there yet, or empty
   * @param hosts by which the collector is reached beyond loopback
   */
  public static Authority create(
      Path directory, String site, String collector, List<String> hosts, Clock clock) {
    refuseSecond(directory);
    Authority made = unsaved(site, clock);
    Credentials own =
        made.issue(
            new PeerIdentity.Collector(site, collector),
            Hosts.withLoopback(hosts.stream().map(Hosts::checked).toList()));
    Map<String, String> files = new HashMap<>();
    files.put(CERTIFICATE_FILE, Pem.text(made.certificate));
    files.put(KEY_FILE, Pem.text(made.key));
    own.files().forEach((file, text) -> files.put(COLLECTOR_DIRECTORY + "/" + file, text));
    files.put(COLLECTOR_DIRECTORY + "/" + OrderSigner.FILE, OrderSigner.create().text());
    SecretFiles.createDirectory(directory, files);
    return made;
  }

  /** The one whose own credentials these are. */
  static Authority of(Credentials self, Clock clock) {
    return new Authority(self, clock);
  }

  private static Authority unsaved(String site, Clock clock) {
    KeyPair keys = CertificateRequest.newKeys();
    Life life = Life.from(clock.wall(), AUTHORITY_LIFE);
    X509Certificate self = Certificates.authority(Names.site(site), keys, life);
    return new Authority(new Credentials(keys.getPrivate(), self, self), clock);
  }

  /** Opens one that was made before. */
  public static Authority open(Path directory, Clock clock) {
    List<String> missing =
        Stream.of(CERTIFICATE_FILE, KEY_FILE)
            .filter(file -> !Files.exists(directory.resolve(file)))
            .toList();
    if (missing.size() == 2) {
      throw absent(directory);
    }
    if (!missing.isEmpty()) {
      throw new TlsException(notWhole(directory, missing.getFirst() + " is missing"));
    }
    return new Authority(self(directory), clock);
  }

  public String site() {
    return site;
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** The tokens beside an authority. */
  public static TokenLedger tokens(Path directory) {
    return new FileTokenLedger(directory.resolve(TOKENS_DIRECTORY));
  }

  /** The keys by which its collector signs starts. */
  static OrderPlace orders(Path directory) {
    return new OrderPlace(directory.resolve(COLLECTOR_DIRECTORY));
  }

  /** The nodes beside an authority. */
  public static NodeRegister register(Path directory) {
    return new FileNodeRegister(
        directory.resolve(NODES_DIRECTORY), directory.resolve(COLLECTOR_DIRECTORY));
  }

  /**
   * A key pair and a certificate for it.
   *
   * @param hosts of a server; none for who only connects
   */
  public Credentials issue(PeerIdentity who, List<String> hosts) {
    KeyPair keys = CertificateRequest.newKeys();
    return new Credentials(keys.getPrivate(), certify(who, hosts, keys.getPublic()), certificate);
  }

  /** A certificate for a key that another holds. */
  public X509Certificate certify(PeerIdentity who, List<String> hosts, PublicKey holder) {
    return certify(who, hosts, holder, Instant.EPOCH);
  }

  /**
   * As above.
   *
   * @param after it counts as issued later than this, whatever the clock says
   */
  X509Certificate certify(PeerIdentity who, List<String> hosts, PublicKey holder, Instant after) {
    if (!who.site().equals(site)) {
      throw new TlsException(
          "%s of site %s cannot be certified by the authority of site %s"
              .formatted(who.words(), who.site(), site));
    }
    Instant next = after.plusSeconds(1);
    Instant now = clock.wall().isBefore(next) ? next : clock.wall();
    Life life = Life.from(now, lifeOf(who)).within(certificate.getNotAfter().toInstant());
    return Certificates.issue(who, hosts, holder, life, certificate, key);
  }

  /** The collector's own credentials in this directory, renewed where that is due. */
  public Credentials collector(Path directory) {
    Path own = directory.resolve(COLLECTOR_DIRECTORY);
    Credentials standing = Credentials.read(own);
    if (!Renewal.of(standing.certificate()).isDue(clock.wall())) {
      return standing;
    }
    Credentials renewed = issue(standing.identity(), standing.hosts());
    renewed.replace(own);
    return renewed;
  }

  static String uriOf(String site) {
    return "millwright://" + site + "/authority";
  }

  private static Credentials self(Path directory) {
    Path certificate = directory.resolve(CERTIFICATE_FILE);
    Path key = directory.resolve(KEY_FILE);
    PrivateKey secret = Pem.key(key.toString(), SecretFiles.read(key));
    X509Certificate shown =
        Pem.certificates(certificate.toString(), SecretFiles.readPublic(certificate)).getFirst();
    try {
      return new Credentials(secret, shown, shown);
    } catch (TlsException strangers) {
      throw new TlsException(
          notWhole(directory, "%s is not the key of %s".formatted(KEY_FILE, CERTIFICATE_FILE)),
          strangers);
    }
  }

  private static void refuseSecond(Path directory) {
    if (Stream.of(CERTIFICATE_FILE, KEY_FILE)
        .noneMatch(file -> Files.exists(directory.resolve(file)))) {
      return;
    }
    open(directory, Clock.system());
    throw new TlsException(
        directory
            + " holds an authority already, and a second would make every certificate of the first"
            + " worthless: name another directory");
  }

  private static TlsException absent(Path directory) {
    Path partial = SecretFiles.partialOf(directory);
    if (Files.exists(partial)) {
      return new TlsException(
          "there is no authority in %s, and %s is left of a 'ca init' that was interrupted: remove it and run 'millwright collector ca init --dir %1$s' again"
              .formatted(directory, partial));
    }
    return new TlsException(
        "there is no authority in %s: make one with 'millwright collector ca init --dir %1$s'"
            .formatted(directory));
  }

  private static String notWhole(Path directory, String what) {
    return "the authority in %s is not whole, %s: restore the directory from its backup, or remove it, run 'millwright collector ca init --dir %1$s' and let every node join again"
        .formatted(directory, what);
  }

  private static Duration lifeOf(PeerIdentity who) {
    return switch (who) {
      case PeerIdentity.Node ignored -> PEER_LIFE;
      case PeerIdentity.Operator ignored -> PEER_LIFE;
      case PeerIdentity.Collector ignored -> COLLECTOR_LIFE;
    };
  }

  private static String siteOf(X509Certificate certificate) {
    return uris(certificate)
        .map(URI::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(() ->
            new TlsException(
                "the certificate in ca.pem names no site: it is none that 'millwright collector ca init' made"));
  }

  private static Stream<String> uris(X509Certificate certificate) {
    try {
      Collection<List<?>> names =
          Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
      return names.stream().map(name -> String.valueOf(name.get(1)));
    } catch (CertificateParsingException unreadable) {
      return Stream.empty();
    }
  }
}
