package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.HookRule;
import io.millwright.agent.launcher.HookRule.Moment;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.systemd.Property.Pair;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The site's programs around runs, over a real ledger and the real script that runs them; in
 * systemd's place stands a list of processes. What root owns needs root to be made.
 */
class HooksTest {
  private static final Path NODE = Path.of("/dev/nvidia0");

  @TempDir Path directory;

  private final Processes units = new Processes();
  private Path open = Path.of("/");
  private Layout layout = Layouts.in(open);
  private Hooks hooks = new Hooks(layout, units, "boot-1");

  /** Where the MIG instances of the next start are. */
  private List<String> places = List.of();

  /** Begins each hook as a process, with the variables of a hostile job for those of systemd. */
  private static final class Processes implements HookUnits {
    private final Map<String, Process> all = new HashMap<>();
    private final List<String> begun = new ArrayList<>();

    @Override
    public void begin(HookProperties hook) throws IOException {
      begun.add(hook.moment().word() + " " + hook.rule().name());
      ProcessBuilder builder = new ProcessBuilder(hook.words());
      builder.directory(hook.place().toFile());
      builder.environment().putAll(Map.of("HOSTILE", "yes", "BASH_ENV", "/hostile"));
      builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      all.put(hook.unit(), builder.start());
    }

    @Override
    public boolean alive(String unit) {
      return Optional.ofNullable(all.get(unit)).filter(Process::isAlive).isPresent();
    }
  }

  @BeforeEach
  void place() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
    Path real = directory.toRealPath();
    open = Files.createDirectory(real.resolve("open"));
    Path keeper = Path.of("../systemd/launcher/keep-output").toRealPath();
    Layout plain = Layouts.in(real);
    layout =
        new Layout(
            plain.policy(),
            plain.orders(),
            plain.ledger(),
            plain.runs(),
            plain.ended(),
            plain.environment(),
            plain.socket(),
            plain.bus(),
            keeper,
            plain.dropIns(),
            plain.agent(),
            plain.host());
    hooks = restarted();
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : units.all.values()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** A launcher that knows nothing but what the disk and the units say. */
  private Hooks restarted() {
    return new Hooks(layout, units, "boot-1");
  }

  private void policy(String rules) throws IOException {
    Files.writeString(
        layout.policy(), "users: [anna]\nargv_roots: [/usr]\nhooks:\n" + rules.indent(2));
    Files.setPosixFilePermissions(layout.policy(), PosixFilePermissions.fromString("rw-r--r--"));
  }

