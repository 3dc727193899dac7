package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.TlsException;
import io.millwright.protocol.views.JobView;
import io.millwright.simulator.FleetClient.Picture;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A demo from its start to the deletion of all that it made.
 *
 * <p><i>Lifecycle:</i> {@link #run} once. <i>Threading:</i> the main thread does everything; a
 * signal only tells it. <i>Failure:</i> one sentence and exit code 1; nothing is left then either.
 * Where this process itself is killed, its daemons end by that ({@link Child}); its directory and
 * jobs that run on stay until the next demo, which ends and deletes them first ({@link Leftovers}).
 */
final class Demo {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration BEAT = Duration.ofMillis(50);
  private static final Duration COLLECTOR_START = Duration.ofSeconds(30);
  private static final Duration FLEET_START = Duration.ofSeconds(30);
  private static final Duration JOBS_END = Duration.ofSeconds(10);

  private final DemoOptions options;
  private final Clock clock;
  private final PrintStream errors;
  private final DemoScreen screen;
  private final StopSignal stop;
  private final String token = DemoTexts.token();
  private final List<String> notes = new ArrayList<>();
  private Picture picture = Picture.empty();
  private boolean submitted;
  private Optional<String> refusal = Optional.empty();

  Demo(DemoOptions options, Clock clock, PrintStream out, PrintStream errors) {
    this.options = options;
    this.clock = clock;
    this.errors = errors;
    this.screen = new DemoScreen(out, clock);
    this.stop = new StopSignal(clock);
  }

  /** What keeps the demo from starting. */
  private static final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    Failure(String sentence) {
      super(sentence);
    }
  }

  int run() {
    stop.listen();
    int code = ExitCode.FAILED;
    try (DemoPlace place = DemoPlace.claim(clock)) {
      screen.say("SIMULATED hardware: starting a collector and " + options.nodes() + " agents");
      DemoTrust trust = DemoTrust.create(place.file("trust"), "demo", options.names(), clock);
      showAndEnd(place, new DemoFleet(place, options, trust, clock));
      code = ExitCode.DONE;
    } catch (Failure | IOException | TlsException e) {
      errors.println(sentence(e));
      code = ExitCode.FAILED;
    } finally {
      stop.done(code); // also where something fails that nobody thought of
    }
    return code;
  }

  /** Java's own say no more than the name of the file. */
  private static String sentence(Exception e) {
    return e instanceof FileSystemException file && file.getReason() == null
        ? file.getFile() + ": " + file.getClass().getSimpleName().replace("Exception", "")
        : String.valueOf(e.getMessage());
  }

  private void showAndEnd(DemoPlace place, DemoFleet fleet) throws IOException, Failure {
    try {
      if (!stop.given()) {
        fleet.startCollector(token);
        awaitCollector(fleet);
      }
      if (!stop.given()) {
        show(place, fleet);
      }
    } finally {
      screen.say("ending");
      fleet.end();
    }
  }

  // ---- start

  /** Until it serves, or the demo is told to end. */
  private void awaitCollector(DemoFleet fleet) throws Failure {
    long until = clock.nanos() + COLLECTOR_START.toNanos();
    while (fleet.web().isEmpty() || fleet.uplink().isEmpty()) {
      refuse(fleet.failure());
      if (clock.nanos() - until >= 0) {
        throw new Failure(
            "the collector did not start within %d s: %s"
                .formatted(COLLECTOR_START.toSeconds(), fleet.collectorsLastWords()));
      }
      if (stop.awaitUntil(clock.nanos() + BEAT.toNanos())) {
        return;
      }
    }
  }

  private static void refuse(Optional<String> why) throws Failure {
    if (why.isPresent()) {
      throw new Failure(why.get());
    }
  }

  private void show(DemoPlace place, DemoFleet fleet) throws IOException, Failure {
    String web = fleet.web().orElseThrow();
    Path program = place.program(SimulatedNodes.built("millwright-load"));
    place.secret("policy.yaml", DemoTexts.policy(place));
    place.secret("cli.json", DemoTexts.cli(web, token));
    if (!screen.terminal()) {
      screen.say("the token of the web page is in " + place.file("cli.json"));
    }
    try (FleetClient client = new FleetClient(URI.create(web), token)) {
      try {
        for (int i = 0; i < options.nodes() && !stop.given(); i++) {
          fleet.startAgent(i);
        }
        watch(fleet, client, DemoTexts.job(place, program));
      } finally {
        Files.deleteIfExists(place.file("cli.json")); // nobody finds the way to submit another
        endJobs(client);
      }
    }
  }

  // ---- while it runs

  private void watch(DemoFleet fleet, FleetClient client, Map<String, Object> job)
      throws IOException, Failure {
    long begun = clock.nanos();
    long next = begun;
    Optional<Long> shown = Optional.empty();
    List<String> before = List.of();
    Optional<Duration> left = Optional.empty();
    while (!stop.awaitUntil(next) && left.filter(rest -> !rest.isPositive()).isEmpty()) {
      next = clock.nanos() + TICK.toNanos();
      refuseEnded(fleet);
      look(client);
      fleet.openSockets();
      if (shown.isEmpty() && (complete(fleet) || next - begun >= FLEET_START.toNanos())) {
        shown = Optional.of(clock.nanos());
      }
      if (shown.isPresent() && !submitted && options.runsSample()) {
        submit(client, job);
      }
      left = left(shown);
      List<String> news = news(shown.isPresent());
      screen.draw(DemoTable.lines(scene(fleet, left), screen.ink()), !news.equals(before));
      before = news;
    }
    refuseEnded(fleet);
    refuse(refusal);
  }

  /** Whoever told the demo to end may have told the daemons too. */
  private void refuseEnded(DemoFleet fleet) throws Failure {
    if (!stop.given()) {
      refuse(fleet.failure());
    }
  }

  private boolean complete(DemoFleet fleet) {
    return picture.whole() >= fleet.agentsAlive();
  }

  /** What a reader of blocks should not wait for. */
  private List<String> news(boolean shown) {
    List<String> news = new ArrayList<>(List.of(Boolean.toString(shown)));
    picture.jobs().forEach(job -> news.add(job.id() + " " + job.state()));
    return news;
  }

  /** Counted from the moment that the fleet was complete. */
  private Optional<Duration> left(Optional<Long> shown) {
    return shown.flatMap(
        since -> options.longest().map(longest -> longest.minusNanos(clock.nanos() - since)));
  }

  private void look(FleetClient client) {
    notes.removeIf(note -> note.startsWith("collector: "));
    try {
      picture = client.picture();
    } catch (IOException e) {
      notes.add("collector: it does not answer, what stands here is old: " + e.getMessage());
    }
  }

  private void submit(FleetClient client, Map<String, Object> job) {
    submitted = true;
    try {
      client.submit(job);
    } catch (FleetClient.Refusal e) {
      String sentence = "the sample job was refused: " + e.getMessage();
      notes.add(sentence);
      refusal = Optional.of(sentence);
    } catch (IOException passes) {
      submitted = false; // at the next tick
    }
  }

  private DemoTable.Scene scene(DemoFleet fleet, Optional<Duration> left) {
    Map<String, String> nodes = new LinkedHashMap<>();
    for (int i = 0; i < options.nodes(); i++) {
      nodes.put(options.names().get(i), options.profileOf(i).toString());
    }
    String web = fleet.web().orElseThrow();
    String page = web + "/" + (screen.terminal() ? "#token=" + token : "");
    return new DemoTable.Scene(
        picture, nodes, fleet.ended(), page, web, fleet.pages(), left, notes);
  }

  // ---- end

  /** Before their agents, which they would outlive: that is what agents are for. */
  private void endJobs(FleetClient client) {
    long until = clock.nanos() + JOBS_END.toNanos();
    List<String> told = new ArrayList<>();
    try {
      List<JobView> live = client.liveJobs();
      while (!live.isEmpty() && clock.nanos() - until < 0) {
        for (JobView job : live) {
          if (!told.contains(job.id()) && clock.nanos() - until < 0) {
            client.cancel(job);
            told.add(job.id());
          }
        }
        clock.parkUntil(clock.nanos() + BEAT.toNanos());
        live = client.liveJobs();
      }
    } catch (IOException gone) {
      return; // then by their numbers, once the agents have ended
    }
  }
}
