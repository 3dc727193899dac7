package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.tls.TlsException;
import io.millwright.simulator.fleet.FleetCheck;
import io.millwright.simulator.fleet.FleetOptions;
import io.millwright.simulator.fleet.SimulatedFleet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** A fleet of simulated nodes in one process, for a collector that runs elsewhere. */
@Command(
    name = "fleet",
    description =
        "Thousands of simulated nodes in one process, which speak to a collector as agents do, until Ctrl-C."
            + " Their values are a model's: no driver and no health engine is behind them.",
    mixinStandardHelpOptions = true)
final class SimulateFleet implements Callable<Integer> {
  private static final int MOST_NODES = 60_000;
  private static final int MOST_A_MINUTE = 60_000;
  private static final int MOST_BEGUN = 10_000;
  private static final int MOST_PERIOD_MS = 60_000;
  private static final int SHOWN = 5;
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration CHECK = Duration.ofMinutes(2);

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes, 1 to 60000; ${DEFAULT-VALUE} if not given.")
  private int nodes = 100;

  @Option(
      names = "--collector",
      paramLabel = "HOST:PORT",
      description = "Where the collector awaits agents; ${DEFAULT-VALUE} if not given.")
  private String collector = "127.0.0.1:9462";

  @Option(
      names = "--authority",
      paramLabel = "DIR",
      description =
          "The site's authority, as 'collector ca init' made it, which issues the nodes' certificates."
              + " Without it the sessions are in the clear, for a collector that runs with --plain-uplink.")
  private @Nullable Path authority;

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = DemoCommand.Span.class,
      description = "Ends by itself after so long, as in 60s; otherwise with Ctrl-C.")
  private @Nullable Duration longest;

  @Option(
      names = "--period",
      paramLabel = "MS",
      description =
          "Milliseconds from one sample of a node to its next, 1 to 60000; 1000 if not given.")
  private int period = 1000;

  @Option(
      names = "--begin",
      paramLabel = "N",
      description =
          "Sessions that are begun in a second, 1 to 10000; ${DEFAULT-VALUE} if not given. Handshakes that"
              + " two busy machines do not end in ten seconds are begun again, so that fewer come sooner.")
  private int begin = 500;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of values, faults and churn; ${DEFAULT-VALUE} if not given.")
  private long seed = 1;

  @Option(
      names = "--faults",
      paramLabel = "N",
      description =
          "Faults that begin in a minute in the whole fleet, in turn: a device is lost, a node's power falls"
              + " to a tenth, an Xid is told. The first two end after 20 to 40 s. None if not given.")
  private int faults;

  @Option(
      names = "--churn",
      paramLabel = "N",
      description = "Nodes that go in a minute and come back after 5 to 25 s. None if not given.")
  private int churn;

  @Option(
      names = "--check",
      paramLabel = "URL",
      description =
          "At the end the values stand still, and those of each node are compared with what the collector"
              + " serves here, as in http://127.0.0.1:9461; exit code 1 where they differ.")
  private @Nullable URI check;

  @Option(
      names = "--digests",
      paramLabel = "FILE",
      description = "At the end, each node with the digest of its last values, a line each.")
  private @Nullable Path digests;

  @Override
  public Integer call() {
    within("--nodes", nodes, 1, MOST_NODES);
    within("--period", period, 1, MOST_PERIOD_MS);
    within("--begin", begin, 1, MOST_BEGUN);
    within("--faults", faults, 0, MOST_A_MINUTE);
    within("--churn", churn, 0, MOST_A_MINUTE);
    HostPort address =
        HostPort.parse(collector)
            .filter(given -> given.port() > 0)
            .orElseThrow(() ->
                refused(
                    "--collector: '%s' is refused; allowed is HOST:PORT, as in 127.0.0.1:9462"
                        .formatted(collector)));
    Clock clock = Clock.system();
    StopSignal stop = new StopSignal(clock);
    stop.listen();
    int code = ExitCode.FAILED;
    try (SimulatedFleet fleet = fleet(address, clock)) {
      System.out.printf(
          "SIMULATED fleet: %d nodes of 8 accelerators and 800 series, seed %d, collector %s%n",
          nodes, seed, address);
      fleet.start();
      run(fleet, stop, clock);
      code = end(fleet, clock);
    } catch (IllegalArgumentException | TlsException refused) {
      System.err.println(refused.getMessage());
      code = ExitCode.USAGE;
    } catch (IOException e) {
      System.err.println("--digests: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return stop.done(code);
  }

  private void within(String option, int given, int least, int most) {
    if (given < least || given > most) {
      throw refused(
          "%s: '%d' is refused; allowed is a whole number from %d to %d"
              .formatted(option, given, least, most));
    }
  }

  private ParameterException refused(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  private SimulatedFleet fleet(HostPort address, Clock clock) {
    return new SimulatedFleet(
        new FleetOptions(
            nodes,
            address.host(),
            address.port(),
            Optional.ofNullable(authority).map(directory -> Authority.open(directory, clock)),
            seed,
            Duration.ofMillis(period),
            begin,
            faults,
            churn),
        clock);
  }

  private void run(SimulatedFleet fleet, StopSignal stop, Clock clock) {
    long until = longest == null ? Long.MAX_VALUE : longest.toNanos();
    long begun = clock.nanos();
    boolean given = false;
    for (long next = LOOK.toNanos();
        !given && clock.nanos() - begun < until;
        next += LOOK.toNanos()) {
      given = stop.awaitUntil(begun + Math.min(next, until));
      tell(fleet);
    }
  }

  private void tell(SimulatedFleet fleet) {
    SimulatedFleet.Counts now = fleet.counts();
    System.out.printf(
        "connected %d of %d, samples %d, skipped %d, faults %d, gone %d, events %d, of which the collector has %d%n",
        now.connected(),
        nodes,
        now.ticks(),
        now.skipped(),
        now.faults(),
        now.gone(),
        now.told(),
        now.acknowledged());
  }

  /** What is compared and written down. */
  private int end(SimulatedFleet fleet, Clock clock) throws IOException, InterruptedException {
    if (check == null && digests == null) {
      return ExitCode.DONE;
    }
    fleet.freeze();
    int code = ExitCode.DONE;
    if (check != null) {
      try (FleetCheck comparing = new FleetCheck(fleet, check, clock)) {
        List<String> differing = comparing.differing(CHECK);
        System.out.printf(
            "values: %d of %d nodes are the same at the collector%s%n",
            nodes - differing.size(),
            nodes,
            differing.isEmpty()
                ? ""
                : "; others are " + differing.subList(0, Math.min(SHOWN, differing.size())));
        code = differing.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
      }
      tell(fleet);
    }
    if (digests != null) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        lines.add(fleet.names().get(i) + " " + fleet.digest(i));
      }
      Files.write(digests, lines);
    }
    return code;
  }
}
