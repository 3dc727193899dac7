package io.millwright.collector;

import io.millwright.collector.ingest.IngestException;
import io.millwright.collector.jobs.BookException;
import io.millwright.collector.join.JoinException;
import io.millwright.collector.paging.WebhookOptions;
import io.millwright.collector.remotewrite.RemoteWriteOptions;
import io.millwright.collector.rest.RestException;
import io.millwright.collector.scheduler.SchedulerOptions;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.supervision.ForeignDatagrams;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.supervision.Supervision;
import io.millwright.protocol.supervision.Watchkeeper;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a collector until it is told to stop. Exit codes: 0 done, 1 failed, 64 usage, 78 set-up. */
@Command(
    name = "run",
    description = "Runs the collector until it is told to stop.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
  private static final int DONE = 0;
  private static final int CONFIGURATION = 78;

  @Option(
      names = "--credentials",
      paramLabel = "DIR",
      description =
          "The collector's certificate, its key and the site's authority; ${DEFAULT-VALUE} otherwise.")
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
          "Tokens of the http port, a line each: ROLE NAME TOKEN. Without it nobody may change anything.")
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
          "Where nodes join with a token, as in 0.0.0.0:9463; needs --authority. Without it nobody joins over the wire.")
  private @Nullable InetSocketAddress join;

  @Option(
      names = "--authority",
      paramLabel = "DIR",
      description =
          "The site's authority, as 'ca init' made it. Without it no certificate is renewed, and none lasts longer than 90 days.")
  private @Nullable Path authority;

  @Option(
      names = "--renewal-grace",
      paramLabel = "D",
      converter = GraceOption.class,
      description =
          "So long after its end a node's certificate may still be renewed, from 0d to 90d; 30d otherwise.")
  private Duration renewalGrace = CollectorOptions.Joining.USUAL_GRACE;

  @Option(
      names = "--racks",
      paramLabel = "FILE",
      description =
          "Where nodes stand: CSV with a column node and any of rack, chassis, slot, tray, switch, feed, domain, cooling. Read again when it changes.")
  private @Nullable Path racks;

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description =
          "Who is told of incidents, as in https://HOST/PATH; with --webhook-secret. Without it nobody is.")
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
          "Commands by which a scheduler such as Slurm is told which nodes incidents take out. Without it none is told.")
  private @Nullable Path scheduler;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "What follows from verdicts by itself, read again when it changes. Without it all of it is a dry run.")
  private @Nullable Path policy;

  @Option(
      names = "--desired",
      paramLabel = "FILE",
      description =
          "The signed set of driver and firmware that the site wants, read again when it changes; with --desired-key.")
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
          "Where windows of maintenance are mirrored as silences, as in http://127.0.0.1:9093. Without it they are not.")
  private @Nullable URI alertmanager;

  @Option(
      names = "--remote-write",
      paramLabel = "FILE",
      description =
          "Where the nodes' samples are sent by Prometheus remote write. Without it they are sent nowhere.")
  private @Nullable Path remoteWrite;

  @Option(
      names = "--history-mebibytes",
      paramLabel = "N",
      description =
          "What the last ten minutes of the hot set may take of the heap: from 1 to 65536, and at most half of it. 64 otherwise, about a thousand nodes, or a quarter of a smaller heap.")
  private @Nullable Integer historyMebibytes;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    Optional<CollectorOptions.Joining> joining = joining();
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Clock clock = Clock.system();
    Supervision supervision =
        Supervision.of(
            System.getenv(), ProcessHandle.current().pid(), ForeignDatagrams::open, clock);
    try (Collector collector =
        new Collector(
            new CollectorOptions(
                http,
                uplink,
                credentials,
                data,
                Optional.ofNullable(tokens),
                new HashSet<>(hosts),
                joining,
                paging(),
                Optional.ofNullable(policy),
                desired(),
                Optional.ofNullable(alertmanager),
                remoteWrite == null
                    ? Optional.empty()
                    : Optional.of(RemoteWriteOptions.read(remoteWrite)),
                history(Runtime.getRuntime().maxMemory())),
            clock)) {
      collector.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(told, ended), "shutdown"));
      System.out.println("fleet: http://" + collector.httpAddress() + "/");
      System.out.println("agents: " + uplink.getHostString() + ":" + collector.uplinkPort());
      collector
          .joinPort()
          .ifPresent(port ->
              System.out.println(
                  "joining: " + joining.get().listen().orElseThrow().getHostString() + ":" + port));
      System.out.flush();
      Watchkeeper watchkeeper =
          new Watchkeeper(
              supervision,
              collector,
              still -> LOG.error("the watchdog is not told that all is well: {}", still),
              clock);
      watchkeeper.start();
      told.await();
      watchkeeper.stop();
    } catch (IOException
        | TlsException
        | IllegalArgumentException
        | RestException
        | IngestException
        | JoinException
        | StoreException
        | BookException e) {
      System.err.println(e.getMessage() + remedy(e));
      supervision.status(e.getMessage() + remedy(e));
      return CONFIGURATION;
    }
    ended.countDown();
    return DONE;
  }

  private int history(long heapBytes) {
    long most =
        Math.min(
            CollectorOptions.MOST_HISTORY_MEBIBYTES, heapBytes / 2 / CollectorOptions.MEBIBYTE);
    if (historyMebibytes == null) {
      long quarter = heapBytes / 4 / CollectorOptions.MEBIBYTE;
      return Math.clamp(quarter, 1, CollectorOptions.USUAL_HISTORY_MEBIBYTES);
    }
    if (historyMebibytes < 1 || historyMebibytes > most) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--history-mebibytes: '%d' is refused; allowed is 1 to %d, half of this heap; a larger heap is -Xmx of the JVM"
              .formatted(historyMebibytes, most));
    }
    return historyMebibytes;
  }

  private Optional<CollectorOptions.Joining> joining() {
    if (authority != null) {
      return Optional.of(
          new CollectorOptions.Joining(Optional.ofNullable(join), authority, renewalGrace));
    }
    if (join == null) {
      return Optional.empty();
    }
    throw new CommandLine.ParameterException(
        spec.commandLine(), "--join needs --authority: where nodes join, and by whose key");
  }

  private Optional<CollectorOptions.Desired> desired() {
    if (desired != null && desiredKey != null) {
      return Optional.of(new CollectorOptions.Desired(desired, desiredKey));
    }
    if (desired == null && desiredKey == null) {
      return Optional.empty();
    }
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "--desired and --desired-key go together: what is wanted, and by whose key it is signed");
  }

  private CollectorOptions.Paging paging() throws IOException {
    if ((webhook == null) != (webhookSecret == null)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--webhook and --webhook-secret go together: who is told, and with what it is signed");
    }
    Optional<WebhookOptions> told =
        webhook == null || webhookSecret == null
            ? Optional.empty()
            : Optional.of(WebhookOptions.of(webhook, webhookSecret));
    Optional<SchedulerOptions> commands =
        scheduler == null ? Optional.empty() : Optional.of(SchedulerOptions.read(scheduler));
    return new CollectorOptions.Paging(Optional.ofNullable(racks), told, commands);
  }

  private static String remedy(Exception e) {
    return e instanceof TlsException
        ? "; 'millwright collector ca init' makes the collector's credentials"
        : "";
  }

  /**
   * An orderly stop is no failure, and the JVM by itself would tell the signal's number instead.
   */
  private static void stop(CountDownLatch told, CountDownLatch ended) {
    told.countDown();
    try {
      if (ended.await(30, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(DONE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
