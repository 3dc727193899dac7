package io.millwright.collector;

import io.millwright.collector.export.ExportOptions;
import io.millwright.collector.export.Format;
import io.millwright.collector.paging.WebhookOptions;
import io.millwright.collector.racks.RackMapFile;
import io.millwright.collector.rest.RequestRate;
import io.millwright.collector.scheduler.SchedulerOptions;
import io.millwright.collector.silences.SilenceMirror;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What a collector is given on its command line, for those who run it and those who check it.
 *
 * <p><i>Threading:</i> one thread. <i>Failure:</i> {@link #usage} says what is wrong without a look
 * at any file; {@link #options} is for arguments of which it says nothing.
 */
final class CollectorArguments {
  private static final int MOST_NODES = 100_000;
  private static final int MOST_SPARE_TRAYS = 64;

  @Option(
      names = "--credentials",
      paramLabel = "DIR",
      description =
          "The collector's certificate, its key and the site's authority; ${DEFAULT-VALUE}"
              + " otherwise.")
  private Path credentials = Path.of("/var/lib/millwright/collector/ca/collector");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where jobs are kept; made if it is not there. ${DEFAULT-VALUE} otherwise.")
  private Path data = Path.of("/var/lib/millwright/collector/data");

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      converter = AddressOption.class,
      description = "Where people, programs and Prometheus ask; 127.0.0.1:9461 otherwise.")
  private InetSocketAddress http = AddressOption.loopback(9461);

  @Option(
      names = "--uplink",
      paramLabel = "HOST:PORT",
      converter = AddressOption.class,
      description = "Where agents connect; 127.0.0.1:9462 otherwise.")
  private InetSocketAddress uplink = AddressOption.loopback(9462);

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description =
          "Tokens of the http port, a line each: ROLE NAME TOKEN. Without it nobody may change"
              + " anything.")
  private @Nullable Path tokens;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description = "A further name by which the http port is asked for; may be given again.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--join",
      paramLabel = "HOST:PORT",
      converter = AddressOption.class,
      description =
          "Where nodes join with a token, as in 0.0.0.0:9463; needs --authority. Without it nobody"
              + " joins over the wire.")
  private @Nullable InetSocketAddress join;

  @Option(
      names = "--authority",
      paramLabel = "DIR",
      description =
          "The site's authority, as 'ca init' made it. Without it no certificate is renewed, and"
              + " none lasts longer than 90 days.")
  private @Nullable Path authority;

  @Option(
      names = "--racks",
      paramLabel = "FILE",
      description =
          "Where nodes stand: CSV with a column node and any of rack, chassis, slot, tray, switch,"
              + " feed, domain, cooling. Read again when it changes.")
  private @Nullable Path racks;

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description =
          "Who is told of incidents, as in https://HOST/PATH; with --webhook-secret. Without it"
              + " nobody is.")
  private @Nullable String webhook;

  @Option(
      names = "--webhook-secret",
      paramLabel = "FILE",
      description =
          "With what notices of incidents are signed; 16 bytes and more, for nobody else.")
  private @Nullable Path webhookSecret;

  @Option(
      names = "--scheduler",
      paramLabel = "FILE",
      description =
          "Commands by which a scheduler such as Slurm is told which nodes incidents take out."
              + " Without it none is told.")
  private @Nullable Path scheduler;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "What follows from verdicts by itself, read again when it changes. Without it all of it"
              + " is a dry run.")
  private @Nullable Path policy;

  @Option(
      names = "--grants",
      paramLabel = "FILE",
      description =
          "Which principals, the names of tokens, may run jobs as which unix users, booked on which"
              + " projects; read again when it changes. Without it an operator's jobs run as the"
              + " user of his token's name, and an admin's as anybody.")
  private @Nullable Path grants;

  @Option(
      names = "--desired",
      paramLabel = "FILE",
      description =
          "The signed set of driver and firmware that the site wants, read again when it changes;"
              + " with --desired-key.")
  private @Nullable Path desired;

  @Option(
      names = "--desired-key",
      paramLabel = "FILE",
      description = "The public key by which the set is signed, as 'drift key' made it.")
  private @Nullable Path desiredKey;

  @Option(
      names = "--alertmanager",
      paramLabel = "URL",
      description =
          "Where windows of maintenance are mirrored as silences, as in http://127.0.0.1:9093."
              + " Without it they are not.")
  private @Nullable String alertmanager;

  @Option(
      names = "--remote-write",
      paramLabel = "FILE",
      description =
          "Where the nodes' samples are sent by Prometheus remote write. Without it they are sent"
              + " nowhere.")
  private @Nullable Path remoteWrite;

  @Option(
      names = "--otlp",
      paramLabel = "FILE",
      description =
          "Where the nodes' samples are sent by OTLP over HTTP, under OpenTelemetry's names for"
              + " hardware where these fit.")
  private @Nullable Path otlp;

  @Option(
      names = "--redirect",
      paramLabel = "HOST:PORT",
      description =
          "The agents' port of another collector of the site, where agents go on when this one is"
              + " stopped and stay until that one is; several times for several, best first."
              + " Without it they wait for this one.")
  private List<String> redirects = new ArrayList<>();

  @Option(
      names = "--history-mebibytes",
      paramLabel = "N",
      description =
          "What the last ten minutes of the hot set may take of the heap: from 1 to 65536, and at"
              + " most half of it. 64 otherwise, about a thousand nodes, or a quarter of a smaller"
              + " heap.")
  private @Nullable Integer historyMebibytes;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description =
          "How many nodes the site will have, from 1 to 100000: at the start it is seen whether the"
              + " limits suffice for them. Otherwise those of --racks, at least 1000.")
  private @Nullable Integer nodes;

  @Option(
      names = "--spare-trays",
      paramLabel = "N",
      description =
          "How many free nodes of each NVLink domain new jobs do not get, from 0 to 64: a job that has lost a node is begun again there. ${DEFAULT-VALUE} otherwise.")
  private int spareTrays;

  @Option(
      names = "--requests-per-second",
      paramLabel = "N",
      description =
          "How often one token, or one address without a token, may ask what is beneath /v1/: from"
              + " 1 to 10000, and twice that at once. ${DEFAULT-VALUE} otherwise.")
  private int requestsPerSecond = RequestRate.USUAL;

  @Option(
      names = "--usage-days",
      paramLabel = "N",
      description =
          "For how many days what ended runs have used is kept: from 1 to 3660. ${DEFAULT-VALUE} otherwise.")
  private int usageDays = CollectorOptions.USUAL_USAGE_DAYS;

  @Option(
      names = "--plain-uplink",
      description =
          "Agents connect without TLS, and whoever connects is believed: for measurements, with"
              + " --uplink on loopback alone.")
  private boolean plainUplink;

  @Option(
      names = "--renewal-grace",
      paramLabel = "D",
      converter = GraceOption.class,
      description =
          "So long after its end a node's certificate may still be renewed, from 0d to 90d; 30d"
              + " otherwise.")
  private @Nullable Duration renewalGrace;

  Path credentials() {
    return credentials;
  }

  Path data() {
    return data;
  }

  InetSocketAddress http() {
    return http;
  }

  InetSocketAddress uplink() {
    return uplink;
  }

  Optional<Path> tokens() {
    return Optional.ofNullable(tokens);
  }

  List<String> hosts() {
    return hosts;
  }

  Optional<CollectorOptions.Joining> joining() {
    return Optional.ofNullable(authority)
        .map(made ->
            new CollectorOptions.Joining(
                Optional.ofNullable(join),
                made,
                renewalGrace == null ? CollectorOptions.Joining.USUAL_GRACE : renewalGrace));
  }

  Optional<Path> racks() {
    return Optional.ofNullable(racks);
  }

  Optional<Path> webhookSecret() {
    return Optional.ofNullable(webhookSecret);
  }

  Optional<WebhookOptions> webhook() throws IOException {
    return webhook == null || webhookSecret == null
        ? Optional.empty()
        : Optional.of(WebhookOptions.of(webhook, webhookSecret));
  }

  Optional<Path> scheduler() {
    return Optional.ofNullable(scheduler);
  }

  Optional<Path> policy() {
    return Optional.ofNullable(policy);
  }

  Optional<Path> grants() {
    return Optional.ofNullable(grants);
  }

  Optional<CollectorOptions.Desired> desired() {
    return desired == null || desiredKey == null
        ? Optional.empty()
        : Optional.of(new CollectorOptions.Desired(desired, desiredKey));
  }

  Optional<String> alertmanager() {
    return Optional.ofNullable(alertmanager);
  }

  List<String> redirects() {
    return List.copyOf(redirects);
  }

  boolean plainUplink() {
    return plainUplink;
  }

  Optional<Path> receiver(Format format) {
    return Optional.ofNullable(
        switch (format) {
          case REMOTE_WRITE -> remoteWrite;
          case OTLP -> otlp;
        });
  }

  /** How many nodes the site says that it will have; a thousand at least where it says nothing. */
  int expectedNodes() {
    if (nodes != null) {
      return nodes;
    }
    try {
      int mapped = racks == null ? 0 : RackMapFile.open(racks, Clock.system()).map().nodes().size();
      return Math.max(mapped, CollectorOptions.USUAL_NODES);
    } catch (IOException e) {
      return CollectorOptions.USUAL_NODES;
    }
  }

  /** What is wrong with the arguments themselves, a sentence each. */
  List<String> usage(long heapBytes) {
    List<String> wrong = new ArrayList<>();
    if (join != null && authority == null) {
      wrong.add("--join needs --authority: where nodes join, and by whose key");
    }
    if ((desired == null) != (desiredKey == null)) {
      wrong.add(
          "--desired and --desired-key go together: what is wanted, and by whose key it is signed");
    }
    if ((webhook == null) != (webhookSecret == null)) {
      wrong.add(
          "--webhook and --webhook-secret go together: who is told, and with what it is signed");
    }
    long most = mostHistory(heapBytes);
    if (historyMebibytes != null && (historyMebibytes < 1 || historyMebibytes > most)) {
      wrong.add(
          "--history-mebibytes: '%d' is refused; allowed is 1 to %d, half of this heap; a larger heap is -Xmx of the JVM"
              .formatted(historyMebibytes, most));
    }
    if (plainUplink && (uplink.getAddress() == null || !uplink.getAddress().isLoopbackAddress())) {
      wrong.add(CollectorOptions.plainRefused(uplink));
    }
    if (renewalGrace != null && authority == null) {
      wrong.add(
          "--renewal-grace needs --authority: nothing is renewed without the authority's key");
    }
    range(wrong, "--nodes", nodes == null ? 1 : nodes, MOST_NODES);
    range(wrong, "--requests-per-second", requestsPerSecond, RequestRate.MOST);
    if (spareTrays < 0 || spareTrays > MOST_SPARE_TRAYS) {
      wrong.add(
          "--spare-trays: '%d' is refused; allowed is 0 to %d, and 0 keeps none"
              .formatted(spareTrays, MOST_SPARE_TRAYS));
    }
    range(wrong, "--usage-days", usageDays, CollectorOptions.MOST_USAGE_DAYS);
    return wrong;
  }

  private static void range(List<String> wrong, String option, int given, int most) {
    if (given < 1 || given > most) {
      wrong.add("%s: '%d' is refused; allowed is 1 to %d".formatted(option, given, most));
    }
  }

  private static long mostHistory(long heapBytes) {
    return Math.min(
        CollectorOptions.MOST_HISTORY_MEBIBYTES, heapBytes / 2 / CollectorOptions.MEBIBYTE);
  }

  private int history(long heapBytes) {
    if (historyMebibytes != null) {
      return historyMebibytes;
    }
    long quarter = heapBytes / 4 / CollectorOptions.MEBIBYTE;
    return Math.clamp(quarter, 1, CollectorOptions.USUAL_HISTORY_MEBIBYTES);
  }

  /**
   * What a collector is made of.
   *
   * @param heapBytes the most that the heap may be
   * @throws IOException where a file cannot be read
   * @throws IllegalArgumentException where a file has a mistake; one sentence
   */
  CollectorOptions options(long heapBytes) throws IOException {
    Optional<SchedulerOptions> told =
        scheduler == null ? Optional.empty() : Optional.of(SchedulerOptions.read(scheduler));
    return new CollectorOptions(
        http,
        uplink,
        credentials,
        data,
        tokens(),
        new HashSet<>(hosts),
        joining(),
        new CollectorOptions.Paging(racks(), webhook(), told),
        policy(),
        grants(),
        desired(),
        alertmanager().map(SilenceMirror::address),
        receivers(),
        redirects,
        new CollectorOptions.Bounds(
            history(heapBytes),
            nodes == null ? OptionalInt.empty() : OptionalInt.of(nodes),
            requestsPerSecond,
            spareTrays,
            usageDays),
        !plainUplink);
  }

  private List<ExportOptions> receivers() throws IOException {
    List<ExportOptions> all = new ArrayList<>();
    for (Format format : Format.values()) {
      Optional<Path> file = receiver(format);
      if (file.isPresent()) {
        all.add(ExportOptions.read(format, file.get()));
      }
    }
    return all;
  }
}
