package io.millwright.collector;

import io.millwright.collector.ingest.IngestException;
import io.millwright.collector.jobs.BookException;
import io.millwright.collector.join.JoinException;
import io.millwright.collector.rest.RestException;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.supervision.ForeignDatagrams;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.supervision.Supervision;
import io.millwright.protocol.supervision.Watchkeeper;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a collector until it is told to stop. Exit codes: 0 done, 1 failed, 64 usage, 78 set-up. */
@Command(
    name = "run",
    description = "Runs the collector until it is told to stop.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
  private static final int DONE = 0;
  private static final int CONFIGURATION = 78;

  @Mixin private CollectorArguments arguments = new CollectorArguments();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    long heapBytes = Runtime.getRuntime().maxMemory();
    List<String> usage = arguments.usage(heapBytes);
    if (!usage.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), String.join("\n", usage));
    }
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Clock clock = Clock.system();
    Supervision supervision =
        Supervision.of(
            System.getenv(), ProcessHandle.current().pid(), ForeignDatagrams::open, clock);
    List<String> mistakes = new SetUpCheck(arguments, clock).settings();
    if (!mistakes.isEmpty()) {
      mistakes.forEach(System.err::println);
      supervision.status(String.join("; ", mistakes));
      return CONFIGURATION;
    }
    try (Collector collector = new Collector(arguments.options(heapBytes), clock)) {
      collector.start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(told, ended), "shutdown"));
      System.out.println("fleet: http://" + collector.httpAddress() + "/");
      System.out.println(
          "agents: " + arguments.uplink().getHostString() + ":" + collector.uplinkPort());
      collector
          .joinPort()
          .ifPresent(port ->
              System.out.println(
                  "joining: "
                      + arguments.joining().orElseThrow().listen().orElseThrow().getHostString()
                      + ":"
                      + port));
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
      System.err.println(e.getMessage());
      supervision.status(String.valueOf(e.getMessage()));
      return CONFIGURATION;
    }
    ended.countDown();
    return DONE;
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
