package io.millwright.collector;

import io.millwright.collector.export.ExportOptions;
import io.millwright.collector.paging.WebhookOptions;
import io.millwright.collector.rest.RequestRate;
import io.millwright.collector.scheduler.SchedulerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How a collector is run.
 *
 * @param http where people and programs ask
 * @param uplink where agents connect
 * @param credentials directory of the collector's certificate, its key and the site's authority
 * @param data directory of the store; made where it is not there
 * @param tokens file of the tokens for {@code http}; without one nobody may change anything
 * @param hosts further names by which {@code http} is asked for
 * @param joining the site's authority; without it no node joins over the wire or renews
 * @param paging what is known of the site's racks, and who is told of incidents
 * @param policy file of what follows from verdicts; without one all of it is a dry run
 * @param grants file of who may run jobs as whom; without one the roles of tokens say it
 * @param desired the driver and firmware that the site wants
 * @param alertmanager where windows of maintenance are mirrored as silences
 * @param receivers where the nodes' samples are sent, one of a format
 * @param elsewhere {@code HOST:PORT} of other collectors' ports for agents, where agents go on
 *     while this one is stopped
 * @param bounds what it may take, and for how many nodes it is
 * @param uplinkTls whether agents show certificates; without, the uplink is on loopback and whoever
 *     connects is believed
 */
public record CollectorOptions(
    InetSocketAddress http,
    InetSocketAddress uplink,
    Path credentials,
    Path data,
    Optional<Path> tokens,
    Set<String> hosts,
    Optional<Joining> joining,
    Paging paging,
    Optional<Path> policy,
    Optional<Path> grants,
    Optional<Desired> desired,
    Optional<URI> alertmanager,
    List<ExportOptions> receivers,
    List<String> elsewhere,
    Bounds bounds,
    boolean uplinkTls) {
  /** Ten minutes of about a thousand nodes of eight devices. */
  public static final int USUAL_HISTORY_MEBIBYTES = 64;

  static final int USUAL_NODES = 1000;

  /** A year and a month, so that a year's bill can be made. */
  static final int USUAL_USAGE_DAYS = 400;

  static final int MOST_USAGE_DAYS = 3_660;
  static final long MEBIBYTE = 1L << 20;
  static final int MOST_HISTORY_MEBIBYTES = 65_536;

  public CollectorOptions {
    hosts = Set.copyOf(hosts);
    receivers = List.copyOf(receivers);
    elsewhere = List.copyOf(elsewhere);
    InetAddress address = uplink.getAddress();
    if (!uplinkTls && (address == null || !address.isLoopbackAddress())) {
      throw new IllegalArgumentException(plainRefused(uplink));
    }
  }

  static String plainRefused(InetSocketAddress uplink) {
    return "--uplink: '%s' is refused with --plain-uplink, for whoever connects is believed; allowed is an address of loopback, such as 127.0.0.1:9462"
        .formatted(uplink.getHostString());
  }

  /** Of a collector that lets nobody join. */
  public CollectorOptions(
      InetSocketAddress http,
      InetSocketAddress uplink,
      Path credentials,
      Path data,
      Optional<Path> tokens,
      Set<String> hosts) {
    this(http, uplink, credentials, data, tokens, hosts, Optional.empty());
  }

  /** Of a collector that knows no racks, tells nobody, and acts on nothing by itself. */
  public CollectorOptions(
      InetSocketAddress http,
      InetSocketAddress uplink,
      Path credentials,
      Path data,
      Optional<Path> tokens,
      Set<String> hosts,
      Optional<Joining> joining) {
    this(
        http,
        uplink,
        credentials,
        data,
        tokens,
        hosts,
        joining,
        Paging.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Bounds.USUAL,
        true);
  }

  /** With one more receiver of the nodes' samples. */
  public CollectorOptions with(ExportOptions receiver) {
    List<ExportOptions> all = new ArrayList<>(receivers);
    all.add(receiver);
    return new CollectorOptions(
        http,
        uplink,
        credentials,
        data,
        tokens,
        hosts,
        joining,
        paging,
        policy,
        grants,
        desired,
        alertmanager,
        all,
        elsewhere,
        bounds,
        uplinkTls);
  }

  /** With the set of versions that the site wants. */
  public CollectorOptions with(Desired wanted) {
    return new CollectorOptions(
        http,
        uplink,
        credentials,
        data,
        tokens,
        hosts,
        joining,
        paging,
        policy,
        grants,
        Optional.of(wanted),
        alertmanager,
        receivers,
        elsewhere,
        bounds,
        uplinkTls);
  }

  /** Of a site that says nothing of driver and firmware. */
  public CollectorOptions(
      InetSocketAddress http,
      InetSocketAddress uplink,
      Path credentials,
      Path data,
      Optional<Path> tokens,
      Set<String> hosts,
      Optional<Joining> joining,
      Paging paging,
      Optional<Path> policy,
      Optional<URI> alertmanager) {
    this(
        http,
        uplink,
        credentials,
        data,
        tokens,
        hosts,
        joining,
        paging,
        policy,
        Optional.empty(),
        Optional.empty(),
        alertmanager,
        List.of(),
        List.of(),
        Bounds.USUAL,
        true);
  }

  /**
   * What a collector may take.
   *
   * @param historyMebibytes what the last minutes of the hot set may take of the heap
   * @param nodes how many nodes the site will have; empty where nobody says it
   * @param requestsPerSecond how often one token, or one address without one, may ask REST
   * @param spareTrays how many free nodes of each NVLink domain new jobs do not get
   * @param usageDays for how long the usage of ended runs is kept
   */
  public record Bounds(
      int historyMebibytes,
      OptionalInt nodes,
      int requestsPerSecond,
      int spareTrays,
      int usageDays) {
    public static final Bounds USUAL =
        new Bounds(
            USUAL_HISTORY_MEBIBYTES, OptionalInt.empty(), RequestRate.USUAL, 0, USUAL_USAGE_DAYS);
  }

  /**
   * The driver and firmware that the site wants.
   *
   * @param set file of the signed set
   * @param key file of the public key by which it is signed
   */
  public record Desired(Path set, Path key) {}

  /**
   * What incidents need.
   *
   * @param racks file of the site's racks
   * @param webhook who is told of incidents
   * @param scheduler how the site's scheduler is told which nodes they take out
   */
  public record Paging(
      Optional<Path> racks,
      Optional<WebhookOptions> webhook,
      Optional<SchedulerOptions> scheduler) {
    public static final Paging NONE =
        new Paging(Optional.empty(), Optional.empty(), Optional.empty());

    /** Of a site that tells no scheduler. */
    public Paging(Optional<Path> racks, Optional<WebhookOptions> webhook) {
      this(racks, webhook, Optional.empty());
    }
  }

  /**
   * How nodes join, and get their next certificates.
   *
   * @param listen where they ask to join; empty where none may
   * @param authority directory of the site's authority, with its key and its tokens
   * @param grace so long after its end a certificate may be renewed
   */
  public record Joining(Optional<InetSocketAddress> listen, Path authority, Duration grace) {
    public static final Duration USUAL_GRACE = Duration.ofDays(30);

    /** With the usual grace. */
    public Joining(InetSocketAddress listen, Path authority) {
      this(Optional.of(listen), authority, USUAL_GRACE);
    }
  }
}
