package io.millwright.collector.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is said of fourteen fleets, word for word, and that each word is true. With {@code
 * -Dgolden.update=true} the words are written anew.
 */
class ExplanationsTest {
  private static final Path FILES = Path.of("src/test/resources/placement");

  static List<String> fleets() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".fleet"))
          .sorted()
          .toList();
    }
  }

  private static Scene scene(String fleet) throws IOException {
    return Scene.of(Files.readAllLines(FILES.resolve(fleet)));
  }

  private static Explanation explained(Scene scene) {
    return Planner.standard().explain(scene.fleet(), scene.taken(), scene.spec(), scene.spread());
  }

  @Test
  void thereAreFourteen() throws IOException {
    assertThat(fleets()).hasSize(14);
  }

  @ParameterizedTest
  @MethodSource("fleets")
  void saysAsBefore(String fleet) throws IOException {
    Path golden = FILES.resolve(fleet.replace(".fleet", ".golden"));
    String told = told(explained(scene(fleet)));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, told);
    }
    assertThat(told).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @MethodSource("fleets")
  void saysWhatIsTrue(String fleet) throws IOException {
    Scene scene = scene(fleet);
    Recount recount = new Recount(scene);
    Explanation told = explained(scene);
    switch (told.placement()) {
      case Placed placed -> {
        assertThat(placed.shares().stream().map(Share::node)).isEqualTo(recount.chosen);
        placed.shares().forEach(share -> same(share, recount.best(share.node())));
      }
      case Unplaced unplaced -> {
        assertThat(recount.chosen).isEmpty();
        assertThat(unplaced.summary()).isEqualTo(recount.shortage());
      }
    }
    List<String> others = new ArrayList<>(scene.machines.keySet());
    others.removeAll(recount.chosen);
    assertThat(told.others())
        .isEqualTo(others.stream().map(n -> new Refusal(n, recount.reason(n))).toList());
  }

  private static void same(Share share, Recount.Best best) {
    assertThat(share.devices().uuids())
        .isEqualTo(best.set().stream().map(i -> Fleets.uuid(share.node(), i)).toList());
    for (int i = 0; i < best.values().size(); i++) {
      assertThat(share.marks().get(i).value())
          .as("%s of %s", share.marks().get(i).term(), share.node())
          .isCloseTo(best.values().get(i), within(1e-9));
    }
  }

  private static String told(Explanation told) {
    StringBuilder text = new StringBuilder();
    switch (told.placement()) {
      case Placed placed -> placed.shares().forEach(share -> text.append(told(share)));
      case Unplaced unplaced -> text.append(unplaced.summary()).append('\n');
    }
    told.others().forEach(no -> text.append(no.node() + ": " + no.reason() + "\n"));
    return text.toString();
  }

  private static String told(Share share) {
    StringBuilder text = new StringBuilder(share.node() + " gives");
    share
        .devices()
        .uuids()
        .forEach(uuid -> text.append(' ').append(uuid.substring(uuid.lastIndexOf('-') + 1)));
    for (Mark mark : share.marks()) {
      text.append(
          String.format(Locale.ROOT, "; %s %.2f x %.2f", mark.term(), mark.value(), mark.weight()));
    }
    return text.append('\n').toString();
  }
}
