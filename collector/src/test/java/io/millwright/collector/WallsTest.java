package io.millwright.collector;

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
import io.millwright.collector.export.Exporter;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.incidents.Incidents;
import io.millwright.collector.ingest.IngestServer;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.join.JoinServer;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.racks.RackMapFile;
import io.millwright.collector.rest.RestServer;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.supervision.ForeignDatagrams;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The walls of this module; see the architecture page of the documentation. */
class WallsTest {
  private static final String ROOT = "io.millwright.collector";
  private static final String STORE = ROOT + ".store..";
  private static final String PLACEMENT = ROOT + ".placement..";
  private static final String JOBS = ROOT + ".jobs..";
  private static final String FLEET = ROOT + ".fleet..";
  private static final String HOT = ROOT + ".hot..";
  private static final String INGEST = ROOT + ".ingest..";
  private static final String REST = ROOT + ".rest..";
  private static final String JOIN = ROOT + ".join..";
  private static final String EXPORT = ROOT + ".export..";
  private static final String INCIDENTS = ROOT + ".incidents..";
  private static final String RACKS = ROOT + ".racks..";

  /** The pure part of the room of jobs. */
  private static final String REDUCER =
      "io\\.millwright\\.collector\\.jobs\\.(Run|RunReducer|Signal|Member|Grant|StopOrder)(\\$.*)?";

  /** The pure part of the room of operations. */
  private static final String DECIDING =
      "io\\.millwright\\.collector\\.operations\\."
          + "(PolicyReducer|Tally|Boards|Board|Operations|Act|Action|Stage|Policy|Window|Area|Order"
          + "|ManualOverride|NodeMark|Sighting|Sightings|Times)(\\$.*)?";

  private static final String[] IMPURE = {
    "java.io..",
    "java.net..",
    "java.nio.file..",
    "java.nio.channels..",
    "java.util.concurrent..",
    "java.lang.foreign..",
    "java.sql..",
    "org.slf4j..",
    "com.fasterxml..",
    "io.millwright.protocol.clock..",
    STORE
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /** A wall that sees no classes holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(JobBook.class)).isTrue();
    assertThat(dependsOn(SqliteStore.class.getPackageName() + ".StoreFile", "java.sql.")).isTrue();
    assertThat(dependsOn(SqliteStore.class.getPackageName() + ".StoreFile", "org.sqlite."))
        .isTrue();
    assertThat(dependsOn(Planner.class.getName(), JobSpec.class.getName())).isTrue();
    assertThat(dependsOn(JobBook.class.getName(), "io.millwright.protocol.clock.")).isTrue();
    assertThat(dependsOn(JobBook.class.getPackageName() + ".RunJson", "com.fasterxml.")).isTrue();
    assertThat(dependsOn(IngestServer.class.getName(), "io.netty.")).isTrue();
    assertThat(dependsOn(RestServer.class.getName(), "io.netty.")).isTrue();
    assertThat(dependsOn(JoinServer.class.getName(), "io.netty.")).isTrue();
    assertThat(dependsOn(JoinServer.class.getName(), ROOT + ".trust.")).isTrue();
    assertThat(dependsOn(Exporter.class.getPackageName() + ".WriteRequest", "io.netty.")).isTrue();
    assertThat(CLASSES.contain(FleetReducer.class)).isTrue();
    assertThat(CLASSES.stream().filter(c -> c.getName().matches(REDUCER))).hasSizeGreaterThan(8);
  }

  private static boolean dependsOn(String from, String prefix) {
    return CLASSES.get(from).getDirectDependenciesFromSelf().stream()
        .anyMatch(d -> d.getTargetClass().getName().startsWith(prefix));
  }

  @Test
  void theCollectorReadsNoHardware() {
    assertThat(dependsOn(ForeignDatagrams.class.getName(), "java.lang.foreign.")).isTrue();
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ForeignDatagrams.class.getName())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.foreign.."));
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.millwright.drivers..",
                "io.millwright.agent..",
                "io.millwright.simulator..",
                "com.sun.jna..",
                "oshi.."));
  }

  @Test
  void sqlStaysInTheStore() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite.."));
  }

  @Test
  void theStoreKnowsNoOtherRoom() {
    check(
        noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PLACEMENT, JOBS));
  }

  @Test
  void thePlannerIsPure() {
    check(
        noClasses()
            .that()
            .resideInAPackage(PLACEMENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(IMPURE)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
    check(
        classes()
            .that()
            .resideInAPackage(PLACEMENT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                PLACEMENT));
  }

  @Test
  void theReducerIsPure() {
    check(
        noClasses()
            .that()
            .haveNameMatching(REDUCER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(IMPURE)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  @Test
  void theFleetIsPure() {
    check(
        classes()
            .that()
            .resideInAPackage(FLEET)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                FLEET));
  }

  /** No thread, no clock, no edge. */
  @Test
  void theHotSetKnowsTheFleetAndItsRacksAlone() {
    assertThat(CLASSES.contain(HotFleet.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(HOT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang",
                "java.lang.invoke..",
                "java.lang.runtime..",
                "java.nio",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                "io.millwright.protocol.frames..",
                "io.millwright.protocol.exposition..",
                FLEET,
                RACKS,
                HOT));
  }

  /** What is told of nodes goes in, incidents come out. */
  @Test
  void theIncidentsArePure() {
    assertThat(CLASSES.contain(Incidents.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(INCIDENTS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                "io.millwright.protocol.health..",
                FLEET,
                RACKS,
                INCIDENTS));
  }

  /** The map is pure; its file alone is read. */
  @Test
  void theRacksArePureButForTheirFile() {
    assertThat(CLASSES.contain(RackMapFile.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(RACKS)
            .and()
            .haveNameNotMatching(RackMapFile.class.getName().replace(".", "\\.") + "(\\$.*)?")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.util..",
                "org.jspecify..",
                "io.millwright.protocol.vocabulary..",
                RACKS));
  }

  @Test
  void whatFollowsFromVerdictsIsWorkedOutPurely() {
    assertThat(CLASSES.stream().filter(c -> c.getName().matches(DECIDING))).hasSizeGreaterThan(15);
    check(
        noClasses()
            .that()
            .haveNameMatching(DECIDING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(IMPURE)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  /** So that its chain can be followed by whoever has the store and nothing else. */
  @Test
  void theAuditLogKnowsTheStoreAlone() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".audit..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                ROOT + ".operations..", ROOT + ".control..", FLEET, JOBS, PLACEMENT));
  }

  @Test
  void nettyStaysAtTheEdges() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(INGEST, REST, JOIN, EXPORT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.."));
  }

  /** Only the composition root imports an edge. */
  @Test
  void nobodyImportsAnEdge() {
    for (String edge : new String[] {INGEST, REST, JOIN, EXPORT}) {
      check(
          noClasses()
              .that()
              .resideInAPackage(ROOT + ".*..")
              .and()
              .resideOutsideOfPackage(edge)
              .should()
              .dependOnClassesThat()
              .resideInAPackage(edge));
    }
  }

  /** Strangers come near no job and no fleet. */
  @Test
  void thePortForJoiningKnowsTheTrustAlone() {
    check(
        classes()
            .that()
            .resideInAPackage(JOIN)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "javax.net.ssl..",
                "io.netty..",
                "org.jspecify..",
                "org.slf4j..",
                "io.millwright.protocol.clock..",
                "io.millwright.protocol.tls..",
                ROOT + ".trust..",
                JOIN));
  }

  @Test
  void roomsDoNotImportTheRoot() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT));
  }

  @Test
  void roomsFormNoCycle() {
    check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
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

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }
}
