package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the firmware calls the machine: {@code product_name} of the DMI table. */
public final class ProductName {
  private static final int LONGEST = 256;

  private ProductName() {}

  /**
   * Empty where the kernel has no DMI table, or does not show it.
   *
   * @param root of the tree that has {@code sys}
   */
  public static String read(Path root) {
    try (InputStream in = Files.newInputStream(root.resolve("sys/class/dmi/id/product_name"))) {
      return new String(in.readNBytes(LONGEST), UTF_8).strip();
    } catch (IOException absent) {
      return "";
    }
  }
}
