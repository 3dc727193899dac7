package io.millwright.drivers;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.millwright.drivers.host.KernelSource;
import io.millwright.drivers.host.binding.Adjtimex;
import io.millwright.drivers.neuron.binding.DeviceFile;
import io.millwright.protocol.vocabulary.Readings;
import java.time.Clock;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The walls of this module; see the architecture page of the documentation. */
class WallsTest {
  private static final String DRIVERS = "io.millwright.drivers..";
  private static final String VOCABULARY = "io.millwright.protocol.vocabulary..";
  private static final String HOST = "io.millwright.drivers.host..";
  private static final String HOST_BINDING = "io.millwright.drivers.host.binding";
  private static final String NVML = "io.millwright.drivers.nvml..";
  private static final String NEURON_BINDING = "io.millwright.drivers.neuron.binding";
  private static final String PASSTHROUGH = "io.millwright.drivers.passthrough";
  private static final String ACTUATOR = "io.millwright.drivers.nvml.actuator..";

  /** All names in {@code nvml-functions.tsv} that change something, but for event sets. */
  private static final Pattern SETTER =
      Pattern.compile(
          "nvmlDevice(Set|Create|WorkloadPowerProfile(Set|Clear|Update))\\w*"
              + "|nvml(GpuInstance|ComputeInstance)(Create|Destroy)\\w*");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright.drivers");

  /** A wall that sees no classes, or not what they use, holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(Source.class)).isTrue();
    assertThat(CLASSES.that(are(resideInAPackage(HOST)))).hasSizeGreaterThan(20);
    assertThat(CLASSES.get(KernelSource.class).getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().isEquivalentTo(Readings.class));
    assertThat(CLASSES)
        .flatMap(c -> c.getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getPackageName().startsWith("oshi."));
  }

  @Test
  void driversSeeTheVocabularyOnly() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat(
                are(resideInAPackage("io.millwright.."))
                    .and(not(resideInAnyPackage(DRIVERS, VOCABULARY)))));
  }

  @Test
  void driversHaveNoThreads() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent", "java.util.concurrent.locks"));
  }

  @Test
  void driversHaveNoClocks() {
    check(
        noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("io.millwright.protocol.clock.."));
  }

  @Test
  void driversDoNotLog() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.slf4j..", "java.util.logging..")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
  }

  @Test
  void nativeCallsAreInTheNativePackagesOnly() {
    assertThat(CLASSES.get(Adjtimex.class).getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getName().startsWith("com.sun.jna."));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(NVML, PASSTHROUGH, HOST_BINDING, NEURON_BINDING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.jna..", "java.lang.foreign.."));
  }

  /** A device file is opened for writing alone, and asked a closed set of questions. */
  @Test
  void nothingButTheBindingOfNeuronOpensAndAsks() {
    assertThat(CLASSES.get(DeviceFile.class).getMethodCallsFromSelf())
        .anyMatch(call ->
            call.getName().equals("open")
                && call.getTargetOwner().getSimpleName().equals("CFiles"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(NEURON_BINDING)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(NEURON_BINDING + ".CFiles"));
  }

  /** The two requests are bytes of their classes; nobody else can have one of his own sent. */
  @Test
  void requestsToDevicesAreMadeInTwoPlacesOnly() {
    assertThat(CLASSES.that(are(resideInAPackage(PASSTHROUGH))).stream())
        .flatMap(c -> c.getMethodCallsFromSelf())
        .filteredOn(call -> call.getName().equals("ioctl"))
        .extracting(call -> call.getOriginOwner().getSimpleName())
        .containsOnly("NvmeHealthLog", "DcmiPower", "Libc");
    assertThat(CLASSES.that(are(resideInAPackage(PASSTHROUGH))).stream())
        .filteredOn(
            c -> c.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
        .flatMap(c -> c.getMethods())
        .filteredOn(
            m -> m.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
        .noneMatch(
            m -> m.getRawParameterTypes().stream().anyMatch(t -> t.getName().startsWith("[")));
  }

  /** What is C is bound there and understood elsewhere. */
  @Test
  void theBindingOfTheHostKnowsNothingElse() {
    check(
        noClasses()
            .that()
            .resideInAPackage(HOST_BINDING)
            .should()
            .dependOnClassesThat(
                are(resideInAPackage("io.millwright..")).and(not(resideInAPackage(HOST_BINDING)))));
  }

  /** No setter is called where devices are read. */
  @Test
  void settersAreCalledByTheActuatorOnly() {
    assertThat(CLASSES.that(are(resideInAPackage(ACTUATOR))).stream())
        .flatMap(c -> c.getMethodCallsFromSelf())
        .anyMatch(call -> call.getName().startsWith("nvmlDeviceSet"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ACTUATOR)
            .should()
            .callMethodWhere(
                describe("a setter of NVML", call -> SETTER.matcher(call.getName()).matches())));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ACTUATOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ACTUATOR));
  }

  @Test
  void oshiIsInTheHostPackageOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(HOST)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("oshi.."));
  }

  /** What is left of OSHI loads no native library. */
  @Test
  void oshiIsUsedWithoutNativeCalls() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("oshi.SystemInfo")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("oshi.jna..", "oshi.ffm.."));
  }

  @Test
  void noStateIsStaticAndMutable() {
    check(fields().that().areStatic().should().haveModifier(FINAL));
  }

  @Test
  void packagesFormNoCycle() {
    check(slices().matching("io.millwright.drivers.(*)..").should().beFreeOfCycles());
  }

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }
}
