package io.millwright.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.millwright.agent.dialect.DialectWriter;
import io.millwright.agent.join.JoinCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.PlainProcesses;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.page.PageServer;
import io.millwright.agent.self.SelfMetrics;
import io.millwright.agent.supervision.LibcDatagrams;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.uplink.Uplink;
import io.millwright.protocol.tls.TlsException;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The walls of this module; see the architecture page of the documentation. */
class WallsTest {
  private static final String ROOT = "io.millwright.agent";
  private static final String UPLINK = "io.millwright.agent.uplink..";
  private static final String PAGE = "io.millwright.agent.page..";
  private static final String HEALTH = "io.millwright.agent.health";
  private static final String DIALECT = "io.millwright.agent.dialect";
  private static final String JOBS = "io.millwright.agent.jobs";
  private static final String MONITOR = "io.millwright.agent.monitor";
  private static final String TOOL = "io.millwright.agent.tool";
  private static final String JOIN = "io.millwright.agent.join";
  private static final String LAUNCHER = "io.millwright.agent.launcher";
  private static final String LAUNCHER_ROOT = LAUNCHER + ".root";
  private static final String POWER = ROOT + ".power";
  private static final String LAUNCHER_READ = LAUNCHER + ".read";
  private static final String PRIVILEGED = ROOT + ".privileged";
  private static final String PASSTHROUGH = "io.millwright.drivers.passthrough";
  private static final String LAUNCHER_POWER = LAUNCHER + ".power";
  private static final String ACTUATOR = "io.millwright.drivers.nvml.actuator";
  private static final String ORDERS = "io.millwright.protocol.orders";
  private static final String VERBS = LAUNCHER + ".verb";
  private static final String HOST = ROOT + ".host";
  private static final String SYSTEMD = ROOT + ".systemd";
  private static final String SELF = "io.millwright.agent.self..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /** A wall that sees no classes holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(PageServer.class)).isTrue();
    assertThat(dependsOn(PageServer.class, "io.netty.")).isTrue();
    assertThat(dependsOn(Uplink.class, "io.netty.")).isTrue();
    assertThat(dependsOn(SelfMetrics.class, "io.prometheus.")).isTrue();
  }

  private static boolean dependsOn(Class<?> from, String prefix) {
    return CLASSES.get(from).getDirectDependenciesFromSelf().stream()
        .anyMatch(d -> d.getTargetClass().getName().startsWith(prefix));
  }

  @Test
  void nettyStaysAtTheEdge() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(PAGE, UPLINK)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  @Test
  void theClientOfPrometheusStaysInOneRoom() {
    keeps("io.prometheus..", SELF);
  }

  @Test
  void theJobStateMachineIsPure() {
    assertThat(CLASSES.contain(JOBS + ".JobStateMachine")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(JOBS)
            .and()
            .haveNameMatching(
                ".*\\.jobs\\.(JobStateMachine|Signal|Step|Effect|Fence|Book|Entry|Forgetting)(\\$.*)?")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.time..",
                "java.util",
                "java.util.function",
                "java.util.stream",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                LAUNCHER,
                JOBS));
    check(
        noClasses()
            .that()
            .haveNameMatching(".*\\.jobs\\.(JobStateMachine|Signal|Step|Effect)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(".*\\.(Journal|Ledger|Foreman|JobsRoom|Disk|Units)(\\$.*)?"));
  }

  /** Verdicts follow from what was seen, and from nothing else. */
  @Test
  void healthIsPure() {
    assertThat(CLASSES.contain(HEALTH + ".Engine")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(HEALTH)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.time..",
                "java.util",
                "java.util.function",
                "java.util.regex",
                "java.util.stream",
                "org.jspecify..",
                "io.millwright.protocol.health..",
                "io.millwright.protocol.vocabulary..",
                HEALTH));
    check(
        noClasses()
            .that()
            .resideInAPackage(HEALTH)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  /** What a page of another exporter says follows from the snapshot and from data. */
  @Test
  void theDialectsArePure() {
    assertThat(dependsOn(DialectWriter.class, "io.millwright.protocol.exposition.")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(DIALECT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io", // its own packaged table
                "java.lang..",
                "java.math",
                "java.nio.charset",
                "java.util",
                "java.util.function",
                "java.util.regex",
                "java.util.stream",
                "org.jspecify..",
                "io.millwright.protocol.exposition..",
                "io.millwright.protocol.health..",
                "io.millwright.protocol.vocabulary..",
                DIALECT));
    check(
        noClasses()
            .that()
            .resideInAPackage(DIALECT)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  /** A command that ends, beside a daemon that reads hardware. */
  @Test
  void joiningImportsNoOtherRoom() {
    assertThat(dependsOn(JoinCall.class, "io.millwright.protocol.tls.")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(JOIN)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "javax.net.ssl..",
                "org.jspecify..",
                "io.millwright.protocol.clock..",
                "io.millwright.protocol.tls..",
                JOIN));
  }

  /** The launcher knows no journal and no collector; JSON is far from what samples. */
  @Test
  void theLauncherImportsNoOtherRoom() {
    assertThat(CLASSES.contain(LAUNCHER + ".PlainProcesses")).isTrue();
    assertThat(CLASSES.get(LAUNCHER + ".UnitView").getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getPackageName().equals(SYSTEMD));
    check(
        classes()
            .that()
            .resideInAPackage(LAUNCHER)
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.slf4j..",
                        "org.snakeyaml..",
                        "io.millwright.protocol.vocabulary.job..",
                        "io.millwright.protocol.clock..",
                        ORDERS,
                        SYSTEMD,
                        VERBS,
                        LAUNCHER)
                    .or(belongToAnyOf(TlsException.class)))); // what a file that is no key throws
  }

  /** The root process: no network, no JSON of its own, no word of the bus. */
  @Test
  void theRootProcessImportsTheLauncherAlone() {
    assertThat(CLASSES.contain(LAUNCHER_ROOT + ".LauncherMain")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(LAUNCHER_ROOT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "jdk.net..",
                "org.jspecify..",
                "org.slf4j..",
                "io.millwright.protocol.vocabulary.job..",
                "io.millwright.protocol.clock..",
                ORDERS,
                SYSTEMD,
                VERBS,
                LAUNCHER,
                LAUNCHER_ROOT));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(LAUNCHER_ROOT, LAUNCHER_READ)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(LAUNCHER_ROOT));
  }

  /** What has the right to read has a program of its own, which knows its verbs and no more. */
  @Test
  void whatOnlyRootMayReadIsReadByItsProgramOnly() {
    assertThat(CLASSES.get(LAUNCHER_READ + ".ReadDesk").getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getPackageName().equals(PASSTHROUGH));
    check(
        classes()
            .that()
            .resideInAPackage(LAUNCHER_READ)
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "io.millwright.protocol.clock..",
                        "io.millwright.protocol.vocabulary",
                        PASSTHROUGH,
                        VERBS,
                        LAUNCHER_ROOT,
                        LAUNCHER_READ)
                    .or(belongToAnyOf(Layout.class, RunId.class)))); // where a run's group is
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(LAUNCHER_READ)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PASSTHROUGH, LAUNCHER_READ));
  }

  /** It asks the launcher, also as root. */
  @Test
  void whatOnlyRootMayReadIsAskedOfTheLauncher() {
    assertThat(CLASSES.contain(PRIVILEGED + ".PrivilegedSource")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(PRIVILEGED)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "org.slf4j..",
                "io.millwright.drivers",
                "io.millwright.protocol.clock..",
                "io.millwright.protocol.vocabulary",
                VERBS,
                LAUNCHER,
                PRIVILEGED));
  }

  /** What calls the driver's setters is a program of its own, and nothing else reaches them. */
  @Test
  void theSettersAreReachedByTheirProgramOnly() {
    assertThat(CLASSES.get(LAUNCHER_POWER + ".PowerMain").getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getPackageName().equals(ACTUATOR));
    check(
        classes()
            .that()
            .resideInAPackage(LAUNCHER_POWER)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                ACTUATOR,
                "io.millwright.protocol.clock..",
                "io.millwright.drivers.nvml.binding",
                VERBS,
                LAUNCHER,
                LAUNCHER_POWER));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(LAUNCHER_POWER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ACTUATOR, LAUNCHER_POWER));
  }

  /** Wishes are handed on; nothing here reads hardware or speaks with the collector itself. */
  @Test
  void theRoomOfPowerLimitsImportsTheLaunchersDoorOnly() {
    assertThat(CLASSES.contain(POWER + ".PowerRoom")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(POWER)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "org.slf4j..",
                "io.millwright.protocol.bodies..",
                "io.millwright.protocol.clock..",
                "io.millwright.protocol.frames..",
                VERBS,
                LAUNCHER,
                POWER));
  }

  @Test
  void theVerbsAreWordsOnly() {
    assertThat(dependsOn(VerbJson.class, "com.fasterxml.jackson.")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(VERBS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "com.fasterxml.jackson..",
                "io.millwright.protocol.vocabulary",
                "io.millwright.protocol.vocabulary.job..",
                "io.millwright.protocol.clock..",
                VERBS));
  }

  /** What the bus says is told in words of our own. */
  @Test
  void theBusStaysInOneRoom() {
    assertThat(dependsOn(Systemd.class, "org.freedesktop.dbus.")).isTrue();
    keeps("org.freedesktop.dbus..", SYSTEMD);
    check(
        classes()
            .that()
            .resideInAPackage(SYSTEMD)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "org.freedesktop.dbus..", SYSTEMD));
  }

  /** What is needed is read as any source is; nothing is started, stopped or loaded here. */
  @Test
  void theRoomOfTheHostAsksTheBusAndTheKernelOnly() {
    assertThat(CLASSES.contain(HOST + ".ServiceSource")).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(HOST)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "org.slf4j..",
                "io.millwright.drivers",
                "io.millwright.protocol.vocabulary",
                SYSTEMD,
                HOST));
  }

  @Test
  void onlyTheLauncherTheMonitorAndTheSitesToolsBeginProcesses() {
    assertThat(dependsOn(PlainProcesses.class, "java.lang.ProcessBuilder")).isTrue();
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(LAUNCHER, LAUNCHER_ROOT, MONITOR, TOOL)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class));
  }

  @Test
  void theCommandLineStaysInTheRoot() {
    keeps("picocli..", ROOT);
  }

  @Test
  void nativeCodeIsTheDriversAffair() {
    String libc = LibcDatagrams.class.getPackageName() + ".Libc";
    assertThat(CLASSES.get(libc).getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getName().startsWith("com.sun.jna."));
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(libc)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.jna..", "oshi..", "java.lang.foreign.."));
  }

  @Test
  void roomsDoNotImportTheRoot() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.millwright.agent.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT));
  }

  /** Only the composition root imports a sink. */
  @Test
  void nobodyImportsASink() {
    for (String sink : new String[] {PAGE, UPLINK}) {
      check(
          noClasses()
              .that()
              .resideInAPackage("io.millwright.agent.*..")
              .and()
              .resideOutsideOfPackage(sink)
              .should()
              .dependOnClassesThat()
              .resideInAPackage(sink));
    }
  }

  @Test
  void theUplinkKnowsNoHardware() {
    check(
        noClasses()
            .that()
            .resideInAPackage(UPLINK)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.millwright.agent.lane..", "io.millwright.drivers.."));
  }

  @Test
  void roomsFormNoCycle() {
    check(slices().matching("io.millwright.agent.(*)..").should().beFreeOfCycles());
  }

  @Test
  void timeAndThreadsHaveOneDoor() {
    check(
        noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "ofPlatform")
            .orShould()
            .callMethod(Thread.class, "ofVirtual")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis"));
  }

  @Test
  void noStateIsStaticAndMutable() {
    check(fields().that().areStatic().should().haveModifier(FINAL));
  }

  private static void keeps(String library, String room) {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(room)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
  }

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }
}
