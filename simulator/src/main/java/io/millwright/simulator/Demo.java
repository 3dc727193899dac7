package io.millwright.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A demo from its start to the deletion of all that it made.
 *
 * <p><i>Lifecycle:</i> {@link #run} once. <i>Threading:</i> the main thread does everything; a
 * signal only tells it. <i>Failure:</i> one sentence and exit code 1; nothing is left in any case.
 */
final class Demo {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration BEAT = Duration.ofMillis(50);
  private static final Duration COLLECTOR_START = Duration.ofSeconds(30);
  private static final Duration FLEET_START = Duration.ofSeconds(30);
  private static final Duration JOBS_END = Duration.ofSeconds(10);
  private static final Duration DAEMON_END = Duration.ofSeconds(15);
  private static final Pattern FLEET = Pattern.compile("(?m)^fleet: (http://\\S+)/$");
  private static final Pattern UPLINK = Pattern.compile("(?m)^agents: (\\S+)$");
  private static final Pattern PAGE = Pattern.compile("page is served address=\\S+ port=(\\d+)");
  private static final String NOBODY = "nobody";
  private static final int TOKEN_BYTES = 24;
  private static final int SEEDS = 1_000_000_000;

  private final DemoOptions options;
  private final Clock clock;
  private final PrintStream errors;
  private final DemoScreen screen;
  private final StopSignal stop;
  private final String token = token();
  private final List<String> notes = new ArrayList<>();
  private final List<Child> agents = new ArrayList<>();
  private Optional<Child> collector = Optional.empty();
  private Optional<FleetClient> client = Optional.empty();
  private String address = "";
  private Picture picture = Picture.empty();
  private boolean submitted;

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
    try {
      showAndEnd();
      code = ExitCode.DONE;
    } catch (Failure | IOException | TlsException e) {
      errors.println(sentence(e));
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

  private void showAndEnd() throws IOException, Failure {
    try (DemoPlace place = DemoPlace.claim(clock)) {
      try {
        show(place);
      } finally {
        end(place);
      }
    }
  }

  // ---- start

  private void show(DemoPlace place) throws IOException, Failure {
    screen.say("SIMULATED hardware: starting a collector and " + options.nodes() + " agents");
    DemoTrust trust = DemoTrust.create(place.file("trust"), "demo", options.names(), clock);
    if (stop.given()) {
      return;
    }
    startCollector(place, trust);
    Optional<String> uplink = awaitCollector();
    if (uplink.isEmpty()) {
      return;
    }
    place.secret("cli.json", json(Map.of("url", address, "token", token)) + "\n");
    client = Optional.of(new FleetClient(URI.create(address), token));
    Path program = place.program(SimulatedNodes.built("millwright-load"));
    place.secret("policy.yaml", json(policy(place)));
    for (int i = 0; i < options.nodes() && !stop.given(); i++) {
      startAgent(place, trust, i, uplink.get());
    }
    watch(place, program);
  }

  private void startCollector(DemoPlace place, DemoTrust trust) throws IOException {
    place.secret("tokens", "admin " + System.getProperty("user.name") + " " + token + "\n");
    List<String> words =
        new ArrayList<>(
            List.of("io.millwright.collector.Main", "collector", "run", "--credentials"));
    words.add(trust.collector().toString());
    words.addAll(List.of("--http", "127.0.0.1:" + options.port(), "--uplink", "127.0.0.1:0"));
    words.addAll(List.of("--tokens", place.file("tokens").toString()));
    words.addAll(List.of("--data", place.file("store").toString()));
    collector = Optional.of(Child.start(place, "collector", Child.Java.of("collector"), words));
  }

  /** Where agents connect; empty where the demo was told to end. */
  private Optional<String> awaitCollector() throws Failure {
    Child started = collector.orElseThrow();
    long until = clock.nanos() + COLLECTOR_START.toNanos();
    while (!stop.awaitUntil(clock.nanos() + BEAT.toNanos())) {
      Optional<String> fleet = started.said(FLEET);
      Optional<String> uplink = started.said(UPLINK);
      if (fleet.isPresent() && uplink.isPresent()) {
        address = fleet.get();
        return uplink;
      }
      if (!started.alive()) {
        throw new Failure("the collector ended: " + started.lastWords());
      }
      if (clock.nanos() - until >= 0) {
        throw new Failure(
            "the collector did not start within %d s: %s"
                .formatted(COLLECTOR_START.toSeconds(), started.lastWords()));
      }
    }
    return Optional.empty();
  }

  private void startAgent(DemoPlace place, DemoTrust trust, int number, String uplink)
      throws IOException {
    String name = options.names().get(number);
    SimulatedNode node =
        SimulatedNode.create(SimulatedNodes.library(), place.node(name), scenario(number));
    Map<String, Object> set = new LinkedHashMap<>();
    set.put("node.name", name);
    set.put("listen", "127.0.0.1:0");
    set.put("nvidia.library", node.library());
    set.put("collector.address", uplink);
    set.put("collector.credentials", trust.node(name));
    set.put("jobs.policy", place.file("policy.yaml"));
    set.put("jobs.directory", place.file("jobs").resolve(name));
    List<String> words = new ArrayList<>(List.of("io.millwright.agent.Main", "agent", "run"));
    set.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
    agents.add(Child.start(place, name, Child.Java.of("agent"), words));
  }

  /** Nearly idle, so that a job is seen; of its own seed, so that no two demos share a UUID. */
  private List<String> scenario(int number) {
    List<String> lines = new ArrayList<>();
    lines.add("profile " + options.profileOf(number));
    lines.add("seed " + new SecureRandom().nextInt(SEEDS));
    lines.add("load 0.03");
    lines.add("noise 0.01");
    options.limitMilliwatts().ifPresent(limit -> lines.add("set all power_limit_mw " + limit));
    return lines;
  }

  private Map<String, Object> policy(DemoPlace place) throws IOException {
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("users", List.of(user(place)));
    int group = group();
    if (!place.root()
        && group > 0
        && group < 1000) { // as on systems whose people share the group users
      policy.put("groups", List.of(Integer.toString(group)));
    }
    policy.put(
        "argv_roots", List.of("/bin", "/usr/bin", "/usr/local/bin", place.open().toString()));
    policy.put("writable_roots", List.of("/tmp"));
    policy.put("demo", true);
    return policy;
  }

  /** Whom jobs run as: never root. */
  private static String user(DemoPlace place) {
    return place.root() ? NOBODY : System.getProperty("user.name");
  }

  private static int group() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
  }

  // ---- while it runs

  private void watch(DemoPlace place, Path program) throws IOException, Failure {
    long begun = clock.nanos();
    long next = begun;
    Optional<Long> shown = Optional.empty();
    List<String> before = List.of();
    boolean news = false;
    while (!stop.awaitUntil(next)) {
      next = clock.nanos() + TICK.toNanos();
      if (shown.isEmpty()) {
        refuseToStartAlone();
      }
      look();
      openSockets(place);
      if (shown.isEmpty() && (complete() || clock.nanos() - begun >= FLEET_START.toNanos())) {
        shown = Optional.of(clock.nanos());
        news = true;
      }
      if (shown.isPresent() && !submitted) {
        submit(place, program);
      }
      List<String> states = picture.jobs().stream().map(job -> job.id() + job.state()).toList();
      Optional<Duration> left = left(shown);
      screen.draw(DemoTable.lines(scene(left), screen.ink()), news || !states.equals(before));
      news = false;
      before = states;
      if (left.filter(rest -> !rest.isPositive()).isPresent()) {
        return;
      }
    }
  }

  /** Counted from the moment that the fleet was complete. */
  private Optional<Duration> left(Optional<Long> shown) {
    return shown.flatMap(
        since -> options.longest().map(longest -> longest.minusNanos(clock.nanos() - since)));
  }

  private void refuseToStartAlone() throws Failure {
    Child started = collector.orElseThrow();
    if (!started.alive()) {
      throw new Failure("the collector ended: " + started.lastWords());
    }
    if (agents.stream().noneMatch(Child::alive)) {
      throw new Failure(
          "no agent could start, as %s: %s"
              .formatted(agents.getFirst().name(), agents.getFirst().lastWords()));
    }
  }

  private boolean complete() {
    return picture.whole() >= agents.stream().filter(Child::alive).count();
  }

  private void look() {
    notes.removeIf(note -> note.startsWith("collector: "));
    try {
      picture = client.orElseThrow().picture();
    } catch (IOException e) {
      notes.add("collector: it does not answer, what stands here is old: " + e.getMessage());
    }
  }

  /** Jobs of root's demo run as nobody, who has to reach the sockets that the agents made. */
  private void openSockets(DemoPlace place) throws IOException {
    if (!place.root()) {
      return;
    }
    UserPrincipal nobody =
        place.nodes().getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY);
    for (String name : options.names()) {
      Path socket = SimulatedNode.at(place.nodes().resolve(name)).controlSocket();
      if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
          && !Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS).equals(nobody)) {
        Files.setOwner(socket, nobody);
      }
    }
  }

  private void submit(DemoPlace place, Path program) throws IOException {
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("name", "hello");
    job.put("argv", List.of(program.toString(), place.nodes().toString(), "20", "1"));
    job.put("user", user(place));
    job.put("devices", Map.of("kind", "gpu", "count", 2));
    submitted = true;
    try {
      client.orElseThrow().submit(job);
    } catch (FleetClient.Refusal refusal) {
      notes.add("the sample job was refused: " + refusal.getMessage());
    } catch (IOException passes) {
      submitted = false; // at the next tick
    }
  }

  private DemoTable.Scene scene(Optional<Duration> left) {
    Map<String, String> nodes = new LinkedHashMap<>();
    for (int i = 0; i < options.nodes(); i++) {
      nodes.put(options.names().get(i), options.profileOf(i).toString());
    }
    Map<String, String> ended = new LinkedHashMap<>();
    collector.filter(child -> !child.alive()).ifPresent(c -> ended.put(c.name(), c.lastWords()));
    agents.stream()
        .filter(child -> !child.alive())
        .forEach(a -> ended.put(a.name(), a.lastWords()));
    List<String> pages =
        agents.stream()
            .flatMap(agent -> agent.said(PAGE).stream())
            .map(port -> "http://127.0.0.1:" + port + "/metrics")
            .toList();
    return new DemoTable.Scene(
        picture, nodes, ended, address + "/#token=" + token, address, pages, left, notes);
  }

  // ---- end

  /** Jobs first: they outlive their agents, that is what agents are for. */
  private void end(DemoPlace place) throws IOException {
    screen.say("ending: jobs, agents, collector");
    Files.deleteIfExists(place.file("cli.json")); // nobody finds the way to submit another
    client.ifPresent(this::endJobs);
    agents.forEach(Child::terminate);
    collector.ifPresent(Child::terminate);
    long until = clock.nanos() + DAEMON_END.toNanos();
    for (Child agent : agents) {
      agent.awaitEnd(Duration.ofNanos(Math.max(0, until - clock.nanos())));
    }
    collector.ifPresent(c -> c.awaitEnd(Duration.ofNanos(Math.max(0, until - clock.nanos()))));
    client.ifPresent(FleetClient::close);
    new Leftovers(place.file(""), clock).endJobs();
  }

  private void endJobs(FleetClient asked) {
    long until = clock.nanos() + JOBS_END.toNanos();
    List<String> told = new ArrayList<>();
    try {
      for (List<JobView> live = asked.liveJobs();
          !live.isEmpty() && clock.nanos() - until < 0;
          live = asked.liveJobs()) {
        for (JobView job : live) {
          if (!told.contains(job.id())) {
            asked.cancel(job);
            told.add(job.id());
          }
        }
        clock.parkUntil(clock.nanos() + BEAT.toNanos());
      }
    } catch (IOException gone) {
      return; // then by their numbers, once the agents have ended
    }
  }

  private static String token() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String json(Object value) throws JsonProcessingException {
    return JsonMapper.builder().build().writeValueAsString(value);
  }
}
