package io.millwright.agent.launcher.read;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the kernel lists in a directory. */
final class Entries {
  private Entries() {}

  /** The names of this form, in order, no more than so many; none where there is no directory. */
  static List<String> of(Path directory, Pattern form, int most) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (form.matcher(name).matches()) {
          names.add(name);
        }
      }
    } catch (IOException | DirectoryIteratorException gone) {
      return List.of();
    }
    return names.stream().sorted().limit(most).toList();
  }
}
