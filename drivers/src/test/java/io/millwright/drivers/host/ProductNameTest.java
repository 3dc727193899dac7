package io.millwright.drivers.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductNameTest {
  @TempDir private Path root;

  @Test
  void isWhatTheFirmwareSays() throws IOException {
    Files.createDirectories(root.resolve("sys/class/dmi/id"));
    Files.writeString(root.resolve("sys/class/dmi/id/product_name"), "p5.48xlarge\n");
    assertThat(ProductName.read(root)).isEqualTo("p5.48xlarge");
  }

  @Test
  void aMachineWithoutATableHasNone() {
    assertThat(ProductName.read(root)).isEmpty();
  }
}
