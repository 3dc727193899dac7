package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.ConfigReport;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.Problem;
import io.millwright.agent.config.ReloadableConfig;
import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.dialect.DialectException;
import io.millwright.agent.page.PageException;
import io.millwright.agent.supervision.InheritedSocket;
import io.millwright.agent.supervision.InheritedSocket.Passed;
import io.millwright.agent.supervision.LibcDatagrams;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.supervision.Supervision;
import io.millwright.protocol.supervision.Watchkeeper;
import io.millwright.protocol.tls.TlsException;
import java.io.PrintStream;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent from its configuration to its orderly stop, as a process.
 *
 * <p><i>Failure:</i> what keeps it from starting is one sentence each on the given stream and the
 * exit code of a bad configuration.
 */
final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final Duration LOOK = Duration.ofMillis(1500);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final Supplier<ConfigResult> reading;
  private final PrintStream errors;
  private final Clock clock = Clock.system();
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Supervision supervision =
      Supervision.of(System.getenv(), ProcessHandle.current().pid(), LibcDatagrams::open, clock);
  private final Runnable afterwards;
  private volatile int exitCode = ExitCode.FAILED;

  Daemon(Supplier<ConfigResult> reading, PrintStream errors) {
    this(reading, errors, () -> {});
  }

  /**
   * @param afterwards done once the agent has stopped, while a signal does not yet end the process
   */
  Daemon(Supplier<ConfigResult> reading, PrintStream errors, Runnable afterwards) {
    this.reading = reading;
    this.errors = errors;
    this.afterwards = afterwards;
  }

  /** Until SIGTERM or SIGINT. */
  int runUntilStopped() throws InterruptedException {
    return run(Optional.empty(), agent -> LOG.info("{}", agent.accelerators()));
  }

  /**
   * For so long, or until SIGTERM or SIGINT.
   *
   * @param greet told of the agent once it is known what it found
   */
  int run(Optional<Duration> longest, Consumer<Agent> greet) throws InterruptedException {
    return switch (reading.get()) {
      case ConfigResult.Rejected(var problems) -> refuse(ConfigReport.text(problems));
      case ConfigResult.Loaded loaded -> run(loaded, longest, greet);
    };
  }

  private int run(ConfigResult.Loaded loaded, Optional<Duration> longest, Consumer<Agent> greet)
      throws InterruptedException {
    Optional<String> unusable = unusableLibrary(loaded.config());
    if (unusable.isPresent()) {
      return refuse("nvidia.library: " + unusable.get() + "\n");
    }
    Optional<Uplinks> uplink;
    try {
      uplink = Uplinks.of(loaded.config(), clock);
    } catch (TlsException | IllegalArgumentException e) {
      return refuse("collector.credentials: " + e.getMessage() + "\n");
    }
    List<Dialect> dialects;
    try {
      dialects = Dialects.of(loaded.config());
    } catch (DialectException e) {
      return refuse(sentences(e));
    }
    Agent agent =
        new Agent(
            new ReloadableConfig(loaded, reading), BuildFacts.read(), dialects, uplink, clock);
    try {
      switch (InheritedSocket.take(System.getenv(), ProcessHandle.current().pid())) {
        case Passed.Nothing() -> agent.start(Optional.empty());
        case Passed.Listening(ServerSocketChannel socket) -> agent.start(Optional.of(socket));
        case Passed.Refused(String sentence) -> {
          return refuse("listen: " + sentence + "\n");
        }
      }
    } catch (PageException e) {
      return refuse("listen: " + e.getMessage() + "\n");
    }
    Thread hook = new Thread(this::stopByHook, "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    Watchkeeper watchkeeper =
        new Watchkeeper(
            supervision,
            agent,
            still -> LOG.error("the watchdog is not told that all is well: {}", still),
            clock);
    HangUp.onSignal(() -> watchkeeper.reload(() -> refusal(agent.reload())));
    watchkeeper.start();
    look(agent);
    greet.accept(agent);
    awaitEnd(longest);
    watchkeeper.stop();
    return stop(agent, hook);
  }

  private static Optional<String> refusal(ConfigResult result) {
    return switch (result) {
      case ConfigResult.Loaded ignored -> Optional.empty();
      case ConfigResult.Rejected(var problems) ->
          problems.stream().findFirst().map(Problem::sentence);
    };
  }

  /** One sentence a line. */
  static String sentences(DialectException refused) {
    return String.valueOf(refused.getMessage())
        .lines()
        .map(sentence -> "page.dcgm49_names: " + sentence + "\n")
        .collect(Collectors.joining());
  }

  private int refuse(String sentences) {
    errors.print(sentences);
    errors.flush();
    supervision.status(sentences.lines().findFirst().orElse(""));
    return ExitCode.CONFIGURATION;
  }

  /**
   * A library that the site names must be good when the agent starts; the usual one may come later.
   */
  private static Optional<String> unusableLibrary(AgentConfig config) {
    if (!config.nvidia().enabled() || !config.nvidia().library().startsWith("/")) {
      return Optional.empty();
    }
    return switch (NvmlLibrary.open(config.nvidia().library())) {
      case NvmlLibrary.Result.Opened ignored -> Optional.empty();
      case NvmlLibrary.Result.Missing(String sentence) -> Optional.of(sentence);
      case NvmlLibrary.Result.Unusable(String sentence) -> Optional.of(sentence);
    };
  }

  private void look(Agent agent) {
    long until = clock.nanos() + LOOK.toNanos();
    while (!agent.looked() && clock.nanos() - until < 0) {
      clock.parkUntil(clock.nanos() + LOOK_AGAIN.toNanos());
    }
  }

  private void awaitEnd(Optional<Duration> longest) throws InterruptedException {
    if (longest.isPresent()) {
      told.await(longest.get().toNanos(), TimeUnit.NANOSECONDS);
    } else {
      told.await();
    }
  }

  /**
   * A process that a hung call keeps would not end by itself: it is halted once all else is done.
   */
  private int stop(Agent agent, Thread hook) throws InterruptedException {
    List<String> stuck = agent.stop();
    afterwards.run();
    if (!stuck.isEmpty()) {
      LOG.error("ending with native calls in flight calls={}", stuck);
      Runtime.getRuntime().halt(ExitCode.FAILED);
    }
    exitCode = ExitCode.DONE;
    ended.countDown();
    forget(hook);
    return exitCode;
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException underWay) {
      LOG.debug("the JVM is being shut down already", underWay);
    }
  }

  /**
   * On the thread of the JVM's shutdown: tells the main thread and waits until it has stopped. An
   * orderly stop is no failure, and the JVM by itself would tell the signal's number instead.
   */
  private void stopByHook() {
    told.countDown();
    try {
      if (ended.await(30, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
