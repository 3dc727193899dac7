package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node's owner may write, and what that refuses. */
class PolicyTest {
  private static final String SOUND =
      """
      users: [anna, "1001", nobody]
      argv_roots: [/usr/bin]
      writable_roots: [/tmp]
      env_deny: [SECRET_*]
      limits: {time: 1h, devices: 2, stop_grace: 10s}
      """;

  @TempDir Path directory;

  private Path file = Path.of("/");

  @BeforeEach
  void place() throws IOException {
    file = directory.toRealPath().resolve("policy.yaml");
  }

  private Execution written(String text, String mode) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return PolicyFile.read(file);
  }

  private String off(String text) throws IOException {
    return off(written(text, "rw-r--r--"));
  }

  private static String off(Execution execution) {
    return switch (execution) {
      case Execution.Off(String sentence) -> sentence;
      case Execution.On on -> throw new AssertionError("execution is on: " + on);
    };
  }

  private static Policy policy(String text) {
    return PolicyText.parse(text);
  }

  private static Assignment job(String user, List<String> argv, Map<String, String> env) {
    return job(user, argv, env, Optional.empty(), OptionalLong.empty(), 100, 0);
  }

  private static Assignment job(
      String user,
      List<String> argv,
      Map<String, String> env,
      Optional<String> cwd,
      OptionalLong time,
      long grace,
      int devices) {
    JobSpec spec =
        new JobSpec(
            "a",
            argv,
            env,
            cwd,
            user,
            "",
            1,
            new DeviceRequest(DeviceKind.GPU, devices),
            1,
            time,
            grace,
            OptionalLong.empty(),
            OptionalInt.empty(),
            JobSpec.LeaseRule.KEEP);
    List<String> uuids =
        java.util.stream.IntStream.range(0, devices).mapToObj(i -> "GPU-" + i).toList();
    return new Assignment(
        new RunId("a", 1), "n", Term.NONE, 1, spec, new DeviceSet(DeviceKind.GPU, uuids));
  }

  private static String decide(Policy policy, Assignment assignment, long uid, long gid) {
    return switch (policy.decide(
        assignment, name -> Optional.of(new UnixUser(name, uid, gid, "/home/x")))) {
      case Policy.Decision.Allowed _ -> "allowed";
      case Policy.Decision.Refused(String sentence) -> sentence;
    };
  }

  private static String decide(String user, long uid, long gid) {
    return decide(policy(SOUND), job(user, List.of("/usr/bin/env"), Map.of()), uid, gid);
  }

  @Test
  void rootMayWriteIt() throws IOException {
    String demo = UnixUsers.self() == 0 ? "" : "demo: true\n";
    assertThat(written(SOUND + demo, "rw-r--r--")).isInstanceOf(Execution.On.class);
  }

  @Test
  void withoutItNothingRuns() {
    assertThat(off(PolicyFile.read(file))).contains("there is no such file");
  }

  @Test
  void whatOthersMayChangeIsNotBelieved() throws IOException {
    assertThat(off(written(SOUND, "rw-rw-r--"))).contains("may be changed by others", "go-w");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Path loose = Files.createDirectory(file.resolveSibling("loose"));
    Path inside = Files.writeString(loose.resolve("policy.yaml"), SOUND);
    Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(off(PolicyFile.read(inside))).contains(loose + " may be changed by others");
    Path link = Files.createSymbolicLink(file.resolveSibling("link.yaml"), file);
    assertThat(off(PolicyFile.read(link))).contains("is a link");
    Path way = Files.createSymbolicLink(file.resolveSibling("way"), directory);
    assertThat(off(PolicyFile.read(way.resolve("policy.yaml")))).contains("is a link");
  }

  @Test
  void anotherUsersFileIsNotBelieved() throws IOException {
    org.junit.jupiter.api.Assumptions.assumeTrue(UnixUsers.self() == 0, "needs root to give away");
    Files.writeString(file, SOUND);
    Files.setAttribute(file, "unix:uid", 65534);
    assertThat(off(PolicyFile.read(file))).contains("belongs to uid 65534; allowed is root");
  }

  @Test
  void aUserOfAStrangeGroupIsNotTaken() {
    Policy policy = policy(SOUND + "groups: [44, 5000]\n");
    UnixUser anna = new UnixUser("anna", 1001, 1001, "/home/anna");
    assertThat(policy.strangeGroups(anna, Optional.of(Set.of(1001L, 44L, 5000L)))).isEmpty();
    assertThat(policy.strangeGroups(anna, Optional.of(Set.of(1001L, 6L))))
        .hasValueSatisfying(why -> assertThat(why).contains("also in groups [6]"));
    assertThat(policy.strangeGroups(anna, Optional.empty())).isPresent();
    assertThat(UnixUsers.groups(new UnixUser("root", 0, 0, "/root")))
        .hasValueSatisfying(groups -> assertThat(groups).contains(0L));
  }

  @Test
  void deviceClassesAreNamed() throws IOException {
    assertThat(policy(SOUND).deviceClasses()).isEmpty();
    assertThat(policy(SOUND + "device_classes: [nvidia, infiniband]\n").deviceClasses())
        .containsExactlyInAnyOrder(DeviceClass.NVIDIA, DeviceClass.INFINIBAND);
    assertThat(off(SOUND + "device_classes: [sda]\n"))
        .contains("device_classes: 'sda' is refused", "nvidia, neuron, infiniband");
  }

  @Test
  void mistakesTurnExecutionOff() throws IOException {
    assertThat(off(SOUND + "usres: [x]\n")).contains("usres");
    assertThat(off(SOUND + "users: [x]\n")).contains("line 6", "'users' is there twice");
    assertThat(off("limits: {time: 1h, time: 2h}\n" + SOUND)).contains("there twice");
    assertThat(off(SOUND.replace("1h", "forever"))).contains("limits.time", "forever", "24h");
    assertThat(off(SOUND.replace("devices", "devcies"))).contains("limits.devcies");
    assertThat(off(SOUND.replace("devices: 2", "stops_per_hour: 0")))
        .contains("limits.stops_per_hour: '0'", "from 1 to 3600");
    assertThat(off(SOUND + "affinity: near\n")).contains("affinity: 'near'", "none, cpus, memory");
    assertThat(off(SOUND + "system_call_filter: on\n")).contains("'on'", "true or false");
    assertThat(off(SOUND + "signed_starts: true\n"))
        .contains("signed_starts: 'true'", "required or where-pinned");
    assertThat(off(SOUND.replace("devices: 2", "shm_bytes: 5"))).contains("limits.shm_bytes: '5'");
    assertThat(off("users: &a [x]\nargv_roots: *a\n")).contains("anchors");
    assertThat(off("users: !!set {a}\n")).contains("tag");
    assertThat(off("- a\n")).contains("no keys");
    assertThat(off(SOUND + "---\n{}\n")).contains("second document");
    assertThat(off(SOUND + "demo: yes\n")).contains("'yes'", "true or false");
    assertThat(off("users: [a]\nargv_roots: [bin]\n")).contains("absolute paths");
    assertThat(off("users: []\n")).contains("at least one");
    assertThat(off("users: [a\n")).contains("not YAML");
    assertThat(off("a: ".repeat(1) + "[".repeat(9000))).contains("no job runs here");
  }

  @Test
  void jsonIsReadToo() {
    assertThat(policy("{\"users\": [\"a\"], \"argv_roots\": [\"/usr\"], \"demo\": true}").demo())
        .isTrue();
  }

  @Test
  void onlyListedPersonsRunJobs() {
    assertThat(decide("anna", 1000, 1000)).isEqualTo("allowed");
    assertThat(decide("1001", 1001, 1001)).isEqualTo("allowed");
    assertThat(decide("bert", 1000, 1000)).contains("user: 'bert' is refused", "anna");
    assertThat(decide("anna", 0, 0)).contains("uid 0");
    assertThat(decide("anna", 999, 1000)).contains("uid 999");
    assertThat(decide("anna", 1000, 0)).contains("gid 0");
    assertThat(decide("anna", 1000, 6)).contains("gid 6");
    assertThat(decide("anna", 61_184, 61_184)).contains("uid 61184");
    assertThat(decide("anna", 1_200_000, 1_200_000)).isEqualTo("allowed");
  }

  private static Assignment booked(String project) {
    Assignment job = job("anna", List.of("/usr/bin/env"), Map.of());
    JobSpec spec = job.spec();
    return new Assignment(
        job.id(),
        job.node(),
        job.term(),
        job.generation(),
        new JobSpec(
            spec.name(),
            spec.argv(),
            spec.env(),
            spec.cwd(),
            spec.user(),
            project,
            spec.priority(),
            spec.devices(),
            spec.nodes(),
            spec.timeLimitMs(),
            spec.stopGraceMs(),
            spec.memoryBytes(),
            spec.cpus(),
            spec.lease()),
        job.devices());
  }

  /** The site's grants are asked before; a stolen collector would not ask them. */
  @Test
  void jobsAreBookedOnListedProjectsWhereSomeAreListed() {
    Policy any = policy(SOUND);
    assertThat(decide(any, booked("llm"), 1000, 1000)).isEqualTo("allowed");
    assertThat(decide(any, booked(""), 1000, 1000)).isEqualTo("allowed");
    Policy listed = policy(SOUND + "projects: [vision, llm]\n");
    assertThat(decide(listed, booked("llm"), 1000, 1000)).isEqualTo("allowed");
    assertThat(decide(listed, booked("speech"), 1000, 1000))
        .isEqualTo(
            "project: 'speech' is refused by this node's policy; allowed is one of [llm, vision]");
    assertThat(decide(listed, booked(""), 1000, 1000)).startsWith("project: '' is refused");
    assertThatThrownBy(() -> policy(SOUND + "projects: []\n"))
        .hasMessageContaining("projects")
        .hasMessageContaining("leave the key out to allow any");
  }

  /** Without the word no collector has a say in when a job ends that goes on by itself. */
  @Test
  void leasesStopJobsWhereThePolicySaysSo() {
    Assignment stops = leased(booked(""));
    assertThat(decide(policy(SOUND), stops, 1000, 1000))
        .isEqualTo(
            "lease: 'stop' is refused by this node's policy; allowed is keep; 'leases: [stop]' in"
                + " policy.yaml allows the other");
    assertThat(decide(policy(SOUND + "leases: [stop]\n"), stops, 1000, 1000)).isEqualTo("allowed");
    assertThat(decide(policy(SOUND + "leases: []\n"), stops, 1000, 1000)).contains("lease:");
    assertThatThrownBy(() -> policy(SOUND + "leases: [keep]\n"))
        .hasMessageContaining("leases: 'keep' is refused");
    assertThatThrownBy(() -> policy(SOUND + "leases: stop\n"))
        .hasMessageContaining("leases: 'stop' is refused; allowed is a list");
  }

  private static Assignment leased(Assignment job) {
    JobSpec spec = job.spec();
    return new Assignment(
        job.id(),
        job.node(),
        job.term(),
        job.generation(),
        new JobSpec(
            spec.name(),
            spec.argv(),
            spec.env(),
            spec.cwd(),
            spec.user(),
            spec.project(),
            spec.priority(),
            spec.devices(),
            spec.nodes(),
            spec.timeLimitMs(),
            spec.stopGraceMs(),
            spec.memoryBytes(),
            spec.cpus(),
            JobSpec.LeaseRule.STOP),
        job.devices());
  }

  private static Assignment withSecrets(String user, String... names) {
    Assignment job = job(user, List.of("/usr/bin/env"), Map.of());
    return new Assignment(
        job.id(),
        job.node(),
        job.term(),
        job.generation(),
        job.spec().withSecrets(List.of(names)),
        job.devices());
  }

  /** Whether a secret is another's or is not there makes no difference to the sentence. */
  @Test
  void aSecretIsForThoseThatThePolicyNames() {
    Policy policy = policy(SOUND + "secrets: {hf-token: [anna], s3.key: [anna, '1001']}\n");
    assertThat(decide(policy, withSecrets("anna", "hf-token", "s3.key"), 1000, 1000))
        .isEqualTo("allowed");
    assertThat(decide(policy, withSecrets("1001", "s3.key"), 1001, 1001)).isEqualTo("allowed");
    assertThat(decide(policy, withSecrets("1001", "hf-token"), 1001, 1001))
        .isEqualTo(
            "secrets: 'hf-token' is refused by this node's policy; allowed is what its key secrets"
                + " gives to the user 1001: [s3.key]");
    assertThat(decide(policy, withSecrets("1001", "none"), 1001, 1001))
        .isEqualTo(
            "secrets: 'none' is refused by this node's policy; allowed is what its key secrets"
                + " gives to the user 1001: [s3.key]");
    assertThat(decide(policy(SOUND), withSecrets("anna", "hf-token"), 1000, 1000))
        .contains("secrets: 'hf-token' is refused");
    Assignment deceived =
        job("anna", List.of("/usr/bin/env"), Map.of("CREDENTIALS_DIRECTORY", "/tmp"));
    assertThat(decide(policy(SOUND + "env_allow: [CREDENTIALS_DIRECTORY]\n"), deceived, 1000, 1000))
        .contains("env: 'CREDENTIALS_DIRECTORY' is refused");
  }

  private static Assignment contained(String from) {
    Assignment job = job("anna", List.of("/opt/of/the/image"), Map.of());
    return new Assignment(
        job.id(),
        job.node(),
        job.term(),
        job.generation(),
        job.spec().in(new Container(from)),
        job.devices());
  }

  @Test
  void containersAreOffUntilThePolicyNamesThem() {
    assertThat(decide(policy(SOUND), contained("/srv/roots/llm"), 1000, 1000))
        .isEqualTo(
            "container: '/srv/roots/llm' is refused by this node's policy; allowed is none;"
                + " 'containers' in policy.yaml says which jobs may have");
    Policy policy = policy(SOUND + "containers: {runtime: podman, roots: [/srv/roots, /opt/r]}\n");
    for (String allowed : List.of("/srv/roots/llm", "/srv/roots/a/b", "/opt/r/x")) {
      assertThat(decide(policy, contained(allowed), 1000, 1000)).isEqualTo("allowed");
    }
    for (String other : List.of("/srv/roots", "/srv/rootsy/a", "/etc", "/srv")) {
      assertThat(decide(policy, contained(other), 1000, 1000))
          .isEqualTo(
              "container: '%s' is refused by this node's policy; allowed is a root file system"
                      .formatted(other)
                  + " beneath containers.roots [/srv/roots, /opt/r]");
    }
    assertThat(decide(policy, job("anna", List.of("/opt/x"), Map.of()), 1000, 1000))
        .contains("argv: '/opt/x' is refused");
    Assignment loader =
        new Assignment(
            new RunId("a", 1),
            "n",
            Term.NONE,
            1,
            job("anna", List.of("/x"), Map.of("LD_PRELOAD", "/tmp/x.so"))
                .spec()
                .in(new Container("/srv/roots/llm")),
            new DeviceSet(DeviceKind.GPU, List.of()));
    assertThat(decide(policy, loader, 1000, 1000)).contains("env: 'LD_PRELOAD' is refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{roots: [/srv/r]}|containers.runtime: '' is refused; allowed is podman",
        "{runtime: docker, roots: [/srv/r]}|containers.runtime: 'docker' is refused",
        "{runtime: podman}|containers.roots: 'nothing' is refused; allowed is at least one",
        "{runtime: podman, roots: [srv]}|containers.roots: 'srv' is refused; allowed is absolute",
        "{runtime: podman, roots: [/srv/../etc]}|containers.roots: '/srv/../etc' is refused",
        "{runtime: podman, roots: [/home/r]}|containers.roots: '/home/r' is refused",
        "{runtime: podman, roots: ['/srv/a:b']}|containers.roots: '/srv/a:b' is refused",
        "{runtime: podman, roots: [/srv/r], mounts: [/tmp/x]}|containers.mounts: '/tmp/x' is refused",
        "{runtime: podman, roots: [/srv/r], mounts: [/]}|containers.mounts: '/' is refused",
        "{runtime: podman, roots: [/srv/r], pull: missing}|containers.pull: 'an unknown key'",
        "{runtime: podman, images: [a]}|containers.images: 'an unknown key'",
        "podman|containers: 'no keys' is refused; allowed is keys",
      })
  void aWrongRuleOfContainersTurnsExecutionOff(String rule, String sentence) throws IOException {
    assertThat(off(SOUND + "containers: " + rule + "\n")).contains(sentence);
    String sound = "containers: {runtime: podman, roots: [/srv/r]}\n";
    assertThat(off(SOUND + sound + "system_call_filter: true\n"))
        .contains("containers: 'with system_call_filter' is refused");
  }

  private static JobSpec hooked(String... names) {
    return job("anna", List.of("/usr/bin/env"), Map.of()).spec().withHooks(List.of(names));
  }

  private static List<String> names(Policy policy, JobSpec spec, HookRule.Moment moment) {
    return policy.hooksOf(spec, moment).stream().map(HookRule::name).toList();
  }

  @Test
  void hooksComeInTheirOrderAndBackwardsAfterIt() throws IOException {
    String text =
        SOUND
            + "hooks:\n  zero: {when: both, every: true}\n  ask: {when: before, deadline: 5m}\n"
            + "  last: {when: after, every: true, devices: run}\n";
    Policy policy = policy(text);
    assertThat(policy.hooks())
        .contains(
            new HookRule(
                "ask", HookRule.When.BEFORE, Duration.ofMinutes(5), HookRule.Devices.NONE, false),
            new HookRule(
                "last", HookRule.When.AFTER, Duration.ofSeconds(30), HookRule.Devices.RUN, true));
    assertThat(names(policy, hooked(), HookRule.Moment.BEFORE)).containsExactly("zero");
    assertThat(names(policy, hooked("ask"), HookRule.Moment.BEFORE)).containsExactly("zero", "ask");
    assertThat(names(policy, hooked("ask"), HookRule.Moment.AFTER)).containsExactly("last", "zero");
    assertThat(policy.hooked(hooked())).isTrue();
    assertThat(policy(SOUND).hooked(hooked())).isFalse();
    Assignment job = job("anna", List.of("/usr/bin/env"), Map.of());
    Assignment wrong =
        new Assignment(
            job.id(), job.node(), job.term(), job.generation(), hooked("none"), job.devices());
    assertThat(decide(policy, wrong, 1000, 1000))
        .isEqualTo(
            "hooks: 'none' is refused by this node's policy; allowed is what its key hooks names:"
                + " [zero, ask, last]");
  }

  @Test
  void aWrongKeyOfHooksTurnsExecutionOff() throws IOException {
    assertThat(off(SOUND + "hooks: {a: {}}\n")).contains("hooks.a.when: '' is refused", "before");
    assertThat(off(SOUND + "hooks: {a: {when: never}}\n")).contains("hooks.a.when: 'never'");
    assertThat(off(SOUND + "hooks: {a: {when: both, path: /x}}\n")).contains("hooks.a.path");
    assertThat(off(SOUND + "hooks: {a: {when: both, deadline: 11m}}\n"))
        .contains("hooks.a.deadline: '660s' is refused; allowed is at most 10m");
    assertThat(off(SOUND + "hooks: {a: {when: both, deadline: 5}}\n"))
        .contains("hooks.a.deadline: '5' is refused");
    assertThat(off(SOUND + "hooks: {a: {when: both, devices: all}}\n"))
        .contains("hooks.a.devices: 'all' is refused; allowed is none or run");
    assertThat(off(SOUND + "hooks: {../a: {when: both}}\n")).contains("hooks: '../a' is refused");
    assertThat(off(SOUND + "hooks: {a: before}\n")).contains("hooks.a: 'no keys' is refused");
  }

  @Test
  void aWrongKeyOfSecretsTurnsExecutionOff() throws IOException {
    assertThat(off(SOUND + "secrets: {../x: [anna]}\n")).contains("secrets: '../x' is refused");
    assertThat(off(SOUND + "secrets: {x: []}\n"))
        .contains("secrets.x: 'nothing' is refused; allowed is at least one");
    assertThat(off(SOUND + "secrets: {x: [bert]}\n"))
        .contains("secrets.x: 'bert' is refused; allowed is one of the policy's users");
    assertThat(off(SOUND + "secrets: {x: anna}\n")).contains("x: 'anna' is refused", "a list");
    assertThat(off(SOUND + "secrets: [x]\n")).contains("secrets: 'no keys' is refused");
  }

  @Test
  void nobodyRunsJobsOfTheDemoAlone() {
    Assignment job = job("nobody", List.of("/usr/bin/env"), Map.of());
    assertThat(decide(policy(SOUND), job, 65534, 65534)).contains("uid 65534");
    assertThat(decide(policy(SOUND + "demo: true\n"), job, 65534, 65534)).isEqualTo("allowed");
  }

  @Test
  void programsLieBeneathTheRootsWhereverTheirNameLeads() throws IOException {
    Path inside = Files.createDirectory(file.resolveSibling("inside"));
    Path escape = Files.createSymbolicLink(inside.resolve("sh"), Path.of("/usr/bin/env"));
    Policy policy = policy("users: [anna]\nargv_roots: [%s]\n".formatted(inside));
    assertThat(decide(policy, job("anna", List.of(escape.toString()), Map.of()), 1000, 1000))
        .contains("argv", "really /usr/bin/env");
    assertThat(decide(policy, job("anna", List.of(inside + "/../x"), Map.of()), 1000, 1000))
        .contains("argv");
    assertThat(decide(policy, job("anna", List.of(inside + "/none"), Map.of()), 1000, 1000))
        .isEqualTo("allowed");
  }

  @Test
  void variablesThatChangeWhatRunsAreDenied() {
    for (String name :
        List.of(
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "BASH_ENV",
            "MW_RUN",
            "SECRET_X",
            "CUDA_VISIBLE_DEVICES")) {
      Assignment job = job("anna", List.of("/usr/bin/env"), Map.of(name, "x"));
      assertThat(decide(policy(SOUND), job, 1000, 1000)).contains("env: '" + name + "'");
    }
    Policy wide = policy(SOUND + "env_allow: [LD_LIBRARY_PATH, MW_RUN]\n");
    assertThat(
            decide(
                wide,
                job("anna", List.of("/usr/bin/env"), Map.of("LD_LIBRARY_PATH", "/x")),
                1000,
                1000))
        .isEqualTo("allowed");
    assertThat(
            decide(wide, job("anna", List.of("/usr/bin/env"), Map.of("MW_RUN", "9")), 1000, 1000))
        .contains("MW_RUN");
  }

  @Test
  void theLimitsHold() {
    List<String> argv = List.of("/usr/bin/env");
    Policy policy = policy(SOUND);
    assertThat(
            decide(
                policy,
                job("anna", argv, Map.of(), Optional.empty(), OptionalLong.of(3_600_001), 1, 0),
                1000,
                1000))
        .contains("time_limit_ms", "at most 3600000");
    assertThat(
            decide(
                policy,
                job("anna", argv, Map.of(), Optional.empty(), OptionalLong.empty(), 10_001, 0),
                1000,
                1000))
        .contains("stop_grace_ms");
    assertThat(
            decide(
                policy,
                job("anna", argv, Map.of(), Optional.empty(), OptionalLong.empty(), 1, 3),
                1000,
                1000))
        .contains("devices", "at most 2");
    assertThat(
            decide(
                policy,
                job("anna", argv, Map.of(), Optional.of("/etc"), OptionalLong.empty(), 1, 0),
                1000,
                1000))
        .contains("cwd: '/etc'");
    assertThat(policy.timeOf(job("anna", argv, Map.of()).spec())).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void signedStartsAreWantedWhereTheOwnerSaysSo() {
    assertThat(policy(SOUND).signedStarts()).isFalse();
    assertThat(policy(SOUND + "signed_starts: where-pinned\n").signedStarts()).isFalse();
    assertThat(policy(SOUND + "signed_starts: required\n").signedStarts()).isTrue();
  }

  /** Nobody looks at a signature there. */
  @Test
  void plainProcessesAreRefusedWhereStartsMustBeSigned() {
    PlainProcesses units =
        new PlainProcesses(
            directory,
            NeuronHost.under(directory),
            io.millwright.protocol.clock.Clock.system(),
            Duration.ofSeconds(1));
    Policy wanted = policy(SOUND + "demo: true\nsigned_starts: required\n");
    assertThat(units.refusal(job("anna", List.of("/usr/bin/env"), Map.of()), wanted))
        .hasValueSatisfying(why -> assertThat(why).startsWith("signed_starts: "));
  }

  @Test
  void plainProcessesAreForTheDemo() {
    PlainProcesses units =
        new PlainProcesses(
            directory,
            NeuronHost.under(directory),
            io.millwright.protocol.clock.Clock.system(),
            Duration.ofSeconds(1));
    assertThat(units.refusal(job("anna", List.of("/usr/bin/env"), Map.of()), policy(SOUND)))
        .hasValueSatisfying(why -> assertThat(why).contains("demo: true"));
  }
}
