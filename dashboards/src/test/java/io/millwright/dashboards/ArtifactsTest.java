package io.millwright.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The committed files are those that the generator makes. */
class ArtifactsTest {

  /** Rewrites them with {@code -Dgolden.update=true}. */
  @Test
  void committedFilesAreTheGeneratedOnes() throws IOException {
    for (var file : Artifacts.texts().entrySet()) {
      Path path = Path.of(file.getKey());
      if (Boolean.getBoolean("golden.update")) {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.writeString(path, file.getValue());
      }
      assertThat(path)
          .as("run with -Dgolden.update=true to rewrite, and read the difference")
          .hasContent(file.getValue());
    }
  }

  @Test
  void noOtherDashboardLiesThere() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("grafana"))) {
      List<String> found = files.map(path -> "grafana/" + path.getFileName()).toList();
      assertThat(found).allMatch(Artifacts.texts()::containsKey);
    }
  }
}