  private Path script(String name, String text) throws IOException {
    Path file = layout.hook(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private JobProperties job(Verb.Begin start) {
    Assignment assignment = ((Verb.Start) start).assignment();
    return switch (PolicyFile.read(layout.policy())) {
      case Execution.On(var policy) ->
          new JobProperties(
              assignment,
              new UnixUser("anna", 54_321, 54_321, "/home/anna"),
              policy,
              Path.of("/bin/true"),
              Path.of("/tmp"),
              assignment.devices().uuids().isEmpty() ? List.of() : List.of(NODE),
              places,
              Optional.empty(),
              Near.UNKNOWN,
              Optional.empty(),
              layout);
      case Execution.Off(String why) -> throw new AssertionError(why);
    };
  }

  private static Assignment wanted(String job, String... devices) {
    return Assignments.of(job, Optional.empty(), List.of(devices), "/bin/true");
  }

  private Answer before(Assignment wanted) {
    return hooks.before(new Verb.Start(wanted), this::job, (job, work) -> work.go());
  }

  private interface Ask {
    Answer ask();
  }

  /** Asks as the agent does, until it is told something. */
  private static Answer told(Ask ask) {
    List<Answer> answers = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> {
          answers.add(ask.ask());
          return !(answers.getLast() instanceof Answer.Later);
        });
    return answers.getLast();
  }

  private String open(String name) throws IOException {
    return Files.readString(open.resolve(name)).strip();
  }

  /** T8: a step of root's has nothing of the job's but the words that it is told. */
  @Test
  void aHookHasItsWordsAndNothingElse() throws IOException {
    policy("first: {when: both, every: true}\n");
    script("first", "env | sort >>%s/env; pwd >%s/cwd".formatted(open, open));
    Assignment wanted = wanted("job", "GPU-a");
    assertThat(told(() -> before(wanted))).isEqualTo(new Answer.Done());
    assertThat(open("cwd")).isEqualTo("/");
    List<String> variables =
        new ArrayList<>(open("env").lines().filter(line -> !line.startsWith("PWD=")).toList());
    assertThat(variables)
        .containsExactly(
            "LANG=C.UTF-8",
            "MW_DEVICES=GPU-a",
            "MW_JOB=job",
            "MW_MOMENT=before",
            "MW_NODES=/dev/nvidia0",
            "MW_RUN=1",
            "MW_UID=54321",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  }

  @Test
  void hooksRunInTheirOrderAndBackwardsAfterIt() throws IOException {
    policy(
        """
        a: {when: both, every: true}
        b: {when: before, every: true}
        c: {when: both}
        d: {when: after, every: true}
        """);
    for (String name : List.of("a", "b", "c", "d")) {
      script(name, "echo $MW_MOMENT " + name + " >>" + open + "/order");
    }
    Assignment wanted = wanted("job");
    assertThat(told(() -> before(wanted))).isEqualTo(new Answer.Done());
    assertThat(open("order").lines()).containsExactly("before a", "before b");
    assertThat(told(() -> hooks.after(wanted.id()))).isEqualTo(new Answer.Done());
    assertThat(open("order").lines()).containsExactly("before a", "before b", "after d", "after a");
    assertThat(layout.hooks(wanted.id())).doesNotExist();
    assertThat(hooks.after(wanted.id())).isEqualTo(new Answer.Done());
    assertThat(units.begun).hasSize(4);
  }

  @Test
  void aFailureBeforeIsToldWithItsLastLineAndIsFinal() throws IOException {
    policy("a: {when: before, every: true}\nb: {when: before, every: true}\n");
    script("a", "echo first; printf 'no channel\\033 is free\\n\\n'; exit 3");
    script("b", "true");
    Assignment wanted = wanted("job");
    Answer failed = told(() -> before(wanted));
    assertThat(failed).isEqualTo(new Answer.Failed("hook a: no channel? is free"));
    assertThat(before(wanted)).isEqualTo(failed);
    assertThat(units.begun).containsExactly("before a");
    assertThat(told(() -> hooks.after(wanted.id()))).isEqualTo(new Answer.Done());
    assertThat(before(wanted)).isEqualTo(new Answer.Refused("run job-r1 was begun before"));
  }

  @Test
  void whatAHookPrintsIsBounded() throws IOException {
    policy("a: {when: before, every: true}\n");
    script("a", "yes words | head -c 300000; echo; echo the end; exit 1");
    Assignment wanted = wanted("job");
    assertThat(told(() -> before(wanted))).isEqualTo(new Answer.Failed("hook a: the end"));
    assertThat(layout.hooks(wanted.id()).resolve("before-a/said")).hasSize(4096);
  }

  @Test
  void aFailureAfterIsBegunAgainByWhoeverAsksAgain() throws IOException {
    policy("a: {when: after, every: true}\n");
    script("a", "[ -e %s/mended ] || { echo a link is down; exit 1; }".formatted(open));
    Assignment wanted = wanted("job");
    assertThat(told(() -> before(wanted))).isEqualTo(new Answer.Done());
    RunId run = wanted.id();
    assertThat(told(() -> hooks.after(run))).isEqualTo(new Answer.Failed("hook a: a link is down"));
    assertThat(told(() -> hooks.after(run))).isEqualTo(new Answer.Failed("hook a: a link is down"));
    Files.createFile(open.resolve("mended"));
    assertThat(told(() -> hooks.after(run))).isEqualTo(new Answer.Done());
    assertThat(units.begun).containsExactly("after a", "after a", "after a");
    assertThat(layout.hooks(run)).doesNotExist();
  }

  /** It goes on without launcher and agent, and the next launcher takes it up. */
  @Test
  void aLauncherThatIsKilledBeginsNothingTwice() throws IOException {
    policy("a: {when: both, every: true}\n");
    script(
        "a",
        "echo $MW_MOMENT >>%s/ran; until [ -e %s/go ]; do sleep 0.05; done".formatted(open, open));
    Assignment wanted = wanted("job");
    assertThat(before(wanted)).isEqualTo(new Answer.Later("hook a is under way"));
    hooks = restarted();
    assertThat(before(wanted)).isEqualTo(new Answer.Later("hook a is under way"));
    assertThat(hooks.after(wanted.id())).isEqualTo(new Answer.Later("hook a is under way"));
    Files.createFile(open.resolve("go"));
    assertThat(told(() -> before(wanted))).isEqualTo(new Answer.Done());
    hooks = restarted();
    assertThat(before(wanted)).isEqualTo(new Answer.Done());
    assertThat(open("ran")).isEqualTo("before");
  }

  @Test
  void oneThatLeftNoResultHasFailedAndIsNotBegunTwice() throws Exception {
    policy("a: {when: before, every: true}\n");
    script("a", "echo $$ >%s/pid; sleep 1000".formatted(open));
    Assignment wanted = wanted("job");
    assertThat(before(wanted)).isInstanceOf(Answer.Later.class);
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> new File(open + "/pid").exists());
    end(); // as systemd does at the deadline
    assertThat(before(wanted))
        .isEqualTo(
            new Answer.Failed(
                "hook a: it left no result: it took too long, was killed or did not begin;"
                    + " journalctl -u mw-hook-job-r1:before:a.service"));
    hooks = restarted();
    assertThat(before(wanted)).isInstanceOf(Answer.Failed.class);
    assertThat(units.begun).hasSize(1);
  }

  /** Also where the agent has forgotten the run, or does not ask. */
  @Test
  void aDeviceGoesToNobodyBeforeItsHooksHaveEndedWell() throws IOException {
    policy("a: {when: after, every: true}\n");
    script("a", "[ -e %s/mended ]".formatted(open));
    Assignment first = wanted("first", "GPU-a");
    Assignment next = wanted("next", "GPU-a");
    assertThat(told(() -> before(first))).isEqualTo(new Answer.Done());
    assertThat(before(next))
        .isEqualTo(
            new Answer.Later(
                "devices: 'GPU-a' is refused; the hooks after run first-r1 have not ended well"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !units.alive(HookProperties.unit(first.id(), Moment.AFTER, "a")));
    for (int i = 0; i < 5; i++) {
      assertThat(before(next)).isInstanceOf(Answer.Later.class);
      assertThat(unready(next)).isPresent();
    }
    assertThat(units.begun).as("once for each that waits").containsExactly("after a");
    assertThat(told(() -> before(wanted("other", "GPU-b")))).isEqualTo(new Answer.Done());
    Files.createFile(open.resolve("mended"));
    Assignment later = wanted("later", "GPU-a");
    assertThat(told(() -> before(later))).isEqualTo(new Answer.Done());
    assertThat(unready(later)).isEmpty();
  }

  private Optional<String> unready(Assignment wanted) throws IOException {
    return hooks.unready(job(new Verb.Start(wanted)));
  }

  /** Whatever the agent asks for. */
  @Test
  void noStartComesBeforeItsHooks() throws IOException {
    policy("a: {when: before, every: true}\n");
    script("a", "[ -e %s/go ]".formatted(open));
    Assignment wanted = wanted("job");
    assertThat(unready(wanted))
        .contains(
            "hooks: those of this node's policy were not asked for before job-r1, or for something"
                + " else");
    assertThat(told(() -> before(wanted))).isInstanceOf(Answer.Failed.class);
    assertThat(unready(wanted))
        .contains("hooks: 'a' of this node's policy has not run before job-r1");
    Files.createFile(open.resolve("go"));
    Assignment second = wanted("second");
    assertThat(told(() -> before(second))).isEqualTo(new Answer.Done());
    assertThat(unready(second)).isEmpty();
  }

  /** Else an agent that does not ask would keep what is to be done after it from being done. */
  @Test
  void noStartComesWhereOnlyWhatIsAfterItIsOwedAndNotNoted() throws IOException {
    policy("a: {when: after, every: true}\n");
    script("a", "true");
    Assignment wanted = wanted("job", "GPU-a");
    assertThat(unready(wanted)).isPresent();
    assertThat(before(wanted)).isEqualTo(new Answer.Done());
    assertThat(unready(wanted)).isEmpty();
    assertThat(unready(wanted("job", "GPU-b"))).as("the same run with another device").isPresent();
  }

  /** The UUID of an instance is the agent's word. */
  @Test
  void theHooksOfAnInstanceAreOwedWhateverItsName() throws IOException {
    policy("a: {when: after, every: true}\n");
    script("a", "false");
    places = List.of("gpu0/gi1/ci0");
    assertThat(before(wanted("first", "MIG-a"))).isEqualTo(new Answer.Done());
    assertThat(before(wanted("next", "MIG-b"))).isInstanceOf(Answer.Later.class);
    places = List.of("gpu0/gi2/ci0");
    assertThat(before(wanted("next", "MIG-b"))).isEqualTo(new Answer.Done());
    places = List.of("gpu0/gi3/ci0");
    assertThat(unready(wanted("next", "MIG-b"))).as("prepared was another").isPresent();
  }

  @Test
  void aRunWhoseDevicesAnotherHasIsNotPreparedFor() throws IOException {
    policy("a: {when: before, every: true}\n");
    script("a", "true");
    Verb.Start start = new Verb.Start(wanted("job", "GPU-a"));
    assertThat(
            hooks.before(
                start,
                this::job,
                (job, work) -> {
                  throw new Refusal("devices: 'GPU-a' is refused; another has it");
                }))
        .isEqualTo(new Answer.Refused("devices: 'GPU-a' is refused; another has it"));
    assertThat(units.begun).isEmpty();
  }

  @Test
  void onlyRootsProgramIsBegun() throws IOException {
    policy("a: {when: before, every: true}\n");
    assertThat(before(wanted("none")))
        .isEqualTo(
            new Answer.Failed(
                "hooks: 'a' is refused: %s: there is no such file; put it there as root"
                    .formatted(layout.hook("a"))));
    Files.setAttribute(script("a", "true"), "unix:uid", 54_321);
    assertThat(before(wanted("strange")).toString()).contains("belongs to uid 54321");
    assertThat(units.begun).isEmpty();
  }

  @Test
  void aNodeWithoutHooksKeepsNothingOfThem() throws IOException {
    policy("a: {when: both}\n");
    assertThat(before(wanted("job"))).isEqualTo(new Answer.Done());
    assertThat(layout.hooks(wanted("job").id()).getParent()).doesNotExist();
    assertThat(unready(wanted("job"))).isEmpty();
  }

  /** T9: a step of root's has a device list of its own. */
  @Test
  void aHookHasItsOwnDevices() {
    HookWish wish =
        new HookWish(List.of("a"), List.of(), 54_321, List.of("GPU-a"), List.of(), List.of(NODE));
    assertThat(devices(HookRule.Devices.NONE, wish)).isEmpty();
    assertThat(devices(HookRule.Devices.RUN, wish)).containsExactly(new Pair("/dev/nvidia0", "rw"));
  }

  private List<Pair> devices(HookRule.Devices devices, HookWish wish) {
    HookRule rule = new HookRule("a", HookRule.When.BEFORE, Duration.ofSeconds(1), devices, true);
    return new HookProperties(layout, new RunId("job", 1), Moment.BEFORE, rule, wish, open).nodes();
  }
}
