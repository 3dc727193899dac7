package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the catalogue promises of the collector is told by it. */
class EmittedFamiliesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright.collector");

  @Test
  void eachFamilyOfTheCollectorIsTold() {
    Set<String> told =
        CLASSES.stream()
            .flatMap(type -> type.getFieldAccessesFromSelf().stream())
            .map(JavaFieldAccess::getTarget)
            .filter(field -> field.getOwner().isEquivalentTo(Metric.class))
            .map(field -> field.getName())
            .collect(Collectors.toSet());
    Set<String> silent =
        Arrays.stream(Metric.values())
            .map(Enum::name)
            .filter(name -> name.startsWith("COLLECTOR_") && !told.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(told).as("the canary").contains("COLLECTOR_NODES");
    assertThat(silent).as("told nowhere").isEmpty();
  }
}
